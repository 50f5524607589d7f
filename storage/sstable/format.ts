/**
 * Sorted string tables: the layout of the file.
 *
 * Version 1, for tables whose index is small:
 *
 * | part | what |
 * | --- | --- |
 * | data blocks | entries, see `block.ts`; one after the other from byte 0 |
 * | filter | bloom filter over the user keys, see `bloom_filter.ts` |
 * | index | last key and size of every data block, see `index_block.ts` |
 * | tombstones | range tombstones, see `properties.ts` |
 * | properties | counts and bounds, see `properties.ts` |
 * | footer | 64 bytes |
 *
 * Version 2, for the others: index and filter lie in partitions, which are read
 * when a key of theirs is looked for:
 *
 * | part | what |
 * | --- | --- |
 * | data blocks | as in version 1 |
 * | partitions | for each a filter and an index, as the parts of version 1 |
 * | partition index | what each partition covers, see `partition_index.ts` |
 * | tombstones, properties, footer | as in version 1 |
 *
 * The parts from filter or partition index on are read in one request, whose
 * first byte the manifest knows.
 *
 * Footer, numbers little-endian:
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    8 | where the filter, or partition index, begins |
 * |      8 |    4 | stored length of the filter, trailer included; 0 in version 2 |
 * |     12 |    4 | … of the index, or partition index |
 * |     16 |    4 | … of the tombstones |
 * |     20 |    4 | … of the properties |
 * |     24 |    8 | entry count |
 * |     32 |    4 | data block count |
 * |     36 |    1 | compression: 0 none, 1 zstd; what the writer was set to |
 * |     37 |   15 | zero |
 * |     52 |    4 | format version |
 * |     56 |    4 | CRC-32C of bytes 0–56 |
 * |     60 |    4 | magic `KSST` |
 *
 * Every block and part is followed by a trailer:
 *
 * | size | field |
 * | ---: | --- |
 * |    1 | codec of this block |
 * |    4 | length before compression |
 * |    4 | CRC-32C of the stored bytes, codec and length |
 *
 * Versions: 1, 2. A table is written in version 1 unless it has partitions.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import { KriyaError } from "../../base/errors.ts";
import { type BlockCodec, CODEC_NONE, CODEC_ZSTD } from "./codec.ts";
import { compressBlock, decompressBlock, type StoredBlock } from "./codec.ts";

/** Bytes of the footer. */
export const FOOTER_BYTES = 64;
/** Bytes after every block. */
export const TRAILER_BYTES = 9;
/** The newest version that this code reads. */
export const FORMAT_VERSION = 2;
/** `KSST`, little-endian. */
const MAGIC = 0x5453534b;
/** No block decompresses to more. */
export const BLOCK_RAW_BYTES_MAX = 0x7fff_0000;

/** What the footer says. */
export interface Footer {
  /** Where the filter, or partition index, begins. */
  readonly metaOffset: number;
  /** Whether index and filter are in partitions: version 2. */
  readonly partitioned: boolean;
  /** Stored length of the filter; 0 when there are partitions. */
  readonly filterLength: number;
  /** Stored length of the index, or partition index. */
  readonly indexLength: number;
  /** Stored length of the tombstones. */
  readonly tombstonesLength: number;
  /** Stored length of the properties. */
  readonly propertiesLength: number;
  /** How many entries the data blocks hold. */
  readonly entryCount: number;
  /** How many data blocks there are. */
  readonly blockCount: number;
  /** What the writer was set to. */
  readonly compression: BlockCodec;
}

/** Writes a footer. */
export function encodeFooter(footer: Footer): Uint8Array {
  const writer = new ByteWriter(FOOTER_BYTES);
  writer.u64(footer.metaOffset);
  writer.u32(footer.filterLength);
  writer.u32(footer.indexLength);
  writer.u32(footer.tombstonesLength);
  writer.u32(footer.propertiesLength);
  writer.u64(footer.entryCount);
  writer.u32(footer.blockCount);
  writer.u8(footer.compression === "zstd" ? CODEC_ZSTD : CODEC_NONE);
  writer.raw(new Uint8Array(15));
  writer.u32(footer.partitioned ? 2 : 1);
  writer.u32(crc32c(writer.written));
  writer.u32(MAGIC);
  return writer.toBytes();
}

