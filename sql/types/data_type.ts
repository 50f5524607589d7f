/**
 * What the rest of the system knows of a data type, and the registry of them.
 *
 * A type has one representation as a JavaScript value while it moves between
 * operators:
 *
 * | type | value |
 * | --- | --- |
 * | `bool` | `boolean` |
 * | `int2` `int4` `oid` | `number` |
 * | `int8` | `number` while it is a safe integer, else `bigint`: never both forms of one value |
 * | `float4` `float8` | `number` (`float4` rounded by `Math.fround`) |
 * | `numeric` | `Numeric` (see `numeric.ts`) |
 * | `text` `varchar` `bpchar` `name` `unknown` | `string` |
 * | `bit` `varbit` | `string` of the digits `0` and `1` |
 * | `uuid` | `string`, lower case with hyphens |
 * | `bytea` | `Uint8Array` |
 * | `timestamptz` `timestamp` | microseconds since 2000-01-01 UTC, in the form of `int8`; `Infinity` and `-Infinity` |
 * | `date` | `number`: days since 2000-01-01; the extremes of `int4` are the infinities |
 * | `time` | `number`: microseconds since midnight |
 * | `timetz` | one integer, in the form of `int8` (see `timetz_type.ts`) |
 * | `interval` | `Interval` (see `interval.ts`) |
 * | `jsonb` | `string`: the canonical text PostgreSQL prints |
 * | `json` | `string`: the text as given |
 * | `tsvector` `tsquery` | `string`: the text PostgreSQL prints |
 * | arrays | `SqlArray` (see `array/array_value.ts`) |
 * | rows | `SqlRow` (see `row/row_value.ts`) |
 * | ranges, multiranges | `SqlRange`, `SqlMultirange` (see `range/range_value.ts`) |
 * | `vector` `halfvec` | `Float32Array` |
 * | `sparsevec` | `SparseVector` (see `vector/types/sparse_vector.ts`) |
 * | `inet` `cidr` | `Uint8Array`: mask and address (see `network/network_value.ts`) |
 * | `macaddr` `macaddr8` | `Uint8Array` |
 * | `money` | cents, in the form of `int8` |
 * | `xid` `cid` `xid8` `tid` `pg_lsn` | `number` or `bigint` (see `place_types.ts`) |
 * | `point` and its kin | `Float64Array` (see `geometry/shapes.ts`) |
 * | `regclass` and its kin | `RegValue` (see `reg_value.ts`) |
 *
 * NULL is `null` in every type and never reaches a type's own functions.
 *
 * @module
 */
import type { SparseVector } from "../../vector/types/sparse_vector.ts";
import type { DateTimeSettings } from "./datetime_settings.ts";
import type { Interval } from "./interval.ts";
import type { Numeric } from "./numeric.ts";
import type { RegValue } from "./reg_value.ts";

/** A value of an array type; `SqlArray` is what makes them. */
export interface ArrayValue {
  /** The elements, the last subscript running fastest. */
  readonly elements: readonly Nullable[];
  /** How long each dimension is; empty for an array without elements. */
  readonly dims: readonly number[];
  /** The first subscript of each dimension. */
  readonly lowerBounds: readonly number[];
}

/** A field of a row type. */
export interface RowField {
  /** Its name. */
  readonly name: string;
  /** Its type. */
  readonly type: TypeRef;
}

/** A value of a row type; `SqlRow` is what makes them. */
export interface RowValue {
  /** What the fields are. */
  readonly fields: readonly RowField[];
  /** The values, one a field. */
  readonly values: readonly Nullable[];
}

/** A bound of a range. */
export interface RangeBound {
  /** The value; NULL: infinite. */
  readonly value: Nullable;
  /** Whether the value itself is in the range. */
  readonly inclusive: boolean;
  /** Whether it is the lower one. */
  readonly isLower: boolean;
}

/** A value of a range type; `SqlRange` is what makes them. */
export interface RangeValue {
  /** The lower bound. */
  readonly lower: RangeBound;
  /** The upper bound. */
  readonly upper: RangeBound;
  /** Whether it holds nothing. */
  readonly isEmpty: boolean;
}

/** A value of a multirange type; `SqlMultirange` is what makes them. */
export interface MultirangeValue {
  /** The ranges, in order. */
  readonly ranges: readonly RangeValue[];
}

/** What a range type knows of its bounds (pg_range). */
export interface RangeKind {
  /** The type of the bounds. */
  readonly subtype: DataType;
  /** The next value of a discrete type; absent: there is none. */
  readonly next?: (value: SqlValue) => SqlValue;
}

/** A value that is not NULL. */
export type SqlValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float32Array
  | Float64Array
  | SparseVector
  | Numeric
  | Interval
  | ArrayValue
  | RowValue
  | RangeValue
  | MultirangeValue
  | RegValue;

/** A value, or NULL. */
export type Nullable = SqlValue | null;

/** What orders the values of a type: the order of keys that are made of them. */
export interface SortKey {
  /** The type of the keys. */
  readonly type: DataType;
  /** The key of a value. */
  of(value: SqlValue): SqlValue;
}

/** What an application says of its type. */
export interface HostForm {
  /** Whether its code is registered: without, values cannot be looked at. */
  isRegistered(): boolean;
  /** The binary form of a value. */
  send(value: SqlValue): Uint8Array;
  /** The value that a binary form means. */
  receive(bytes: Uint8Array): SqlValue;
}

/** How a column of the type is kept in a chunk; see `sql/chunk/chunk.ts`. */
export type ColumnStorage = "boolean" | "int32" | "float64" | "reference";

