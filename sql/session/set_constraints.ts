/**
 * SET CONSTRAINTS: when constraints are checked that can be put off.
 *
 * @module
 */
import type { CatalogView } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import type { SetConstraintsSyntax } from "../parser/syntax.ts";
import { constraintKey } from "../transaction/pending_checks.ts";
import { type QueryResult, tagOnly } from "./result.ts";
import type { RunRequest } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/**
 * Runs SET CONSTRAINTS.
 *
 * @throws {SqlError} `42704`, `42809`; what is found broken.
 */
export async function runSetConstraints(
  { names, deferred }: SetConstraintsSyntax,
  settings: Settings,
  { transaction, options }: RunRequest,
): Promise<QueryResult<unknown>> {
  if (!settings.inTransaction) {
    options.onNotice?.({
      severity: "WARNING",
      code: "25P01",
      message: "SET CONSTRAINTS can only be used in transaction blocks",
    });
  }
  const catalog = withSearchPath(transaction.catalog, settings.searchPath);
  const keys = names?.flatMap(({ schema, name }) =>
    keysOf(catalog, schema, name)
  );
  const { checks } = transaction;
  checks.set(deferred, keys);
  if (!deferred) await checks.runImmediate();
  return tagOnly("SET CONSTRAINTS");
}

/** The constraints of that name: those of the first schema that has any. */
function keysOf(
  catalog: CatalogView,
  schema: string | undefined,
  name: string,
): string[] {
  const found = new Map<string, string[]>();
  for (const table of catalog.relations()) {
    if (table.kind !== "table") continue;
    if (
      schema === undefined ? !catalog.isVisible(table) : table.schema !== schema
    ) {
      continue;
    }
    const own = table.foreignKeys?.find((each) => each.name === name) ??
      catalog.indexesOf(table.id).find((each) =>
        each.constraintName === name && each.deferrable === true
      );
    if (own === undefined) {
      if (isOther(catalog, table.id, name) || isCheck(table, name)) {
        throw notDeferrable(name);
      }
      continue;
    }
    if (!own.deferrable) throw notDeferrable(name);
    const keys = found.get(table.schema) ?? [];
    keys.push(constraintKey(table.id, name));
    found.set(table.schema, keys);
  }
  const [keys] = found.values();
  if (keys !== undefined) return keys;
  const shown = schema === undefined ? name : `${schema}.${name}`;
  throw new SqlError("42704", `constraint "${shown}" does not exist`);
}

function isOther(catalog: CatalogView, id: number, name: string): boolean {
  return catalog.indexesOf(id).some(({ constraintName }) =>
    constraintName === name
  );
}

function isCheck(
  { checks }: {
    readonly checks?: readonly { readonly name: string }[] | undefined;
  },
  name: string,
): boolean {
  return checks?.some((check) => check.name === name) ?? false;
}

function notDeferrable(name: string): SqlError {
  return new SqlError("42809", `constraint "${name}" is not deferrable`);
}
