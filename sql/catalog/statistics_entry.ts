/**
 * What ANALYZE found out about a table: an entry of the catalog of its own, so
 * that those who write rows of the table are not in its way. It goes with the
 * table.
 *
 * | field | is |
 * | --- | --- |
 * | `tableId` | the table's id; `name` is the same as text |
 * | `rows`, `pages` | how many there were |
 * | `analyzedAt` | microseconds since 2000-01-01; absent: nobody asked yet |
 * | `autoAnalyzedAt` | when it was analyzed by itself; absent: never |
 * | `columns` | what is known of each column, by its number |
 *
 * Values are in the text form of their type. A column that got another type
 * since is one of which nothing is known.
 *
 * @module
 */
import type { EntryCommon } from "./entry_common.ts";
import { type ColumnsSummary, decodeSummary } from "./extended_statistics.ts";
import {
  corrupt,
  type Fields,
  idAt,
  listAt,
  optional,
  textAt,
} from "./stored_fields.ts";

/** What is known of a column. */
export interface ColumnStatistics {
  /** The column's `number`. */
  readonly number: number;
  /** The name of the type that its values had. */
  readonly type: string;
  /** The share of rows in which it is NULL. */
  readonly nullFraction: number;
  /** Bytes of a value, on average. */
  readonly width: number;
  /**
   * How many different values there are; negative: their number for each row of
   * the table; 0: nobody knows (pg_stats.n_distinct).
   */
  readonly distinct: number;
  /** The most common values, the most common first. */
  readonly commonValues: readonly string[];
  /** The shares of rows that have them. */
  readonly commonShares: readonly number[];
  /** Values that divide all others into parts of equally many rows. */
  readonly bounds: readonly string[];
  /** How the order of values goes with that of rows, -1 to 1. */
  readonly correlation?: number | undefined;
}

/** The statistics of a table. */
export interface StatisticsEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "statistics";
  /** The schema: its table's. */
  readonly schema: string;
  /** The table's `id`. */
  readonly tableId: number;
  /** How many rows the table had. */
  readonly rows: number;
  /** How many pages they would take. */
  readonly pages: number;
  /** When ANALYZE was run, microseconds since 2000-01-01; absent: never. */
  readonly analyzedAt?: number | undefined;
  /** When it was analyzed without being asked; absent: never. */
  readonly autoAnalyzedAt?: number | undefined;
  readonly columns: readonly ColumnStatistics[];
  /** What is known of several columns together. */
  readonly extended?: readonly ColumnsSummary[] | undefined;
}

/** Reads the fields of an entry's row. */
export function decodeStatistics(
  fields: Fields,
): Omit<StatisticsEntry, keyof EntryCommon> {
  return {
    kind: "statistics",
    schema: textAt(fields, "schema"),
    tableId: idAt(fields, "tableId"),
    rows: numberAt(fields, "rows", 0, Infinity),
    pages: numberAt(fields, "pages", 0, Infinity),
    ...timeAt(fields, "analyzedAt"),
    ...timeAt(fields, "autoAnalyzedAt"),
    columns: listAt(fields, "columns").map(decodeColumn),
    ...optional(
      "extended",
      fields["extended"],
      () => listAt(fields, "extended").map(decodeSummary),
    ),
  };
}

function timeAt(
  fields: Fields,
  name: "analyzedAt" | "autoAnalyzedAt",
): { [key in typeof name]?: number } {
  if (fields[name] === undefined) return {};
  return { [name]: numberAt(fields, name, -Infinity, Infinity) };
}

function decodeColumn(fields: Fields): ColumnStatistics {
  const commonValues = textsAt(fields, "commonValues");
  const commonShares = sharesAt(fields, "commonShares");
  if (commonValues.length !== commonShares.length) {
    throw corrupt("values and their shares are not equally many");
  }
  const { correlation } = fields;
  return {
    number: idAt(fields, "number"),
    type: textAt(fields, "type"),
    nullFraction: numberAt(fields, "nullFraction", 0, 1),
    width: numberAt(fields, "width", 0, Infinity),
    distinct: numberAt(fields, "distinct", -1, Infinity),
    commonValues,
    commonShares,
    bounds: textsAt(fields, "bounds"),
    ...(correlation === undefined
      ? {}
      : { correlation: numberAt(fields, "correlation", -1, 1) }),
  };
}

function numberAt(
  fields: Fields,
  name: string,
  min: number,
  max: number,
): number {
  const value = fields[name];
  if (
    typeof value === "number" && Number.isFinite(value) && value >= min &&
    value <= max && !Object.is(value, -0)
  ) return value;
  throw corrupt(`"${name}" of statistics is out of range`);
}

function textsAt(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (
    Array.isArray(value) && value.every((each) => typeof each === "string")
  ) return value;
  throw corrupt(`"${name}" of statistics is no list of texts`);
}

function sharesAt(fields: Fields, name: string): readonly number[] {
  const value = fields[name];
  const isShare = (each: unknown): boolean =>
    typeof each === "number" && each >= 0 && each <= 1;
  if (Array.isArray(value) && value.every(isShare)) return value;
  throw corrupt(`"${name}" of statistics is no list of shares`);
}
