/**
 * ASCII armor of OpenPGP (RFC 4880, 6.2): base64 with a checksum between two
 * lines.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";

const FIRST = "-----BEGIN PGP MESSAGE-----";
const LAST = "-----END PGP MESSAGE-----";

/** CRC-24 of OpenPGP. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 0x800000 ? ((crc << 1) ^ 0x1864cfb) & 0xffffff : crc << 1;
    }
  }
  return crc;
}

/** The bytes in armor. */
export function armor(bytes: Uint8Array): string {
  const lines = bytes.toBase64().match(/.{1,76}/g) ?? [];
  const crc = crc24(bytes);
  const checksum = Uint8Array.of(crc >>> 16, crc >>> 8, crc).toBase64();
  return [FIRST, "", ...lines, `=${checksum}`, LAST, ""].join("\n");
}

/** The bytes out of armor. @throws {SqlError} `39000`. */
export function dearmor(text: string): Uint8Array {
  const match =
    /-----BEGIN PGP [A-Z ]+-----\r?\n(?:[^\r\n]+: [^\r\n]*\r?\n)*\r?\n([A-Za-z0-9+/=\s]*?)\r?\n?=([A-Za-z0-9+/]{4})\s*-----END PGP/
      .exec(text);
  if (match === null) throw new SqlError("39000", "Corrupt ascii-armor");
  const bytes = Uint8Array.fromBase64(match[1]!);
  const [a, b, c] = Uint8Array.fromBase64(match[2]!);
  if (crc24(bytes) !== (a! << 16 | b! << 8 | c!)) {
    throw new SqlError("39000", "Corrupt ascii-armor");
  }
  return bytes;
}
