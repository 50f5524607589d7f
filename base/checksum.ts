/**
 * CRC-32C (Castagnoli, RFC 3720 §B.4): the checksum of every block and record
 * that we write.
 *
 * `hash-wasm` computes it at about 1.9 GB/s; its hasher is created once, when
 * this module loads, so that every call afterwards is synchronous. A call costs
 * a microsecond, though: what is short, as a record of one row, is computed by
 * a table (Sarwate, "Computation of Cyclic Redundancy Checks via Table Look-Up",
 * 1988).
 *
 * @module
 */
import { createCRC32 } from "hash-wasm";

/** The Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** Up to this many bytes the table is faster. */
const TABLE_BYTES_MAX = 256;

const hasher = await createCRC32(POLYNOMIAL);

/** What a byte does to the remainder. */
const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder >>> 1 ^ (remainder & 1 ? POLYNOMIAL : 0);
  }
  return remainder;
});

/**
 * The CRC-32C of `bytes` from `start` (default 0) to `end` (default the
 * length), as an unsigned 32-bit number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { crc32c } from "./checksum.ts";
 *
 * assertEquals(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
 * ```
 */
export function crc32c(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): number {
  if (end - start <= TABLE_BYTES_MAX) return byTable(bytes, start, end);
  hasher.init();
  hasher.update(bytes.subarray(start, end));
  const digest = hasher.digest("binary");
  return (digest[0]! << 24 | digest[1]! << 16 | digest[2]! << 8 |
    digest[3]!) >>> 0;
}

function byTable(bytes: Uint8Array, start: number, end: number): number {
  let remainder = -1;
  for (let i = start; i < end; i++) {
    remainder = remainder >>> 8 ^ table[(remainder ^ bytes[i]!) & 0xff]!;
  }
  return (remainder ^ -1) >>> 0;
}
