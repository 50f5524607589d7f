/**
 * The types of system columns and of places in a log: `xid`, `cid`, `xid8`,
 * `tid`, `pg_lsn`.
 *
 * All are unsigned numbers in the form of `int8`: a `tid` is the number of its
 * block times 65536 and its place in it, which is a row's locator. In
 * JavaScript `xid`, `cid` and `xid8` are numbers, `tid` and `pg_lsn` their
 * text.
 *
 * @module
 */
import type { CastDefinition } from "./cast_definition.ts";
import type { ColumnStorage, DataType, SqlValue } from "./data_type.ts";
import { compareInt8, normalizeInt8, parseUnsigned } from "./int_types.ts";
import { textOfJs } from "./js_value.ts";
import { invalidSyntax } from "./type_error.ts";

type Place = number | bigint;

interface PlaceTypeOptions {
  readonly oid: number;
  readonly name: string;
  readonly length: number;
  readonly storage: ColumnStorage;
  readonly read: (text: string) => Place;
  readonly write: (value: Place) => string;
  readonly toJs: (value: Place) => unknown;
}

function placeType(
  { read, write, toJs, name, ...rest }: PlaceTypeOptions,
): DataType {
  return {
    ...rest,
    name,
    displayName: name,
    category: "U",
    preferred: false,
    input: read,
    output: (value) => write(value as Place),
    compare: compareInt8 as (a: SqlValue, b: SqlValue) => number,
    hashKey: (value) => value as Place,
    fromJs: (value) => read(textOfJs(value)),
    toJs: (value) => toJs(value as Place),
  };
}

function counter(
  oid: number,
  name: string,
  bits: 32 | 64,
  length: number,
  storage: ColumnStorage,
): DataType {
  return placeType({
    oid,
    name,
    length,
    storage,
    read: (text) => parseUnsigned(text, name, bits),
    write: String,
    toJs: (value) => value,
  });
}

/** `xid`: the number of a transaction, which wraps around. */
export const xid: DataType = counter(28, "xid", 32, 4, "float64");

/** `cid`: the number of a command in a transaction. */
export const cid: DataType = counter(29, "cid", 32, 4, "float64");

/** `xid8`: the number of a transaction. */
export const xid8: DataType = counter(5069, "xid8", 64, 8, "reference");

/** How many places a block has. */
const BLOCK_PLACES = 65536;

/** The text of a `tid`. */
export function tidText(value: number): string {
  return `(${Math.floor(value / BLOCK_PLACES)},${value % BLOCK_PLACES})`;
}

/** A number as C's `strtoul` reads it, with what stands before it. */
const PART = "\\s*([+-]?\\d+)";
const TID = new RegExp(`^[^(,)]*\\(${PART},${PART}\\)`);

function readTid(text: string): number {
  const found = TID.exec(text);
  const block = Number(found?.[1] ?? NaN);
  const place = Number(found?.[2] ?? NaN);
  // A negative block wraps around.
  const isPlace = block >= -2147483648 && block <= 4294967295 && place >= 0 &&
    place < BLOCK_PLACES;
  if (!isPlace) throw invalidSyntax("tid", text);
  return (block >>> 0) * BLOCK_PLACES + place;
}

/** `tid`: where a row is. */
export const tid: DataType = placeType({
  oid: 27,
  name: "tid",
  length: 6,
  storage: "float64",
  read: readTid,
  write: (value) => tidText(value as number),
  toJs: (value) => tidText(value as number),
});

const LSN = /^([0-9a-fA-F]{1,8})\/([0-9a-fA-F]{1,8})$/;

function readLsn(text: string): Place {
  const found = LSN.exec(text);
  if (found === null) throw invalidSyntax("pg_lsn", text);
  const [, high, low] = found;
  return normalizeInt8(
    (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`),
  );
}

function writeLsn(value: Place): string {
  const bits = BigInt(value);
  const high = (bits >> 32n).toString(16);
  const low = (bits & 0xffff_ffffn).toString(16);
  return `${high}/${low}`.toUpperCase();
}

/** `pg_lsn`: a place in the log. */
export const pgLsn: DataType = placeType({
  oid: 3220,
  name: "pg_lsn",
  length: 8,
  storage: "reference",
  read: readLsn,
  write: writeLsn,
  toJs: writeLsn,
});

/** Casts between numbers of transactions. */
export const placeCasts: readonly CastDefinition[] = [
  {
    source: xid8,
    target: xid,
    context: "explicit",
    convert: (value) => Number(BigInt.asUintN(32, BigInt(value as Place))),
  },
];
