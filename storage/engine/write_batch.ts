/**
 * Writes that take effect together, and the bytes they are in the log.
 *
 * Payload of a WAL record of kind "batch", numbers little-endian:
 *
 * | size | field |
 * | ---: | --- |
 * |    4 | entry count |
 * |    4 | range tombstone count |
 *
 * then range tombstones and entries, in any order between the two:
 *
 * | size | field |
 * | ---: | --- |
 * |    1 | kind: 1 put, 2 delete, 3 delete range |
 * | bytes | key; of a range its start |
 * | bytes | value of a put; end of a range; a delete has none |
 *
 * Invariant: entries are in the order of their keys, and no key is there twice.
 * A batch that was filled in another order is put in order when it is sealed;
 * of several writes of one key the last one counts, and a range removes the
 * writes before it.
 *
 * @module
 */
import {
  ByteReader,
  ByteWriter,
  compareBytes,
  copyBytes,
  varintLength,
} from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import { cutBytes, cutWords } from "../../base/slab.ts";
import {
  compareRanges,
  type EntryKind,
  KEY_BYTES_MAX,
  KIND_DELETE,
  KIND_DELETE_RANGE,
  KIND_PUT,
  VALUE_BYTES_MAX,
} from "../mvcc/internal_key.ts";
import { compareKeys, sortRows } from "./batch_order.ts";

const HEADER_BYTES = 8;
/** Kind, length and one byte of key: a deletion. */
const ENTRY_BYTES_MIN = 3;
/** Kind, an empty start, an end of one byte. */
const RANGE_BYTES_MIN = 4;

/** A range tombstone of a batch: it gets the batch's sequence. */
export interface BatchRange {
  /** The first key removed. */
  readonly start: Uint8Array;
  /** The first key after it that stays. */
  readonly end: Uint8Array;
}

/** A batch that takes no more writes. */
export interface SealedBatch {
  /** The record's payload. */
  readonly payload: Uint8Array;
  /** How many entries there are. */
  readonly count: number;
  /** Where each key starts in the payload. */
  readonly keyStarts: Uint32Array;
  /** Where each key ends. */
  readonly keyEnds: Uint32Array;
  /** Where each value starts. */
  readonly valueStarts: Uint32Array;
  /** Where each value ends. */
  readonly valueEnds: Uint32Array;
  /** What each entry says. */
  readonly kinds: Uint8Array;
  /** 1 where the key must be unchanged since the commit's snapshot. */
  readonly checked: Uint8Array;
  /** The range tombstones. */
  readonly ranges: readonly BatchRange[];
}

/**
 * Writes that take effect together.
 *
 * @example
 * ```ts
 * import { WriteBatch } from "./write_batch.ts";
 *
 * const bytes = new TextEncoder();
 * const batch = new WriteBatch();
 * batch.put(bytes.encode("color"), bytes.encode("blue"));
 * batch.delete(bytes.encode("shape"));
 * ```
 */
export class WriteBatch {
  #writer: ByteWriter;
  #count = 0;
  #capacity = 16;
  #keyStarts = cutWords(this.#capacity);
  #keyEnds = cutWords(this.#capacity);
  #valueStarts = cutWords(this.#capacity);
  #valueEnds = cutWords(this.#capacity);
  #kinds = cutBytes(this.#capacity);
  #checked = cutBytes(this.#capacity);
  #ordered = true;
  /** Ranges with the number of entries that came before each. */
  readonly #ranges: (BatchRange & { readonly after: number })[] = [];
  #sealed: SealedBatch | undefined;

  /** An empty batch; it will have about `length` bytes (default 512). */
  constructor(length = 512) {
    this.#writer = new ByteWriter(cutBytes(length));
    this.#writer.reserve(HEADER_BYTES);
  }

