/**
 * When a search for the nearest rows has those that are as near as the last,
 * too.
 *
 * The search gives rows nearest first, about: once a few in a row are farther
 * away than the last row that was asked for, no other is as near.
 *
 * @module
 */
import type { NearestBatch } from "../../access/index_access.ts";
import { type Column, valueAt } from "../../chunk/chunk.ts";

/** How many rows have to be farther away. */
const FARTHER = 4;

/** How much farther, relatively: an index rounds distances. */
const ROUNDING = 1e-4;

/** How many rows more than asked for a search fetches at first. */
export const TIES_FETCHED = 2 * FARTHER;

/** The distances of a search so far. */
export class NearestTies {
  readonly #wanted: number;
  /** The distances of rows that match, until there are enough; then the least. */
  #kept: number[] = [];
  #fartherCount = 0;

  /** For a search for so many rows, and those as near as the last. */
  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  /** Takes the distances of the rows that match, all where `rows` is absent. */
  keep(
    distances: Column,
    rows: Uint32Array | undefined,
    rowCount: number,
  ): void {
    const count = rows === undefined ? rowCount : rows.length;
    for (let i = 0; i < count; i++) {
      const distance = valueAt(distances, rows === undefined ? i : rows[i]!);
      if (distance !== null) this.#kept.push(Number(distance));
    }
  }

  /** Whether no row as near is missing, once a batch was kept. */
  isComplete({ distances, count }: NearestBatch): boolean {
    if (this.#kept.length < this.#wanted) return false;
    this.#kept.sort(compareNumbers);
    this.#kept.length = this.#wanted;
    const last = this.#kept[this.#wanted - 1]!;
    const end = last + ROUNDING * (1 + Math.abs(last));
    for (let i = count - 1; i >= 0 && distances !== undefined; i--) {
      if (!(distances[i]! > end)) break;
      this.#fartherCount++;
    }
    return this.#fartherCount >= FARTHER;
  }
}

/** NaN is more than all others. */
function compareNumbers(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) ? -1 : a - b;
}
