/**
 * Functions of `bytea`: length, parts, `encode`, `decode`, digests, and the
 * functions of `uuid` that look into its bytes.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { utf8Decode, utf8Encode } from "../../../base/bytes.ts";
import { crc32c } from "../../../base/checksum.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bytea, decodeEscape, decodeHex } from "../../types/bytea_type.ts";
import type { Nullable } from "../../types/data_type.ts";
import { int2, int4, int8, normalizeInt8 } from "../../types/int_types.ts";
import { hexOf } from "../../types/js_value.ts";
import { timestamptz } from "../../types/temporal_types.ts";
import { name, text } from "../../types/text_types.ts";
import { invalidUtf8 } from "../../types/type_error.ts";
import { uuid } from "../../types/uuid_type.ts";
import { binary, define, unary } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

function substring(
  value: Uint8Array,
  start: number,
  count?: number,
): Uint8Array {
  if (count !== undefined && count < 0) {
    throw new SqlError("22011", "negative substring length not allowed");
  }
  const end = count === undefined ? value.length : start - 1 + count;
  const first = Math.max(start, 1) - 1;
  return end <= first ? new Uint8Array(0) : value.slice(first, end);
}

/** `value` with `count` bytes from `start` on replaced. */
function overlay(
  value: Uint8Array,
  by: Uint8Array,
  start: number,
  count: number,
): Uint8Array {
  if (start <= 0) {
    throw new SqlError("22011", "negative substring length not allowed");
  }
  if (start + count > 2147483647) {
    throw new SqlError("22003", "integer out of range");
  }
  const before = value.subarray(0, start - 1);
  const after = value.subarray(Math.max(start + count, 1) - 1);
  const result = new Uint8Array(before.length + by.length + after.length);
  result.set(before);
  result.set(by, before.length);
  result.set(after, before.length + by.length);
  return result;
}

function position(value: Uint8Array, part: Uint8Array): number {
  for (let i = 0; i + part.length <= value.length; i++) {
    if (part.every((byte, j) => value[i + j] === byte)) return i + 1;
  }
  return 0;
}

function unknownEncoding(name: string): SqlError {
  return new SqlError("22023", `unrecognized encoding: "${name}"`);
}

/** Base64 in lines of 76 characters. */
function toBase64(value: Uint8Array): string {
  let units = "";
  for (const byte of value) units += String.fromCharCode(byte);
  return btoa(units).replace(/(.{76})(?=.)/g, "$1\n");
}

function toEscape(value: Uint8Array): string {
  let result = "";
  for (const byte of value) {
    if (byte === 92) result += "\\\\";
    else if (byte === 0 || byte >= 128) {
      result += `\\${byte.toString(8).padStart(3, "0")}`;
    } else result += String.fromCharCode(byte);
  }
  return result;
}

function encode(value: Uint8Array, name: string): string {
  switch (name.toLowerCase()) {
    case "hex":
      return hexOf(value);
    case "base64":
      return toBase64(value);
    case "escape":
      return toEscape(value);
    default:
      throw unknownEncoding(name);
  }
}

function fromBase64(value: string): Uint8Array {
  const compact = value.replace(/[ \t\n\r]/g, "");
  const bad = /[^A-Za-z0-9+/=]/u.exec(compact);
  if (bad !== null) {
    throw new SqlError(
      "22023",
      `invalid symbol "${bad[0]}" found while decoding base64 sequence`,
    );
  }
  if (compact.length % 4 !== 0 || /=[^=]|={3}/.test(compact)) {
    throw new SqlError(
      "22023",
      /=[^=]|={3}/.test(compact)
        ? 'unexpected "=" while decoding base64 sequence'
        : "invalid base64 end sequence",
      compact.length % 4 !== 0 && !/=[^=]|={3}/.test(compact)
        ? {
          hint: "Input data is missing padding, is truncated, or is " +
            "otherwise corrupted.",
        }
        : {},
    );
  }
  const units = atob(compact);
  return Uint8Array.from(units, (unit) => unit.charCodeAt(0));
}

function decode(value: string, name: string): Uint8Array {
  switch (name.toLowerCase()) {
    case "hex":
      return decodeHex(value);
    case "base64":
      return fromBase64(value);
    case "escape":
      return decodeEscape(value);
    default:
      throw unknownEncoding(name);
  }
}

function checkIndex(value: Uint8Array, index: number): void {
  if (index >= 0 && index < value.length) return;
  throw new SqlError(
    "2202E",
    `index ${index} out of valid range, 0..${value.length - 1}`,
  );
}

function digest(name: string, algorithm: string): FunctionDefinition {
  return unary<Uint8Array>(
    name,
    bytea,
    bytea,
    (value) => new Uint8Array(createHash(algorithm).update(value).digest()),
  );
}

function md5(value: Uint8Array | string): string {
  return createHash("md5").update(value).digest("hex");
}

function bytesOfUuid(value: string): Uint8Array {
  return decodeHex(value.replaceAll("-", ""));
}

/** Microseconds from 1970 to 2000. */
const EPOCH_MICROS = 946_684_800_000_000n;

