/**
 * Shares of rows by what ANALYZE found out about a column, as PostgreSQL's
 * `selfuncs.c` computes them.
 *
 * A share is a sum of three parts: the most common values, whose shares are
 * known; the other values, which the histogram divides into parts of equally
 * many rows; and NULL, for which no comparison is true. Within a part of the
 * histogram numbers are taken to be spread evenly.
 *
 * @module
 */
import type { CatalogView, ColumnEntry } from "../catalog/entries.ts";
import type { ColumnStatistics } from "../catalog/statistics_entry.ts";
import type { DataType, SqlValue } from "../types/data_type.ts";

/** What is known of a column, with its values. */
export interface KnownColumn {
  readonly type: DataType;
  /** The share of rows in which it is NULL. */
  readonly nullShare: number;
  /** How many different values there are; 0: nobody knows. */
  readonly distinct: number;
  /** The most common values, and the shares of rows that have them. */
  readonly common: readonly SqlValue[];
  readonly commonShares: readonly number[];
  /** The share of all the others. */
  readonly otherShare: number;
  /** What divides the others into parts of equally many rows. */
  readonly bounds: readonly SqlValue[];
}

/** The bounds of a range; absent: there is none on that side. */
export interface KnownRange {
  readonly lower?: RangeEnd | undefined;
  readonly upper?: RangeEnd | undefined;
}

/** One bound. */
export interface RangeEnd {
  readonly value: SqlValue;
  readonly inclusive: boolean;
}

type Values = Pick<KnownColumn, "common" | "bounds">;

/** Values by the statistics they were read from, which do not change. */
const read = new WeakMap<ColumnStatistics, Values | null>();

/** What is known of a column of a table that has about `rowCount` rows. */
export function knownColumn(
  catalog: CatalogView,
  tableId: number,
  { number, type: { type } }: ColumnEntry,
  rowCount: number,
): KnownColumn | undefined {
  const statistics = catalog.statisticsOf(tableId)?.columns
    .find((each) => each.number === number);
  if (statistics === undefined || statistics.type !== type.name) {
    return undefined;
  }
  let values = read.get(statistics);
  if (values === undefined) {
    read.set(statistics, values = valuesOf(statistics, type));
  }
  if (values === null) return undefined;
  const { distinct, nullFraction, commonShares } = statistics;
  const commonShare = commonShares.reduce((sum, share) => sum + share, 0);
  return {
    type,
    nullShare: nullFraction,
    distinct: distinct < 0 ? Math.max(1, -distinct * rowCount) : distinct,
    commonShares,
    otherShare: Math.max(0, 1 - nullFraction - commonShare),
    ...values,
  };
}

/** The values; `null` where the type does not read them any more. */
function valuesOf(
  { commonValues, bounds }: ColumnStatistics,
  type: DataType,
): Values | null {
  try {
    return {
      common: commonValues.map((text) => type.input(text, -1)),
      bounds: bounds.map((text) => type.input(text, -1)),
    };
  } catch {
    // A label of an enumeration was renamed, say: nothing is known.
    return null;
  }
}

/** The share of rows with a value; `undefined`: one that is not known yet. */
export function equalToShare(
  column: KnownColumn,
  value: SqlValue | undefined,
): number | undefined {
  const { type, common, commonShares, distinct, otherShare, nullShare } =
    column;
  if (value === undefined) {
    if (distinct === 0) return undefined;
    const share = (1 - nullShare) / Math.max(1, distinct);
    return Math.min(share, commonShares[0] ?? 1);
  }
  const at = common.findIndex((each) => type.compare(each, value) === 0);
  if (at >= 0) return commonShares[at]!;
  if (distinct === 0) return undefined;
  const share = otherShare / Math.max(1, distinct - common.length);
  return Math.min(share, commonShares.at(-1) ?? 1);
}

/** The share of rows in a range; `undefined`: the histogram says nothing. */
export function rangeShare(
  column: KnownColumn,
  { lower, upper }: KnownRange,
): number | undefined {
  const { type, common, commonShares, bounds, otherShare } = column;
  if (bounds.length < 2 && common.length === 0) return undefined;
  let share = 0;
  common.forEach((value, i) => {
    const isIn = isBelow(type, value, upper) && isAbove(type, value, lower);
    if (isIn) share += commonShares[i]!;
  });
  if (bounds.length < 2) {
    return share + (otherShare > 0.01 ? otherShare / 3 : 0);
  }
  const below = upper === undefined ? 1 : placeOf(column, upper.value);
  const above = lower === undefined ? 0 : placeOf(column, lower.value);
  return share + otherShare * Math.max(0, below - above);
}

function isBelow(
  type: DataType,
  value: SqlValue,
  end: RangeEnd | undefined,
): boolean {
  if (end === undefined) return true;
  const order = type.compare(value, end.value);
  return order < 0 || (order === 0 && end.inclusive);
}

function isAbove(
  type: DataType,
  value: SqlValue,
  end: RangeEnd | undefined,
): boolean {
  if (end === undefined) return true;
  const order = type.compare(value, end.value);
  return order > 0 || (order === 0 && end.inclusive);
}

/** The share of the others that is below a value. */
function placeOf({ type, bounds }: KnownColumn, value: SqlValue): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (type.compare(bounds[middle]!, value) < 0) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  if (low === bounds.length) return 1;
  const start = bounds[low - 1]!;
  const end = bounds[low]!;
  const isNumber = typeof start === "number" && typeof end === "number" &&
    typeof value === "number" && Number.isFinite(end - start) && end > start;
  const within = isNumber ? (value - start) / (end - start) : 0.5;
  return (low - 1 + within) / (bounds.length - 1);
}
