/**
 * Values as bytes whose order is the order of the values.
 *
 * | type | bytes |
 * | --- | --- |
 * | `bool` | 0 or 1 |
 * | integers, `oid`, `date`, `time`, `timetz`, timestamps, `money`, `tid`, `xid8`, `pg_lsn` | a header, then n = 0 to 8 bytes big-endian without redundant ones: header 128 + n and the value if it is not negative, header 127 - n and the value's complement inverted if it is; 0 is 128. Infinite timestamps: header 137 and 118, n = 0 |
 * | `float4`, `float8` | 4 or 8 bytes big-endian, the sign bit flipped, all bits if negative; -0 as 0, one NaN above all |
 * | text, bit strings | UTF-8, then 0; `bpchar` without blanks at its end, `citext` in lower case, `ltree` with 1 for its points |
 * | `bytea`, `macaddr`, `macaddr8` | the bytes, 0 as 0 255; then 0 1 |
 * | `inet`, `cidr` | see `network_key.ts` |
 * | `uuid` | 16 bytes |
 * | `numeric` | class: 1 -Infinity, 2 negative, 3 zero, 4 positive, 5 Infinity, 6 NaN. 2 and 4 go on: exponent E as an integer, then pairs of digits as 1 to 100, then 0, for the value 0.d1d2d3… × 100^E; all inverted for class 2 |
 * | `vector` `halfvec` | 1 and 4 bytes a component (as `float4`), then 0 |
 * | `sparsevec` | each element and then the dimensions, see `vector_key.ts` |
 * | arrays | each element: 1 and its form, or 2 for NULL; then 0; then the number of dimensions, their lengths, their lower bounds, as integers |
 * | ranges | 0: empty; 1, then both bounds: 0 or 2 for an infinite one, else 1, the value, and 0, 1, 2 for just below it, at it, just above it |
 * | rows | see `row_key_bytes.ts` |
 * | multiranges | each range: 1 and its form; then 0 |
 * | types of applications that are ordered by a key | the key's form: it does not say what the value was |
 *
 * Every form says where it ends, and none is the beginning of another of its
 * type, so that forms can stand one behind the other. A form read backwards
 * gives a value that is equal to the one written, and the same one but for:
 * -0 (0), the scale of a `numeric` (shortest), blanks at the end of a `bpchar`
 * (none), the case of a `citext` (lower).
 *
 * Text orders by UTF-8 bytes, the collation "C". `json`, `jsonb` and `interval`
 * have no form, nor have arrays and rows of them.
 *
 * @module
 */
import type { ByteWriter } from "../../base/bytes.ts";
import type { SparseVector } from "../../vector/types/sparse_vector.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  DataType,
  RangeKind,
  RowField,
  RowValue,
  SortKey,
  SqlValue,
} from "../types/data_type.ts";
import type { SqlArray } from "../types/array/array_value.ts";
import type { SqlMultirange, SqlRange } from "../types/range/range_value.ts";
import type { Numeric } from "../types/numeric.ts";
import { trimBlanks } from "../types/text_types.ts";
import { foldCase } from "../types/extensions/citext_type.ts";
import { writeKeyNetwork } from "./network_key.ts";
import { writeRowKey } from "./row_key_bytes.ts";
import { utf8BytesMax, writeText } from "./text_bytes.ts";
import { writeFloat4, writeKeySparse, writeKeyVector } from "./vector_key.ts";
import { writeUuid } from "./value_writer.ts";

/** The forms, as small numbers for `switch`. */
export const FORM = {
  bool: 0,
  integer: 1,
  float4: 2,
  float8: 3,
  text: 4,
  bpchar: 5,
  bytea: 6,
  uuid: 7,
  numeric: 8,
  vector: 9,
  sparse: 10,
  network: 11,
  /** Text in lower case. */
  folded: 12,
  /** Labels with points between them. */
  path: 13,
} as const;

/** The form of an array: its elements'. */
export interface ArrayForm {
  readonly element: KeyForm;
}

/** The form of a range: its bounds'. */
export interface RangeForm {
  readonly range: RangeKind;
  readonly bound: KeyForm;
}

/** The form of a multirange: its ranges'. */
export interface MultirangeForm {
  readonly ranges: RangeForm;
}

/** The form of a row: its fields'. */
export interface RowForm {
  readonly fields: readonly KeyForm[];
}

