/**
 * CREATE INDEX, and the parts of the index in partitions.
 *
 * @module
 */
import type { BoundCreateIndex } from "../../analyzer/bound_tree.ts";
import { childrenOf, treeOf } from "../../catalog/inheritance/table_tree.ts";
import type { DefinitionContext } from "../catalog_change.ts";
import { createIndex, keepWriters } from "../index_definition.ts";
import { inheritIndex } from "./partition_objects.ts";

/** Runs CREATE INDEX. */
export async function createTreeIndex(
  statement: BoundCreateIndex,
  context: DefinitionContext,
): Promise<void> {
  const { table, only } = statement;
  const { transaction } = context;
  const index = await createIndex(statement, context);
  if (index === undefined || table.partitionKey === undefined || only) return;
  for (const partition of childrenOf(transaction.catalog, table.id)) {
    for (const each of treeOf(transaction.catalog, partition)) {
      keepWriters(each, transaction);
    }
    await inheritIndex(index, table, partition, context);
  }
}
