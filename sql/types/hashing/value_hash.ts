/**
 * The hash of a value as PostgreSQL's hash functions of its type give it.
 *
 * With seed 0 the lower 32 bits are those of the functions without a seed.
 *
 * | type | hashed |
 * | --- | --- |
 * | integers, dates, times | the number; `int8` as `int4` where it fits |
 * | floats | the bytes of the double; both zeros are the seed |
 * | `numeric` | its digits in base 10000, whatever its scale |
 * | texts, `bytea`, `uuid`, addresses | the bytes |
 * | arrays, rows, ranges | the hashes of the parts, one after the other |
 *
 * @module
 */
import { utf8Encode } from "../../../base/bytes.ts";
import type { SqlArray } from "../array/array_value.ts";
import type { DataType, Nullable, SqlValue } from "../data_type.ts";
import type { Interval } from "../interval.ts";
import type { SqlMultirange, SqlRange } from "../range/range_value.ts";
import type { SqlRow } from "../row/row_value.ts";
import { zonedTimeOf } from "../timetz_type.ts";
import { hashBytes, hashWord } from "./lookup3.ts";

const MASK = 0xffff_ffff_ffff_ffffn;

/** Types that are hashed as words of 32 bits. */
const WORDS: ReadonlySet<string> = new Set(
  "int2 int4 date oid xid cid regclass regtype regproc".split(" "),
);
/** Types that are hashed as words of 64 bits. */
const LONGS: ReadonlySet<string> = new Set(
  "int8 time timestamp timestamptz xid8 money".split(" "),
);
const TEXTS: ReadonlySet<string> = new Set("text varchar name".split(" "));

/** The hash; `undefined` for a type that has none. */
export function hashOfValue(
  type: DataType,
  value: SqlValue,
  seed: bigint,
): bigint | undefined {
  const { name } = type.storedAs ?? type;
  if (WORDS.has(name)) return hashWord(Number(value) | 0, seed);
  if (LONGS.has(name)) return hashLong(value as number | bigint, seed);
  if (TEXTS.has(name)) return hashBytes(utf8Encode(String(value)), seed);
  if (type.category === "E") return undefined;
  switch (name) {
    case "bool":
      return hashWord(value === true ? 1 : 0, seed);
    case "char":
      return hashWord(signedByteOf(String(value)), seed);
    case "float4":
    case "float8":
      return hashDouble(Number(value), seed);
    case "uuid":
      return hashBytes(uuidBytes(String(value)), seed);
    case "numeric":
      return hashNumeric(type.output(value), seed);
    case "bytea":
      return hashBytes(value as Uint8Array, seed);
    case "bpchar":
      return hashBytes(utf8Encode(String(value).replace(/ +$/, "")), seed);
    case "timetz":
      return hashZonedTime(value, seed);
    case "interval":
      return hashLong(BigInt.asIntN(64, (value as Interval).total()), seed);
    case "inet":
    case "cidr":
      return hashAddress(value as Uint8Array, seed);
    case "macaddr":
    case "macaddr8":
      return hashBytes(hardwareBytes(type.output(value)), seed);
    case "pg_lsn":
      return hashLong(lsnOf(type.output(value)), seed);
  }
  return hashParts(type, value, seed);
}

/** The byte that a `"char"` is, in octal beyond ASCII. */
function signedByteOf(text: string): number {
  const byte = /^\\[0-7]{3}$/.test(text)
    ? parseInt(text.slice(1), 8)
    : utf8Encode(text)[0] ?? 0;
  return (byte << 24) >> 24;
}

/** As of an `int4` for what fits. */
function hashLong(value: number | bigint, seed: bigint): bigint {
  const long = value === Infinity
    ? 0x7fff_ffff_ffff_ffffn
    : value === -Infinity
    ? -0x8000_0000_0000_0000n
    : BigInt(value);
  const low = Number(BigInt.asIntN(32, long));
  const high = Number(BigInt.asIntN(32, long >> 32n));
  return hashWord(low ^ (long >= 0n ? high : ~high), seed);
}

function hashDouble(value: number, seed: bigint): bigint {
  if (value === 0) return seed;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return hashBytes(bytes, seed);
}

