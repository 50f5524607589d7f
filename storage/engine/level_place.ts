/**
 * A place in a level of the tree: tables in order, which share no key.
 *
 * It is a place in one of them and moves on to the next; where it went before it
 * is still (`table_place.ts`).
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import type { KeyPlace } from "../mvcc/key_place.ts";
import type { DecodedBlock } from "../sstable/block.ts";
import { LATER, NOT_HERE, type TablePlace } from "../sstable/table_place.ts";
import type { OpenTable } from "./tree_state.ts";

/** A place in a level, see the module. */
export class LevelPlace implements KeyPlace {
  readonly #tables: readonly OpenTable[];
  readonly #places: (TablePlace | undefined)[];
  #table = 0;
  /** The place in that table, once it was looked at. */
  #place: TablePlace | undefined;

  /** A place among these tables. */
  constructor(tables: readonly OpenTable[]) {
    this.#tables = tables;
    this.#places = tables.map(() => undefined);
  }

  /** The block in which the last key was found. */
  get run(): DecodedBlock {
    return this.#place!.run;
  }

  /** As {@linkcode TablePlace.find}. */
  find(key: Uint8Array, snapshot: number, hash: number): number {
    const table = this.#tableFor(key);
    const tables = this.#tables;
    if (
      table === tables.length ||
      compareBytes(tables[table]!.meta.firstKey, key) > 0
    ) return NOT_HERE;
    return this.#goTo(table) ? this.#place!.find(key, snapshot, hash) : LATER;
  }

  seek(key: Uint8Array): boolean {
    const table = this.#tableFor(key);
    if (table === this.#tables.length) {
      this.#place = undefined;
      return true;
    }
    if (!this.#goTo(table) || !this.#place!.seek(key)) return false;
    return this.#place!.isAtEnd ? this.#nextTable() : true;
  }

  next(): boolean {
    if (!this.#place!.next()) return false;
    return this.#place!.isAtEnd ? this.#nextTable() : true;
  }

  #nextTable(): boolean {
    const table = this.#table + 1;
    if (table === this.#tables.length) {
      this.#place = undefined;
      return true;
    }
    return this.#goTo(table) &&
      this.#place!.seek(this.#tables[table]!.meta.firstKey);
  }

  /** The first table whose last key is at or after `key`. */
  #tableFor(key: Uint8Array): number {
    const tables = this.#tables;
    let low = 0;
    let high = tables.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(tables[middle]!.meta.lastKey, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #goTo(table: number): boolean {
    this.#table = table;
    this.#place = this.#places[table] ??= this.#tables[table]!.opened?.place();
    return this.#place !== undefined;
  }

  get isAtEnd(): boolean {
    return this.#place === undefined || this.#place.isAtEnd;
  }

  get keys(): Uint8Array {
    return this.#place!.keys;
  }

  get keyStart(): number {
    return this.#place!.keyStart;
  }

  get keyEnd(): number {
    return this.#place!.keyEnd;
  }

  get values(): Uint8Array {
    return this.#place!.values;
  }

  get valueStart(): number {
    return this.#place!.valueStart;
  }

  get valueEnd(): number {
    return this.#place!.valueEnd;
  }

  get sequence(): number {
    return this.#place!.sequence;
  }

  get kind(): number {
    return this.#place!.kind;
  }
}

/** Places in all levels, the newest first: a table of level 0 is one by itself. */
export function levelPlaces(
  [level0 = [], ...others]: readonly (readonly OpenTable[])[],
): LevelPlace[] {
  return [
    ...level0.map((table) => new LevelPlace([table])),
    ...others.filter((tables) => tables.length > 0)
      .map((tables) => new LevelPlace(tables)),
  ];
}