/** The form of values that another's order is for: their keys'. */
export interface SortKeyForm {
  readonly sortKey: SortKey;
  readonly form: KeyForm;
}

/** The form of a type's values. */
export type KeyForm =
  | (typeof FORM)[keyof typeof FORM]
  | ArrayForm
  | RangeForm
  | MultirangeForm
  | RowForm
  | SortKeyForm;

const FORMS: Readonly<Record<string, KeyForm>> = {
  bool: FORM.bool,
  int2: FORM.integer,
  int4: FORM.integer,
  int8: FORM.integer,
  oid: FORM.integer,
  date: FORM.integer,
  time: FORM.integer,
  timetz: FORM.integer,
  timestamp: FORM.integer,
  timestamptz: FORM.integer,
  float4: FORM.float4,
  float8: FORM.float8,
  text: FORM.text,
  varchar: FORM.text,
  name: FORM.text,
  bit: FORM.text,
  varbit: FORM.text,
  bpchar: FORM.bpchar,
  bytea: FORM.bytea,
  uuid: FORM.uuid,
  numeric: FORM.numeric,
  vector: FORM.vector,
  halfvec: FORM.vector,
  sparsevec: FORM.sparse,
  money: FORM.integer,
  tid: FORM.integer,
  xid8: FORM.integer,
  "pg_lsn": FORM.integer,
  macaddr: FORM.bytea,
  macaddr8: FORM.bytea,
  inet: FORM.network,
  cidr: FORM.network,
  citext: FORM.folded,
  ltree: FORM.path,
};

function formOf(type: DataType): KeyForm | undefined {
  if (type.comparable === false) return undefined;
  const { sortKey } = type;
  if (sortKey !== undefined) {
    const form = formOf(sortKey.type);
    return form === undefined ? undefined : { sortKey, form };
  }
  if (type.range !== undefined) return rangeFormOf(type.range);
  if (type.multirangeOf !== undefined) {
    const ranges = rangeFormOf(type.multirangeOf.range!);
    return ranges && { ranges };
  }
  if (type.fields !== undefined) return rowFormOf(type.fields);
  if (type.element === undefined) return FORMS[(type.storedAs ?? type).name];
  const element = formOf(type.element);
  return element === undefined ? undefined : { element };
}

function rangeFormOf(range: RangeKind): RangeForm | undefined {
  const bound = formOf(range.subtype);
  return bound === undefined ? undefined : { range, bound };
}

function rowFormOf(fields: readonly RowField[]): RowForm | undefined {
  const forms: KeyForm[] = [];
  for (const { type } of fields) {
    const form = formOf(type.type);
    if (form === undefined) return undefined;
    forms.push(form);
  }
  return { fields: forms };
}

/** Whether values of the type can be in a key. */
export function isKeyType(type: DataType): boolean {
  return formOf(type) !== undefined;
}

/**
 * The form of a type's values.
 *
 * @throws {SqlError} `42704` when it has none: no ordered index can have it.
 */
export function keyFormOf(type: DataType): KeyForm {
  const form = formOf(type);
  if (form === undefined) {
    throw new SqlError(
      "42704",
      `data type ${type.displayName} has no default operator class for access method "btree"`,
      {
        hint: "You must specify an operator class for the index or define a " +
          "default operator class for the data type.",
      },
    );
  }
  return form;
}

/** What stands for the points of an `ltree`: less than all in labels. */
export const PATH_MARK = "\x01";

/** Writes a value's form at the writer's end. */
export function writeKeyValue(
  writer: ByteWriter,
  form: KeyForm,
  value: SqlValue,
): void {
  if (typeof form === "object") return writeCompoundKey(writer, form, value);
  switch (form) {
    case FORM.bool:
      return writer.u8(value === true ? 1 : 0);
    case FORM.integer:
      return writeInteger(writer, value as number | bigint);
    case FORM.float4:
      return writeFloat4(writer, value as number);
    case FORM.float8:
      return writeFloat8(writer, value as number);
    case FORM.text:
      return writeKeyText(writer, value as string);
    case FORM.bpchar:
      return writeKeyText(writer, trimBlanks(value as string));
    case FORM.folded:
      return writeKeyText(writer, foldCase(value as string));
    case FORM.path:
      return writeKeyText(writer, (value as string).replaceAll(".", PATH_MARK));
    case FORM.bytea:
      return writeKeyBytes(writer, value as Uint8Array);
    case FORM.uuid: {
      const at = writer.reserve(16);
      writeUuid(value as string, writer.memory, at);
      return;
    }
    case FORM.numeric:
      return writeKeyNumeric(writer, value as Numeric);
    case FORM.vector:
      return writeKeyVector(writer, value as Float32Array);
    case FORM.sparse:
      return writeKeySparse(writer, value as SparseVector);
    case FORM.network:
      return writeKeyNetwork(writer, value as Uint8Array);
  }
}