function hashZonedTime(value: SqlValue, seed: bigint): bigint {
  const { micros, offsetSeconds } = zonedTimeOf(value);
  return hashLong(micros, seed) ^ hashWord(0 - offsetSeconds, seed);
}

/** Family, mask and address. */
function hashAddress(value: Uint8Array, seed: bigint): bigint {
  const family = value.length === 5 ? 2 : 3;
  return hashBytes(Uint8Array.of(family, ...value), seed);
}

function hardwareBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(":"), (part) => parseInt(part, 16));
}

function lsnOf(text: string): bigint {
  const [high, low] = text.split("/") as [string, string];
  return BigInt.asIntN(64, BigInt(`0x${high}`) << 32n | BigInt(`0x${low}`));
}

function uuidBytes(text: string): Uint8Array {
  const digits = text.replaceAll("-", "");
  return Uint8Array.from(
    { length: 16 },
    (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

/** Of a number: the digits in base 10000, and their weight. */
function hashNumeric(text: string, seed: bigint): bigint {
  if (!/[0-9]/.test(text)) return seed;
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
  if (start === end) return (seed - 1n) & MASK;
  const bytes = new Uint8Array(2 * (end - start));
  const view = new DataView(bytes.buffer);
  for (let i = start; i < end; i++) {
    view.setInt16(2 * (i - start), digits[i]!, true);
  }
  return (hashBytes(bytes, seed) ^ BigInt.asUintN(64, BigInt(weight))) & MASK;
}

/** Of a value made of parts; `undefined` where a part's type has none. */
function hashParts(
  type: DataType,
  value: SqlValue,
  seed: bigint,
): bigint | undefined {
  if (type.element !== undefined) {
    const { elements } = value as SqlArray;
    return sequence(elements.map(() => type.element!), elements, 1n, seed);
  }
  if (type.multirangeOf !== undefined) {
    let all = 1n;
    for (const range of (value as SqlMultirange).ranges) {
      const hash = hashRange(type.multirangeOf.range!.subtype, range, seed);
      if (hash === undefined) return;
      all = (all * 31n + hash) & MASK;
    }
    return all;
  }
  if (type.range !== undefined) {
    return hashRange(type.range.subtype, value as SqlRange, seed);
  }
  if (type.name !== "record" && type.category !== "C") return;
  const { fields, values } = value as SqlRow;
  return sequence(fields.map((field) => field.type.type), values, 0n, seed);
}

/** The parts' hashes, each times a power of 31; NULL counts 0. */
function sequence(
  types: readonly DataType[],
  values: readonly Nullable[],
  start: bigint,
  seed: bigint,
): bigint | undefined {
  let all = start;
  for (let i = 0; i < values.length; i++) {
    const part = values[i]!;
    const hash = part === null ? 0n : hashOfValue(types[i]!, part, seed);
    if (hash === undefined) return;
    all = (all * 31n + hash) & MASK;
  }
  return all;
}

const RANGE_FLAGS = {
  empty: 1,
  lowerInclusive: 2,
  upperInclusive: 4,
  lowerInfinite: 8,
  upperInfinite: 16,
} as const;

/** The flags, each half turned by a bit after the lower bound. */
function hashRange(
  subtype: DataType,
  range: SqlRange,
  seed: bigint,
): bigint | undefined {
  const { lower, upper, isEmpty } = range;
  const boundHash = (value: Nullable): bigint | undefined =>
    value === null || isEmpty ? 0n : hashOfValue(subtype, value, seed);
  const flags = isEmpty
    ? RANGE_FLAGS.empty
    : (lower.inclusive ? RANGE_FLAGS.lowerInclusive : 0) |
      (upper.inclusive ? RANGE_FLAGS.upperInclusive : 0) |
      (lower.value === null ? RANGE_FLAGS.lowerInfinite : 0) |
      (upper.value === null ? RANGE_FLAGS.upperInfinite : 0);
  const [below, above] = [boundHash(lower.value), boundHash(upper.value)];
  if (below === undefined || above === undefined) return;
  return turned(hashWord(flags, seed) ^ below) ^ above;
}

function turned(hash: bigint): bigint {
  const half = (bits: bigint): bigint =>
    ((bits << 1n) | (bits >> 31n)) & 0xffff_ffffn;
  return half(hash >> 32n) << 32n | half(hash & 0xffff_ffffn);
}
