/**
 * CREATE SCHEMA and ALTER SCHEMA … RENAME.
 *
 * @module
 */
import type {
  BoundCreateSchema,
  BoundRenameSchema,
} from "../analyzer/bound_tree.ts";
import { PUBLIC_SCHEMA } from "../catalog/catalog_state.ts";
import {
  addEntry,
  type DefinitionContext,
  replaceEntry,
} from "./catalog_change.ts";

/** Runs CREATE SCHEMA. */
export function createSchema(
  { name, exists }: BoundCreateSchema,
  context: DefinitionContext,
): void {
  if (exists) {
    context.notice(`schema "${name}" already exists, skipping`);
    return;
  }
  const { catalog } = context.transaction;
  const { id: publicId } = PUBLIC_SCHEMA;
  const gone = catalog.byId(publicId);
  const isPublic = name === PUBLIC_SCHEMA.name && gone?.kind === "schema" &&
    gone.dropped === true;
  const id = isPublic ? publicId : context.counters.newId();
  addEntry({ kind: "schema", id, name }, context);
}

/**
 * Runs ALTER SCHEMA … RENAME: everything in the schema has its name in its own
 * row.
 */
export function renameSchema(
  { schema, name, moved }: BoundRenameSchema,
  { transaction }: DefinitionContext,
): void {
  replaceEntry(schema, { ...schema, name }, transaction);
  for (const after of moved) {
    replaceEntry(transaction.catalog.byId(after.id)!, after, transaction);
  }
}
