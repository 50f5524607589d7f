/**
 * Values in PostgreSQL's binary form: what its protocol and binary COPY carry.
 *
 * | type | bytes, in network order |
 * | --- | --- |
 * | `bool` | 1 |
 * | `int2` `int4` `int8` `oid` `float4` `float8` | the number |
 * | `date` `time` `timestamp` `timestamptz` | days, or microseconds, since 2000 or midnight |
 * | `timetz` | microseconds (8), seconds west of Greenwich (4) |
 * | `interval` | microseconds (8), days (4), months (4) |
 * | `numeric` | see `binary_numeric.ts` |
 * | text and most others | the text form in UTF-8 |
 * | `bytea` | the bytes |
 * | `uuid` `macaddr` `macaddr8` | 16, 6, 8 |
 * | `money` `xid8` `pg_lsn` | 8 |
 * | `xid` `cid` | 4 |
 * | `"char"` | 1 |
 * | `point` and its kin | see `binary_shapes.ts` |
 * | `pg_snapshot` | see `binary_snapshot.ts` |
 * | `tid` | the block (4), the place in it (2) |
 * | `inet` `cidr` | see `binary_network.ts` |
 * | `jsonb` `jsonpath` | 1, then the text |
 * | `bit` `varbit` | the number of bits (4), then the bits |
 * | `vector` `halfvec` | the number of components (2), 0 (2), the components |
 * | `sparsevec` | dimensions, components, 0 (4 each), indices, components |
 * | `tsvector` `tsquery` | see `binary_search.ts` |
 * | arrays | dimensions (4), whether there are NULLs (4), the elements' type (4), length and lower bound of each dimension (4 each), the elements |
 * | rows | the number of fields (4), each behind its type (4) |
 * | ranges | flags: 1 empty, 2 and 4 inclusive, 8 and 16 infinite; then the bounds |
 * | multiranges | the number of ranges (4), then the ranges |
 *
 * A part of a value stands behind its length in 4 bytes; -1 is NULL.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { checkDimensions, SqlArray } from "../../types/array/array_value.ts";
import type {
  DataType,
  InputContext,
  Nullable,
  RangeBound,
  SqlValue,
} from "../../types/data_type.ts";
import { SqlMultirange, SqlRange } from "../../types/range/range_value.ts";
import { isRowType } from "../../types/row/row_type.ts";
import { SqlRow } from "../../types/row/row_value.ts";
import { badBinary, BinaryReader, BinaryWriter } from "./binary_bytes.ts";
import { readScalar, writeScalar } from "./binary_scalars.ts";

/** A parameter that is given in its binary form. */
export class BinaryValue {
  /** The bytes. */
  readonly bytes: Uint8Array;

  /** A parameter of these bytes. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** A parameter that is given as PostgreSQL's text, whatever its type. */
export class TextValue {
  /** The text. */
  readonly text: string;

