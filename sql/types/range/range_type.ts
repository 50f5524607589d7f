/**
 * Range types and their multiranges.
 *
 * In JavaScript a value is its text; a parameter may also be an object with
 * `lower`, `upper` and `bounds` (`"[)"` unless given), a multirange a list.
 *
 * @module
 */
import type { DataType, Nullable, SqlValue } from "../data_type.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { int4, int8, INT8_MAX, normalizeInt8 } from "../int_types.ts";
import { textOfJs } from "../js_value.ts";
import { numeric } from "../numeric_type.ts";
import { date, timestamp, timestamptz } from "../temporal_types.ts";
import {
  formatRange,
  parseRange,
  rangeOf,
  splitMultirange,
} from "./range_text.ts";
import {
  compareRanges,
  hashKeyOfRange,
  type RangeKind,
  SqlMultirange,
  SqlRange,
} from "./range_value.ts";

const COMMON = {
  category: "R",
  preferred: false,
  length: -1,
  storage: "reference",
} as const;

/** What a range type is called; it may change. */
export interface RangeNames {
  readonly name: string;
  /** As people see it; absent: the same. */
  readonly shown?: string;
}

/** The range type of a kind; its name is what `names` says. */
export function rangeType(
  oid: number,
  names: RangeNames,
  kind: RangeKind,
): DataType {
  const { subtype } = kind;
  const type: DataType = {
    ...COMMON,
    oid,
    get name() {
      return names.name;
    },
    get displayName() {
      return names.shown ?? names.name;
    },
    range: kind,
    input: (text, _typmod, context) =>
      parseRange(kind, text, (bound) => subtype.input(bound, -1, context)),
    output: (value, settings) =>
      formatRange(subtype, value as SqlRange, settings),
    compare: (a, b) => compareRanges(subtype, a as SqlRange, b as SqlRange),
    hashKey: (value) => hashKeyOfRange(subtype, value as SqlRange),
    fromJs: (value, context) =>
      isObject(value)
        ? rangeOfJs(kind, value)
        : type.input(textOfJs(value), -1, context),
    toJs: (value) => type.output(value),
  };
  return type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    ("lower" in value || "upper" in value || "empty" in value);
}

function rangeOfJs(kind: RangeKind, value: Record<string, unknown>): SqlRange {
  if (value["empty"] === true) return SqlRange.EMPTY;
  const read = (bound: unknown): Nullable =>
    bound === null || bound === undefined ? null : kind.subtype.fromJs(bound);
  return rangeOf(
    kind,
    read(value["lower"]),
    read(value["upper"]),
    checkFlags(textOfJs(value["bounds"] ?? "[)")),
  );
}

/**
 * The brackets of a range, if they are such.
 *
 * @throws {SqlError} `42601`.
 */
export function checkFlags(flags: string): string {
  if (/^[[(][\])]$/.test(flags)) return flags;
  throw new SqlError("42601", "invalid range bound flags", {
    hint: 'Valid values are "[]", "[)", "(]", and "()".',
  });
}

/** The multirange type of a range type; its name is what `names` says. */
export function multirangeType(
  oid: number,
  names: RangeNames,
  range: DataType,
): DataType {
  const kind = range.range!;
  const { subtype } = kind;
  const rangesOf = (value: SqlValue): readonly SqlRange[] =>
    (value as SqlMultirange).ranges;
  const type: DataType = {
    ...COMMON,
    oid,
    get name() {
      return names.name;
    },
    get displayName() {
      return names.shown ?? names.name;
    },
    multirangeOf: range,
    input: (text, typmod, context) =>
      SqlMultirange.of(
        kind,
        splitMultirange(text).map((part) =>
          range.input(part, typmod, context) as SqlRange
        ),
      ),
    output: (value, settings) =>
      `{${
        rangesOf(value).map((part) => formatRange(subtype, part, settings))
          .join(",")
      }}`,
    compare: (a, b) => compareLists(subtype, rangesOf(a), rangesOf(b)),
    hashKey: (value) =>
      rangesOf(value).map((part) => hashKeyOfRange(subtype, part)).join(";"),
    fromJs: (value, context) =>
      Array.isArray(value)
        ? SqlMultirange.of(
          kind,
          value.map((part) => range.fromJs(part, context) as SqlRange),
        )
        : type.input(textOfJs(value), -1, context),
    toJs: (value) => type.output(value),
  };
  return type;
}

/** Range by range; a prefix before what it begins. */
function compareLists(
  subtype: DataType,
  a: readonly SqlRange[],
  b: readonly SqlRange[],
): number {
  const count = Math.min(a.length, b.length);
  for (let i = 0; i < count; i++) {
    const order = compareRanges(subtype, a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function nextInt4(value: SqlValue): SqlValue {
  if (value === 2147483647) throw new SqlError("22003", "integer out of range");
  return (value as number) + 1;
}

function nextInt8(value: SqlValue): SqlValue {
  if (value === INT8_MAX) throw new SqlError("22003", "bigint out of range");
  return normalizeInt8(BigInt(value as number | bigint) + 1n);
}

/** The day of the last date, 5874897-12-31. */
const DATE_MAX = 2145031948;

/** The infinities have no next day. */
function nextDate(value: SqlValue): SqlValue {
  const days = value as number;
  if (days === 2147483647 || days === -2147483648) return value;
  if (days >= DATE_MAX) throw new SqlError("22008", "date out of range");
  return days + 1;
}

/** The range types. */
export const RANGE_TYPES: readonly DataType[] = [
  rangeType(3904, { name: "int4range" }, { subtype: int4, next: nextInt4 }),
  rangeType(3906, { name: "numrange" }, { subtype: numeric }),
  rangeType(3908, { name: "tsrange" }, { subtype: timestamp }),
  rangeType(3910, { name: "tstzrange" }, { subtype: timestamptz }),
  rangeType(3912, { name: "daterange" }, { subtype: date, next: nextDate }),
  rangeType(3926, { name: "int8range" }, { subtype: int8, next: nextInt8 }),
];

const MULTIRANGE_OIDS: Readonly<Record<string, number>> = {
  int4range: 4451,
  numrange: 4532,
  tsrange: 4533,
  tstzrange: 4534,
  daterange: 4535,
  int8range: 4536,
};

/** The multirange types, in the order of their range types. */
export const MULTIRANGE_TYPES: readonly DataType[] = RANGE_TYPES.map((range) =>
  multirangeType(
    MULTIRANGE_OIDS[range.name]!,
    { name: range.name.replace("range", "multirange") },
    range,
  )
);

/** The multirange types of databases, by their range types. */
const linked = new WeakMap<DataType, DataType>();

/** Notes which multirange type goes with a range type of a database. */
export function linkMultirange(range: DataType, multirange: DataType): void {
  linked.set(range, multirange);
}

/** The multirange type over a range type. */
export function multirangeTypeOf(range: DataType): DataType | undefined {
  return linked.get(range) ??
    MULTIRANGE_TYPES.find((type) => type.multirangeOf === range);
}
