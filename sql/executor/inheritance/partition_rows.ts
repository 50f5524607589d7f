/**
 * The rows that are there when a partition comes: those of the default
 * partition, which may belong to it, and its own, which must.
 *
 * @module
 */
import type {
  CatalogView,
  PartitionBound,
  TableEntry,
} from "../../catalog/entries.ts";
import {
  Partitions,
  partitionsOf,
} from "../../catalog/inheritance/partitions.ts";
import {
  asParent,
  scannedTables,
} from "../../catalog/inheritance/table_tree.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { AlteredTable } from "../alter/alter_context.ts";
import type { AlterContext } from "../alter/alter_context.ts";
import { eachChunk } from "../alter/existing_rows.ts";
import { partitionPositions } from "./partition_keys.ts";

/** The partitions of a table as they are with a further one. */
function withPartition(
  catalog: CatalogView,
  parent: TableEntry,
  partition: TableEntry,
  bound: PartitionBound,
): Partitions {
  const { tables } = partitionsOf(catalog, parent);
  return new Partitions(parent, [
    ...tables.filter(({ id }) => id !== partition.id),
    { ...partition, partitionBound: bound },
  ]);
}

/**
 * Checks that no row of the default partition belongs to a new one.
 *
 * @throws {SqlError} `23514`.
 */
export async function requireDefaultWithout(
  parent: TableEntry,
  partition: TableEntry,
  bound: PartitionBound,
  context: AlterContext,
): Promise<void> {
  const { catalog } = context.transaction;
  const { tables, defaultPosition } = partitionsOf(catalog, parent);
  const other = tables[defaultPosition];
  if (other === undefined || bound.kind === "default") return;
  const parts = withPartition(catalog, parent, partition, bound);
  await requireAllIn(parts, other, context, () =>
    new SqlError(
      "23514",
      `updated partition constraint for default partition "${other.name}" would be violated by some row`,
      { schema: other.schema, table: other.name },
    ));
}

/**
 * Checks that all rows of a table belong to the partition that it is to be.
 *
 * @throws {SqlError} `23514`.
 */
export async function requireOwnRows(
  parent: TableEntry,
  partition: TableEntry,
  bound: PartitionBound,
  context: AlterContext,
): Promise<void> {
  const { catalog } = context.transaction;
  const parts = withPartition(catalog, parent, partition, bound);
  await requireAllIn(parts, partition, context, () =>
    new SqlError(
      "23514",
      `partition constraint of relation "${partition.name}" is violated by some row`,
      { schema: partition.schema, table: partition.name },
    ));
}

/** Checks that the rows of `table` are those of its own place in `parts`. */
async function requireAllIn(
  parts: Partitions,
  table: TableEntry,
  context: AlterContext,
  error: () => SqlError,
): Promise<void> {
  const own = parts.tables.findIndex(({ id }) => id === table.id);
  for (const leaf of scannedTables(context.transaction.catalog, table)) {
    const altered = new AlteredTable(leaf, context);
    const ordered = asParent(parts.parent, leaf);
    const all = leaf.columns.map((_, position) => position);
    await eachChunk(altered, all, (chunk) => {
      const found = partitionPositions(parts, ordered, chunk, altered.run);
      for (let row = 0; row < chunk.rowCount; row++) {
        if (found[row] !== own) throw error();
      }
    });
  }
}
