/**
 * What is different between two results: rows are told apart by their values,
 * and equal rows are counted.
 *
 * @module
 */

/** Rows that came, and rows that went. */
export interface RowChanges<R> {
  /** In the order of the new result. */
  readonly added: R[];
  /** In the order of the old one. */
  readonly removed: R[];
}

/** A result, with the text that tells each of its rows from others. */
export interface KeyedRows<R> {
  readonly rows: readonly R[];
  readonly keys: readonly string[];
}

/** The rows with their texts. */
export function keyed<R>(rows: readonly R[]): KeyedRows<R> {
  return { rows, keys: rows.map(keyOfRow) };
}

/** A text that two rows share if their values are the same. */
function keyOfRow(row: unknown): string {
  return JSON.stringify(row, (_, value) => {
    switch (typeof value) {
      case "bigint":
        return `n${value}`;
      case "number":
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : `f${Object.is(value, -0) ? "-0" : value}`;
      default:
        return ArrayBuffer.isView(value) && !(value instanceof DataView)
          ? Array.from(value as unknown as ArrayLike<number>)
          : value;
    }
  });
}

/** What `after` has and `before` has not, and the other way round. */
export function compareRows<R>(
  before: KeyedRows<R>,
  after: KeyedRows<R>,
): RowChanges<R> {
  return { added: missing(after, before), removed: missing(before, after) };
}

/** The rows of `from` that `other` does not have as often. */
function missing<R>(from: KeyedRows<R>, other: KeyedRows<R>): R[] {
  const counts = new Map<string, number>();
  for (const key of other.keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return from.rows.filter((_, i) => {
    const key = from.keys[i]!;
    const left = counts.get(key) ?? 0;
    if (left > 0) counts.set(key, left - 1);
    return left === 0;
  });
}

/** The rows without those that went, and with those that came behind them. */
export function applyChanges<R>(
  { rows, keys }: KeyedRows<R>,
  { added, removed }: { added: KeyedRows<R>; removed: KeyedRows<R> },
): KeyedRows<R> {
  const gone = new Map<string, number>();
  for (const key of removed.keys) gone.set(key, (gone.get(key) ?? 0) + 1);
  const kept: R[] = [];
  const keptKeys: string[] = [];
  for (const [i, key] of keys.entries()) {
    const left = gone.get(key) ?? 0;
    if (left > 0) gone.set(key, left - 1);
    else {
      kept.push(rows[i]!);
      keptKeys.push(key);
    }
  }
  return {
    rows: [...kept, ...added.rows],
    keys: [...keptKeys, ...added.keys],
  };
}