/** PostgreSQL's type category (pg_type.typcategory): A, B, D, N, S, U, X … */
export type TypeCategory =
  | "A"
  | "B"
  | "C"
  | "D"
  | "E"
  | "G"
  | "I"
  | "N"
  | "P"
  | "R"
  | "S"
  | "T"
  | "U"
  | "V"
  | "X"
  | "Z";

/** What the input of date and time types may depend on. */
export interface InputContext {
  /** When the transaction began, microseconds since 2000-01-01. */
  now(): number;
  /** How the session writes dates and times; absent: the defaults. */
  readonly datetime?: DateTimeSettings | undefined;
  /**
   * What the catalog answers to a question: `regclassin` of a name. Absent:
   * there is no catalog.
   */
  catalog?(question: string, args: readonly Nullable[]): Nullable;
}

/** A data type. */
export interface DataType {
  /** PostgreSQL's OID for built-in types; 16384 and up for ours. */
  readonly oid: number;
  /** The internal name (pg_type.typname): `int4`. */
  readonly name: string;
  /** The SQL name (format_type): `integer`. */
  readonly displayName: string;
  /** The extension that brings it; absent: it is always there. */
  readonly extension?: string | undefined;
  /** Other names the parser may meet: `lsmvector` for `vector`. */
  readonly aliases?: readonly string[];
  /** For implicit conversions, as in PostgreSQL's chapter 10. */
  readonly category: TypeCategory;
  /** Whether the type is preferred in its category. */
  readonly preferred: boolean;
  /** Bytes of a fixed-size value, -1 if variable (pg_type.typlen). */
  readonly length: number;
  /** How a column of it is kept in a chunk. */
  readonly storage: ColumnStorage;
  /** The built-in type in whose form values are stored; absent: its own. */
  readonly storedAs?: DataType;
  /** The labels in order, if it is an enumeration. */
  readonly enumeration?: {
    readonly labels: readonly {
      readonly label: string;
      readonly order: number;
    }[];
  };
  /** What a domain is over, which may be another domain. */
  readonly domain?: TypeRef;
  /** The fields of a row type's rows. */
  readonly fields?: readonly RowField[];
  /**
   * The place of each field in a row as it is stored, from 0, where there are
   * places of fields that are gone; absent: they stand in order.
   */
  readonly slots?: readonly number[] | undefined;
  /** What a range type's ranges are of. */
  readonly range?: RangeKind;
  /** The range type that a multirange type is of. */
  readonly multirangeOf?: DataType;
  /** What an application says of its type; absent: the type is another's. */
  readonly host?: HostForm;
  /** What orders values, where it is not their own form. */
  readonly sortKey?: SortKey;
  /** False for types whose values cannot be compared (`json`). */
  readonly comparable?: false;
  /** What stands between the elements of an array; default: a comma. */
  readonly delimiter?: string;
  /** The type of an array type's elements (pg_type.typelem). */
  readonly element?: DataType;

  /**
   * Reads the text form. `typmod` is -1 where none was given. `context` says
   * what `'now'` and `'today'` mean; absent: the system's clock.
   *
   * @throws {SqlError} `22P02` and its kin, in PostgreSQL's words.
   */
  input(text: string, typmod: number, context?: InputContext): SqlValue;
  /**
   * Whether the input has to be given the typmod of a cast (`interval`), and
   * not -1 with the typmod applied afterwards, as all others.
   */
  readonly inputTakesTypmod?: boolean;
  /**
   * The text form. `settings` says how dates and times look; absent: the
   * defaults, which are ISO and UTC.
   */
  output(value: SqlValue, settings?: DateTimeSettings): string;
  /** The order of ORDER BY and of indexes: negative, zero, positive. */
  compare(a: SqlValue, b: SqlValue): number;
  /**
   * A primitive that is the same for equal values and only for them: the key
   * of hash tables (GROUP BY, DISTINCT).
   */
  hashKey(value: SqlValue): string | number | bigint | boolean;
  /**
   * The value of a parameter of this type given as a JavaScript value, which
   * is neither `null` nor `undefined`; `context` as for `input`.
   *
   * @throws {SqlError} `22P02`, `22003`, `22000` … when it does not fit.
   */
  fromJs(value: unknown, context?: InputContext): SqlValue;
  /** The JavaScript value that a result row holds. */
  toJs(value: SqlValue): unknown;

  /**
   * The typmod of `name(modifiers)`; absent where the type takes none.
   *
   * @throws {SqlError} `22023` when they are out of range.
   */
  typmodInput?(modifiers: readonly number[]): number;
  /** The modifiers as text, `(20)`; absent where the type takes none. */
  typmodOutput?(typmod: number): string;
  /**
   * Fits a value to a typmod (not -1): pads, truncates, rounds or checks.
   *
   * @throws {SqlError} `22001`, `22000` … when it does not fit and the cast is
   * not explicit.
   */
  applyTypmod?(value: SqlValue, typmod: number, explicit: boolean): SqlValue;
}

/** A collation. */
export interface Collation {
  readonly oid: number;
  /** Its name (pg_collation.collname): `de-x-icu`. */
  readonly name: string;
  /** pg_collation.collprovider: default, libc, builtin, ICU. */
  readonly provider: "d" | "c" | "b" | "i";
  /** The locale; absent for the default. */
  readonly locale: string | undefined;
  /** pg_collation.collencoding: -1 for any. */
  readonly encoding: number;
  /** The language whose order it has, as BCP 47; absent: code points. */
  readonly language: string | undefined;
}

/** A type with its modifier: `varchar(20)`. */
export interface TypeRef {
  /** The type. */
  readonly type: DataType;
  /** Its modifier, -1 if none. */
  readonly typmod: number;
  /** The collation of a column of texts; absent: the default. */
  readonly collation?: Collation | undefined;
}
