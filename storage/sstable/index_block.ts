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
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { compareRanges } from "../mvcc/internal_key.ts";
import { TRAILER_BYTES } from "./format.ts";
import {
  fillHeads,
  isKeyAt,
  searchKeys,
  type SortedKeys,
} from "./sorted_keys.ts";

/** Collects the index while a table is built. */
export class IndexBuilder {
  readonly #writer = new ByteWriter(1024);
  #count = 0;

  /** How many blocks there are. */
  get count(): number {
    return this.#count;
  }

  /** About how long the index is. */
  get length(): number {
    return this.#writer.length;
  }

  /** Adds a block. */
  add(lastKey: Uint8Array, length: number, entryCount: number): void {
    this.#writer.bytes(lastKey);
    this.#writer.varint(length);
    this.#writer.varint(entryCount);
    this.#count++;
  }

  /**
   * The bytes of an index of `count` blocks (default: all) whose entries lie
   * from `start` to `end` of those added, by `length` when they were.
   */
  finish(
    count: number = this.#count,
    start: number = 0,
    end: number = this.#writer.length,
  ): Uint8Array {
    const writer = new ByteWriter(end - start + 8);
    writer.varint(count);
    writer.raw(this.#writer.written.subarray(start, end));
    return writer.toBytes();
  }
}

/** The index of an open table, or of a partition of one. */
export class BlockIndex implements SortedKeys {
  readonly keys: Uint8Array;
  readonly keyStarts: Uint32Array;
  readonly keyEnds: Uint32Array;
  readonly heads: Uint32Array;
  readonly prefixLength: number;
  readonly #offsets: Float64Array;
  readonly #entryCounts: Uint32Array;
  /** How many data blocks there are. */
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
    this.keys = bytes;
    this.keyStarts = new Uint32Array(count);
    this.keyEnds = new Uint32Array(count);
    this.heads = new Uint32Array(count);
    this.#offsets = new Float64Array(count + 1);
    this.#entryCounts = new Uint32Array(count);
    let offset = 0;
    for (let i = 0; i < count; i++) {
      const keyLength = reader.varint();
      const start = this.keyStarts[i] = reader.offset;
      reader.skip(keyLength);
      const end = this.keyEnds[i] = reader.offset;
      if (
        i > 0 && compareRanges(
            bytes,
            this.keyStarts[i - 1]!,
            this.keyEnds[i - 1]!,
            bytes,
            start,
            end,
          ) > 0
      ) throw reader.corrupt("index is out of order");
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
    this.prefixLength = fillHeads(
      bytes,
      this.keyStarts,
      this.keyEnds,
      this.heads,
    );
    this.count = count;
    this.memoryBytes = bytes.length + count * 24 + 640;
  }

  /** Where block `block` begins, from where the first one does. */
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
    return this.keys.subarray(this.keyStarts[block], this.keyEnds[block]);
  }

  /** Whether `key` is the last key of block `block`. */
  isLastKey(block: number, key: Uint8Array): boolean {
    return isKeyAt(this, block, key);
  }

  /**
   * The first block that can hold `key`: the first whose last key is at or
   * after it; `count` if none is.
   */
  blockFor(key: Uint8Array): number {
    return searchKeys(this, key);
  }
}