/** The moment in a uuid of version 1 or 7, else NULL. */
function timestampOfUuid(value: string): Nullable {
  const bytes = bytesOfUuid(value);
  if ((bytes[8]! & 0xc0) !== 0x80) return null;
  const version = bytes[6]! >> 4;
  const hex = value.replaceAll("-", "");
  if (version === 7) {
    const ms = BigInt(`0x${hex.slice(0, 12)}`);
    return normalizeInt8(ms * 1000n - EPOCH_MICROS);
  }
  if (version !== 1) return null;
  const ticks = BigInt(
    `0x${hex.slice(13, 16)}${hex.slice(8, 12)}${hex.slice(0, 8)}`,
  );
  // Tenths of microseconds since 1582-10-15.
  return normalizeInt8(ticks / 10n - 12_219_292_800_000_000n - EPOCH_MICROS);
}

function versionOfUuid(value: string): Nullable {
  const bytes = bytesOfUuid(value);
  return (bytes[8]! & 0xc0) === 0x80 ? bytes[6]! >> 4 : null;
}

function textOfBytes(value: Uint8Array): string {
  try {
    const result = utf8Decode(value);
    if (!result.includes("\0")) return result;
  } catch { /* reported below */ }
  throw invalidUtf8("0x00");
}

/** The bytes without those of `set` at the ends that are asked for. */
function trimBytes(
  value: Uint8Array,
  set: Uint8Array,
  atStart: boolean,
  atEnd: boolean,
): Uint8Array {
  let start = 0;
  let end = value.length;
  while (atStart && start < end && set.includes(value[start]!)) start++;
  while (atEnd && end > start && set.includes(value[end - 1]!)) end--;
  return value.slice(start, end);
}

function trimmers(): FunctionDefinition[] {
  return ([["btrim", true, true], ["ltrim", true, false], [
    "rtrim",
    false,
    true,
  ]] as const).map(([name, atStart, atEnd]) =>
    binary<Uint8Array, Uint8Array>(
      name,
      [bytea, bytea],
      bytea,
      (value, set) => trimBytes(value, set, atStart, atEnd),
    )
  );
}

/** The CRC-32 of Ethernet and zlib. */
function crc32(value: Uint8Array): number {
  let crc = -1;
  for (const byte of value) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  return ~crc >>> 0;
}

/** Functions of bytes. */
export const binaryFunctions: readonly FunctionDefinition[] = [
  ...trimmers(),
  unary<Uint8Array>("crc32", bytea, int8, crc32),
  unary<Uint8Array>("length", bytea, int4, (value) => value.length),
  unary<Uint8Array>("octet_length", bytea, int4, (value) => value.length),
  unary<Uint8Array>("bit_length", bytea, int4, (value) => value.length * 8),
  unary<Uint8Array>(
    "reverse",
    bytea,
    bytea,
    (value) => value.slice().reverse(),
  ),
  ...["substr", "substring"].flatMap((functionName) => [
    binary<Uint8Array, number>(
      functionName,
      [bytea, int4],
      bytea,
      (value, start) => substring(value, start),
    ),
    define(
      functionName,
      [bytea, int4, int4],
      bytea,
      (args) => substring(...args as [Uint8Array, number, number]),
    ),
  ]),
  define("overlay", [bytea, bytea, int4], bytea, (args) => {
    const [value, by, start] = args as [Uint8Array, Uint8Array, number];
    return overlay(value, by, start, by.length);
  }),
  define(
    "overlay",
    [bytea, bytea, int4, int4],
    bytea,
    (args) => overlay(...args as [Uint8Array, Uint8Array, number, number]),
  ),
  binary<Uint8Array, Uint8Array>("position", [bytea, bytea], int4, position),
  binary<Uint8Array, string>("encode", [bytea, text], text, encode),
  binary<string, string>("decode", [text, text], bytea, decode),
  binary<Uint8Array, number>(
    "get_byte",
    [bytea, int4],
    int4,
    (value, index) => {
      checkIndex(value, index);
      return value[index]!;
    },
  ),
  define("set_byte", [bytea, int4, int4], bytea, (args) => {
    const [value, index, byte] = args as [Uint8Array, number, number];
    checkIndex(value, index);
    const result = value.slice();
    result[index] = byte;
    return result;
  }),
  unary<string>("md5", text, text, (value) => md5(utf8Encode(value))),
  unary<Uint8Array>("md5", bytea, text, md5),
  digest("sha224", "sha224"),
  digest("sha256", "sha256"),
  digest("sha384", "sha384"),
  digest("sha512", "sha512"),
  unary<Uint8Array>("crc32c", bytea, int8, (value) => crc32c(value)),
  binary<string, string>(
    "convert_to",
    [text, name],
    bytea,
    (value, encoding) => {
      checkEncoding(encoding, "destination");
      return utf8Encode(value);
    },
    { volatility: "stable" },
  ),
  binary<Uint8Array, string>(
    "convert_from",
    [bytea, name],
    text,
    (value, encoding) => {
      checkEncoding(encoding, "source");
      return textOfBytes(value);
    },
    { volatility: "stable" },
  ),
  unary<string>("uuid_extract_timestamp", uuid, timestamptz, timestampOfUuid),
  unary<string>("uuid_extract_version", uuid, int2, versionOfUuid),
];

/** UTF8, however its name is written: signs are left out of it. */
function checkEncoding(name: string, role: "source" | "destination"): void {
  if (/^(utf8|unicode)$/i.test(name.replaceAll(/[^0-9A-Za-z]/g, ""))) return;
  throw new SqlError("22023", `invalid ${role} encoding name "${name}"`);
}
