/**
 * Write-ahead log: one group of committed batches as one immutable object.
 *
 * Header, numbers little-endian:
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | magic `KWAL` |
 * |      4 |    2 | format version |
 * |      6 |    2 | flags: 1 fence, 2 compressed |
 * |      8 |    8 | epoch of the writer |
 * |     16 |   16 | id of the writer |
 * |     32 |    8 | WAL id, the same as in the object's name |
 * |     40 |    8 | length of the object in bytes, header included |
 * |     48 |    4 | record count |
 * |     52 |    4 | CRC-32C of the records' checksums, one after the other |
 * |     56 |    4 | CRC-32C of bytes 0–56 |
 *
 * then, where it is compressed:
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |     60 |    4 | CRC-32C of the rest of the object |
 * |     64 |    4 | length of the records in bytes, at most 64 MiB |
 * |     68 |    n | the records, one zstd frame (RFC 8878) |
 *
 * Records, one for each batch:
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | CRC-32C of the rest of the record |
 * |      4 |    4 | length of the payload |
 * |      8 |    8 | sequence number |
 * |     16 |    1 | kind: 1 batch, 2 ingested tables |
 * |     17 |    n | payload (`engine/write_batch.ts`, `engine/ingest_record.ts`) |
 *
 * Invariants:
 * 1. Sequence numbers rise strictly within an object and from one to the next.
 * 2. A fence holds no records. It takes the id that the writer before would
 *    have taken next, and stays for ever.
 * 3. Objects are created whole. One that is shorter than it says was torn by
 *    the store, and was never acknowledged: it may only be the last of its
 *    writer, with a fence or nothing behind it. Everything else that does not
 *    hold its records is damaged.
 * 4. Magic, version and the header's checksum stay where they are in all
 *    versions; nothing is believed before the checksum is right.
 * 5. A compressed object that was torn gives no record: none is whole.
 *
 * Versions: 1 has no compression; 2.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import { cutBytes } from "../../base/slab.ts";
import {
  type BlockCodec,
  CODEC_NONE,
  CODEC_ZSTD,
  compressBlock,
  decompressBlock,
} from "../sstable/codec.ts";
import {
  WRITER_ID_BYTES,
  writerIdBytes,
  type WriterIdentity,
} from "../../fence/writer_id.ts";

const MAGIC = 0x4c41574b;
const FORMAT_VERSION = 2;
const FLAG_FENCE = 1;
const FLAG_COMPRESSED = 2;
/** The flags of each version, by its number. */
const FLAGS = [0, FLAG_FENCE, FLAG_FENCE | FLAG_COMPRESSED];
/** Bytes before the compressed records. */
const COMPRESSED_HEADER_BYTES = 8;
/** Records are compressed from so many bytes on … */
const COMPRESS_BYTES_MIN = 4096;
/** … up to so many: what a reader has to have room for. */
const COMPRESS_BYTES_MAX = 64 * 1024 * 1024;
/** Bytes of the header. */
export const WAL_HEADER_BYTES = 60;
/** Bytes of a record before its payload. */
export const WAL_RECORD_HEADER_BYTES = 17;

/** What a record holds. */
export type WalRecordKind = "batch" | "ingest";

/** One committed batch. */
export interface WalRecord {
  /** Its sequence number. */
  readonly sequence: number;
  /** What the payload is. */
  readonly kind: WalRecordKind;
  /** The payload: a view of the object's bytes. */
  readonly payload: Uint8Array;
}

/** A decoded object. */
export interface WalObject {
  /** Who wrote it; `undefined` when it was torn before it says so. */
  readonly writer: WriterIdentity | undefined;
  /** Its id. */
  readonly id: number;
  /** Whether it is a fence. */
  readonly fence: boolean;
  /** The records that are whole. */
  readonly records: readonly WalRecord[];
  /** Whether it was cut short. */
  readonly torn: boolean;
}

/** Encodes a group; records are added as they join. */
export class WalEncoder {
  readonly #writer: ByteWriter;
  readonly #checksums = new ByteWriter(cutBytes(64));
  readonly #compression: BlockCodec;
  #count = 0;

  /**
   * An empty group; its records are compressed where that pays. They will have
   * about `length` bytes (default 4096).
   */
  constructor(compression: BlockCodec = "none", length = 4096) {
    this.#compression = compression;
    this.#writer = new ByteWriter(cutBytes(WAL_HEADER_BYTES + length));
    this.#writer.reserve(WAL_HEADER_BYTES);
  }

  /** How many records there are. */
  get count(): number {
    return this.#count;
  }

  /** How long the object is so far, not compressed. */
  get length(): number {
    return this.#writer.length;
  }

