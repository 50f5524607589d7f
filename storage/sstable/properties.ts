/**
 * What a table says of itself, and its range tombstones.
 *
 * Properties:
 *
 * | size | field |
 * | ---: | --- |
 * | bytes | first user key, tombstones' starts included |
 * | bytes | last user key; the last key before a tombstone's end, if later |
 * | varint | lowest sequence |
 * | varint | highest sequence |
 * | varint | entries that are deletions |
 * | varint | bytes of keys |
 * | varint | bytes of values |
 * | varint | prefix count, then for each 4-byte prefix: u32 big-endian, varint entries, varint deletions, varint bytes |
 *
 * Prefixes are the first four bytes of keys (a table or an index, says the SQL
 * layer; keys that are shorter count under their bytes and zeros): they tell
 * what a DROP frees and about how many rows a table has.
 *
 * A tombstone's end is not hidden by it, and the last key is in the table. So an
 * end that is some key and a zero byte counts as that key, which is the one
 * before it: compaction cuts tombstones so, and tables beside each other do not
 * overlap. Any other end counts as it is, one key too many.
 *
 * Tombstones: varint count, then for each: bytes start, bytes end, varint
 * sequence.
 *
 * @module
 */
import { ByteReader, ByteWriter, compareBytes } from "../../base/bytes.ts";
import type { RangeTombstone } from "../mvcc/internal_key.ts";

/** Counts of one 4-byte key prefix. */
export interface PrefixStatistics {
  /** The prefix, as a big-endian number. */
  readonly prefix: number;
  /** Entries, deletions included. */
  readonly entries: number;
  /** Entries that are deletions. */
  readonly deletions: number;
  /** Bytes of keys and values. */
  readonly bytes: number;
}

/** What a table says of itself. */
export interface TableProperties {
  /** The first user key. */
  readonly firstKey: Uint8Array;
  /** The last user key. */
  readonly lastKey: Uint8Array;
  /** The lowest sequence. */
  readonly sequenceMin: number;
  /** The highest sequence. */
  readonly sequenceMax: number;
  /** Entries that are deletions. */
  readonly deletionCount: number;
  /** Bytes of keys. */
  readonly keyBytes: number;
  /** Bytes of values. */
  readonly valueBytes: number;
  /** By 4-byte prefix, ascending. */
  readonly prefixes: readonly PrefixStatistics[];
}

/** Writes properties. */
export function encodeProperties(properties: TableProperties): Uint8Array {
  const writer = new ByteWriter(256);
  writer.bytes(properties.firstKey);
  writer.bytes(properties.lastKey);
  writer.varint(properties.sequenceMin);
  writer.varint(properties.sequenceMax);
  writer.varint(properties.deletionCount);
  writer.varint(properties.keyBytes);
  writer.varint(properties.valueBytes);
  writer.varint(properties.prefixes.length);
  for (const { prefix, entries, deletions, bytes } of properties.prefixes) {
    writer.u32(prefix);
    writer.varint(entries);
    writer.varint(deletions);
    writer.varint(bytes);
  }
  return writer.toBytes();
}

/**
 * Reads properties.
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodeProperties(
  bytes: Uint8Array,
  source: string,
): TableProperties {
  const reader = new ByteReader(bytes, source);
  const firstKey = reader.bytes().slice();
  const lastKey = reader.bytes().slice();
  if (compareBytes(firstKey, lastKey) > 0) {
    throw reader.corrupt("first key after last key");
  }
  const properties = {
    firstKey,
    lastKey,
    sequenceMin: reader.varint(),
    sequenceMax: reader.varint(),
    deletionCount: reader.varint(),
    keyBytes: reader.varint(),
    valueBytes: reader.varint(),
  };
  const count = reader.varint();
  if (count > reader.remaining) throw reader.corrupt("bad prefix count");
  const prefixes: PrefixStatistics[] = [];
  for (let i = 0; i < count; i++) {
    prefixes.push({
      prefix: reader.u32(),
      entries: reader.varint(),
      deletions: reader.varint(),
      bytes: reader.varint(),
    });
  }
  reader.expectEnd();
  return { ...properties, prefixes };
}

/** Writes range tombstones. */
export function encodeTombstones(
  tombstones: readonly RangeTombstone[],
): Uint8Array {
  const writer = new ByteWriter(64);
  writer.varint(tombstones.length);
  for (const { start, end, sequence } of tombstones) {
    writer.bytes(start);
    writer.bytes(end);
    writer.varint(sequence);
  }
  return writer.toBytes();
}

/**
 * Reads range tombstones; `commitSequence` overrides theirs.
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodeTombstones(
  bytes: Uint8Array,
  source: string,
  commitSequence?: number,
): RangeTombstone[] {
  const reader = new ByteReader(bytes, source);
  const count = reader.varint();
  if (count > reader.remaining) throw reader.corrupt("bad tombstone count");
  const tombstones: RangeTombstone[] = [];
  for (let i = 0; i < count; i++) {
    const start = reader.bytes().slice();
    const end = reader.bytes().slice();
    const sequence = reader.varint();
    if (compareBytes(start, end) >= 0) {
      throw reader.corrupt("empty tombstone");
    }
    tombstones.push({ start, end, sequence: commitSequence ?? sequence });
  }
  reader.expectEnd();
  return tombstones;
}

/** Counts entries by prefix while a table is built. */
export class PrefixCounter {
  readonly #done: PrefixStatistics[] = [];
  #prefix = -1;
  #entries = 0;
  #deletions = 0;
  #bytes = 0;

  /** Counts an entry. REQUIRES: prefixes come in order. */
  add(prefix: number, bytes: number, deletion: boolean): void {
    if (prefix !== this.#prefix) {
      this.#flush();
      this.#prefix = prefix;
    }
    this.#entries++;
    this.#bytes += bytes;
    if (deletion) this.#deletions++;
  }

  /** The counts. */
  finish(): PrefixStatistics[] {
    this.#flush();
    return this.#done;
  }

  #flush(): void {
    if (this.#entries > 0) {
      this.#done.push({
        prefix: this.#prefix,
        entries: this.#entries,
        deletions: this.#deletions,
        bytes: this.#bytes,
      });
    }
    this.#entries = this.#deletions = this.#bytes = 0;
  }
}

/** The first four bytes of a key as a big-endian number. */
export function prefixOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (end - start >= 4) {
    return (bytes[start]! << 24 | bytes[start + 1]! << 16 |
      bytes[start + 2]! << 8 | bytes[start + 3]!) >>> 0;
  }
  let prefix = 0;
  for (let i = 0; i < 4; i++) {
    prefix = prefix * 256 + (start + i < end ? bytes[start + i]! : 0);
  }
  return prefix;
}

/**
 * The last key before `end`, as far as it can be said: of a key that ends in a
 * zero byte, what is before that byte; else `end` itself, one key too many.
 */
export function lastKeyBefore(end: Uint8Array): Uint8Array {
  return end.at(-1) === 0 ? end.subarray(0, -1) : end;
}
