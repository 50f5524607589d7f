/**
 * The tables that a table is said to inherit from.
 *
 * @module
 */
import type { CatalogView, TableEntry } from "../../catalog/entries.ts";
import { isTemporarySchema } from "../../catalog/temporary_schema.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RelationName } from "../../parser/syntax.ts";
import { missingRelation } from "../bind_from.ts";

/** The table that is to inherit. */
export interface InheritingTable {
  readonly schema: string;
  /** Whether it is to be a partition. */
  readonly isPartition: boolean;
}

/**
 * The parents of a new table.
 *
 * @throws {SqlError} `42P01`, `42809`, `42P07`, `42P17`.
 */
export function bindParents(
  catalog: CatalogView,
  names: readonly RelationName[],
  child: InheritingTable,
): TableEntry[] {
  const parents: TableEntry[] = [];
  for (const name of names) {
    const parent = parentNamed(catalog, name, child);
    if (parents.some(({ id }) => id === parent.id)) {
      throw new SqlError(
        "42P07",
        `relation "${name.name}" would be inherited from more than once`,
      );
    }
    parents.push(parent);
  }
  return parents;
}

/**
 * A table that another may inherit from.
 *
 * @throws {SqlError} `42P01`, `42809`, `42P17`.
 */
export function parentNamed(
  catalog: CatalogView,
  { schema, name }: RelationName,
  child: InheritingTable,
): TableEntry {
  const entry = catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name);
  if (entry.kind !== "table" || entry.materialized !== undefined) {
    throw child.isPartition
      ? new SqlError("42P17", `"${name}" is not partitioned`)
      : new SqlError(
        "42809",
        `inherited relation "${name}" is not a table or foreign table`,
      );
  }
  refuseParent(entry, child);
  return entry;
}

/**
 * What keeps a table from being the parent of another.
 *
 * @throws {SqlError} `42809`, `42P17`.
 */
export function refuseParent(
  { name, schema, partitionKey, partitionBound }: TableEntry,
  { schema: childSchema, isPartition }: InheritingTable,
): void {
  if (isPartition && partitionKey === undefined) {
    throw new SqlError("42P17", `"${name}" is not partitioned`);
  }
  if (!isPartition && partitionKey !== undefined) {
    throw new SqlError(
      "42809",
      `cannot inherit from partitioned table "${name}"`,
    );
  }
  if (!isPartition && partitionBound !== undefined) {
    throw new SqlError("42809", `cannot inherit from partition "${name}"`);
  }
  const isTemporary = isTemporarySchema(schema);
  if (isTemporary && !isTemporarySchema(childSchema)) {
    throw new SqlError(
      "42809",
      isPartition
        ? `cannot create a permanent relation as partition of temporary relation "${name}"`
        : `cannot inherit from temporary relation "${name}"`,
    );
  }
  if (isPartition && !isTemporary && isTemporarySchema(childSchema)) {
    throw new SqlError(
      "42809",
      `cannot create a temporary relation as partition of permanent relation "${name}"`,
    );
  }
}
