/**
 * How many rows a transaction adds, replaces and removes in a table: what
 * estimates and automatic ANALYZE go by.
 *
 * @module
 */

/** Rows of one table, by what was done to them. */
export interface RowTally {
  inserted: number;
  updated: number;
  deleted: number;
}

/** Tallies by storage id. */
export type RowTallies = ReadonlyMap<number, Readonly<RowTally>>;

/** Nothing done. */
export const NO_TALLIES: RowTallies = new Map();

/** Rows added less rows removed. */
export function growthOf(tally: Readonly<RowTally> | undefined): number {
  return tally === undefined ? 0 : tally.inserted - tally.deleted;
}

/** Counts rows under a storage id. */
export function addRows(
  tallies: Map<number, RowTally>,
  storageId: number,
  kind: keyof RowTally,
  count: number,
): void {
  let tally = tallies.get(storageId);
  if (tally === undefined) {
    tally = { inserted: 0, updated: 0, deleted: 0 };
    tallies.set(storageId, tally);
  }
  tally[kind] += count;
}

/** The same tallies, apart from the given ones. */
export function copyTallies(tallies: RowTallies): Map<number, RowTally> {
  return new Map([...tallies].map(([id, tally]) => [id, { ...tally }]));
}
