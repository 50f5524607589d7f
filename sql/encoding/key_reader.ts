/**
 * Reads the forms of `key_bytes.ts` back. Bytes are hostile: anything that the
 * writer would not have written is corrupt.
 *
 * A descending column is inverted: `mask` is then 255, else 0.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import {
  SPARSE_DIMS_MAX,
  SPARSE_ELEMENTS_MAX,
  type SparseElement,
  SparseVector,
} from "../../vector/types/sparse_vector.ts";
import { DAY_MICROS } from "../types/calendar.ts";
import {
  DIMENSIONS_MAX,
  elementCountOf,
  SqlArray,
} from "../types/array/array_value.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import { INT8_MAX, INT8_MIN, normalizeInt8 } from "../types/int_types.ts";
import { Numeric } from "../types/numeric.ts";
import { readKeyNetwork } from "./network_key.ts";
import { uuidOfBytes } from "../types/uuid_type.ts";
import {
  type Bound,
  compareRanges,
  type RangeKind,
  SqlMultirange,
  SqlRange,
} from "../types/range/range_value.ts";
import {
  ARRAY_MARK,
  BOUND_MARK,
  BOUND_SIDE,
  FORM,
  INTEGER_INFINITY,
  INTEGER_NEGATIVE_INFINITY,
  INTEGER_ZERO,
  type KeyForm,
  NUMERIC_CLASS,
  PATH_MARK,
  RANGE_MARK,
  type RangeForm,
} from "./key_bytes.ts";
import { readRowKey } from "./row_key_bytes.ts";
import { SPARSE_MARK } from "./vector_key.ts";
import { readText } from "./text_bytes.ts";

/** A cursor over the bytes of a key. */
export class KeyReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #source: string;
  #at: number;
  /** 255 while a descending column is read. */
  mask = 0;

  /** Reads `bytes` from `start` to `end`; `source` names them in errors. */
  constructor(bytes: Uint8Array, source: string, start: number, end: number) {
    this.#bytes = bytes;
    this.#source = source;
    this.#at = start;
    this.#end = end;
  }

  /** The bytes, masked or not. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Passes over `count` bytes, which are there. */
  skip(count: number): void {
    this.#at += count;
  }

  /** Where the next read begins. */
  get offset(): number {
    return this.#at;
  }

  /** Whether everything was read. */
  get atEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** An error of kind `corrupt` at byte `at`. */
  corrupt(what: string, at: number = this.#at): KriyaError {
    return new KriyaError(
      "corrupt",
      `Cannot read "${this.#source}" at byte ${at}: ${what}`,
    );
  }

  /** The next byte, unmasked. */
  byte(): number {
    if (this.#at >= this.#end) throw this.corrupt("key is cut short");
    return this.#bytes[this.#at++]! ^ this.mask;
  }

  /** The next `count` bytes, unmasked: a copy. */
  take(count: number): Uint8Array<ArrayBuffer> {
    if (count > this.#end - this.#at) throw this.corrupt("key is cut short");
    const taken = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      taken[i] = this.#bytes[this.#at + i]! ^ this.mask;
    }
    this.#at += count;
    return taken;
  }

  /** How many bytes there are before the next one that is 0. */
  untilZero(): number {
    for (let i = this.#at; i < this.#end; i++) {
      if (this.#bytes[i] === this.mask) return i - this.#at;
    }
    throw this.corrupt("key is cut short", this.#end);
  }
}

/** Reads one value of `type`, whose form is `form`. */
export function readKeyValue(
  reader: KeyReader,
  form: KeyForm,
  type: DataType,
): SqlValue {
  if (typeof form === "object") return readCompound(reader, form, type);
  switch (form) {
    case FORM.bool:
      return readBool(reader);
    case FORM.integer:
      return readTypedInteger(reader, type);
    case FORM.float4:
      return readFloat(reader, 4);
    case FORM.float8:
      return readFloat(reader, 8);
    case FORM.text:
    case FORM.bpchar:
    case FORM.folded:
      return readKeyText(reader);
    case FORM.path:
      return readKeyText(reader).replaceAll(PATH_MARK, ".");
    case FORM.bytea:
      return readBytes(reader);
    case FORM.uuid:
      return uuidOfBytes(reader.take(16));
    case FORM.numeric:
      return readNumeric(reader);
    case FORM.vector:
      return readVector(reader);
    case FORM.sparse:
      return readSparse(reader);
    case FORM.network:
      return readKeyNetwork(reader);
  }
}

function readBool(reader: KeyReader): boolean {
  const at = reader.offset;
  const value = reader.byte();
  if (value > 1) throw reader.corrupt("bad boolean in a key", at);
  return value === 1;
}

type Bits = number | bigint;

/** The ranges of types whose values are integers. */
const RANGES: Readonly<Record<string, readonly [Bits, Bits]>> = {
  int2: [-32768, 32767],
  int4: [-2147483648, 2147483647],
  date: [-2147483648, 2147483647],
  oid: [0, 4294967295],
  time: [0, DAY_MICROS],
  tid: [0, 2 ** 48 - 1],
  xid8: [0, 2n ** 64n - 1n],
  "pg_lsn": [0, 2n ** 64n - 1n],
};

function readTypedInteger(reader: KeyReader, type: DataType): SqlValue {
  const at = reader.offset;
  const value = readInteger(reader);
  if (typeof value === "number" && !Number.isFinite(value)) {
    if (type.name === "timestamp" || type.name === "timestamptz") return value;
    throw reader.corrupt("infinite integer in a key", at);
  }
  const [min, max] = RANGES[type.name] ?? [INT8_MIN, INT8_MAX];
  if (value < min || value > max) {
    throw reader.corrupt(`${type.name} out of range in a key`, at);
  }
  return value;
}

function readInteger(reader: KeyReader): number | bigint {
  const at = reader.offset;
  const header = reader.byte();
  if (header === INTEGER_INFINITY) return Infinity;
  if (header === INTEGER_NEGATIVE_INFINITY) return -Infinity;
  const negative = header < INTEGER_ZERO;
  const size = negative ? INTEGER_ZERO - 1 - header : header - INTEGER_ZERO;
  if (size > 8) throw reader.corrupt("bad integer in a key", at);
  const flip = negative ? 255 : 0;
  let small = 0;
  let large = 0n;
  for (let i = 0; i < size; i++) {
    const byte = reader.byte() ^ flip;
    if (i === 0 && byte === 0) {
      throw reader.corrupt("bad integer in a key", at);
    }
    if (size <= 6) small = small * 256 + byte;
    else large = (large << 8n) | BigInt(byte);
  }
  if (size <= 6) return negative ? -1 - small : small;
  return normalizeInt8(negative ? -1n - large : large);
}

function readFloat(reader: KeyReader, size: 4 | 8): number {
  const at = reader.offset;
  const bytes = reader.take(size);
  if (bytes[0]! >= 128) bytes[0]! ^= 128;
  else for (let i = 0; i < size; i++) bytes[i] = ~bytes[i]!;
  const view = new DataView(bytes.buffer);
  const value = size === 4 ? view.getFloat32(0) : view.getFloat64(0);
  if (Object.is(value, -0) || (value !== value && !isTheNaN(bytes))) {
    throw reader.corrupt("bad float in a key", at);
  }
  return value;
}

/** Whether the bytes are those of the one NaN that is written. */
function isTheNaN(bytes: Uint8Array): boolean {
  const [first, second] = bytes.length === 4 ? [0x7f, 0xc0] : [0x7f, 0xf8];
  return bytes[0] === first && bytes[1] === second &&
    bytes.subarray(2).every((byte) => byte === 0);
}

function readKeyText(reader: KeyReader): string {
  const at = reader.offset;
  const length = reader.untilZero();
  const corrupt = (): KriyaError =>
    reader.corrupt("text in a key is not UTF-8", at);
  if (reader.mask === 0) {
    const text = readText(reader.bytes, at, at + length, corrupt);
    reader.skip(length + 1);
    return text;
  }
  const bytes = reader.take(length);
  reader.skip(1);
  return readText(bytes, 0, length, corrupt);
}

function readBytes(reader: KeyReader): Uint8Array {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = reader.take(reader.untilZero() + 1);
    const at = reader.offset;
    const mark = reader.byte();
    if (mark === 255) {
      parts.push(part);
      continue;
    }
    if (mark !== 1) throw reader.corrupt("bad bytes in a key", at);
    parts.push(part.subarray(0, part.length - 1));
    return join(parts);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!.slice();
  const result = new Uint8Array(
    parts.reduce((length, part) => length + part.length, 0),
  );
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function readNumeric(reader: KeyReader): Numeric {
  const at = reader.offset;
  const kind = reader.byte();
  switch (kind) {
    case NUMERIC_CLASS.negativeInfinity:
      return Numeric.NEGATIVE_INFINITY;
    case NUMERIC_CLASS.zero:
      return Numeric.ZERO;
    case NUMERIC_CLASS.infinity:
      return Numeric.INFINITY;
    case NUMERIC_CLASS.nan:
      return Numeric.NAN;
    case NUMERIC_CLASS.negative: {
      reader.mask ^= 255;
      const value = readMagnitude(reader, at, "-");
      reader.mask ^= 255;
      return value;
    }
    case NUMERIC_CLASS.positive:
      return readMagnitude(reader, at, "");
    default:
      throw reader.corrupt("bad numeric in a key", at);
  }
}

function readMagnitude(reader: KeyReader, at: number, sign: string): Numeric {
  const exponent = readInteger(reader);
  const pairs = reader.take(reader.untilZero());
  reader.byte();
  const first = pairs[0];
  const last = pairs[pairs.length - 1];
  if (
    typeof exponent !== "number" || Math.abs(exponent) > 100_000 ||
    first === undefined || first === 1 || last === 1
  ) throw reader.corrupt("bad numeric in a key", at);
  let digits = "";
  for (const pair of pairs) {
    if (pair > 100) throw reader.corrupt("bad numeric in a key", at);
    digits += String(pair - 1).padStart(2, "0");
  }
  // The value is 0.digits × 100^exponent.
  const scale = digits.length - 2 * exponent;
  try {
    return scale >= 0
      ? Numeric.of(BigInt(sign + digits), scale).trimmed()
      : Numeric.parse(`${sign}${digits}e${-scale}`);
  } catch {
    throw reader.corrupt("numeric in a key has too many digits", at);
  }
}

function readVector(reader: KeyReader): Float32Array {
  const values: number[] = [];
  for (;;) {
    const at = reader.offset;
    const mark = reader.byte();
    if (mark === 0 && values.length > 0) return Float32Array.from(values);
    if (mark !== 1) throw reader.corrupt("bad vector in a key", at);
    values.push(readFloat(reader, 4));
  }
}

function readSparse(reader: KeyReader): SparseVector {
  const elements: SparseElement[] = [];
  for (;;) {
    const at = reader.offset;
    const mark = reader.byte();
    const word = new DataView(reader.take(4).buffer).getUint32(0);
    const isLow = mark === SPARSE_MARK.low;
    const kind = isLow ? reader.byte() : 1;
    if (!isLow && mark !== SPARSE_MARK.high || kind > 1) {
      throw reader.corrupt("bad sparse vector in a key", at);
    }
    if (kind === 0) {
      if (
        word <= (elements.at(-1)?.index ?? -1) || word === 0 ||
        word > SPARSE_DIMS_MAX
      ) {
        throw reader.corrupt("bad sparse vector in a key", at);
      }
      return SparseVector.of(word, elements);
    }
    const index = isLow ? word : ~word >>> 0;
    const value = readFloat(reader, 4);
    if (
      index <= (elements.at(-1)?.index ?? -1) || isLow !== value < 0 ||
      value === 0 || !Number.isFinite(value) || index >= SPARSE_DIMS_MAX ||
      elements.length === SPARSE_ELEMENTS_MAX
    ) throw reader.corrupt("bad sparse vector in a key", at);
    elements.push({ index, value });
  }
}

function readArray(
  reader: KeyReader,
  form: KeyForm,
  type: DataType,
): SqlValue {
  const start = reader.offset;
  const elements: Nullable[] = [];
  for (;;) {
    const at = reader.offset;
    const mark = reader.byte();
    if (mark === ARRAY_MARK.end) break;
    if (mark === ARRAY_MARK.null) elements.push(null);
    else if (mark === ARRAY_MARK.value) {
      elements.push(readKeyValue(reader, form, type));
    } else throw reader.corrupt("bad array in a key", at);
  }
  const corrupt = (): KriyaError => reader.corrupt("bad array in a key", start);
  const integer = (min: number, max: number): number => {
    const value = readInteger(reader);
    if (typeof value === "bigint" || value < min || value > max) {
      throw corrupt();
    }
    return value;
  };
  const dims: number[] = [];
  const lowerBounds: number[] = [];
  const count = integer(0, DIMENSIONS_MAX);
  for (let i = 0; i < count; i++) dims.push(integer(1, elements.length));
  for (let i = 0; i < count; i++) {
    lowerBounds.push(integer(-2147483648, 2147483647 - dims[i]!));
  }
  if (elementCountOf(dims) !== elements.length) throw corrupt();
  return SqlArray.shaped(elements, dims, lowerBounds);
}

function readCompound(
  reader: KeyReader,
  form: Exclude<KeyForm, number>,
  type: DataType,
): SqlValue {
  if ("element" in form) return readArray(reader, form.element, type.element!);
  if ("sortKey" in form) {
    return readKeyValue(reader, form.form, form.sortKey.type);
  }
  if ("bound" in form) return readRange(reader, form);
  if ("fields" in form) {
    const fields = type.fields!;
    return readRowKey(
      reader,
      fields,
      (i) => readKeyValue(reader, form.fields[i]!, fields[i]!.type.type),
    );
  }
  const ranges: SqlRange[] = [];
  for (;;) {
    const at = reader.offset;
    const mark = reader.byte();
    if (mark === ARRAY_MARK.end) break;
    if (mark !== ARRAY_MARK.value) {
      throw reader.corrupt("bad multirange in a key", at);
    }
    ranges.push(readRange(reader, form.ranges));
  }
  const value = SqlMultirange.of(form.ranges.range, ranges);
  const { subtype } = form.ranges.range;
  const isNormal = value.ranges.length === ranges.length &&
    value.ranges.every((range, i) =>
      compareRanges(subtype, range, ranges[i]!) === 0
    );
  if (!isNormal) throw reader.corrupt("bad multirange in a key");
  return value;
}

function readRange(reader: KeyReader, { range, bound }: RangeForm): SqlRange {
  const at = reader.offset;
  const mark = reader.byte();
  if (mark === RANGE_MARK.empty) return SqlRange.EMPTY;
  if (mark !== RANGE_MARK.bounds) {
    throw reader.corrupt("bad range in a key", at);
  }
  const readBound = (isLower: boolean): Bound => {
    const boundMark = reader.byte();
    const infinite = isLower ? BOUND_MARK.lowest : BOUND_MARK.highest;
    if (boundMark === infinite) {
      return { value: null, inclusive: false, isLower };
    }
    if (boundMark !== BOUND_MARK.value) {
      throw reader.corrupt("bad range in a key", at);
    }
    const value = readKeyValue(reader, bound, range.subtype);
    const side = reader.byte();
    const outside = isLower ? BOUND_SIDE.above : BOUND_SIDE.below;
    if (side !== BOUND_SIDE.at && side !== outside) {
      throw reader.corrupt("bad range in a key", at);
    }
    return { value, inclusive: side === BOUND_SIDE.at, isLower };
  };
  const lower = readBound(true);
  const upper = readBound(false);
  const value = normalRange(range, lower, upper);
  if (value === undefined) throw reader.corrupt("bad range in a key", at);
  return value;
}

/** The range between the bounds, if that is its normal form. */
function normalRange(
  range: RangeKind,
  lower: Bound,
  upper: Bound,
): SqlRange | undefined {
  try {
    const value = SqlRange.between(range, lower, upper);
    const isNormal = !value.isEmpty &&
      value.lower.inclusive === lower.inclusive &&
      value.upper.inclusive === upper.inclusive;
    return isNormal ? value : undefined;
  } catch {
    return undefined;
  }
}
