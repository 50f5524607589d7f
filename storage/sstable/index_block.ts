/**
 * The index of a table: for every data block its last key and where it lies.
 *
 * | size | field |
 * | ---: | --- |
 * | varint | block count |
 *
 * then for each block:
 *
 * | size | field |
 * | ---: | --- |
 * | bytes | last key |
 * | varint | stored length, trailer included |
 * | varint | entry count |
 *
 * Blocks lie one after the other from byte 0, so offsets are sums of lengths.
 *
 * @module
 */
import { ByteReader, ByteWriter, compareBytes } from "../../base/bytes.ts";
import { TRAILER_BYTES } from "./format.ts";

/** Collects the index while a table is built. */
export class IndexBuilder {
  readonly #writer = new ByteWriter(1024);
  #count = 0;

  /** How many blocks there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds a block. */
  add(lastKey: Uint8Array, length: number, entryCount: number): void {
    this.#writer.bytes(lastKey);
    this.#writer.varint(length);
    this.#writer.varint(entryCount);
    this.#count++;
  }

  /** The index's bytes. */
  finish(): Uint8Array {
    const writer = new ByteWriter(this.#writer.length + 8);
    writer.varint(this.#count);
    writer.raw(this.#writer.written);
    return writer.toBytes();
  }
}

/** The index of an open table. */
export class BlockIndex {
  readonly #lastKeys: Uint8Array[] = [];
  readonly #offsets: Float64Array;
  readonly #entryCounts: Uint32Array;
  /** How many data blocks the table has. */
  readonly count: number;
  /** Bytes of memory it takes. */
  readonly memoryBytes: number;

  /**
   * Decodes an index whose blocks must fill exactly `dataLength` bytes.
   *
   * @throws {KriyaError} `corrupt`, naming `source`.
   */
  constructor(bytes: Uint8Array, dataLength: number, source: string) {
    const reader = new ByteReader(bytes, source);
    const count = reader.varint();
    if (count > reader.remaining) throw reader.corrupt("bad block count");
    this.#offsets = new Float64Array(count + 1);
    this.#entryCounts = new Uint32Array(count);
    let offset = 0;
    for (let i = 0; i < count; i++) {
      const key = reader.bytes();
      if (i > 0 && compareBytes(this.#lastKeys[i - 1]!, key) > 0) {
        throw reader.corrupt("index is out of order");
      }
      this.#lastKeys.push(key);
      const length = reader.varint();
      if (length <= TRAILER_BYTES) throw reader.corrupt("bad block length");
      this.#entryCounts[i] = reader.varint();
      offset += length;
      this.#offsets[i + 1] = offset;
    }
    reader.expectEnd();
    if (offset !== dataLength) {
      throw reader.corrupt("blocks do not add up to the data");
    }
    this.count = count;
    this.memoryBytes = bytes.length + count * 80;
  }

  /** Where block `block` begins. */
  offset(block: number): number {
    return this.#offsets[block]!;
  }

  /** The stored length of block `block`, trailer included. */
  length(block: number): number {
    return this.#offsets[block + 1]! - this.#offsets[block]!;
  }

  /** How many entries block `block` has. */
  entryCount(block: number): number {
    return this.#entryCounts[block]!;
  }

  /** The last key of block `block`. */
  lastKey(block: number): Uint8Array {
    return this.#lastKeys[block]!;
  }

  /**
   * The first block that can hold `key`: the first whose last key is at or
   * after it; `count` if none is.
   */
  blockFor(key: Uint8Array): number {
    const lastKeys = this.#lastKeys;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(lastKeys[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
