/**
 * A place in a memtable, moved from key to key.
 *
 * @module
 */
import type { KeyPlace } from "../mvcc/key_place.ts";
import { SEQUENCE_MAX } from "../mvcc/internal_key.ts";
import { type EntryTable, NO_ENTRY } from "./entry_table.ts";
import type { EntryTree } from "./entry_tree.ts";

const NO_BYTES = new Uint8Array(0);

/** A place in a memtable. What is added meanwhile is seen or not. */
export class MemtablePlace implements KeyPlace {
  readonly #tree: EntryTree;
  readonly #table: EntryTable;
  #entry = NO_ENTRY;
  isAtEnd = true;
  keys: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;
  values: Uint8Array = NO_BYTES;
  valueStart = 0;
  valueEnd = 0;
  sequence = 0;
  kind = 0;

  /** A place among the entries of `tree`. */
  constructor(tree: EntryTree) {
    this.#tree = tree;
    this.#table = tree.table;
  }

  seek(key: Uint8Array): boolean {
    return this.#show(this.#tree.seek(key, SEQUENCE_MAX));
  }

  next(): boolean {
    return this.#show(this.#table.next(this.#entry));
  }

  #show(entry: number): boolean {
    this.#entry = entry;
    this.isAtEnd = entry === NO_ENTRY;
    if (this.isAtEnd) return true;
    const table = this.#table;
    this.keys = this.values = table.arena;
    this.keyStart = table.keyStart(entry);
    this.keyEnd = table.keyEnd(entry);
    this.valueStart = table.valueStart(entry);
    this.valueEnd = table.valueEnd(entry);
    this.sequence = table.sequence(entry);
    this.kind = table.kind(entry);
    return true;
  }
}
