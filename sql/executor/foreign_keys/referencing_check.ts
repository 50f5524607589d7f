/**
 * Foreign keys, from the side of the rows that refer: the keys that they refer
 * to are there.
 *
 * @module
 */
import { columnKeys } from "../../access/index_keys.ts";
import type { AccessRegistry } from "../../access/access_registry.ts";
import type {
  ForeignKeyEntry,
  IndexEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import { partitionReferences } from "../../catalog/references.ts";
import { type Chunk, isNull } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import { rowKey } from "../row_key.ts";
import {
  entriesOf,
  positionsOf,
  rowsWithoutNull,
  shownKey,
  sparseRows,
} from "./key_columns.ts";

/** What checks need. */
export interface CheckContext {
  readonly access: AccessRegistry;
  readonly transaction: TransactionHandle;
}

/** A foreign key by name. */
export interface ForeignKeyName {
  /** The table that has it. */
  readonly tableId: number;
  readonly name: string;
}

/** Keys of rows that refer. */
export interface ReferencingKeys {
  /** The key columns, in the order of the foreign key's. */
  readonly keys: Chunk;
  /** The rows' locators. */
  readonly locators: Float64Array;
}

/** A foreign key as it is now. */
export interface FoundForeignKey {
  readonly table: TableEntry;
  readonly foreignKey: ForeignKeyEntry;
  readonly referenced: TableEntry;
  readonly index: IndexEntry;
}

/** The foreign key; `undefined` if it is gone meanwhile. */
export function findForeignKey(
  { transaction: { catalog } }: CheckContext,
  { tableId, name }: ForeignKeyName,
): FoundForeignKey | undefined {
  const table = catalog.byId(tableId);
  if (table?.kind !== "table") return undefined;
  const foreignKey = table.foreignKeys?.find((each) => each.name === name);
  if (foreignKey === undefined) return undefined;
  const referenced = catalog.byId(foreignKey.referencedId);
  const index = catalog.byId(foreignKey.indexId);
  if (referenced?.kind !== "table" || index?.kind !== "index") return undefined;
  return { table, foreignKey, referenced, index };
}

/**
 * Checks that the keys are there; the commit depends on their staying there.
 *
 * @throws {SqlError} `23503`.
 */
export async function checkReferencing(
  context: CheckContext,
  name: ForeignKeyName,
  rows: ReferencingKeys,
): Promise<void> {
  const found = findForeignKey(context, name);
  if (found === undefined) return;
  const { keys } = rows;
  const broken = found.foreignKey.matchFull ? mixedRows(keys) : [];
  const wanted = rowsWithoutNull(keys);
  const there = await areThere(context, found, keys, wanted);
  wanted.forEach((row, i) => {
    if (!there[i]) broken.push(row);
  });
  if (broken.length === 0) return;
  // Put off, it may have been put right since.
  const row = await firstStanding(
    context,
    found,
    rows,
    broken.toSorted((a, b) => a - b),
  );
  if (row === undefined) return;
  throw violation(found, keys, row);
}

/** The rows with NULL in some columns and not in others. */
function mixedRows({ columns, rowCount }: Chunk): number[] {
  const rows: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    const nulls = columns.filter((column) => isNull(column, row)).length;
    if (nulls > 0 && nulls < columns.length) rows.push(row);
  }
  return rows;
}

/**
 * Whether the keys in these rows are there; those that are have to stay so until
 * the commit.
 */
export async function areThere(
  context: CheckContext,
  found: FoundForeignKey,
  keys: Chunk,
  rows: Uint32Array,
): Promise<boolean[]> {
  if (found.referenced.partitionKey === undefined) {
    return await areInTable(context, found, keys, rows);
  }
  const { catalog } = context.transaction;
  const there = new Array<boolean>(rows.length).fill(false);
  for (const part of partitionReferences(catalog, found.foreignKey)) {
    const referenced = catalog.byId(part.referencedId);
    const index = catalog.byId(part.indexId);
    if (referenced?.kind !== "table" || index?.kind !== "index") continue;
    const open = Array.from(there.keys()).filter((i) => !there[i]);
    if (open.length === 0) break;
    const answers = await areInTable(
      context,
      { ...found, foreignKey: part, referenced, index },
      keys,
      Uint32Array.from(open, (i) => rows[i]!),
    );
    answers.forEach((answer, i) => there[open[i]!] = answer);
  }
  return there;
}

async function areInTable(
  { access, transaction }: CheckContext,
  { foreignKey, referenced, index }: FoundForeignKey,
  keys: Chunk,
  rows: Uint32Array,
): Promise<boolean[]> {
  if (rows.length === 0) return [];
  const positions = positionsOf(referenced, foreignKey.referencedColumns);
  const probed = sparseRows(referenced, positions, keys, rows);
  const method = access.index(index.accessMethod);
  const table = access.table(referenced.accessMethod);
  if (foreignKey.period === true) {
    table.dependOn?.(referenced, transaction);
    const asked = columnKeys(index, referenced, probed);
    return await method.covers!(index, referenced, transaction, asked);
  }
  const probe = await method.probe!(
    index,
    referenced,
    transaction,
    columnKeys(index, referenced, probed),
  );
  table.dependOn?.(referenced, transaction);
  const locators = new Set<number>();
  const there: boolean[] = [];
  for (let i = 0; i < rows.length; i++) {
    const key = probe.keys[i];
    const isThere = key !== undefined && probe.locators[i]! >= 0;
    there.push(isThere);
    if (!isThere) continue;
    const kept = method.dependOnKey?.(index, transaction, key);
    if (kept instanceof Promise) await kept;
    locators.add(probe.locators[i]!);
  }
  // The key is kept; but who has locked the row keeps others from that, too.
  await table.lock?.(referenced, transaction, Float64Array.from(locators), {
    strength: "key share",
  });
  return there;
}

/** The first of `candidates` whose row is there with the same key. */
async function firstStanding(
  { access, transaction }: CheckContext,
  { table, foreignKey }: FoundForeignKey,
  { keys, locators }: ReferencingKeys,
  candidates: readonly number[],
): Promise<number | undefined> {
  const wanted = Float64Array.from(candidates, (row) => locators[row]!);
  const there = await access.table(table.accessMethod).fetch(
    table,
    transaction,
    wanted,
    { columns: positionsOf(table, foreignKey.columns) },
  );
  const keyOf = new Map(
    Array.from(
      there.locators,
      (locator, row) => [locator, rowKey(there.chunk.columns, row)] as const,
    ),
  );
  return candidates.find((row) => {
    const locator = locators[row]!;
    return keyOf.has(locator) &&
      keyOf.get(locator) === rowKey(keys.columns, row);
  });
}

function violation(
  { table, foreignKey, referenced }: FoundForeignKey,
  keys: Chunk,
  row: number,
): SqlError {
  const mixed = keys.columns.some((column) => isNull(column, row));
  const columns = entriesOf(table, foreignKey.columns);
  return new SqlError(
    "23503",
    `insert or update on table "${table.name}" violates foreign key constraint "${foreignKey.name}"`,
    {
      detail: mixed
        ? "MATCH FULL does not allow mixing of null and nonnull key values."
        : `Key ${
          shownKey(columns, keys, row)
        } is not present in table "${referenced.name}".`,
      schema: table.schema,
      table: table.name,
      constraint: foreignKey.name,
    },
  );
}
