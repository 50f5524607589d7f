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
 * A block is decoded whole when it is read, in one pass, into a run: keys
 * expanded, values left where they are. So a cached block is searched by
 * bisection of numbers (`sorted_keys.ts`) without rebuilding keys, and restart
 * points serve readers that look for one key in a block they will not keep.
 *
 * @module
 */
import { ByteReader, ByteWriter, copyBytes } from "../../base/bytes.ts";
import type { KriyaError } from "../../base/errors.ts";
import type { EntryRun } from "../mvcc/entry_run.ts";
import { KEY_BYTES_MAX, KIND_DELETE, KIND_PUT } from "../mvcc/internal_key.ts";
import {
  fillHeads,
  isKeyAt,
  searchKeys,
  type SortedKeys,
} from "./sorted_keys.ts";

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
export interface DecodedBlock extends EntryRun, SortedKeys {
  /** Bytes of memory it takes. */
  readonly memoryBytes: number;
}

/** Keys are expanded here, then copied out: nobody knows their length before. */
let scratch = new Uint8Array(64 * 1024);
const SCRATCH_BYTES_MAX = 4 * 1024 * 1024;

/** Where the last long varint ended. */
let cursor = 0;

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
  const { count, entriesEnd } = decodeTail(bytes, source);
  const fail = (at: number, what: string): KriyaError =>
    new ByteReader(bytes, source).corrupt(what, at);
  // One allocation for all columns.
  const memory = new ArrayBuffer(count * 29);
  const column = (index: number): Uint32Array<ArrayBuffer> =>
    new Uint32Array(memory, count * (8 + index * 4), count);
  const sequences = new Float64Array(memory, 0, count);
  const keyStarts = column(0);
  const keyEnds = column(1);
  const valueStarts = column(2);
  const valueEnds = column(3);
  const heads = column(4);
  const kinds = new Uint8Array(memory, count * 28, count);
  let buffer = scratch;
  let keysLength = 0;
  let lastStart = 0;
  let lastLength = 0;
  let sequenceMax = 0;
  let puts = 0;
  let repeats = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const entryAt = at;
    const isRestart = i % RESTART_INTERVAL === 0;
    if (isRestart && u32At(bytes, entriesEnd + i / 4) !== at) {
      throw fail(entriesEnd + i / 4, "bad restart point");
    }
    let shared = bytes[at++]!;
    if (shared > 0x7f) shared = longVarint(bytes, at - 1), at = cursor;
    let rest = bytes[at++]!;
    if (rest > 0x7f) rest = longVarint(bytes, at - 1), at = cursor;
    let valueLength = bytes[at++]!;
    if (valueLength > 0x7f) {
      valueLength = longVarint(bytes, at - 1), at = cursor;
    }
    let tag = bytes[at++]!;
    if (tag > 0x7f) tag = longVarint(bytes, at - 1), at = cursor;
    // The tail follows the entries, so a byte past them is there to be read.
    if (!(at + rest + valueLength <= entriesEnd)) {
      throw fail(entryAt, "entry cut short");
    }
    if (shared > (isRestart ? 0 : lastLength)) {
      throw fail(entryAt, "shared prefix too long");
    }
    const length = shared + rest;
    if (length > KEY_BYTES_MAX) throw fail(entryAt, "key too long");
    if (keysLength + length > buffer.length) {
      const grown = new Uint8Array((keysLength + length) * 2);
      grown.set(buffer.subarray(0, keysLength));
      buffer = grown;
    }
    for (let b = 0; b < shared; b++) {
      buffer[keysLength + b] = buffer[lastStart + b]!;
    }
    copyBytes(bytes, at, at + rest, buffer, keysLength + shared);
    if (i > 0) {
      const order = compareFrom(
        buffer,
        shared,
        lastStart,
        lastLength,
        keysLength,
        length,
      );
      if (order > 0) throw fail(entryAt, "keys out of order");
      if (order === 0) repeats++;
    }
    at += rest;
    keyStarts[i] = lastStart = keysLength;
    keyEnds[i] = keysLength += length;
    lastLength = length;
    valueStarts[i] = at;
    valueEnds[i] = at += valueLength;
    const kind = tag % 4;
    if (kind === KIND_PUT) puts++;
    else if (kind !== KIND_DELETE) throw fail(entryAt, `unknown kind ${kind}`);
    kinds[i] = kind;
    const sequence = commitSequence ?? (tag - kind) / 4;
    sequences[i] = sequence;
    if (sequence > sequenceMax) sequenceMax = sequence;
  }
  if (at !== entriesEnd) throw fail(at, `${entriesEnd - at} bytes left over`);
  const keys = buffer.slice(0, keysLength);
  if (buffer.length <= SCRATCH_BYTES_MAX) scratch = buffer;
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
    sequenceMax,
    isPlain: puts === count && repeats === 0,
    heads,
    prefixLength: fillHeads(keys, keyStarts, keyEnds, heads),
    memoryBytes: bytes.length + keysLength + count * 29 + 640,
  };
}

/**
 * The index of the newest version of `key` that `snapshot` sees in a block, or
 * -1.
 */
export function findInBlock(
  block: DecodedBlock,
  key: Uint8Array,
  snapshot: number,
): number {
  const { count, sequences } = block;
  for (let index = searchKeys(block, key); index < count; index++) {
    if (!isKeyAt(block, index, key)) return -1;
    if (sequences[index]! <= snapshot) return index;
  }
  return -1;
}

/** A varint at `at` with more than one byte; NaN if it is none, or cut. */
function longVarint(bytes: Uint8Array, at: number): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 8 && at < bytes.length; i++) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      cursor = at;
      return value <= Number.MAX_SAFE_INTEGER ? value : NaN;
    }
    scale *= 128;
  }
  cursor = at;
  return NaN;
}

/** Orders two keys in `bytes` that have `from` bytes in common. */
function compareFrom(
  bytes: Uint8Array,
  from: number,
  start: number,
  length: number,
  otherStart: number,
  otherLength: number,
): number {
  const n = length < otherLength ? length : otherLength;
  for (let i = from; i < n; i++) {
    const difference = bytes[start + i]! - bytes[otherStart + i]!;
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}

function u32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 |
    bytes[at + 3]! << 24) >>> 0;
}

/** Where the entries end, and how many there are. */
function decodeTail(
  bytes: Uint8Array,
  source: string,
): { count: number; entriesEnd: number } {
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
  return { count, entriesEnd };
}
