/**
 * Values of types that are not made of others, in their binary form: what
 * PostgreSQL's send and receive functions do.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { Timestamp } from "../../types/calendar.ts";
import type {
  DataType,
  InputContext,
  Nullable,
  SqlValue,
} from "../../types/data_type.ts";
import { byteOfChar, charOfByte } from "../../types/char_type.ts";
import { normalizeInt8 } from "../../types/int8_value.ts";
import { Interval } from "../../types/interval.ts";
import type { Numeric } from "../../types/numeric.ts";
import { hexOf } from "../../types/js_value.ts";
import { RegValue } from "../../types/reg_value.ts";
import { timetzOf, zonedTimeOf } from "../../types/timetz_type.ts";
import { uuidOfBytes } from "../../types/uuid_type.ts";
import { float16Bits, float16OfBits } from "../../../vector/types/float16.ts";
import { SparseVector } from "../../../vector/types/sparse_vector.ts";
import {
  badBinary,
  type BinaryReader,
  type BinaryWriter,
} from "./binary_bytes.ts";
import { readBinaryNumeric, writeBinaryNumeric } from "./binary_numeric.ts";
import { readBinaryNetwork, writeBinaryNetwork } from "./binary_network.ts";
import {
  isGeometric,
  readBinaryShape,
  writeBinaryShape,
} from "./binary_shapes.ts";
import { readBinarySnapshot, writeBinarySnapshot } from "./binary_snapshot.ts";
import { readBinarySearch, writeBinarySearch } from "./binary_search.ts";

const TIMESTAMP_MAX = 2n ** 63n - 1n;
const TIMESTAMP_MIN = -(2n ** 63n);
const INT4_MAX = 2_147_483_647;
const INT4_MIN = -2_147_483_648;

/** Types that are one number of a fixed width. */
const INTEGERS: Readonly<Record<string, 2 | 4>> = {
  int2: 2,
  int4: 4,
  oid: 4,
  date: 4,
  xid: 4,
  cid: 4,
};

/** Writes a value of a type that is not made of others. */
export function writeScalar(
  writer: BinaryWriter,
  type: DataType,
  value: SqlValue,
): void {
  if (type.host !== undefined) return writer.raw(type.host.send(value));
  const name = (type.storedAs ?? type).name;
  const width = INTEGERS[name];
  if (width === 2) return writer.i16(value as number);
  if (width === 4) return writer.i32(value as number);
  switch (name) {
    case "bool":
      return writer.u8(value === true ? 1 : 0);
    case "int8":
    case "time":
    case "money":
    case "xid8":
    case "pg_lsn":
      return writer.i64(value as number | bigint);
    case "float4":
      return writer.f32(value as number);
    case "float8":
      return writer.f64(value as number);
    case "numeric":
      return writeBinaryNumeric(writer, value as Numeric);
    case "timestamp":
    case "timestamptz":
      return writer.i64(timestampBits(value as Timestamp));
    case "timetz": {
      const { micros, offsetSeconds } = zonedTimeOf(value);
      writer.i64(micros);
      return writer.i32(-offsetSeconds);
    }
    case "interval":
      return writeInterval(writer, value as Interval);
    case "bytea":
    case "macaddr":
    case "macaddr8":
      return writer.raw(value as Uint8Array);
    case "uuid":
      return writer.raw(bytesOfHex((value as string).replaceAll("-", "")));
    default:
      return writeOther(writer, name, type, value);
  }
}

function writeOther(
  writer: BinaryWriter,
  name: string,
  type: DataType,
  value: SqlValue,
): void {
  switch (name) {
    case "jsonb":
    case "jsonpath":
      writer.u8(1);
      return writer.text(value as string);
    case "bit":
    case "varbit":
      return writeBits(writer, value as string);
    case "vector":
    case "halfvec":
      return writeDense(writer, value as Float32Array, name === "halfvec");
    case "sparsevec":
      return writeSparse(writer, value as SparseVector);
    case "inet":
    case "cidr":
      return writeBinaryNetwork(writer, value as Uint8Array, name === "cidr");
    case "char":
      return writer.u8(byteOfChar(value as string));
    case "pg_snapshot":
    case "txid_snapshot":
      return writeBinarySnapshot(writer, value);
    case "tid":
      writer.i32(Math.floor(value as number / 65536) | 0);
      return writer.i16(value as number % 65536);
    case "tsvector":
    case "tsquery":
      return writeBinarySearch(writer, name, value as string);
  }
  if (isGeometric(type)) {
    return writeBinaryShape(writer, type, value as Float64Array);
  }
  if (value instanceof RegValue) return writer.i32(value.oid);
  writer.text(type.output(value));
}