/** The header of zero; positive ones are above it, negative ones below. */
export const INTEGER_ZERO = 128;
/** The header of Infinity. */
export const INTEGER_INFINITY = 137;
/** The header of -Infinity. */
export const INTEGER_NEGATIVE_INFINITY = 118;

function writeInteger(writer: ByteWriter, value: number | bigint): void {
  if (typeof value === "bigint") return writeBigInteger(writer, value);
  if (value >= 0) {
    if (value === Infinity) return writer.u8(INTEGER_INFINITY);
    const size = byteCount(value);
    writer.u8(INTEGER_ZERO + size);
    return writeBytes(writer, value, size, 0);
  }
  if (value === -Infinity) return writer.u8(INTEGER_NEGATIVE_INFINITY);
  // -1 has the complement 0, so that nothing but the header is left of it.
  const complement = -1 - value;
  const size = byteCount(complement);
  writer.u8(INTEGER_ZERO - 1 - size);
  writeBytes(writer, complement, size, 255);
}

/** How many bytes a safe integer that is not negative takes. */
function byteCount(value: number): number {
  if (value < 0x1_0000_0000) {
    return value === 0 ? 0 : 4 - (Math.clz32(value) >>> 3);
  }
  return 8 - (Math.clz32(Math.floor(value / 0x1_0000_0000)) >>> 3);
}

function writeBytes(
  writer: ByteWriter,
  value: number,
  size: number,
  mask: number,
): void {
  const at = writer.reserve(size);
  const bytes = writer.memory;
  let rest = value;
  for (let i = size - 1; i >= 0; i--) {
    bytes[at + i] = (rest % 256) ^ mask;
    rest = Math.floor(rest / 256);
  }
}

/** Beyond safe integers there are seven or eight bytes. */
function writeBigInteger(writer: ByteWriter, value: bigint): void {
  const magnitude = value < 0n ? -1n - value : value;
  const size = magnitude < 2n ** 56n ? 7 : 8;
  writer.u8(value < 0n ? INTEGER_ZERO - 1 - size : INTEGER_ZERO + size);
  const at = writer.reserve(size);
  const bytes = writer.memory;
  const mask = value < 0n ? 255 : 0;
  for (let i = 0; i < size; i++) {
    const shift = BigInt(8 * (size - 1 - i));
    bytes[at + i] = Number((magnitude >> shift) & 255n) ^ mask;
  }
}

function writeFloat8(writer: ByteWriter, value: number): void {
  const at = writer.reserve(8);
  const view = writer.memoryView;
  view.setFloat64(at, value !== value ? NaN : value + 0);
  const high = view.getInt32(at);
  if (high < 0) {
    view.setInt32(at, ~high);
    view.setInt32(at + 4, ~view.getInt32(at + 4));
  } else {
    view.setInt32(at, high ^ 0x8000_0000);
  }
}

function writeKeyText(writer: ByteWriter, value: string): void {
  const at = writer.reserve(utf8BytesMax(value) + 1);
  const end = writeText(value, writer.memory, at);
  writer.memory[end] = 0;
  writer.truncate(end + 1);
}

function writeKeyBytes(writer: ByteWriter, value: Uint8Array): void {
  let at = writer.reserve(value.length * 2 + 2);
  const bytes = writer.memory;
  for (let i = 0; i < value.length; i++) {
    const byte = value[i]!;
    bytes[at++] = byte;
    if (byte === 0) bytes[at++] = 255;
  }
  bytes[at++] = 0;
  bytes[at++] = 1;
  writer.truncate(at);
}

/** The classes of a numeric, in order. */
export const NUMERIC_CLASS = {
  negativeInfinity: 1,
  negative: 2,
  zero: 3,
  positive: 4,
  infinity: 5,
  nan: 6,
} as const;