  /** How many puts and deletes there are, as they were called. */
  get count(): number {
    return this.#count;
  }

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.#count === 0 && this.#ranges.length === 0;
  }

  /** About how many bytes it will take in the log. */
  get length(): number {
    return this.#writer.length;
  }

  /**
   * Sets `key` to `value`. With `checked`, the commit fails with kind
   * `conflict` if the key was changed since the commit's snapshot.
   *
   * @throws {KriyaError} `invalid` when the key is empty, or key or value too
   * long.
   */
  put(key: Uint8Array, value: Uint8Array, checked = false): void {
    this.putRange(
      key,
      0,
      key.length,
      value,
      0,
      value.length,
      checked,
    );
  }

  /** `put` of stretches of larger arrays. */
  putRange(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    valueStart: number,
    valueEnd: number,
    checked = false,
  ): void {
    if (valueEnd - valueStart > VALUE_BYTES_MAX) {
      throw new KriyaError(
        "invalid",
        `Cannot write a value of ${
          valueEnd - valueStart
        } bytes: at most ${VALUE_BYTES_MAX} are allowed`,
        { code: "54000" },
      );
    }
    const row = this.#addKey(KIND_PUT, keys, keyStart, keyEnd, checked);
    const writer = this.#writer;
    const length = valueEnd - valueStart;
    writer.varint(length);
    const at = this.#valueStarts[row] = writer.length;
    writer.rawRange(values, valueStart, valueEnd);
    this.#valueEnds[row] = at + length;
  }

  /** Removes `key`. `checked` as in `put`. */
  delete(key: Uint8Array, checked = false): void {
    this.deleteRangeOf(key, 0, key.length, checked);
  }

  /** `delete` of a stretch of a larger array. */
  deleteRangeOf(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    checked = false,
  ): void {
    const row = this.#addKey(KIND_DELETE, keys, keyStart, keyEnd, checked);
    this.#valueStarts[row] = this.#valueEnds[row] = this.#writer.length;
  }

  /**
   * Removes every key in [start, end), in constant time; writes of this batch
   * that come after it stay.
   */
  deleteRange(start: Uint8Array, end: Uint8Array): void {
    invariant(this.#sealed === undefined, "batch is sealed");
    if (compareBytes(start, end) >= 0) return;
    this.#ranges.push({
      start: start.slice(),
      end: end.slice(),
      after: this.#count,
    });
  }

  /** Takes no more writes; the same result every time. */
  seal(): SealedBatch {
    if (this.#sealed !== undefined) return this.#sealed;
    const drops = this.#ranges.some(({ after }) => after > 0);
    if (!this.#ordered || drops) this.#rewrite();
    const writer = this.#writer;
    for (const { start, end } of this.#ranges) {
      writer.u8(KIND_DELETE_RANGE);
      writer.bytes(start);
      writer.bytes(end);
    }
    writer.setU32(0, this.#count);
    writer.setU32(4, this.#ranges.length);
    return this.#sealed = {
      payload: writer.written,
      count: this.#count,
      keyStarts: this.#keyStarts,
      keyEnds: this.#keyEnds,
      valueStarts: this.#valueStarts,
      valueEnds: this.#valueEnds,
      kinds: this.#kinds,
      checked: this.#checked,
      ranges: this.#ranges,
    };
  }

  #addKey(
    kind: EntryKind,
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    checked: boolean,
  ): number {
    invariant(this.#sealed === undefined, "batch is sealed");
    const length = keyEnd - keyStart;
    if (length === 0 || length > KEY_BYTES_MAX) {
      throw new KriyaError(
        "invalid",
        `Cannot write a key of ${length} bytes: 1 to ${KEY_BYTES_MAX} are allowed`,
        { code: "54000" },
      );
    }
    const writer = this.#writer;
    const row = this.#count;
    if (row === this.#capacity) this.#grow();
    writer.u8(kind);
    writer.varint(length);
    const at = writer.length;
    writer.rawRange(keys, keyStart, keyEnd);
    if (row > 0 && this.#ordered) {
      const bytes = writer.memory;
      this.#ordered = compareRanges(
        bytes,
        this.#keyStarts[row - 1]!,
        this.#keyEnds[row - 1]!,
        bytes,
        at,
        at + length,
      ) < 0;
    }
    this.#keyStarts[row] = at;
    this.#keyEnds[row] = at + length;
    this.#kinds[row] = kind;
    this.#checked[row] = checked ? 1 : 0;
    this.#count = row + 1;
    return row;
  }

  /** Puts the entries in order, without those that do not count. */
  #rewrite(): void {
    const bytes = this.#writer.written;
    const view = this.#writer.memoryView;
    const starts = this.#keyStarts;
    const ends = this.#keyEnds;
    const rows = sortRows(view, starts, ends, this.#count);
    const kept = new WriteBatch();
    kept.#makeRoom(this.#count, bytes.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const keyStart = starts[row]!;
      const keyEnd = ends[row]!;
      const checked = this.#checked[row] === 1;
      if (i + 1 < rows.length) {
        const next = rows[i + 1]!;
        if (compareKeys(view, starts, ends, row, next) === 0) {
          if (checked) this.#checked[next] = 1;
          continue;
        }
      }
      const key = bytes.subarray(keyStart, keyEnd);
      if (this.#ranges.length > 0 && this.#isRemoved(row, key)) {
        // A checked key keeps its check: as a deletion, which the range is.
        if (checked) kept.delete(key, true);
      } else kept.#copyEntry(this, row);
    }
    this.#writer = kept.#writer;
    this.#count = kept.#count;
    this.#keyStarts = kept.#keyStarts;
    this.#keyEnds = kept.#keyEnds;
    this.#valueStarts = kept.#valueStarts;
    this.#valueEnds = kept.#valueEnds;
    this.#kinds = kept.#kinds;
    this.#checked = kept.#checked;
  }

  /** Whether a later range removes the key of `row`. */
  #isRemoved(row: number, key: Uint8Array): boolean {
    return this.#ranges.some(({ start, end, after }) =>
      row < after && compareBytes(start, key) <= 0 && compareBytes(key, end) < 0
    );
  }

  /** Room for `count` entries of `length` bytes in all. */
  #makeRoom(count: number, length: number): void {
    this.#writer = new ByteWriter(length);
    this.#writer.reserve(HEADER_BYTES);
    while (this.#capacity < count) this.#grow();
  }

  /** Copies an entry of another batch as it is encoded. */
  #copyEntry(from: WriteBatch, source: number): void {
    const row = this.#count++;
    const keyStart = from.#keyStarts[source]!;
    const keyEnd = from.#keyEnds[source]!;
    const start = keyStart - varintLength(keyEnd - keyStart) - 1;
    const end = from.#valueEnds[source]!;
    const isPut = from.#kinds[source] === KIND_PUT;
    const at = this.#writer.reserve(end - start);
    copyBytes(from.#writer.memory, start, end, this.#writer.memory, at);
    const shift = at - start;
    this.#keyStarts[row] = keyStart + shift;
    this.#keyEnds[row] = keyEnd + shift;
    this.#valueStarts[row] = isPut
      ? from.#valueStarts[source]! + shift
      : keyEnd + shift;
    this.#valueEnds[row] = end + shift;
    this.#kinds[row] = from.#kinds[source]!;
    this.#checked[row] = from.#checked[source]!;
  }

  #grow(): void {
    const capacity = this.#capacity *= 2;
    const wider = (from: Uint32Array): Uint32Array<ArrayBuffer> => {
      const to = new Uint32Array(capacity);
      to.set(from);
      return to;
    };
    this.#keyStarts = wider(this.#keyStarts);
    this.#keyEnds = wider(this.#keyEnds);
    this.#valueStarts = wider(this.#valueStarts);
    this.#valueEnds = wider(this.#valueEnds);
    const kinds = new Uint8Array(capacity);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    const checked = new Uint8Array(capacity);
    checked.set(this.#checked);
    this.#checked = checked;
  }
}

