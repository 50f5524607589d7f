/**
 * The rows that refer to certain keys: by an index that begins with the
 * referring columns where there is one, else in one scan of the table.
 *
 * @module
 */
import { hasPlainKeys } from "../../access/index_keys.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, isNull, valueAt } from "../../chunk/chunk.ts";
import { rowKey } from "../row_key.ts";
import { columnAs, positionsOf } from "./key_columns.ts";
import type { CheckContext, FoundForeignKey } from "./referencing_check.ts";

/** A row that refers to a key. */
export interface ReferencingRow {
  readonly locator: number;
  /** The row of the key. */
  readonly key: number;
}

/**
 * The rows that refer to the keys in `rows`, in order of the keys; the commit
 * depends on no others coming. `first`: one is enough.
 */
export async function referencingRows(
  context: CheckContext,
  { table, foreignKey }: FoundForeignKey,
  keys: Chunk,
  rows: Uint32Array,
  first: boolean,
): Promise<ReferencingRow[]> {
  const { access, transaction } = context;
  const positions = positionsOf(table, foreignKey.columns);
  const own: Chunk = {
    columns: keys.columns.map((column, i) =>
      columnAs(column, table.columns[positions[i]!]!.type.type, keys.rowCount)
    ),
    rowCount: keys.rowCount,
  };
  const wanted = rows.filter((row) =>
    !own.columns.some((column) => isNull(column, row))
  );
  if (wanted.length === 0) return [];
  const method = access.table(table.accessMethod);
  method.dependOn?.(table, transaction);
  const index = indexFor(context, table, foreignKey.columns);
  if (index === undefined) {
    method.dependOnRows?.(table, transaction);
    return await scanRows(context, table, positions, own, wanted, first);
  }
  return await indexedRows(context, table, index, {
    keys: own,
    order: keyOrder(index, foreignKey.columns),
    wanted,
    first,
  });
}

/** An index that finds rows by these columns. */
function indexFor(
  { access, transaction }: CheckContext,
  table: TableEntry,
  numbers: readonly number[],
): IndexEntry | undefined {
  return transaction.catalog.indexesOf(table.id).find((index) => {
    const { columns, unique, accessMethod } = index;
    const { lookup, isLossy } = access.index(accessMethod);
    if (lookup === undefined || isLossy === true) return false;
    if (!hasPlainKeys(index)) return false;
    if (unique && columns.length !== numbers.length) return false;
    const leading = columns.slice(0, numbers.length)
      .map(({ columnNumber }) => columnNumber);
    return leading.length === numbers.length &&
      numbers.every((number) => leading.includes(number));
  });
}

/** Where the index's columns are in the foreign key's. */
function keyOrder(
  { columns }: IndexEntry,
  numbers: readonly number[],
): number[] {
  return columns.slice(0, numbers.length).map(({ columnNumber }) =>
    numbers.indexOf(columnNumber)
  );
}

interface IndexedSearch {
  readonly keys: Chunk;
  readonly order: readonly number[];
  readonly wanted: Uint32Array;
  readonly first: boolean;
}

async function indexedRows(
  { access, transaction }: CheckContext,
  table: TableEntry,
  index: IndexEntry,
  { keys, order, wanted, first }: IndexedSearch,
): Promise<ReferencingRow[]> {
  const method = access.index(index.accessMethod);
  const found: ReferencingRow[] = [];
  const seen = new Set<unknown>();
  for (const row of wanted) {
    const key = order.map((column) => valueAt(keys.columns[column]!, row));
    const known = rowKey(keys.columns, row);
    if (seen.has(known)) continue;
    seen.add(known);
    method.dependOnEntries?.(index, table, transaction, key);
    const locators = await method.lookup!(index, table, transaction, key);
    for (const locator of locators) found.push({ locator, key: row });
    if (first && found.length > 0) break;
  }
  return found;
}

async function scanRows(
  { access, transaction }: CheckContext,
  table: TableEntry,
  positions: readonly number[],
  keys: Chunk,
  wanted: Uint32Array,
  first: boolean,
): Promise<ReferencingRow[]> {
  const rowOf = new Map<unknown, number>();
  for (const row of wanted.toReversed()) {
    rowOf.set(rowKey(keys.columns, row), row);
  }
  const found: ReferencingRow[] = [];
  const scan = access.table(table.accessMethod).scan(table, transaction, {
    columns: positions,
  });
  try {
    for (let next = await scan.next(); next; next = await scan.next()) {
      const { chunk, locators } = next;
      for (let row = 0; row < chunk.rowCount; row++) {
        const key = rowOf.get(rowKey(chunk.columns, row));
        if (key === undefined) continue;
        if (chunk.columns.some((column) => isNull(column, row))) continue;
        found.push({ locator: locators[row]!, key });
      }
      if (first && found.length > 0) break;
    }
  } finally {
    scan.close();
  }
  return found.sort((a, b) => a.key - b.key);
}
