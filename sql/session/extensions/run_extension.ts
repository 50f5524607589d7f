/**
 * CREATE EXTENSION and DROP EXTENSION.
 *
 * @module
 */
import type {
  BoundCreateExtension,
  BoundDropExtension,
} from "../../analyzer/bound_tree.ts";
import type { ExtensionEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import {
  addEntry,
  type DefinitionContext,
} from "../../executor/catalog_change.ts";
import { type DropContext, dropObjects } from "../../executor/drop.ts";
import {
  type AvailableExtension,
  availableExtension,
} from "../../functions/extensions/extension.ts";
import { loadExtension } from "../../functions/extensions/load_extension.ts";

type Unfinished<T> = Omit<T, "parameterTypes" | "cacheable">;

/** Runs CREATE EXTENSION. @throws {SqlError} `42710`, `0A000`, `3F000`. */
export async function createExtension(
  bound: Unfinished<BoundCreateExtension>,
  context: DefinitionContext,
): Promise<void> {
  const { name } = bound;
  const { catalog } = context.transaction;
  if (catalog.extensions().some((each) => each.name === name)) {
    const message = `extension "${name}" already exists`;
    if (!bound.ifNotExists) throw new SqlError("42710", message);
    return context.notice(`${message}, skipping`);
  }
  const available = availableExtension(name);
  if (available === undefined) throw notAvailable(name);
  if (available.isBuiltIn === true) return;
  const { version } = available;
  if (bound.version !== undefined && bound.version !== version) {
    throw new SqlError(
      "22023",
      `extension "${name}" has no installation script nor update path for version "${bound.version}"`,
    );
  }
  const schema = schemaOf(bound, available, context);
  await loadExtension(name);
  const entry: ExtensionEntry = {
    kind: "extension",
    id: context.counters.newId(),
    name,
    schema,
    version,
    comment: available.comment,
  };
  addEntry(entry, context);
}

function notAvailable(name: string): SqlError {
  return new SqlError("0A000", `extension "${name}" is not available`, {
    hint:
      "The extension must first be installed on the system where PostgreSQL is running.",
  });
}

function schemaOf(
  { schema }: Unfinished<BoundCreateExtension>,
  available: AvailableExtension,
  { named }: DefinitionContext,
): string {
  const wanted = available.schema ?? schema ?? named.creationSchema;
  if (wanted === undefined) {
    throw new SqlError("3F000", "no schema has been selected to create in");
  }
  if (named.hasSchema(wanted)) return wanted;
  throw new SqlError("3F000", `schema "${wanted}" does not exist`);
}

/** Runs DROP EXTENSION. @throws {SqlError} `42704`, `2BP01`. */
export function dropExtensions(
  { names, ifExists, cascade }: Unfinished<BoundDropExtension>,
  context: DropContext,
): void {
  const known = context.transaction.catalog.extensions();
  const notices: string[] = [];
  const entries = new Set<ExtensionEntry>();
  for (const name of names) {
    const entry = known.find((each) => each.name === name);
    if (entry !== undefined) {
      entries.add(entry);
      continue;
    }
    if (availableExtension(name)?.isBuiltIn === true) continue;
    const message = `extension "${name}" does not exist`;
    if (!ifExists) throw new SqlError("42704", message);
    notices.push(`${message}, skipping`);
  }
  dropObjects({ entries: [...entries], cascade, notices }, context);
}
