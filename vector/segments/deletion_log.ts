/**
 * Which versions of a sealed segment have ended: the log beside it.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    8 | magic `KRIYADEL` |
 * |      8 |    2 | version, 1 |
 * |     10 |    2 | 0 |
 * |     12 |    4 | rows of the segment n |
 * |     16 |    8 | highest sequence covered: all ends up to it are here |
 * |     24 |    4 | entries e |
 * |     28 |  12e | entries: ordinal u32, end sequence u64 |
 * | 28+12e |    4 | CRC-32C of all before |
 *
 * Valid if and only if lengths and checksum fit, ordinals rise strictly and
 * are below n, and no end is above the sequence covered.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";
import type { VersionTable } from "./version_table.ts";

const MAGIC = "KRIYADEL";
const VERSION = 1;
const HEADER_BYTES = 28;
const ENTRY_BYTES = 12;

/** The ends of a segment's versions up to a sequence. */
export interface DeletionLog {
  /** Rows of the segment. */
  readonly count: number;
  /** All ends up to this sequence are here, and none above. */
  readonly coveredTo: number;
  /** Ordinals of the versions that ended, ascending. */
  readonly ordinals: Uint32Array<ArrayBuffer>;
  /** When they ended. */
  readonly ends: Float64Array<ArrayBuffer>;
}

/**
 * The bytes of the ends that a segment's versions have, up to `coveredTo`:
 * the index's `lastSeq`, or an earlier sequence that is durable.
 */
export function encodeDeletions(
  segment: { readonly versions: VersionTable },
  coveredTo: number,
): Uint8Array<ArrayBuffer> {
  const { versions } = segment;
  const writer = new ByteWriter(
    HEADER_BYTES + ENTRY_BYTES * versions.endedCount + 4,
  );
  for (let i = 0; i < MAGIC.length; i++) writer.u8(MAGIC.charCodeAt(i));
  writer.u16(VERSION);
  writer.u16(0);
  writer.u32(versions.count);
  writer.u64(coveredTo);
  writer.u32(0);
  let entries = 0;
  for (let i = 0; i < versions.count; i++) {
    const end = versions.endOf(i);
    if (end > coveredTo) continue;
    writer.u32(i);
    writer.u64(end);
    entries++;
  }
  writer.setU32(HEADER_BYTES - 4, entries);
  writer.u32(crc32c(writer.written));
  return writer.toBytes();
}

/**
 * Reads a deletion log; `source` names its bytes in errors.
 *
 * @throws {KriyaError} of kind `corrupt` if the bytes are not valid.
 */
export function decodeDeletions(
  bytes: Uint8Array,
  source: string,
): DeletionLog {
  const reader = new ByteReader(bytes, source);
  for (let i = 0; i < MAGIC.length; i++) {
    if (reader.u8() !== MAGIC.charCodeAt(i)) {
      throw reader.corrupt("not a deletion log", 0);
    }
  }
  const version = reader.u16();
  if (version !== VERSION) {
    throw reader.corrupt(`deletion log of version ${version}`, 8);
  }
  if (reader.u16() !== 0) throw reader.corrupt("padding", 10);
  const count = reader.u32();
  const coveredTo = reader.u64();
  const entries = reader.u32();
  if (reader.remaining !== ENTRY_BYTES * entries + 4) {
    throw reader.corrupt(`${entries} entries in ${reader.remaining} bytes`);
  }
  const end = bytes.length - 4;
  if (new ByteReader(bytes, source, end).u32() !== crc32c(bytes, 0, end)) {
    throw reader.corrupt("checksum", end);
  }
  const ordinals = new Uint32Array(entries);
  const ends = new Float64Array(entries);
  for (let i = 0; i < entries; i++) {
    const at = reader.offset;
    ordinals[i] = reader.u32();
    ends[i] = reader.u64();
    const isRising = i === 0 || ordinals[i]! > ordinals[i - 1]!;
    if (!isRising || ordinals[i]! >= count || ends[i]! > coveredTo) {
      throw reader.corrupt(`version ${ordinals[i]} ended`, at);
    }
  }
  return { count, coveredTo, ordinals, ends };
}