/**
 * Reads the payload of a record.
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodeBatch(payload: Uint8Array, source: string): SealedBatch {
  const reader = new ByteReader(payload, source);
  const count = reader.u32();
  const rangeCount = reader.u32();
  const bytesMin = count * ENTRY_BYTES_MIN + rangeCount * RANGE_BYTES_MIN;
  if (bytesMin > reader.remaining) {
    throw reader.corrupt("bad entry count", 0);
  }
  const { buffer, byteOffset, byteLength } = payload;
  const view = new DataView(buffer, byteOffset, byteLength);
  const keyStarts = new Uint32Array(count);
  const keyEnds = new Uint32Array(count);
  const batch = {
    payload,
    count,
    keyStarts,
    keyEnds,
    valueStarts: new Uint32Array(count),
    valueEnds: new Uint32Array(count),
    kinds: new Uint8Array(count),
    checked: new Uint8Array(count),
  };
  const ranges: BatchRange[] = [];
  let row = 0;
  while (row < count || ranges.length < rangeCount) {
    const start = reader.offset;
    const kind = reader.u8();
    const keyLength = reader.varint();
    const keyStart = reader.offset;
    const key = reader.raw(keyLength);
    if (kind === KIND_DELETE_RANGE && ranges.length < rangeCount) {
      const end = reader.bytes();
      if (compareBytes(key, end) >= 0) {
        throw reader.corrupt("empty range", start);
      }
      ranges.push({ start: key.slice(), end: end.slice() });
      continue;
    }
    if (row === count || (kind !== KIND_PUT && kind !== KIND_DELETE)) {
      throw reader.corrupt(`unexpected kind ${kind}`, start);
    }
    if (keyLength === 0 || keyLength > KEY_BYTES_MAX) {
      throw reader.corrupt(`key of ${keyLength} bytes`, start);
    }
    const valueLength = kind === KIND_PUT ? reader.varint() : 0;
    const valueStart = reader.offset;
    reader.skip(valueLength);
    batch.kinds[row] = kind;
    keyStarts[row] = keyStart;
    keyEnds[row] = keyStart + keyLength;
    batch.valueStarts[row] = valueStart;
    batch.valueEnds[row] = valueStart + valueLength;
    if (row > 0 && compareKeys(view, keyStarts, keyEnds, row - 1, row) >= 0) {
      throw reader.corrupt("batch is out of order", start);
    }
    row++;
  }
  reader.expectEnd();
  return { ...batch, ranges };
}

/** The entry of a batch with key `bytes[start, end)`, or -1. */
export function findInBatch(
  batch: SealedBatch,
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): number {
  const { payload, keyStarts, keyEnds } = batch;
  let low = 0;
  let high = batch.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareRanges(
      payload,
      keyStarts[middle]!,
      keyEnds[middle]!,
      bytes,
      start,
      end,
    );
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

/** Whether a batch writes `bytes[start, end)`, with an entry or a range. */
export function batchWrites(
  batch: SealedBatch,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (findInBatch(batch, bytes, start, end) >= 0) return true;
  return batch.ranges.some((range) =>
    compareRanges(range.start, 0, range.start.length, bytes, start, end) <=
      0 &&
    compareRanges(bytes, start, end, range.end, 0, range.end.length) < 0
  );
}

/** Whether a batch writes any key in [start, end). */
export function batchWritesIn(
  batch: SealedBatch,
  start: Uint8Array,
  end: Uint8Array,
): boolean {
  for (let row = 0; row < batch.count; row++) {
    const key = batch.payload.subarray(
      batch.keyStarts[row],
      batch.keyEnds[row],
    );
    if (compareBytes(key, end) >= 0) break;
    if (compareBytes(key, start) >= 0) return true;
  }
  return batch.ranges.some((range) =>
    compareBytes(range.start, end) < 0 && compareBytes(start, range.end) < 0
  );
}
