/**
 * Which rows go together under PARTITION BY HASH: PostgreSQL's hash functions
 * with their seed, so that rows lie in the partitions that they have there.
 *
 * Bob Jenkins' lookup3 (hash_bytes_extended), combined over the columns; NULL
 * adds nothing. A type without a hash of its own is hashed by its text.
 *
 * @module
 */
import { utf8Encode } from "../../../base/bytes.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";

const SEED = 0x7a5b22367996dcfdn;
const MASK = 0xffff_ffff_ffff_ffffn;
const COMBINE = 0x49a0f4dd15e5a8e3n;

/** The hash of the values of a partition key. */
export function partitionHash(
  types: readonly DataType[],
  values: readonly Nullable[],
): bigint {
  let all = 0n;
  values.forEach((value, i) => {
    if (value === null) return;
    const hash = hashOf(types[i]!, value);
    all = (all ^
      ((hash + COMBINE + ((all << 54n) & MASK) + (all >> 7n)) & MASK)) & MASK;
  });
  return all;
}

function hashOf(type: DataType, value: SqlValue): bigint {
  const { sortKey } = type;
  if (sortKey !== undefined) return hashOf(sortKey.type, sortKey.of(value));
  const { name } = type.storedAs ?? type;
  switch (name) {
    case "int2":
    case "int4":
    case "date":
    case "oid":
      return hashWord(Number(value) | 0);
    case "bool":
      return hashWord(value === true ? 1 : 0);
    case "int8":
    case "time":
    case "timestamp":
    case "timestamptz":
      return hashLong(value);
    case "float4":
    case "float8":
      return hashDouble(Number(value));
    case "uuid":
      return hashBytes(uuidBytes(String(value)));
    case "numeric":
      return hashNumeric(type.output(value));
    case "bytea":
      return hashBytes(value as Uint8Array);
    case "bpchar":
      return hashBytes(utf8Encode(String(value).trimEnd()));
    default:
      return hashBytes(
        utf8Encode(typeof value === "string" ? value : type.output(value)),
      );
  }
}

/** hashint8extended: as hashint4 for what fits. */
function hashLong(value: SqlValue): bigint {
  const long = value === Infinity
    ? 0x7fff_ffff_ffff_ffffn
    : value === -Infinity
    ? -0x8000_0000_0000_0000n
    : BigInt(value as number | bigint);
  const low = Number(BigInt.asIntN(32, long));
  const high = Number(BigInt.asIntN(32, long >> 32n));
  return hashWord(low ^ (long >= 0n ? high : ~high));
}

function hashDouble(value: number): bigint {
  if (value === 0) return SEED;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return hashBytes(bytes);
}

function uuidBytes(text: string): Uint8Array {
  const digits = text.replaceAll("-", "");
  return Uint8Array.from(
    { length: 16 },
    (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

/** hash_numeric_extended: the digits in base 10000, and their weight. */
function hashNumeric(text: string): bigint {
  if (!/[0-9]/.test(text)) return SEED;
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, "0");
  const right = fraction.padEnd(Math.ceil(fraction.length / 4) * 4, "0");
  const digits = (left + right).match(/.{4}/g)?.map(Number) ?? [];
  let weight = left.length / 4 - 1;
  let start = 0;
  while (start < digits.length && digits[start] === 0) {
    start++;
    weight--;
  }
  let end = digits.length;
  while (end > start && digits[end - 1] === 0) end--;
  if (start === end) return SEED - 1n;
  const bytes = new Uint8Array(2 * (end - start));
  const view = new DataView(bytes.buffer);
  for (let i = start; i < end; i++) {
    view.setInt16(2 * (i - start), digits[i]!, true);
  }
  return (hashBytes(bytes) ^ BigInt.asUintN(64, BigInt(weight))) & MASK;
}

/** The state of lookup3 with the seed mixed in. */
function seeded(length: number): Uint32Array {
  const start = (0x9e3779b9 + length + 3923095) >>> 0;
  const state = Uint32Array.of(start, start, start);
  state[0]! += Number(SEED >> 32n);
  state[1]! += Number(SEED & 0xffff_ffffn);
  mix(state);
  return state;
}

function hashWord(word: number): bigint {
  const state = seeded(4);
  state[0]! += word;
  return finish(state);
}

function hashBytes(bytes: Uint8Array): bigint {
  const state = seeded(bytes.length);
  const padded = new Uint8Array(12);
  const word = (from: Uint8Array, at: number): number =>
    from[at]! | (from[at + 1]! << 8) | (from[at + 2]! << 16) |
    (from[at + 3]! << 24);
  let at = 0;
  for (; bytes.length - at >= 12; at += 12) {
    state[0]! += word(bytes, at);
    state[1]! += word(bytes, at + 4);
    state[2]! += word(bytes, at + 8);
    mix(state);
  }
  padded.set(bytes.subarray(at));
  state[0]! += word(padded, 0);
  state[1]! += word(padded, 4);
  // The lowest byte of the last word is the length's.
  state[2]! += word(padded, 8) << 8;
  return finish(state);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function mix(state: Uint32Array): void {
  let [a, b, c] = state as unknown as [number, number, number];
  a = (a - c) ^ rotate(c, 4);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 6);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 8);
  b = (b + a) | 0;
  a = (a - c) ^ rotate(c, 16);
  c = (c + b) | 0;
  b = (b - a) ^ rotate(a, 19);
  a = (a + c) | 0;
  c = (c - b) ^ rotate(b, 4);
  b = (b + a) | 0;
  state.set([a, b, c]);
}

function finish(state: Uint32Array): bigint {
  let [a, b, c] = state as unknown as [number, number, number];
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return (BigInt(b >>> 0) << 32n) | BigInt(c >>> 0);
}