  /**
   * Adds a record; returns where its payload begins in the object.
   */
  add(sequence: number, kind: WalRecordKind, payload: Uint8Array): number {
    const writer = this.#writer;
    const start = writer.reserve(4);
    writer.u32(payload.length);
    writer.u64(sequence);
    writer.u8(kind === "batch" ? 1 : 2);
    const at = writer.length;
    writer.raw(payload);
    const checksum = crc32c(writer.written, start + 4);
    writer.setU32(start, checksum);
    this.#checksums.u32(checksum);
    this.#count++;
    return at;
  }

  /** The object's bytes. The encoder must not be used afterwards. */
  finish(writer: WriterIdentity, id: number): Uint8Array {
    const compressed = this.#compressed();
    const bytes = compressed ?? this.#writer.written;
    const header = {
      writer,
      fence: false,
      compressed: compressed !== undefined,
      length: bytes.length,
      recordCount: this.#count,
      recordsChecksum: crc32c(this.#checksums.written),
    };
    bytes.set(encodeHeader(header, id));
    return bytes;
  }

  /** The object with its records compressed and no header, if that pays. */
  #compressed(): Uint8Array | undefined {
    const records = this.#writer.written.subarray(WAL_HEADER_BYTES);
    const { length } = records;
    if (length < COMPRESS_BYTES_MIN || length > COMPRESS_BYTES_MAX) return;
    const { codec, bytes } = compressBlock(records, this.#compression);
    if (codec === CODEC_NONE) return;
    const size = WAL_HEADER_BYTES + COMPRESSED_HEADER_BYTES + bytes.length;
    const writer = new ByteWriter(size);
    writer.reserve(WAL_HEADER_BYTES);
    const checksumAt = writer.reserve(4);
    writer.u32(length);
    writer.raw(bytes);
    writer.setU32(checksumAt, crc32c(writer.written, checksumAt + 4));
    return writer.written;
  }
}

/** The bytes of a fence. */
export function encodeFence(writer: WriterIdentity, id: number): Uint8Array {
  const length = WAL_HEADER_BYTES;
  const recordsChecksum = crc32c(new Uint8Array(0));
  const header = { writer, length, recordCount: 0, recordsChecksum };
  return encodeHeader({ ...header, fence: true, compressed: false }, id);
}

interface WalHeader {
  readonly writer: WriterIdentity;
  readonly fence: boolean;
  readonly compressed: boolean;
  /** How long the object is. */
  readonly length: number;
  readonly recordCount: number;
  /** The checksum of the records' checksums: which records there are. */
  readonly recordsChecksum: number;
}

function encodeHeader(header: WalHeader, id: number): Uint8Array {
  const writer = new ByteWriter(cutBytes(WAL_HEADER_BYTES));
  writer.u32(MAGIC);
  writer.u16(FORMAT_VERSION);
  writer.u16(
    (header.fence ? FLAG_FENCE : 0) | (header.compressed ? FLAG_COMPRESSED : 0),
  );
  writer.u64(header.writer.epoch);
  writer.raw(writerIdBytes(header.writer.writerId));
  writer.u64(id);
  writer.u64(header.length);
  writer.u32(header.recordCount);
  writer.u32(header.recordsChecksum);
  writer.u32(crc32c(writer.written));
  return writer.written;
}

/** Options of {@linkcode decodeWal}. */
export interface DecodeWalOptions {
  /**
   * Whether an object that was cut short is decoded as far as its records are
   * whole (default false: corrupt). For stores that can tear.
   */
  readonly allowTornTail?: boolean | undefined;
}

/**
 * Decodes the object `bytes` of id `id`.
 *
 * @throws {KriyaError} `corrupt`, naming `source` and the byte.
 */
export function decodeWal(
  bytes: Uint8Array,
  id: number,
  source: string,
  options: DecodeWalOptions = {},
): WalObject {
  const reader = new ByteReader(bytes, source);
  if (bytes.length < WAL_HEADER_BYTES && options.allowTornTail) {
    checkTornHeader(reader, bytes);
    return { writer: undefined, id, fence: false, records: [], torn: true };
  }
  const header = decodeHeader(reader, bytes, id);
  const torn = bytes.length < header.length;
  if (torn && !options.allowTornTail) {
    throw reader.corrupt(
      `the object is ${header.length} bytes long, ${bytes.length} are there`,
      bytes.length,
    );
  }
  const { writer, fence } = header;
  if (!header.compressed) {
    const records = decodeRecords(reader, bytes, header, torn);
    return { writer, id, fence, records, torn };
  }
  if (torn) return { writer, id, fence, records: [], torn };
  const plain = decompressRecords(reader, bytes, source);
  const inner = new ByteReader(plain, source);
  const records = decodeRecords(inner, plain, header, false);
  return { writer, id, fence, records, torn };
}

/** The records of a compressed object, as they were. */
function decompressRecords(
  reader: ByteReader,
  bytes: Uint8Array,
  source: string,
): Uint8Array {
  const start = reader.offset;
  if (reader.remaining < COMPRESSED_HEADER_BYTES) {
    throw reader.corrupt("compressed records are cut short", start);
  }
  if (reader.u32() !== crc32c(bytes, start + 4)) {
    throw reader.corrupt("checksum of the records does not match", start);
  }
  const length = reader.u32();
  if (length > COMPRESS_BYTES_MAX) {
    throw reader.corrupt(`${length} bytes of records`, start + 4);
  }
  const stored = { codec: CODEC_ZSTD, bytes: reader.raw(reader.remaining) };
  return decompressBlock(stored, length, source, start);
}

function decodeRecords(
  reader: ByteReader,
  bytes: Uint8Array,
  header: WalHeader,
  torn: boolean,
): WalRecord[] {
  const records: WalRecord[] = [];
  const checksums = new ByteWriter(64);
  let before = -1;
  for (let i = 0; i < header.recordCount; i++) {
    const start = reader.offset;
    const record = decodeRecord(reader, bytes);
    if (record === undefined) {
      if (torn) break;
      throw reader.corrupt("record is cut short", start);
    }
    if (record.sequence <= before) {
      throw reader.corrupt("sequence numbers do not rise", start);
    }
    before = record.sequence;
    records.push(record);
    checksums.raw(bytes.subarray(start, start + 4));
  }
  reader.expectEnd();
  if (!torn && crc32c(checksums.written) !== header.recordsChecksum) {
    throw reader.corrupt("the records are not those of the header", 52);
  }
  return records;
}

/** What there is of a header that was cut short must be one's beginning. */
function checkTornHeader(reader: ByteReader, bytes: Uint8Array): void {
  const magic = new ByteWriter(4);
  magic.u32(MAGIC);
  for (let i = 0; i < bytes.length && i < 4; i++) {
    if (bytes[i] !== magic.written[i]) {
      throw reader.corrupt("not a WAL object: bad magic", 0);
    }
  }
}

function decodeHeader(
  reader: ByteReader,
  bytes: Uint8Array,
  id: number,
): WalHeader {
  if (reader.u32() !== MAGIC) {
    throw reader.corrupt("not a WAL object: bad magic", 0);
  }
  if (bytes.length < WAL_HEADER_BYTES) {
    throw reader.corrupt("header is cut short", bytes.length);
  }
  const version = reader.u16();
  const flags = reader.u16();
  const epoch = reader.u64();
  const writerId = reader.raw(WRITER_ID_BYTES).toHex();
  const ownId = reader.u64();
  const length = reader.u64();
  const recordCount = reader.u32();
  const recordsChecksum = reader.u32();
  if (reader.u32() !== crc32c(bytes, 0, WAL_HEADER_BYTES - 4)) {
    throw reader.corrupt(
      "header checksum does not match",
      WAL_HEADER_BYTES - 4,
    );
  }
  if (version === 0 || version > FORMAT_VERSION) {
    throw reader.corrupt(
      `format version ${version}; this build reads up to ${FORMAT_VERSION}`,
      4,
    );
  }
  if ((flags & ~FLAGS[version]!) !== 0) {
    throw reader.corrupt("unknown flags", 6);
  }
  if (ownId !== id) {
    throw reader.corrupt(`the object says it is WAL ${ownId}`, 32);
  }
  const fence = (flags & FLAG_FENCE) !== 0;
  if (fence && recordCount > 0) throw reader.corrupt("fence with records", 48);
  const compressed = (flags & FLAG_COMPRESSED) !== 0;
  if (fence && compressed) throw reader.corrupt("fence with records", 6);
  const writer = { epoch, writerId };
  return { writer, fence, compressed, length, recordCount, recordsChecksum };
}

/** The next record; `undefined` when the object ends before it does. */
function decodeRecord(
  reader: ByteReader,
  bytes: Uint8Array,
): WalRecord | undefined {
  const start = reader.offset;
  if (reader.remaining < WAL_RECORD_HEADER_BYTES) {
    reader.skip(reader.remaining);
    return undefined;
  }
  const checksum = reader.u32();
  const length = reader.u32();
  const sequence = reader.u64();
  const kind = reader.u8();
  if (length > reader.remaining) {
    reader.skip(reader.remaining);
    return undefined;
  }
  const payload = reader.raw(length);
  if (checksum !== crc32c(bytes, start + 4, reader.offset)) {
    throw reader.corrupt("record checksum does not match", start);
  }
  if (kind !== 1 && kind !== 2) {
    throw reader.corrupt(`unknown record kind ${kind}`, start);
  }
  return { sequence, kind: kind === 1 ? "batch" : "ingest", payload };
}

/** Who wrote the object, from its header alone. */
export function walWriterOf(
  bytes: Uint8Array,
  id: number,
  source: string,
): WriterIdentity {
  return decodeHeader(new ByteReader(bytes, source), bytes, id).writer;
}

/** An error for a gap in the log. */
export function walGapError(address: string, id: number): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot replay the WAL of ${address}: object ${id} is missing`,
  );
}
