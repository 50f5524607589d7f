/**
 * Chunks of objects as they lie in the local cache: one file each.
 *
 * A chunk is an aligned range of one object, cut where the object ends. It says
 * of which object it is, so that a chunk can never be taken for another's, and
 * has a checksum for every page, so that a small read need not check all of it.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | magic `KCHK` |
 * |      4 |    4 | format version |
 * |      8 |    4 | header length, from byte 0 |
 * |     12 |    4 | CRC-32C of the header from byte 16 on |
 * |     16 | string | the object's path |
 * |        | string | its tag |
 * |        | varint | its size |
 * |        |    8 | when it was written, ms since the epoch, f64 |
 * |        | varint | chunk size; the chunk begins at its number times this |
 * |        | varint | number of the chunk |
 * |        | varint | length of the data |
 * |        | varint | page size |
 * |        | 4 each | CRC-32C of every page |
 * | header length | … | the data |
 *
 * Numbers are little-endian. Versions: 1.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import type { ObjectMeta } from "../object_store/object_store.ts";

/** Longest header, in bytes: what is read to find it. */
export const CHUNK_HEADER_BYTES_MAX = 4096;
/** `KCHK`, little-endian. */
const MAGIC = 0x4b48434b;
const FORMAT_VERSION = 1;
const FIXED_BYTES = 16;

/** What a chunk is of. */
export interface ChunkInfo {
  /** The object. */
  readonly object: ObjectMeta;
  /** Bytes of a chunk. */
  readonly chunkBytes: number;
  /** Which chunk of the object, from 0. */
  readonly chunk: number;
}

/** What a chunk's header says. */
export interface ChunkHeader extends ChunkInfo {
  /** Where the data begins in the file. */
  readonly dataOffset: number;
  /** Length of the data. */
  readonly dataLength: number;
  /** Bytes of a page. */
  readonly pageBytes: number;
  /** A checksum for every page. */
  readonly checksums: Uint32Array;
}

/** A chunk's file, `undefined` where its header would be too long. */
export function encodeChunk(
  info: ChunkInfo,
  data: Uint8Array,
): Uint8Array | undefined {
  // Small pages, as long as there are not too many of them.
  const pageBytes = Math.max(16 * 1024, Math.ceil(info.chunkBytes / 512));
  const writer = new ByteWriter(data.length + 1024);
  writer.u32(MAGIC);
  writer.u32(FORMAT_VERSION);
  writer.u32(0);
  writer.u32(0);
  const { path, etag, size, lastModifiedMs } = info.object;
  writer.string(path);
  writer.string(etag);
  writer.varint(size);
  writer.f64(lastModifiedMs);
  writer.varint(info.chunkBytes);
  writer.varint(info.chunk);
  writer.varint(data.length);
  writer.varint(pageBytes);
  for (let at = 0; at < data.length; at += pageBytes) {
    writer.u32(crc32c(data, at, Math.min(data.length, at + pageBytes)));
  }
  const { length } = writer;
  if (length > CHUNK_HEADER_BYTES_MAX) return undefined;
  writer.setU32(8, length);
  writer.setU32(12, crc32c(writer.written, FIXED_BYTES));
  writer.raw(data);
  return writer.toBytes();
}

/**
 * Reads the header at the beginning of a chunk's file.
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodeChunkHeader(
  bytes: Uint8Array,
  source: string,
): ChunkHeader {
  const fixed = new ByteReader(bytes, source);
  if (fixed.u32() !== MAGIC) throw fixed.corrupt("not a chunk: bad magic", 0);
  const version = fixed.u32();
  if (version !== FORMAT_VERSION) {
    throw fixed.corrupt(`format version ${version}`, 4);
  }
  const dataOffset = fixed.u32();
  const checksum = fixed.u32();
  if (dataOffset < FIXED_BYTES || dataOffset > bytes.length) {
    throw fixed.corrupt("bad header length", 8);
  }
  if (checksum !== crc32c(bytes, FIXED_BYTES, dataOffset)) {
    throw fixed.corrupt("header checksum does not match", 12);
  }
  const reader = new ByteReader(bytes, source, FIXED_BYTES, dataOffset);
  const object = {
    path: reader.string(),
    etag: reader.string(),
    size: reader.varint(),
    lastModifiedMs: reader.f64(),
  };
  const chunkBytes = reader.varint();
  const chunk = reader.varint();
  const dataLength = reader.varint();
  const pageBytes = reader.varint();
  const start = chunk * chunkBytes;
  if (
    pageBytes === 0 || dataLength === 0 ||
    dataLength !== Math.min(chunkBytes, object.size - start)
  ) throw reader.corrupt("lengths do not agree");
  const pages = Math.ceil(dataLength / pageBytes);
  if (pages * 4 !== reader.remaining) throw reader.corrupt("bad page count");
  const checksums = new Uint32Array(pages);
  for (let page = 0; page < pages; page++) checksums[page] = reader.u32();
  return {
    object,
    chunkBytes,
    chunk,
    dataOffset,
    dataLength,
    pageBytes,
    checksums,
  };
}

/**
 * Whether whole pages, from page `first` on, are what they were written as.
 */
export function arePagesGood(
  { pageBytes, dataLength, checksums }: ChunkHeader,
  first: number,
  bytes: Uint8Array,
): boolean {
  let page = first;
  for (let at = 0; at < bytes.length; at += pageBytes) {
    const length = Math.min(pageBytes, dataLength - page * pageBytes);
    if (length <= 0 || at + length > bytes.length) return false;
    if (crc32c(bytes, at, at + length) !== checksums[page]) return false;
    page++;
  }
  return true;
}