  /** A parameter of this text. */
  constructor(text: string) {
    this.text = text;
  }
}

/** The binary form of a value, which is not NULL. */
export function encodeBinary(type: DataType, value: SqlValue): Uint8Array {
  const writer = new BinaryWriter();
  writeBinary(writer, type, value);
  return writer.finish();
}

/** Writes the binary form of a value. */
export function writeBinary(
  writer: BinaryWriter,
  type: DataType,
  value: SqlValue,
): void {
  if (type.element !== undefined) {
    writeArray(writer, type.element, value as SqlArray);
  } else if (type.range !== undefined) {
    writeRange(writer, type.range.subtype, value as SqlRange);
  } else if (type.multirangeOf !== undefined) {
    const { ranges } = value as SqlMultirange;
    const { subtype } = type.multirangeOf.range!;
    writer.i32(ranges.length);
    for (const range of ranges) {
      writer.sized(() => writeRange(writer, subtype, range as SqlRange));
    }
  } else if (isRowType(type)) {
    const { fields, values } = value as SqlRow;
    writer.i32(fields.length);
    fields.forEach((field, i) => {
      writer.i32(field.type.type.oid);
      writePart(writer, field.type.type, values[i]!);
    });
  } else {
    writeScalar(writer, type, value);
  }
}

/** A part behind its length. */
function writePart(
  writer: BinaryWriter,
  type: DataType,
  value: Nullable,
): void {
  if (value === null) writer.i32(-1);
  else writer.sized(() => writeBinary(writer, type, value));
}

function writeArray(
  writer: BinaryWriter,
  element: DataType,
  { dims, lowerBounds, elements }: SqlArray,
): void {
  writer.i32(dims.length);
  writer.i32(elements.includes(null) ? 1 : 0);
  writer.i32(element.oid);
  dims.forEach((length, i) => {
    writer.i32(length);
    writer.i32(lowerBounds[i]!);
  });
  for (const item of elements) writePart(writer, element, item);
}

const EMPTY = 1;
const LOWER = { inclusive: 2, infinite: 8 };
const UPPER = { inclusive: 4, infinite: 16 };

function writeRange(
  writer: BinaryWriter,
  subtype: DataType,
  { isEmpty, lower, upper }: SqlRange,
): void {
  if (isEmpty) return writer.u8(EMPTY);
  writer.u8(flagsOf(lower, LOWER) | flagsOf(upper, UPPER));
  if (lower.value !== null) writePart(writer, subtype, lower.value);
  if (upper.value !== null) writePart(writer, subtype, upper.value);
}

function flagsOf({ value, inclusive }: RangeBound, bits: typeof LOWER): number {
  if (value === null) return bits.infinite;
  return inclusive ? bits.inclusive : 0;
}

/**
 * The value in binary form.
 *
 * @throws {SqlError} `22P03`, `08P01`, `22021` and what the type's own input
 * throws, when they are none.
 */
export function decodeBinary(
  type: DataType,
  bytes: Uint8Array,
  context?: InputContext,
): SqlValue {
  const reader = new BinaryReader(bytes);
  const value = readBinary(reader, type, context);
  reader.end();
  return value;
}

function readBinary(
  reader: BinaryReader,
  type: DataType,
  context: InputContext | undefined,
): SqlValue {
  if (type.element !== undefined) {
    return readArray(reader, type.element, context);
  }
  if (type.range !== undefined) return readRange(reader, type, context);
  if (type.multirangeOf !== undefined) {
    const { range } = type.multirangeOf;
    const ranges: SqlRange[] = [];
    for (let left = reader.i32(); left > 0; left--) {
      const part = new BinaryReader(reader.sized() ?? new Uint8Array());
      ranges.push(readRange(part, type.multirangeOf, context));
      part.end();
    }
    return SqlMultirange.of(range!, ranges);
  }
  if (isRowType(type)) return readRow(reader, type, context);
  return readScalar(reader, type, context);
}

function readPart(
  reader: BinaryReader,
  type: DataType,
  context: InputContext | undefined,
): Nullable {
  const bytes = reader.sized();
  return bytes === undefined ? null : decodeBinary(type, bytes, context);
}

function readArray(
  reader: BinaryReader,
  element: DataType,
  context: InputContext | undefined,
): SqlValue {
  const count = reader.i32();
  if (count < 0 || count > 6) {
    throw new SqlError(
      count < 0 ? "22P03" : "54000",
      count < 0
        ? `invalid number of dimensions: ${count}`
        : `number of array dimensions (${count}) exceeds the maximum allowed (6)`,
    );
  }
  const flags = reader.i32();
  if (flags !== 0 && flags !== 1) {
    throw new SqlError("22P03", "invalid array flags");
  }
  const given = reader.u32();
  if (given !== element.oid) {
    throw new SqlError(
      "42804",
      `binary data has array element type ${given} instead of expected ${element.oid} (${element.displayName})`,
    );
  }
  const dims: number[] = [];
  const lowerBounds: number[] = [];
  for (let i = 0; i < count; i++) {
    dims.push(reader.i32());
    lowerBounds.push(reader.i32());
  }
  const size = count === 0 ? 0 : dims.reduce((a, b) => a * b, 1);
  // An element takes four bytes at least.
  if (dims.some((length) => length < 0) || size * 4 > reader.left) {
    throw badBinary();
  }
  if (size === 0) return SqlArray.EMPTY;
  checkDimensions(count);
  const elements: Nullable[] = [];
  for (let i = 0; i < size; i++) {
    elements.push(readPart(reader, element, context));
  }
  return SqlArray.shaped(elements, dims, lowerBounds);
}

function readRange(
  reader: BinaryReader,
  { range }: DataType,
  context: InputContext | undefined,
): SqlRange {
  const { subtype } = range!;
  const flags = reader.u8();
  const bound = (bits: typeof LOWER, isLower: boolean): RangeBound => ({
    value: (flags & (bits.infinite | EMPTY)) !== 0
      ? null
      : readPart(reader, subtype, context),
    inclusive: (flags & bits.inclusive) !== 0,
    isLower,
  });
  const lower = bound(LOWER, true);
  const upper = bound(UPPER, false);
  if ((flags & EMPTY) !== 0) return SqlRange.EMPTY;
  return SqlRange.between(range!, lower, upper);
}

function readRow(
  reader: BinaryReader,
  { fields }: DataType,
  context: InputContext | undefined,
): SqlValue {
  if (fields === undefined) {
    throw new SqlError(
      "0A000",
      "input of anonymous composite types is not implemented",
    );
  }
  const count = reader.i32();
  if (count !== fields.length) {
    throw new SqlError(
      "42804",
      `wrong number of columns: ${count}, expected ${fields.length}`,
    );
  }
  const values = fields.map(({ type: { type } }) => {
    const given = reader.u32();
    if (given === type.oid) return readPart(reader, type, context);
    throw new SqlError(
      "42804",
      `binary data has type ${given} instead of expected ${type.oid} (${type.displayName})`,
    );
  });
  return new SqlRow(fields, values);
}
