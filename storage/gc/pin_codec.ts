/**
 * The bytes of a pin: which manifest a reader wants to keep, and for how long.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | magic `KPIN` |
 * |      4 |    2 | format version |
 * |      6 |    2 | zero |
 * |      8 |    8 | number of the manifest |
 * |     16 |    4 | lease: ms for which the pin holds from the object's date |
 * |     20 |    4 | CRC-32C of bytes 0–20 |
 *
 * The lease runs from the date that the bucket gave the pin; to renew it the
 * pin is written again, by compare-and-set.
 *
 * Versions: 1.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "../../base/bytes.ts";
import { crc32c } from "../../base/checksum.ts";

const MAGIC = 0x4e49504b;
const FORMAT_VERSION = 1;
const CHECKSUM_OFFSET = 20;

/** The longest lease of a pin: a day, in ms. */
export const PIN_LEASE_MS_MAX = 24 * 60 * 60 * 1000;

/** What a reader wants to keep. */
export interface Pin {
  /** The number of the manifest. */
  readonly manifest: number;
  /** Ms for which it holds, from the date of its object. */
  readonly leaseMs: number;
}

/** Writes a pin. */
export function encodePin({ manifest, leaseMs }: Pin): Uint8Array {
  const writer = new ByteWriter(24);
  writer.u32(MAGIC);
  writer.u16(FORMAT_VERSION);
  writer.u16(0);
  writer.u64(manifest);
  writer.u32(Math.min(leaseMs, PIN_LEASE_MS_MAX));
  writer.u32(crc32c(writer.written));
  return writer.toBytes();
}

/**
 * Reads a pin.
 *
 * @throws {KriyaError} `corrupt`, naming `source`.
 */
export function decodePin(bytes: Uint8Array, source: string): Pin {
  const reader = new ByteReader(bytes, source);
  if (reader.u32() !== MAGIC) throw reader.corrupt("not a pin: bad magic", 0);
  const version = reader.u16();
  if (version === 0 || version > FORMAT_VERSION) {
    throw reader.corrupt(
      `format version ${version}; this build reads up to ${FORMAT_VERSION}`,
      4,
    );
  }
  if (reader.u16() !== 0) throw reader.corrupt("unknown flags", 6);
  const pin = { manifest: reader.u64(), leaseMs: reader.u32() };
  if (reader.u32() !== crc32c(bytes, 0, CHECKSUM_OFFSET)) {
    throw reader.corrupt("checksum does not match", CHECKSUM_OFFSET);
  }
  reader.expectEnd();
  if (pin.leaseMs > PIN_LEASE_MS_MAX) {
    throw reader.corrupt("lease too long", 16);
  }
  return pin;
}
