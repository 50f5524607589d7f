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
 * | varint | prefix count, then for each 4-byte key prefix: varint the prefix as a big-endian number, varint entries, varint deletions, varint bytes |
 *
 * Such a record is alone in its WAL object, and when it is written everything
 * before it is in tables that a manifest names.
 *
 * @module
 */
import { ByteReader, ByteWriter, compareBytes } from "../../base/bytes.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import type { PrefixStatistics } from "../sstable/properties.ts";

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
  /** Entries by 4-byte key prefix. */
  readonly prefixes: readonly PrefixStatistics[];
}

/** What a manifest says of a table that was committed at `sequence`. */
export function ingestedMeta(
  table: IngestedTable,
  sequence: number,
): TableMeta {
  return {
    ...table,
    sequenceMin: sequence,
    sequenceMax: sequence,
    commitSequence: sequence,
  };
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
    writer.varint(table.prefixes.length);
    for (const { prefix, entries, deletions, bytes } of table.prefixes) {
      writer.varint(prefix);
      writer.varint(entries);
      writer.varint(deletions);
      writer.varint(bytes);
    }
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
      prefixes: readPrefixes(reader),
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

function readPrefixes(reader: ByteReader): PrefixStatistics[] {
  const at = reader.offset;
  const count = reader.varint();
  if (count > reader.remaining) throw reader.corrupt("bad prefix count", at);
  return Array.from({ length: count }, () => {
    const start = reader.offset;
    const prefix = reader.varint();
    if (prefix > 0xffff_ffff) throw reader.corrupt("bad prefix", start);
    return {
      prefix,
      entries: reader.varint(),
      deletions: reader.varint(),
      bytes: reader.varint(),
    };
  });
}
