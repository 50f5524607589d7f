/**
 * WAL records of kind "ingest": tables that were uploaded before their commit.
 *
 * A write set too large for the log is uploaded as tables under a registered
 * job; its commit is this record, which names them. The record's sequence
 * overrides the sequences in the tables (`commitSequence` of the manifest).
 *
 * | size | field |
 * | ---: | --- |
 * | varint | table count |
 *
 * then for each table:
 *
 * | size | field |
 * | ---: | --- |
 * | string | path of the object |
 * | varint | size of the object |
 * | varint | where everything but the data begins |
 * | varint | entries |
 * | varint | of them deletions |
 * | varint | range tombstones |
 * | bytes | first key |
 * | bytes | last key |
 *
 * The format is read and written from the first version on, so that logs of
 * later versions are understood; this version commits large write sets as one
 * large group instead, and refuses to open a log that has such a record.
 *
 * @module
 */
import { ByteReader, ByteWriter, compareBytes } from "../../base/bytes.ts";

/** A table that a record names. */
export interface IngestedTable {
  /** The object's path. */
  readonly path: string;
  /** The object's size in bytes. */
  readonly size: number;
  /** Where everything but the data begins. */
  readonly metaOffset: number;
  /** How many entries it has. */
  readonly entryCount: number;
  /** Of them deletions. */
  readonly deletionCount: number;
  /** How many range tombstones it has. */
  readonly tombstoneCount: number;
  /** The first user key. */
  readonly firstKey: Uint8Array;
  /** The last user key. */
  readonly lastKey: Uint8Array;
}

/** Writes the payload of a record. */
export function encodeIngest(tables: readonly IngestedTable[]): Uint8Array {
  const writer = new ByteWriter(128);
  writer.varint(tables.length);
  for (const table of tables) {
    writer.string(table.path);
    writer.varint(table.size);
    writer.varint(table.metaOffset);
    writer.varint(table.entryCount);
    writer.varint(table.deletionCount);
    writer.varint(table.tombstoneCount);
    writer.bytes(table.firstKey);
    writer.bytes(table.lastKey);
  }
  return writer.toBytes();
}

/**
 * Reads the payload of a record.
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodeIngest(
  payload: Uint8Array,
  source: string,
): IngestedTable[] {
  const reader = new ByteReader(payload, source);
  const count = reader.varint();
  if (count === 0 || count > reader.remaining) {
    throw reader.corrupt("bad table count", 0);
  }
  const tables: IngestedTable[] = [];
  for (let i = 0; i < count; i++) {
    const at = reader.offset;
    const table = {
      path: reader.string(),
      size: reader.varint(),
      metaOffset: reader.varint(),
      entryCount: reader.varint(),
      deletionCount: reader.varint(),
      tombstoneCount: reader.varint(),
      firstKey: reader.bytes().slice(),
      lastKey: reader.bytes().slice(),
    };
    if (
      table.metaOffset > table.size ||
      table.deletionCount > table.entryCount ||
      compareBytes(table.firstKey, table.lastKey) > 0
    ) throw reader.corrupt("bad table", at);
    tables.push(table);
  }
  reader.expectEnd();
  return tables;
}