function timestampBits(value: Timestamp): number | bigint {
  if (value === Infinity) return TIMESTAMP_MAX;
  return value === -Infinity ? TIMESTAMP_MIN : value;
}

function writeInterval(
  writer: BinaryWriter,
  { isFinite, months, days, micros }: Interval,
): void {
  const isLate = micros > 0;
  writer.i64(isFinite ? micros : isLate ? TIMESTAMP_MAX : TIMESTAMP_MIN);
  writer.i32(isFinite ? days : isLate ? INT4_MAX : INT4_MIN);
  writer.i32(isFinite ? months : isLate ? INT4_MAX : INT4_MIN);
}

function bytesOfHex(digits: string): Uint8Array {
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, i) => parseInt(digits.slice(i * 2, i * 2 + 2), 16),
  );
}

function writeBits(writer: BinaryWriter, bits: string): void {
  writer.i32(bits.length);
  for (let at = 0; at < bits.length; at += 8) {
    writer.u8(parseInt(bits.slice(at, at + 8).padEnd(8, "0"), 2));
  }
}

function writeDense(
  writer: BinaryWriter,
  components: Float32Array,
  isHalf: boolean,
): void {
  writer.i16(components.length);
  writer.i16(0);
  for (const component of components) {
    if (isHalf) writer.i16(float16Bits(component));
    else writer.f32(component);
  }
}

function writeSparse(writer: BinaryWriter, value: SparseVector): void {
  writer.i32(value.dims);
  writer.i32(value.count);
  writer.i32(0);
  for (const index of value.indices) writer.i32(index);
  for (const component of value.values) writer.f32(component);
}

/** Reads a value of a type that is not made of others. */
export function readScalar(
  reader: BinaryReader,
  type: DataType,
  context: InputContext | undefined,
): SqlValue {
  if (type.host !== undefined) {
    return type.host.receive(reader.raw(reader.left).slice());
  }
  const name = (type.storedAs ?? type).name;
  switch (name) {
    case "bool":
      return reader.u8() !== 0;
    case "int2":
      return reader.i16();
    case "int4":
    case "date":
      return reader.i32();
    case "oid":
    case "xid":
    case "cid":
      return reader.u32();
    case "int8":
    case "money":
      return normalizeInt8(reader.i64());
    case "float4":
      return reader.f32();
    case "float8":
      return reader.f64();
    case "numeric":
      return readBinaryNumeric(reader);
    case "time": {
      const micros = Number(reader.i64());
      if (micros >= 0 && micros <= 86_400_000_000) return micros;
      throw new SqlError("22008", "time out of range");
    }
    case "timestamp":
    case "timestamptz":
      return readTimestamp(reader, type);
    case "timetz":
      return readTimetz(reader);
    case "interval":
      return readInterval(reader);
    case "bytea":
      return reader.raw(reader.left).slice();
    case "uuid":
      return uuidOfBytes(reader.raw(16));
    default:
      return readOther(reader, name, type, context);
  }
}

function readOther(
  reader: BinaryReader,
  name: string,
  type: DataType,
  context: InputContext | undefined,
): SqlValue {
  switch (name) {
    case "jsonb":
    case "jsonpath": {
      const version = reader.u8();
      if (version === 1) return type.input(reader.text(), -1, context);
      throw new SqlError(
        "XX000",
        `unsupported ${name} version number ${version}`,
      );
    }
    case "bit":
    case "varbit":
      return readBits(reader);
    case "vector":
    case "halfvec":
      return readDense(reader, type, name === "halfvec");
    case "sparsevec":
      return readSparse(reader, type);
    case "inet":
    case "cidr":
      return readBinaryNetwork(reader, name);
    case "macaddr":
      return reader.raw(6).slice();
    case "macaddr8":
      return readMac8(reader, type);
    case "char":
      return charOfByte(reader.u8());
    case "pg_snapshot":
    case "txid_snapshot":
      return type.input(readBinarySnapshot(reader), -1);
    case "tid":
      return reader.u32() * 65536 + (reader.i16() & 0xffff);
    case "xid8":
    case "pg_lsn":
      return normalizeInt8(BigInt.asUintN(64, reader.i64()));
    case "tsvector":
    case "tsquery":
      return type.input(readBinarySearch(reader, name), -1, context);
  }
  if (isGeometric(type)) return readBinaryShape(reader, type);
  if (name.startsWith("reg") && name !== "regconfig") {
    return readReg(reader, type, context);
  }
  return type.input(reader.text(), -1, context);
}

