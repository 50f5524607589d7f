/**
 * The keys that many rows are looked up by, in one array and nearly in order.
 *
 * ```text
 * bytes   key 0 | first behind key 0 | key 1 | first behind key 1 | …
 * order   places of the rows, by the first bytes in which keys differ
 * ```
 *
 * Those who read neighbouring keys after one another find them faster; nobody
 * counts on the order, so five bytes decide, which sort as numbers do.
 *
 * @module
 */
import { ByteWriter } from "../../../base/bytes.ts";
import { type Column, valueAt } from "../../chunk/chunk.ts";
import type { KeyCodec } from "../../encoding/key_encoding.ts";
import { STORAGE_ID_BYTES, storagePrefix } from "../row_key.ts";

/** Bytes by which keys are sorted, and places beside them in one number. */
const SORT_BYTES = 5;
const PLACES = 4096;
/** Fewer keys are looked up as they come. */
const SORTED_MIN = 16;

/** The keys of rows, see the module. */
export class KeyBatch {
  readonly #writer = new ByteWriter(1024);
  readonly #starts: Uint32Array;
  /** Where keys end, and begins what is behind them. */
  readonly #ends: Uint32Array;
  readonly #stops: Uint32Array;
  /** Of each key the row's place in `rows`. */
  #places: Float64Array;
  #count = 0;

  /** The keys of `rows` of `columns`, without those that have a NULL. */
  constructor(
    storageId: number,
    codec: KeyCodec,
    columns: readonly Column[],
    rows: Uint32Array,
  ) {
    this.#starts = new Uint32Array(rows.length);
    this.#ends = new Uint32Array(rows.length);
    this.#stops = new Uint32Array(rows.length);
    this.#places = new Float64Array(rows.length);
    const prefix = storagePrefix(storageId);
    for (let i = 0; i < rows.length; i++) {
      this.#add(prefix, codec, columns, rows[i]!, i);
    }
    if (this.#count >= SORTED_MIN && this.#count <= PLACES) this.#sort();
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Which of the rows key `index` is of. */
  place(index: number): number {
    return this.#places[index]!;
  }

  /** Key `index`. */
  key(index: number): Uint8Array {
    const place = this.#places[index]!;
    return this.#writer.memory.subarray(
      this.#starts[place],
      this.#ends[place],
    );
  }

  /** The first key behind all that begin with key `index`. */
  behind(index: number): Uint8Array {
    const place = this.#places[index]!;
    return this.#writer.memory.subarray(this.#ends[place], this.#stops[place]);
  }

  #add(
    prefix: Uint8Array,
    codec: KeyCodec,
    columns: readonly Column[],
    row: number,
    place: number,
  ): void {
    const writer = this.#writer;
    const start = writer.length;
    writer.rawRange(prefix, 0, STORAGE_ID_BYTES);
    for (let i = 0; i < columns.length; i++) {
      const value = valueAt(columns[i]!, row);
      if (value === null) return writer.truncate(start);
      codec.writeColumn(writer, i, value);
    }
    const end = writer.length;
    const at = writer.reserve(end - start);
    const { memory } = writer;
    memory.copyWithin(at, start, end);
    // Some byte is less: not all of a storage id's are 255.
    let last = writer.length - 1;
    while (memory[last] === 255) last--;
    memory[last]!++;
    writer.truncate(last + 1);
    this.#starts[place] = start;
    this.#ends[place] = end;
    this.#stops[place] = last + 1;
    this.#places[this.#count++] = place;
  }

  #sort(): void {
    const places = this.#places;
    const from = this.#sharedBytes();
    let isSorted = true;
    let before = -1;
    for (let i = 0; i < this.#count; i++) {
      const place = places[i]!;
      const head = this.#headOf(place, from);
      if (head < before) isSorted = false;
      before = head;
      places[i] = head * PLACES + place;
    }
    if (!isSorted) places.subarray(0, this.#count).sort();
    for (let i = 0; i < this.#count; i++) places[i] = places[i]! % PLACES;
  }

  /** How many bytes all keys begin with. */
  #sharedBytes(): number {
    const { memory } = this.#writer;
    const first = this.#starts[this.#places[0]!]!;
    let shared = this.#ends[this.#places[0]!]! - first;
    for (let i = 1; i < this.#count; i++) {
      const place = this.#places[i]!;
      const start = this.#starts[place]!;
      const length = Math.min(shared, this.#ends[place]! - start);
      shared = 0;
      while (
        shared < length && memory[first + shared] === memory[start + shared]
      ) shared++;
    }
    return shared;
  }

  #headOf(place: number, from: number): number {
    const { memory } = this.#writer;
    const start = this.#starts[place]! + from;
    const end = this.#ends[place]!;
    let head = 0;
    for (let at = start; at < start + SORT_BYTES; at++) {
      head = head * 256 + (at < end ? memory[at]! : 0);
    }
    return head;
  }
}
