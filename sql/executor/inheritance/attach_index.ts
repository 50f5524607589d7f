/**
 * ALTER INDEX … ATTACH PARTITION: an index of a partition becomes a part of an
 * index of its table.
 *
 * @module
 */
import { missingRelation } from "../../analyzer/bind_from.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RelationName } from "../../parser/syntax.ts";
import {
  type DefinitionContext,
  replaceEntry,
  touchTable,
} from "../catalog_change.ts";
import { isSameIndex } from "./partition_objects.ts";

/** Runs ALTER INDEX … ATTACH PARTITION. */
export function attachIndex(
  index: IndexEntry,
  { schema, name }: RelationName,
  context: DefinitionContext,
): void {
  const { transaction: { catalog }, named } = context;
  const part = named.relation(schema, name);
  if (part === undefined) throw missingRelation(schema, name);
  if (part.kind !== "index") {
    throw new SqlError("42809", `"${name}" is not an index`);
  }
  const parent = catalog.byId(index.tableId) as TableEntry;
  if (parent.partitionKey === undefined) {
    throw new SqlError(
      "42809",
      `ALTER action ATTACH PARTITION cannot be performed on relation "${index.name}"`,
      { detail: "This operation is not supported for indexes." },
    );
  }
  if (part.parentId === index.id) return;
  const refuse = (detail: string): never => {
    throw new SqlError(
      "55000",
      `cannot attach index "${part.name}" as a partition of index "${index.name}"`,
      { detail },
    );
  };
  if (part.parentId !== undefined) {
    refuse(`Index "${part.name}" is already attached to another index.`);
  }
  const table = catalog.byId(part.tableId) as TableEntry;
  if (table.partitionBound === undefined || table.parents?.[0] !== parent.id) {
    refuse(
      `Index "${part.name}" is not an index on any partition of table "${parent.name}".`,
    );
  }
  const isTaken = catalog.indexesOf(table.id).some(({ parentId }) =>
    parentId === index.id
  );
  if (isTaken) {
    refuse(
      `Another index "${
        catalog.indexesOf(table.id).find(({ parentId }) =>
          parentId === index.id
        )!.name
      }" is already attached for partition "${table.name}".`,
    );
  }
  if (!isSameIndex(index, parent, part, table)) {
    refuse("The index definitions do not match.");
  }
  replaceEntry(part, { ...part, parentId: index.id }, context.transaction);
  touchTable(table.id, context.transaction);
}