function writeKeyNumeric(writer: ByteWriter, value: Numeric): void {
  switch (value.kind) {
    case "-infinity":
      return writer.u8(NUMERIC_CLASS.negativeInfinity);
    case "infinity":
      return writer.u8(NUMERIC_CLASS.infinity);
    case "nan":
      return writer.u8(NUMERIC_CLASS.nan);
    case "finite":
      break;
  }
  if (value.unscaled === 0n) return writer.u8(NUMERIC_CLASS.zero);
  const negative = value.unscaled < 0n;
  writer.u8(negative ? NUMERIC_CLASS.negative : NUMERIC_CLASS.positive);
  const start = writer.length;
  writeMagnitude(writer, value);
  if (negative) invertBytes(writer, start);
}

/** 0.d1d2d3… × 100^E, each d from 0 to 99, the last one not 0. */
function writeMagnitude(writer: ByteWriter, value: Numeric): void {
  const digits = value.digits().replace(/0+$/, "");
  const allDigits = value.digits().length;
  // The decimal point stands `point` digits to the right of the first one.
  const point = allDigits - value.scale;
  const exponent = Math.ceil(point / 2);
  const padded = exponent * 2 > point ? `0${digits}` : digits;
  writeInteger(writer, exponent);
  const pairs = Math.ceil(padded.length / 2);
  const at = writer.reserve(pairs + 1);
  const bytes = writer.memory;
  for (let i = 0; i < pairs; i++) {
    const tens = padded.charCodeAt(2 * i) - 48;
    const ones = 2 * i + 1 < padded.length
      ? padded.charCodeAt(2 * i + 1) - 48
      : 0;
    bytes[at + i] = tens * 10 + ones + 1;
  }
  bytes[at + pairs] = 0;
}

function writeCompoundKey(
  writer: ByteWriter,
  form: Exclude<KeyForm, number>,
  value: SqlValue,
): void {
  if ("element" in form) {
    return writeKeyArray(writer, form.element, value as SqlArray);
  }
  if ("bound" in form) return writeKeyRange(writer, form, value as SqlRange);
  if ("fields" in form) {
    return writeRowKey(
      writer,
      value as RowValue,
      (field, item) => writeKeyValue(writer, form.fields[field]!, item),
    );
  }
  if ("sortKey" in form) {
    return writeKeyValue(writer, form.form, form.sortKey.of(value));
  }
  for (const range of (value as SqlMultirange).ranges) {
    writer.u8(ARRAY_MARK.value);
    writeKeyRange(writer, form.ranges, range);
  }
  writer.u8(ARRAY_MARK.end);
}

/** What a range begins with. */
export const RANGE_MARK = { empty: 0, bounds: 1 } as const;

/** What a bound begins with: below all values, a value, above all. */
export const BOUND_MARK = { lowest: 0, value: 1, highest: 2 } as const;

/** Just below its value, at it, or just above it. */
export const BOUND_SIDE = { below: 0, at: 1, above: 2 } as const;

function writeKeyRange(
  writer: ByteWriter,
  form: RangeForm,
  range: SqlRange,
): void {
  if (range.isEmpty) return writer.u8(RANGE_MARK.empty);
  writer.u8(RANGE_MARK.bounds);
  for (const { value, inclusive, isLower } of [range.lower, range.upper]) {
    if (value === null) {
      writer.u8(isLower ? BOUND_MARK.lowest : BOUND_MARK.highest);
      continue;
    }
    writer.u8(BOUND_MARK.value);
    writeKeyValue(writer, form.bound, value);
    const outside = isLower ? BOUND_SIDE.above : BOUND_SIDE.below;
    writer.u8(inclusive ? BOUND_SIDE.at : outside);
  }
}

/** What stands before an element of an array, and behind the last one. */
export const ARRAY_MARK = { end: 0, value: 1, null: 2 } as const;

function writeKeyArray(
  writer: ByteWriter,
  form: KeyForm,
  { elements, dims, lowerBounds }: SqlArray,
): void {
  for (const element of elements) {
    if (element === null) {
      writer.u8(ARRAY_MARK.null);
    } else {
      writer.u8(ARRAY_MARK.value);
      writeKeyValue(writer, form, element);
    }
  }
  writer.u8(ARRAY_MARK.end);
  writeInteger(writer, dims.length);
  for (const length of dims) writeInteger(writer, length);
  for (const bound of lowerBounds) writeInteger(writer, bound);
}

/** Inverts what was written from `start` on: the order the other way round. */
export function invertBytes(writer: ByteWriter, start: number): void {
  const bytes = writer.memory;
  for (let i = start; i < writer.length; i++) bytes[i] = ~bytes[i]!;
}