/**
 * Reads the footer at the end of `bytes`, the last part of a table of
 * `fileLength` bytes.
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodeFooter(
  bytes: Uint8Array,
  fileLength: number,
  source: string,
): Footer {
  const at = bytes.length - FOOTER_BYTES;
  if (at < 0 || fileLength < FOOTER_BYTES) {
    throw new KriyaError(
      "corrupt",
      `Cannot read "${source}": ${fileLength} bytes are too short for an sstable`,
    );
  }
  const tail = new ByteReader(bytes, source, at + 52);
  const version = tail.u32();
  const checksum = tail.u32();
  if (tail.u32() !== MAGIC) throw tail.corrupt("not an sstable: bad magic");
  if (checksum !== crc32c(bytes, at, at + 56)) {
    throw tail.corrupt("footer checksum does not match");
  }
  if (version > FORMAT_VERSION || version === 0) {
    throw tail.corrupt(
      `format version ${version}; this build reads up to ${FORMAT_VERSION}`,
    );
  }
  const reader = new ByteReader(bytes, source, at);
  const footer = {
    metaOffset: reader.u64(),
    partitioned: version === 2,
    filterLength: reader.u32(),
    indexLength: reader.u32(),
    tombstonesLength: reader.u32(),
    propertiesLength: reader.u32(),
    entryCount: reader.u64(),
    blockCount: reader.u32(),
    compression: (reader.u8() === CODEC_ZSTD ? "zstd" : "none") as BlockCodec,
  };
  const metaLength = footer.filterLength + footer.indexLength +
    footer.tombstonesLength + footer.propertiesLength;
  if (footer.metaOffset + metaLength + FOOTER_BYTES !== fileLength) {
    throw tail.corrupt("parts do not add up to the file");
  }
  if (footer.partitioned !== (footer.filterLength === 0)) {
    throw tail.corrupt("a filter beside partitions, or neither");
  }
  return footer;
}

/** Writes `raw` as a stored block with its trailer; returns its length. */
export function writeBlock(
  writer: ByteWriter,
  raw: Uint8Array,
  codec: BlockCodec,
): number {
  return writeStored(writer, compressBlock(raw, codec), raw.length);
}

/** Writes a block with its trailer; returns its length. */
export function writeStored(
  writer: ByteWriter,
  stored: StoredBlock,
  rawLength: number,
): number {
  const start = writer.length;
  writer.raw(stored.bytes);
  writer.u8(stored.codec);
  writer.u32(rawLength);
  writer.u32(crc32c(writer.written, start));
  return writer.length - start;
}

/**
 * Checks and decompresses the stored block `bytes`, trailer included, that
 * lies at `offset` of `source`.
 *
 * @throws {KriyaError} `corrupt`, naming `source` and `offset`.
 */
export function readBlock(
  bytes: Uint8Array,
  source: string,
  offset: number,
): Uint8Array {
  const fail = (what: string): KriyaError =>
    new KriyaError(
      "corrupt",
      `Cannot read "${source}" at byte ${offset}: ${what}`,
    );
  const bodyLength = bytes.length - TRAILER_BYTES;
  if (bodyLength < 0) throw fail("block is cut short");
  const trailer = new ByteReader(bytes, source, bodyLength);
  const codec = trailer.u8();
  const rawLength = trailer.u32();
  if (trailer.u32() !== crc32c(bytes, 0, bytes.length - 4)) {
    throw fail("block checksum does not match");
  }
  if (rawLength > BLOCK_RAW_BYTES_MAX) throw fail("block is too large");
  return decompressBlock(
    { codec, bytes: bytes.subarray(0, bodyLength) },
    rawLength,
    source,
    offset,
  );
}
