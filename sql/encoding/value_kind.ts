/**
 * How the values of each type are written in a row: the kinds of bytes there
 * are. They are drawn in `row_encoding.ts`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DataType, RangeKind, RowField } from "../types/data_type.ts";

/** How an array is written: as its elements are. */
export interface ArrayKind {
  readonly form: "array";
  readonly element: ValueKind;
}

/** How a range is written: as its bounds are. */
export interface RangeValueKind {
  readonly form: "range";
  readonly range: RangeKind;
  readonly bound: ValueKind;
}

/** How a multirange is written: as its ranges are. */
export interface MultirangeValueKind {
  readonly form: "multirange";
  readonly range: RangeValueKind;
}

/** How a row is written: as its fields are. */
export interface RowKind {
  readonly form: "row";
  readonly fields: readonly RowField[];
  readonly kinds: readonly ValueKind[];
  /** The place of each field; absent: they stand in order. */
  readonly slots?: readonly number[] | undefined;
}

/** How values made of values are written. */
export type CompoundKind =
  | ArrayKind
  | RowKind
  | RangeValueKind
  | MultirangeValueKind;

/** How values of a type are written. */
export type ValueKind = (typeof KIND)[keyof typeof KIND] | CompoundKind;

/** The kinds, as small numbers for `switch`. */
export const KIND = {
  bool: 0,
  int2: 1,
  int4: 2,
  int8: 3,
  oid: 4,
  timestamp: 5,
  float4: 6,
  float8: 7,
  numeric: 8,
  text: 9,
  uuid: 10,
  bytea: 11,
  vector: 12,
  interval: 13,
  time: 14,
  halfvec: 15,
  sparsevec: 16,
  bits: 17,
  /** A number below 2^48, in a column of floats. */
  place: 18,
  /** 64 bits without a sign. */
  unsigned: 19,
  network: 20,
  shape: 21,
} as const;

/** The kind of each type, by name. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  bool: KIND.bool,
  int2: KIND.int2,
  int4: KIND.int4,
  int8: KIND.int8,
  oid: KIND.oid,
  date: KIND.int4,
  time: KIND.time,
  timetz: KIND.int8,
  timestamp: KIND.timestamp,
  timestamptz: KIND.timestamp,
  float4: KIND.float4,
  float8: KIND.float8,
  numeric: KIND.numeric,
  text: KIND.text,
  varchar: KIND.text,
  bpchar: KIND.text,
  name: KIND.text,
  json: KIND.text,
  jsonb: KIND.text,
  bit: KIND.bits,
  varbit: KIND.bits,
  jsonpath: KIND.text,
  tsvector: KIND.text,
  tsquery: KIND.text,
  regconfig: KIND.text,
  uuid: KIND.uuid,
  bytea: KIND.bytea,
  vector: KIND.vector,
  halfvec: KIND.halfvec,
  sparsevec: KIND.sparsevec,
  interval: KIND.interval,
  "pg_snapshot": KIND.text,
  "txid_snapshot": KIND.text,
  refcursor: KIND.text,
  char: KIND.text,
  point: KIND.shape,
  lseg: KIND.shape,
  line: KIND.shape,
  box: KIND.shape,
  circle: KIND.shape,
  path: KIND.shape,
  polygon: KIND.shape,
  money: KIND.int8,
  inet: KIND.network,
  cidr: KIND.network,
  macaddr: KIND.bytea,
  macaddr8: KIND.bytea,
  xid: KIND.oid,
  cid: KIND.oid,
  xid8: KIND.unsigned,
  tid: KIND.place,
  "pg_lsn": KIND.unsigned,
  citext: KIND.text,
  hstore: KIND.text,
  ltree: KIND.text,
  lquery: KIND.text,
  ltxtquery: KIND.text,
  "query_int": KIND.text,
};

/**
 * How values of `type` are written.
 *
 * @throws {SqlError} `42P16` for types that no column can have.
 */
export function valueKindOf(type: DataType): ValueKind {
  if (type.element !== undefined) {
    return { form: "array", element: valueKindOf(type.element) };
  }
  const { fields } = type;
  if (fields !== undefined) {
    const kinds = fields.map((field) => valueKindOf(field.type.type));
    return { form: "row", fields, kinds, slots: type.slots };
  }
  if (type.range !== undefined) return rangeKindOf(type.range);
  if (type.multirangeOf !== undefined) {
    return { form: "multirange", range: rangeKindOf(type.multirangeOf.range!) };
  }
  const kind = KINDS[(type.storedAs ?? type).name];
  if (kind === undefined) {
    throw new SqlError(
      "42P16",
      `column has pseudo-type ${type.displayName}`,
    );
  }
  return kind;
}

function rangeKindOf(range: RangeKind): RangeValueKind {
  return { form: "range", range, bound: valueKindOf(range.subtype) };
}
