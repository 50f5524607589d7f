/**
 * Write-ahead log: one group of committed batches as one immutable object.
 *
 * Header, numbers little-endian:
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | magic `KWAL` |
 * |      4 |    2 | format version |
 * |      6 |    2 | flags: 1 fence |
 * |      8 |    8 | epoch of the writer |
 * |     16 |   16 | id of the writer |
 * |     32 |    8 | WAL id, the same as in the object's name |
 * |     40 |    4 | record count |
 * |     44 |    4 | CRC-32C of bytes 0–44 |
 *
 * then records, one for each batch:
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
 * 3. Objects are created whole: one that does not hold its records is damaged,
 *    unless the store tore it. Then, and only at the end of the newest object,
 *    what is cut short was never acknowledged.
 *
 * Versions: 1.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  WRITER_ID_BYTES,
  writerIdBytes,
  type WriterIdentity,
} from "../../fence/writer_id.ts";

const MAGIC = 0x4c41574b;
const FORMAT_VERSION = 1;
const FLAG_FENCE = 1;
/** Bytes of the header. */
export const WAL_HEADER_BYTES = 48;
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
  /** Who wrote it. */
  readonly writer: WriterIdentity;
  /** Its id. */
  readonly id: number;
  /** Whether it is a fence. */
  readonly fence: boolean;
  /** The records. */
  readonly records: readonly WalRecord[];
  /** Whether its last record was cut short and left out. */
  readonly torn: boolean;
}

/** Encodes a group; records are added as they join. */
export class WalEncoder {
  readonly #writer = new ByteWriter(4096);
  #count = 0;

  /** An empty group. */
  constructor() {
    this.#writer.reserve(WAL_HEADER_BYTES);
  }

  /** How many records there are. */
  get count(): number {
    return this.#count;
  }

  /** How long the object is so far. */
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
    writer.setU32(start, crc32c(writer.written, start + 4));
    this.#count++;
    return at;
  }

  /** The object's bytes. The encoder must not be used afterwards. */
  finish(writer: WriterIdentity, id: number): Uint8Array {
    const bytes = this.#writer.written;
    bytes.set(encodeHeader(writer, id, this.#count, 0));
    return bytes;
  }
}

/** The bytes of a fence. */
export function encodeFence(writer: WriterIdentity, id: number): Uint8Array {
  return encodeHeader(writer, id, 0, FLAG_FENCE);
}

function encodeHeader(
  writer: WriterIdentity,
  id: number,
  recordCount: number,
  flags: number,
): Uint8Array {
  const header = new ByteWriter(WAL_HEADER_BYTES);
  header.u32(MAGIC);
  header.u16(FORMAT_VERSION);
  header.u16(flags);
  header.u64(writer.epoch);
  header.raw(writerIdBytes(writer.writerId));
  header.u64(id);
  header.u32(recordCount);
  header.u32(crc32c(header.written));
  return header.toBytes();
}

/** Options of {@linkcode decodeWal}. */
export interface DecodeWalOptions {
  /**
   * Whether a last record that is cut short is left out (default false:
   * corrupt). For the newest object of a store that can tear.
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
  const header = decodeHeader(reader, bytes, id);
  const records: WalRecord[] = [];
  let before = -1;
  let torn = false;
  for (let i = 0; i < header.recordCount; i++) {
    const start = reader.offset;
    const last = i === header.recordCount - 1;
    const record = decodeRecord(reader, bytes);
    if (record === undefined) {
      if (options.allowTornTail && (last || reader.remaining === 0)) {
        torn = true;
        break;
      }
      throw reader.corrupt("record is cut short", start);
    }
    if (record.sequence <= before) {
      throw reader.corrupt("sequence numbers do not rise", start);
    }
    before = record.sequence;
    records.push(record);
  }
  if (!torn) reader.expectEnd();
  return {
    writer: { epoch: header.epoch, writerId: header.writerId },
    id,
    fence: header.fence,
    records,
    torn,
  };
}

function decodeHeader(
  reader: ByteReader,
  bytes: Uint8Array,
  id: number,
): {
  epoch: number;
  writerId: string;
  fence: boolean;
  recordCount: number;
} {
  if (reader.u32() !== MAGIC) {
    throw reader.corrupt("not a WAL object: bad magic", 0);
  }
  const version = reader.u16();
  if (version === 0 || version > FORMAT_VERSION) {
    throw reader.corrupt(
      `format version ${version}; this build reads up to ${FORMAT_VERSION}`,
      4,
    );
  }
  const flags = reader.u16();
  const epoch = reader.u64();
  const writerId = reader.raw(WRITER_ID_BYTES).toHex();
  const ownId = reader.u64();
  const recordCount = reader.u32();
  if (reader.u32() !== crc32c(bytes, 0, WAL_HEADER_BYTES - 4)) {
    throw reader.corrupt("header checksum does not match", 44);
  }
  if ((flags & ~FLAG_FENCE) !== 0) throw reader.corrupt("unknown flags", 6);
  if (ownId !== id) {
    throw reader.corrupt(`the object says it is WAL ${ownId}`, 32);
  }
  return { epoch, writerId, fence: (flags & FLAG_FENCE) !== 0, recordCount };
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
  const { epoch, writerId } = decodeHeader(
    new ByteReader(bytes, source),
    bytes,
    id,
  );
  return { epoch, writerId };
}

/** An error for a gap in the log. */
export function walGapError(address: string, id: number): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot replay the WAL of ${address}: object ${id} is missing`,
  );
}
