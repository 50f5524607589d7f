/**
 * DROP and TRUNCATE: what the names mean.
 *
 * @module
 */
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  DropSyntax,
  RelationName,
  TruncateSyntax,
} from "../parser/syntax.ts";
import { missingRelation } from "./bind_from.ts";
import type {
  BoundDropExtension,
  BoundDropIndex,
  BoundDropTable,
  BoundTruncate,
} from "./bound_tree.ts";
import type { StatementState } from "./statement_state.ts";

type Unfinished<T> = Omit<T, "parameterTypes" | "cacheable">;

/** Binds DROP. */
export function bindDrop(
  state: StatementState,
  syntax: DropSyntax,
):
  | Unfinished<BoundDropTable>
  | Unfinished<BoundDropIndex>
  | Unfinished<BoundDropExtension> {
  const notices: string[] = [];
  switch (syntax.object) {
    case "table": {
      const tables = syntax.names
        .map((name) => findTable(state, name, syntax, notices))
        .filter((table) => table !== undefined);
      return { kind: "drop_table", tables: [...new Set(tables)], notices };
    }
    case "index": {
      const indexes = syntax.names
        .map((name) => findIndex(state, name, syntax, notices))
        .filter((index) => index !== undefined);
      return { kind: "drop_index", indexes: [...new Set(indexes)], notices };
    }
    case "extension":
      return {
        kind: "drop_extension",
        names: syntax.names.map(({ name }) => name),
        ifExists: syntax.ifExists,
      };
  }
}

function findTable(
  state: StatementState,
  { schema, name }: RelationName,
  syntax: DropSyntax,
  notices: string[],
): TableEntry | undefined {
  const entry = state.options.catalog.relation(schema, name);
  if (entry === undefined) {
    return missing("table", "42P01", name, syntax, notices);
  }
  if (entry.kind === "table") return entry;
  throw new SqlError("42809", `"${name}" is not a table`, {
    hint: "Use DROP INDEX to remove an index.",
  });
}

function findIndex(
  state: StatementState,
  { schema, name }: RelationName,
  syntax: DropSyntax,
  notices: string[],
): IndexEntry | undefined {
  const { catalog } = state.options;
  const entry = catalog.relation(schema, name);
  if (entry === undefined) {
    return missing("index", "42704", name, syntax, notices);
  }
  if (entry.kind === "table") {
    throw new SqlError("42809", `"${name}" is not an index`, {
      hint: "Use DROP TABLE to remove a table.",
    });
  }
  const { constraintName } = entry;
  if (constraintName === undefined) return entry;
  const table = catalog.relationById(entry.tableId)?.name ?? "?";
  throw new SqlError(
    "2BP01",
    `cannot drop index ${name} because constraint ${constraintName} on table ${table} requires it`,
    {
      hint:
        `You can drop constraint ${constraintName} on table ${table} instead.`,
    },
  );
}

function missing(
  what: string,
  code: string,
  name: string,
  { ifExists }: DropSyntax,
  notices: string[],
): undefined {
  const message = `${what} "${name}" does not exist`;
  if (!ifExists) throw new SqlError(code, message);
  notices.push(`${message}, skipping`);
}

/** Binds TRUNCATE. */
export function bindTruncate(
  state: StatementState,
  { relations }: TruncateSyntax,
): Unfinished<BoundTruncate> {
  const tables = relations.map(({ schema, name }) => {
    const entry = state.options.catalog.relation(schema, name);
    if (entry === undefined) throw missingRelation(schema, name);
    if (entry.kind === "table") return entry;
    throw new SqlError("42809", `"${name}" is not a table`);
  });
  return { kind: "truncate", tables: [...new Set(tables)] };
}
