/**
 * What a sample says of several columns together (CREATE STATISTICS), as
 * PostgreSQL computes it (`mvdistinct.c`, `dependencies.c`, `mcv.c`).
 *
 * The values of each column are numbered first, and so are their combinations:
 * a combination of two numbers gets a number of its own. NULL is a value.
 *
 * @module
 */
import type { Cancellation } from "../../../base/cancellation.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type {
  ColumnDependency,
  ColumnsDistinct,
  ColumnsSummary,
  CommonCombination,
  ExtendedStatistics,
} from "../../catalog/extended_statistics.ts";
import type { DataType } from "../../types/data_type.ts";
import type { ColumnSample, TableSample } from "./table_sample.ts";

/** How many common combinations are kept without a target. */
const COMMON_MAX = 100;

/** Rows told apart: each has the number of its value, or combination. */
interface Numbered {
  readonly numbers: Int32Array;
  /** How many numbers there are. */
  readonly count: number;
}

/** A column of a statistics object, in the sample. */
interface SampledColumn extends Numbered {
  readonly number: number;
  readonly type: DataType;
  readonly sample: ColumnSample;
}

/** What statistics are computed from. */
export interface SummaryRequest {
  readonly table: TableEntry;
  /** The positions of the columns that the sample has. */
  readonly columns: readonly number[];
  readonly sample: TableSample;
  readonly signal: Cancellation | undefined;
}

/**
 * The summary of a statistics object; `undefined` where the sample has not all
 * of its columns, or nothing.
 */
export function summarizeColumns(
  statistics: ExtendedStatistics,
  { table, columns, sample, signal }: SummaryRequest,
): ColumnsSummary | undefined {
  if (sample.sampleCount === 0) return undefined;
  const sampled: SampledColumn[] = [];
  for (const number of statistics.columns) {
    const at = table.columns.findIndex((each) => each.number === number);
    const place = columns.indexOf(at);
    if (place < 0) return undefined;
    const { type } = table.columns[at]!.type;
    if (type.host?.isRegistered() === false) return undefined;
    const column = sample.columns[place]!;
    sampled.push({
      number,
      type,
      sample: column,
      ...numberValues(type, column, sample.sampleCount),
    });
  }
  const { kinds, target } = statistics;
  const combine = combinations(sampled, signal);
  return {
    number: statistics.number,
    types: sampled.map(({ type }) => type.name),
    ...kinds.includes("ndistinct") &&
      { distinct: distinctOf(sampled, combine, sample) },
    ...kinds.includes("dependencies") &&
      { dependencies: dependenciesOf(sampled, combine) },
    ...kinds.includes("mcv") && {
      common: commonOf(sampled, combine, sample, target ?? COMMON_MAX),
    },
  };
}

/** The number of each row's value; one that is too wide is like no other. */
function numberValues(
  type: DataType,
  { values }: ColumnSample,
  rowCount: number,
): Numbered {
  const known = new Map<unknown, number>();
  const numbers = new Int32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    const value = values[row];
    const key = value === undefined
      ? undefined
      : value === null
      ? null
      : type.hashKey(value);
    const there = key === undefined ? undefined : known.get(key);
    numbers[row] = there ?? count;
    if (there !== undefined) continue;
    if (key !== undefined) known.set(key, count);
    count++;
  }
  return { numbers, count };
}

/** Combinations of columns, each computed once. */
type Combine = (places: readonly number[]) => Numbered;

function combinations(
  columns: readonly SampledColumn[],
  signal: Cancellation | undefined,
): Combine {
  const known = new Map<string, Numbered>();
  const combine: Combine = (places) => {
    if (places.length === 1) return columns[places[0]!]!;
    const key = places.join();
    let made = known.get(key);
    if (made === undefined) {
      signal?.throwIfAborted();
      made = pair(combine(places.slice(0, -1)), columns[places.at(-1)!]!);
      known.set(key, made);
    }
    return made;
  };
  return combine;
}

function pair(a: Numbered, b: Numbered): Numbered {
  const known = new Map<number, number>();
  const numbers = new Int32Array(a.numbers.length);
  for (let row = 0; row < numbers.length; row++) {
    const key = a.numbers[row]! * b.count + b.numbers[row]!;
    let number = known.get(key);
    if (number === undefined) known.set(key, number = known.size);
    numbers[row] = number;
  }
  return { numbers, count: known.size };
}

