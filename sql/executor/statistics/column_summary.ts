/**
 * Statistics of a column from a sample of its values, as PostgreSQL's
 * `analyze.c` computes them.
 *
 * The number of different values is Haas and Stokes' estimator Duj1: with `n`
 * of `N` rows in the sample, `d` different values in it and `f1` of them once,
 * `n d / (n - f1 + f1 n / N)`. A value is a common one if it is more frequent
 * in the sample than the values that are none, by more than two standard
 * deviations of the hypergeometric distribution.
 *
 * @module
 */
import type { ColumnStatistics } from "../../catalog/statistics_entry.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import type { ColumnSample } from "./table_sample.ts";

/** How many common values are kept, and parts of the histogram. */
const TARGET = 100;

/** What a summary is made of. */
export interface SummaryFacts {
  readonly type: DataType;
  readonly sample: ColumnSample;
  readonly sampleCount: number;
  readonly rowCount: number;
}

/** A value that the sample has more than once. */
interface Repeated {
  /** Where it begins among the sorted values. */
  readonly first: number;
  readonly count: number;
}

/** What is known of a column whose sample is `facts`. */
export function summarize(
  facts: SummaryFacts,
): Omit<ColumnStatistics, "number"> {
  const { type, sample, sampleCount, rowCount } = facts;
  const values: SqlValue[] = [];
  const places: number[] = [];
  let nullCount = 0;
  let wideCount = 0;
  let bytes = 0;
  for (let row = 0; row < sampleCount; row++) {
    const value = sample.values[row];
    bytes += sample.widths[row]!;
    if (value === null) nullCount++;
    else if (value === undefined) wideCount++;
    else {
      places.push(values.length);
      values.push(value);
    }
  }
  const filled = sampleCount - nullCount;
  const nullFraction = sampleCount === 0 ? 0 : nullCount / sampleCount;
  const base = {
    type: type.name,
    nullFraction,
    width: filled > 0
      ? type.length > 0 ? type.length : bytes / filled
      : type.length > 0
      ? type.length
      : 0,
    distinct: 0,
    commonValues: [],
    commonShares: [],
    bounds: [],
  };
  const isOpaque = type.comparable === false ||
    (type.element ?? type).host?.isRegistered() === false;
  if (filled === 0 || isOpaque) return base;
  if (values.length === 0) return { ...base, distinct: nullFraction - 1 };
  places.sort((a, b) => type.compare(values[a]!, values[b]!) || a - b);
  const { repeated, distinctCount } = repeatedOf(type, values, places);
  const once = distinctCount - repeated.length + wideCount;
  const distinct = distinctOf(
    {
      once,
      repeated: repeated.length,
      filled,
      isWhole: wideCount === 0 && once === 0,
    },
    nullFraction,
    rowCount,
  );
  const common = commonOf(repeated, {
    isAll: wideCount === 0 && once === 0 && distinct > 0,
    distinct,
    nullFraction,
    sampleCount,
    rowCount,
  });
  return {
    ...base,
    distinct,
    commonValues: common.map(({ first }) =>
      type.output(values[places[first]!]!)
    ),
    commonShares: common.map(({ count }) => count / sampleCount),
    bounds: boundsOf(common, distinctCount, places)
      .map((place) => type.output(values[place]!)),
    ...correlationOf(places),
  };
}

function repeatedOf(
  type: DataType,
  values: readonly SqlValue[],
  places: readonly number[],
): { repeated: Repeated[]; distinctCount: number } {
  const repeated: Repeated[] = [];
  let distinctCount = 0;
  for (let first = 0; first < places.length;) {
    let end = first + 1;
    const value = values[places[first]!]!;
    while (
      end < places.length && type.compare(value, values[places[end]!]!) === 0
    ) end++;
    distinctCount++;
    if (end - first > 1) repeated.push({ first, count: end - first });
    first = end;
  }
  return { repeated, distinctCount };
}

/** `n_distinct`. */
function distinctOf(
  { once, repeated, filled, isWhole }: {
    readonly once: number;
    readonly repeated: number;
    readonly filled: number;
    readonly isWhole: boolean;
  },
  nullFraction: number,
  rowCount: number,
): number {
  if (repeated === 0) return nullFraction - 1;
  let distinct = repeated;
  if (!isWhole) {
    const all = rowCount * (1 - nullFraction);
    const found = once + repeated;
    const guess = filled * found / (filled - once + once * filled / all);
    distinct = Math.floor(Math.min(Math.max(guess, found), all) + 0.5);
  }
  return distinct > 0.1 * rowCount ? -(distinct / rowCount) : distinct;
}

/** The values that are worth to be remembered, the most common first. */
function commonOf(
  repeated: readonly Repeated[],
  { isAll, distinct, nullFraction, sampleCount, rowCount }: {
    readonly isAll: boolean;
    readonly distinct: number;
    readonly nullFraction: number;
    readonly sampleCount: number;
    readonly rowCount: number;
  },
): Repeated[] {
  const sorted = repeated.toSorted((a, b) => b.count - a.count)
    .slice(0, TARGET);
  if (isAll && repeated.length <= TARGET) return sorted;
  if (sampleCount === rowCount || rowCount <= 1) return sorted;
  const distinctAll = distinct < 0 ? -distinct * rowCount : distinct;
  let kept = sorted.length;
  let others = sorted.slice(0, -1).reduce((sum, { count }) => sum + count, 0);
  while (kept > 0) {
    const left = 1 - others / sampleCount - nullFraction;
    const rest = distinctAll - (kept - 1);
    const share = Math.min(1, Math.max(0, left)) / Math.max(1, rest);
    const { count } = sorted[kept - 1]!;
    const likely = rowCount * count / sampleCount;
    const variance = sampleCount * likely * (rowCount - likely) *
      (rowCount - sampleCount) / (rowCount * rowCount * (rowCount - 1));
    const least = share * sampleCount + 2 * Math.sqrt(variance) + 0.5;
    if (count > least) break;
    kept--;
    if (kept > 0) others -= sorted[kept - 1]!.count;
  }
  return sorted.slice(0, kept);
}

/** The places of the bounds of the histogram. */
function boundsOf(
  common: readonly Repeated[],
  distinctCount: number,
  places: readonly number[],
): number[] {
  const count = Math.min(distinctCount - common.length, TARGET + 1);
  if (count < 2) return [];
  const rest: number[] = [];
  let at = 0;
  for (const each of common.toSorted((a, b) => a.first - b.first)) {
    while (at < each.first) rest.push(places[at++]!);
    at += each.count;
  }
  while (at < places.length) rest.push(places[at++]!);
  return Array.from(
    { length: count },
    (_, i) => rest[Math.floor(i * (rest.length - 1) / (count - 1))]!,
  );
}

/** How the order of the values goes with that of the rows. */
function correlationOf(
  places: readonly number[],
): Pick<ColumnStatistics, "correlation"> {
  const n = places.length;
  if (n < 2) return {};
  const sum = (n - 1) * n / 2;
  const squares = (n - 1) * n * (2 * n - 1) / 6;
  const products = places.reduce((all, place, i) => all + place * i, 0);
  const correlation = (n * products - sum * sum) / (n * squares - sum * sum);
  return { correlation: Math.min(1, Math.max(-1, correlation)) };
}
