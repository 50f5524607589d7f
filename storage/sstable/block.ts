/**
 * Data blocks: entries in order, keys prefix-compressed.
 *
 * Entries, one after the other:
 *
 * | size | field |
 * | ---: | --- |
 * | varint | bytes of the key shared with the key before |
 * | varint | bytes of the key that follow |
 * | varint | length of the value |
 * | varint | sequence × 4 + kind |
 * |    n | the rest of the key |
 * |    n | the value |
 *
 * then where the restart points are (entries whose key shares nothing, every
 * 16th), as u32, then their count, u32, then the entry count, u32. So a block's
 * keys take at most 16 times its size when they are expanded.
 *
 * A block is decoded whole when it is read, into a run: keys expanded, values
 * left where they are. So a cached block is searched by bisection without
 * rebuilding keys, and restart points serve readers that look for one key in a
 * block they will not keep.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import type { EntryRun } from "../mvcc/entry_run.ts";
import { KEY_BYTES_MAX, KIND_DELETE, KIND_PUT } from "../mvcc/internal_key.ts";

/** Every so many entries a key is written whole. */
export const RESTART_INTERVAL = 16;

/** Builds one block after another. */
export class BlockBuilder {
  readonly #writer = new ByteWriter(32 * 1024);
  readonly #restarts: number[] = [];
  #count = 0;
  #lastKey = new Uint8Array(256);
  #lastKeyLength = 0;

  /** How many entries the block has. */
  get count(): number {
    return this.#count;
  }

  /** How long the block is so far. */
  get length(): number {
    return this.#writer.length;
  }

  /** The last key added: valid until the next one. */
  get lastKey(): Uint8Array {
    return this.#lastKey.subarray(0, this.#lastKeyLength);
  }

  /**
   * Adds an entry; key and value lie in `keys` and `values`.
   *
   * REQUIRES: it comes after the one before.
   */
  add(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    valueStart: number,
    valueEnd: number,
    sequence: number,
    kind: number,
  ): void {
    const writer = this.#writer;
    const length = keyEnd - keyStart;
    let shared = 0;
    if (this.#count % RESTART_INTERVAL === 0) {
      this.#restarts.push(writer.length);
    } else {
      const last = this.#lastKey;
      const n = length < this.#lastKeyLength ? length : this.#lastKeyLength;
      while (shared < n && last[shared] === keys[keyStart + shared]) shared++;
    }
    writer.varint(shared);
    writer.varint(length - shared);
    writer.varint(valueEnd - valueStart);
    writer.varint(sequence * 4 + kind);
    writer.rawRange(keys, keyStart + shared, keyEnd);
    writer.rawRange(values, valueStart, valueEnd);
    if (length > this.#lastKey.length) {
      this.#lastKey = new Uint8Array(length * 2);
      shared = 0;
    }
    const last = this.#lastKey;
    for (let i = shared; i < length; i++) last[i] = keys[keyStart + i]!;
    this.#lastKeyLength = length;
    this.#count++;
  }

  /** The block's bytes, valid until the next `add`; starts a new block. */
  finish(): Uint8Array {
    const writer = this.#writer;
    for (const restart of this.#restarts) writer.u32(restart);
    writer.u32(this.#restarts.length);
    writer.u32(this.#count);
    const bytes = writer.written;
    writer.reset();
    this.#restarts.length = 0;
    this.#count = 0;
    return bytes;
  }
}

/** A decoded block. */
export interface DecodedBlock extends EntryRun {
  /** Bytes of memory it takes. */
  readonly memoryBytes: number;
}

/**
 * Decodes a block; `commitSequence`, where given, overrides the sequences in
 * it (an ingested table's).
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodeBlock(
  bytes: Uint8Array,
  source: string,
  commitSequence?: number,
): DecodedBlock {
  const { count, entriesEnd, restarts } = decodeTail(bytes, source);
  const reader = new ByteReader(bytes, source, 0, entriesEnd);
  const keyStarts = new Uint32Array(count);
  const keyEnds = new Uint32Array(count);
  const valueStarts = new Uint32Array(count);
  const valueEnds = new Uint32Array(count);
  const sequences = new Float64Array(count);
  const kinds = new Uint8Array(count);
  let keys = new Uint8Array(Math.max(64, count * 24));
  let keysLength = 0;
  let lastStart = 0;
  let lastLength = 0;
  for (let i = 0; i < count; i++) {
    const isRestart = i % RESTART_INTERVAL === 0;
    if (isRestart && restarts.u32() !== reader.offset) {
      throw restarts.corrupt("bad restart point", restarts.offset - 4);
    }
    const shared = reader.varint();
    const rest = reader.varint();
    const valueLength = reader.varint();
    const tag = reader.varint();
    if (shared > (isRestart ? 0 : lastLength)) {
      throw reader.corrupt("shared prefix too long");
    }
    if (rest > reader.remaining) throw reader.corrupt("key cut short");
    const length = shared + rest;
    if (length > KEY_BYTES_MAX) throw reader.corrupt("key too long");
    if (keysLength + length > keys.length) {
      const grown = new Uint8Array((keysLength + length) * 2);
      grown.set(keys.subarray(0, keysLength));
      keys = grown;
    }
    for (let b = 0; b < shared; b++) {
      keys[keysLength + b] = keys[lastStart + b]!;
    }
    const at = reader.offset;
    for (let b = 0; b < rest; b++) {
      keys[keysLength + shared + b] = bytes[at + b]!;
    }
    reader.skip(rest);
    keyStarts[i] = lastStart = keysLength;
    keyEnds[i] = keysLength += length;
    lastLength = length;
    valueStarts[i] = reader.offset;
    reader.skip(valueLength);
    valueEnds[i] = reader.offset;
    const kind = tag % 4;
    if (kind !== KIND_PUT && kind !== KIND_DELETE) {
      throw reader.corrupt(`unknown kind ${kind}`);
    }
    kinds[i] = kind;
    sequences[i] = commitSequence ?? Math.floor(tag / 4);
  }
  reader.expectEnd();
  return {
    count,
    keys,
    keyStarts,
    keyEnds,
    values: bytes,
    valueStarts,
    valueEnds,
    sequences,
    kinds,
    memoryBytes: bytes.length + keys.length + count * 25 + 256,
  };
}

/** Where the entries end, how many there are, and a reader of the restarts. */
function decodeTail(
  bytes: Uint8Array,
  source: string,
): { count: number; entriesEnd: number; restarts: ByteReader } {
  if (bytes.length < 8) {
    throw new ByteReader(bytes, source).corrupt("block is too short");
  }
  const tail = new ByteReader(bytes, source, bytes.length - 8);
  const restartCount = tail.u32();
  const count = tail.u32();
  const entriesEnd = bytes.length - 8 - restartCount * 4;
  if (
    entriesEnd < 0 || restartCount !== Math.ceil(count / RESTART_INTERVAL) ||
    count * 4 > entriesEnd
  ) throw tail.corrupt("bad restart count", bytes.length - 8);
  const restarts = new ByteReader(bytes, source, entriesEnd, bytes.length - 8);
  return { count, entriesEnd, restarts };
}
