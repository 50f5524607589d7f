/**
 * The checksum that PostgreSQL calls legacy: the table of the reflected CRC-32,
 * used as if it were not.
 *
 * @module
 */

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

/** The checksum. */
export function legacyCrc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (TABLE[(crc >>> 24) ^ byte]! ^ (crc << 8)) >>> 0;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
