/**
 * ALTER TABLE … ATTACH and DETACH PARTITION: tables that become partitions with
 * the rows they have, and stay with them.
 *
 * @module
 */
import { missingRelation } from "../../analyzer/bind_from.ts";
import { refuseParent } from "../../analyzer/inheritance/bind_parents.ts";
import { bindPartitionBound } from "../../analyzer/inheritance/bind_partition_bound.ts";
import { isTemporarySchema } from "../../catalog/temporary_schema.ts";
import type { ColumnEntry, TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import { removeEntry, replaceEntry, touchTable } from "../catalog_change.ts";
import type { AlteredTable } from "../alter/alter_context.ts";
import { refuseCircle, withoutParent, withParent } from "./alter_parents.ts";
import { newBound } from "./partition_bound.ts";
import { inheritObjects } from "./partition_objects.ts";
import { requireDefaultWithout, requireOwnRows } from "./partition_rows.ts";

type Attach = Extract<AlterAction, { kind: "attach_partition" }>;
type Detach = Extract<AlterAction, { kind: "detach_partition" }>;

/** ATTACH PARTITION. */
export async function attachPartition(
  table: AlteredTable,
  { partition, bound: written }: Attach,
): Promise<void> {
  const { entry: parent, context } = table;
  const { transaction } = context;
  requirePartitioned(parent, "ATTACH PARTITION");
  const child = tableNamed(table, partition);
  refuseAttached(parent, child);
  refuseCircle(transaction.catalog, parent, child);
  const names = new Set(parent.columns.map(({ name }) => name));
  const other = child.columns.find(({ name }) => !names.has(name));
  if (other !== undefined) {
    throw new SqlError(
      "42804",
      `table "${child.name}" contains column "${other.name}" not found in parent "${parent.name}"`,
      {
        detail:
          "The new partition may contain only the columns present in parent.",
      },
    );
  }
  const inheriting = withIdentity(withParent(child, parent), parent);
  const bound = newBound(
    transaction.catalog,
    parent,
    {
      name: child.name,
      bound: bindPartitionBound(table.state(), parent, written!),
    },
    table.run,
  );
  await requireOwnRows(parent, child, bound, context);
  await requireDefaultWithout(parent, child, bound, context);
  const attached: TableEntry = { ...inheriting, partitionBound: bound };
  replaceEntry(child, attached, transaction);
  await inheritObjects(parent, attached, context);
  touchTable(child.id, transaction);
  touchTable(parent.id, transaction);
}

function requirePartitioned(
  { name, partitionKey }: TableEntry,
  action: string,
): void {
  if (partitionKey !== undefined) return;
  throw new SqlError(
    "42809",
    `ALTER action ${action} cannot be performed on relation "${name}"`,
    { detail: "This operation is not supported for tables." },
  );
}

function tableNamed(
  { context }: AlteredTable,
  { schema, name }: Attach["partition"],
): TableEntry {
  const entry = context.named.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name);
  if (entry.kind !== "table" || entry.materialized !== undefined) {
    throw new SqlError("42809", `"${name}" is not a table`);
  }
  const now = context.transaction.catalog.byId(entry.id);
  return now?.kind === "table" ? now : entry;
}

function refuseAttached(parent: TableEntry, child: TableEntry): void {
  if (child.partitionBound !== undefined) {
    throw new SqlError("42809", `"${child.name}" is already a partition`);
  }
  if (child.parents !== undefined) {
    throw new SqlError("42809", "cannot attach inheritance child as partition");
  }
  const own = isTemporarySchema(child.schema);
  if (own !== isTemporarySchema(parent.schema)) {
    const [kind, other] = own
      ? ["temporary", "permanent"]
      : ["permanent", "temporary"];
    throw new SqlError(
      "42809",
      `cannot attach a ${kind} relation as partition of ${other} relation "${parent.name}"`,
    );
  }
  refuseParent(parent, { schema: parent.schema, isPartition: true });
}

/** A partition draws from the sequences of its table. */
function withIdentity(child: TableEntry, parent: TableEntry): TableEntry {
  const columns = child.columns.map((column): ColumnEntry => {
    const above = parent.columns.find(({ name }) => name === column.name);
    if (column.identity !== undefined) {
      throw new SqlError(
        "42809",
        `table "${child.name}" being attached contains an identity column "${column.name}"`,
        { detail: "The new partition may not contain an identity column." },
      );
    }
    if (above?.identity === undefined) return column;
    const { identity, defaultSql } = above;
    return { ...column, identity, defaultSql };
  });
  return { ...child, columns };
}

/** DETACH PARTITION. */
export function detachPartition(
  table: AlteredTable,
  { partition, concurrently }: Detach,
): void {
  const { entry: parent, context } = table;
  const { transaction } = context;
  requirePartitioned(parent, "DETACH PARTITION");
  if (concurrently) refuseConcurrent(table);
  const child = tableNamed(table, partition);
  if (
    child.partitionBound === undefined || child.parents?.[0] !== parent.id
  ) {
    throw new SqlError(
      "42P01",
      `relation "${partition.name}" is not a partition of relation "${parent.name}"`,
    );
  }
  const { partitionBound: _, ...free } = withoutParent(child, parent);
  const foreignKeys = child.foreignKeys?.map(({ parentName: _, ...key }) =>
    key
  );
  const detached: TableEntry = {
    ...free,
    columns: free.columns.map((column) => {
      if (column.identity === undefined) return column;
      const { identity: _, defaultSql: _default, ...rest } = column;
      return rest;
    }),
    ...foreignKeys && { foreignKeys },
  };
  replaceEntry(child, detached, transaction);
  for (const index of transaction.catalog.indexesOf(child.id)) {
    if (index.parentId === undefined) continue;
    const { parentId: _, ...own } = index;
    replaceEntry(index, own, transaction);
  }
  for (const trigger of transaction.catalog.triggersOf(child.id)) {
    if (trigger.parentId !== undefined) removeEntry(trigger, transaction);
  }
  touchTable(parent.id, transaction);
}

function refuseConcurrent({ entry, context }: AlteredTable): void {
  const { catalog } = context.transaction;
  const hasDefault = [...catalog.relations()].some((each) =>
    each.kind === "table" && each.parents?.[0] === entry.id &&
    each.partitionBound?.kind === "default"
  );
  if (!hasDefault) return;
  throw new SqlError(
    "55000",
    "cannot detach partitions concurrently when a default partition exists",
  );
}