/** 8 bytes, or 6 to be made 8 of. */
function readMac8(reader: BinaryReader, type: DataType): SqlValue {
  return type.input(hexOf(reader.raw(reader.left === 6 ? 6 : 8)), -1);
}

/** An object of the catalog by its OID. */
function readReg(
  reader: BinaryReader,
  { name }: DataType,
  context: InputContext | undefined,
): Nullable & SqlValue {
  const oid = reader.u32();
  const answer = context?.catalog?.(`${name}out`, [oid]);
  return answer ?? new RegValue(oid, oid === 0 ? "-" : String(oid));
}

function readTimestamp(reader: BinaryReader, type: DataType): SqlValue {
  const bits = reader.i64();
  if (bits === TIMESTAMP_MAX) return Infinity;
  if (bits === TIMESTAMP_MIN) return -Infinity;
  const value = normalizeInt8(bits);
  // The text of what is out of range cannot be read again.
  if (bits < -211_813_488_000_000_000n || bits >= 9_223_371_331_200_000_000n) {
    throw new SqlError("22008", "timestamp out of range");
  }
  return type.applyTypmod?.(value, 6, false) ?? value;
}

function readTimetz(reader: BinaryReader): SqlValue {
  const micros = Number(reader.i64());
  const west = reader.i32();
  if (micros < 0 || micros > 86_400_000_000) {
    throw new SqlError("22008", "time out of range");
  }
  if (Math.abs(west) >= 57_600) {
    throw new SqlError("22009", "time zone displacement out of range");
  }
  return timetzOf({ micros, offsetSeconds: 0 - west });
}

function readInterval(reader: BinaryReader): SqlValue {
  const micros = reader.i64();
  const days = reader.i32();
  const months = reader.i32();
  if (micros === TIMESTAMP_MAX && days === INT4_MAX && months === INT4_MAX) {
    return Interval.INFINITY;
  }
  if (micros === TIMESTAMP_MIN && days === INT4_MIN && months === INT4_MIN) {
    return Interval.NEGATIVE_INFINITY;
  }
  return Interval.of({ months, days, micros });
}

function readBits(reader: BinaryReader): string {
  const count = reader.i32();
  if (count < 0 || Math.ceil(count / 8) !== reader.left) {
    throw new SqlError("22P03", "invalid length in external bit string");
  }
  let bits = "";
  for (const byte of reader.raw(reader.left)) {
    bits += byte.toString(2).padStart(8, "0");
  }
  return bits.slice(0, count);
}

function readDense(
  reader: BinaryReader,
  type: DataType,
  isHalf: boolean,
): SqlValue {
  const count = reader.i16() & 0xffff;
  if (reader.i16() !== 0) {
    throw new SqlError("22000", "expected unused to be 0, not something else");
  }
  if (reader.left !== count * (isHalf ? 2 : 4)) throw badBinary();
  const components = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    components[i] = isHalf
      ? float16OfBits(reader.i16() & 0xffff)
      : reader.f32();
  }
  return type.fromJs(components);
}

function readSparse(reader: BinaryReader, type: DataType): SqlValue {
  const dims = reader.i32();
  const count = reader.i32();
  reader.i32();
  if (count < 0 || reader.left !== count * 8) throw badBinary();
  const indices = Uint32Array.from({ length: count }, () => reader.u32());
  const values = Float32Array.from({ length: count }, () => reader.f32());
  // Its text is checked as any text is.
  return type.input(String(new SparseVector(dims, indices, values)), -1);
}