/** The subsets of `count` places that have `size` members, in order. */
function subsets(count: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  const all: number[][] = [];
  for (let first = from; first <= count - size; first++) {
    for (const rest of subsets(count, size - 1, first + 1)) {
      all.push([first, ...rest]);
    }
  }
  return all;
}

function distinctOf(
  columns: readonly SampledColumn[],
  combine: Combine,
  sample: TableSample,
): ColumnsDistinct[] {
  const found: ColumnsDistinct[] = [];
  for (let size = 2; size <= columns.length; size++) {
    for (const places of subsets(columns.length, size)) {
      found.push({
        columns: places.map((place) => columns[place]!.number),
        count: distinctRows(combine(places), sample),
      });
    }
  }
  return found;
}

/** Haas and Stokes' estimator Duj1, of what the sample has. */
function distinctRows(
  { numbers, count }: Numbered,
  { rowCount, sampleCount }: TableSample,
): number {
  const sizes = sizesOf({ numbers, count });
  const once = sizes.filter((size) => size === 1).length;
  const estimate = sampleCount * count /
    ((sampleCount - once) + once * sampleCount / rowCount);
  return Math.floor(Math.min(rowCount, Math.max(count, estimate)) + 0.5);
}

function sizesOf({ numbers, count }: Numbered): Int32Array {
  const sizes = new Int32Array(count);
  for (const number of numbers) sizes[number]!++;
  return sizes;
}

function dependenciesOf(
  columns: readonly SampledColumn[],
  combine: Combine,
): ColumnDependency[] {
  const found: ColumnDependency[] = [];
  for (let size = 1; size < columns.length; size++) {
    for (const places of subsets(columns.length, size)) {
      for (let to = 0; to < columns.length; to++) {
        if (places.includes(to)) continue;
        const degree = degreeOf(combine(places), columns[to]!);
        if (degree === 0) continue;
        found.push({
          from: places.map((place) => columns[place]!.number),
          to: columns[to]!.number,
          degree,
        });
      }
    }
  }
  return found;
}

/** The share of rows whose group has one value of the other column. */
function degreeOf(groups: Numbered, other: Numbered): number {
  const NONE = -1;
  const MANY = -2;
  const values = new Int32Array(groups.count).fill(NONE);
  groups.numbers.forEach((group, row) => {
    const value = other.numbers[row]!;
    if (values[group] === NONE) values[group] = value;
    else if (values[group] !== value) values[group] = MANY;
  });
  let supporting = 0;
  for (const group of groups.numbers) {
    if (values[group] !== MANY) supporting++;
  }
  return supporting / groups.numbers.length;
}

function commonOf(
  columns: readonly SampledColumn[],
  combine: Combine,
  { rowCount, sampleCount }: TableSample,
  countMax: number,
): CommonCombination[] {
  const all = combine(columns.map((_, place) => place));
  const sizes = sizesOf(all);
  const firstRow = new Int32Array(all.count).fill(-1);
  all.numbers.forEach((number, row) => {
    if (firstRow[number] === -1) firstRow[number] = row;
  });
  const sizesOfEach = columns.map((column) => sizesOf(column));
  const order = Array.from(sizes.keys())
    .filter((number) =>
      columns.every(({ sample }) =>
        sample.values[firstRow[number]!] !== undefined
      )
    )
    .sort((a, b) => sizes[b]! - sizes[a]!);
  // Few rows of a sample say little, unless it has all there is.
  const sizeMin = all.count <= countMax ? 0 : leastSize(rowCount, sampleCount);
  return order.slice(0, countMax)
    .filter((number) => sizes[number]! >= sizeMin)
    .map((number) => {
      const row = firstRow[number]!;
      return {
        values: columns.map(({ sample, type }) => {
          const value = sample.values[row];
          return value === null || value === undefined
            ? null
            : type.output(value);
        }),
        share: sizes[number]! / sampleCount,
        baseShare: columns.reduce(
          (product, { numbers }, place) =>
            product * sizesOfEach[place]![numbers[row]!]! / sampleCount,
          1,
        ),
      };
    });
}

/** How often a combination has to be there (get_mincount_for_mcv_list). */
function leastSize(rowCount: number, sampleCount: number): number {
  const above = sampleCount * (rowCount - sampleCount);
  const below = rowCount - sampleCount +
    0.04 * sampleCount * (rowCount - 1);
  return below === 0 ? 0 : above / below;
}
