/**
 * CREATE STATISTICS: what ANALYZE shall find out about several columns of a
 * table together. The table's entry has the definitions, so that they go with
 * it; what was found out is with the table's statistics.
 *
 * | kind | what is found out |
 * | --- | --- |
 * | `ndistinct` | how many different combinations of values there are, of any columns |
 * | `dependencies` | how far the values of some columns say what that of another is |
 * | `mcv` | the most common combinations of all columns |
 *
 * @module
 */
import {
  corrupt,
  type Fields,
  idAt,
  idsAt,
  listAt,
  optional,
  textAt,
  wordAt,
} from "./stored_fields.ts";

/** What is found out. */
export type StatisticsKind = "ndistinct" | "dependencies" | "mcv";

/** The kinds, as PostgreSQL orders them. */
export const STATISTICS_KINDS: readonly StatisticsKind[] = [
  "ndistinct",
  "dependencies",
  "mcv",
];

/** A statistics object: a part of its table. */
export interface ExtendedStatistics {
  /** Tells it from others of the table; a number is not used again. */
  readonly number: number;
  readonly name: string;
  readonly schema: string;
  /** The numbers of the columns, ascending. */
  readonly columns: readonly number[];
  readonly kinds: readonly StatisticsKind[];
  /** ALTER STATISTICS … SET STATISTICS; absent: the default. */
  readonly target?: number | undefined;
  /** What COMMENT says of it. */
  readonly comment?: string | undefined;
}

/** What was found out about the columns of a statistics object. */
export interface ColumnsSummary {
  /** Its `number`. */
  readonly number: number;
  /** The names of the columns' types at the time. */
  readonly types: readonly string[];
  /** Combinations of columns, and how many different values they have. */
  readonly distinct?: readonly ColumnsDistinct[] | undefined;
  readonly dependencies?: readonly ColumnDependency[] | undefined;
  /** The most common combinations, the most common first. */
  readonly common?: readonly CommonCombination[] | undefined;
}

/** How many different values some columns have together. */
export interface ColumnsDistinct {
  readonly columns: readonly number[];
  readonly count: number;
}

/** How far some columns say what another is. */
export interface ColumnDependency {
  readonly from: readonly number[];
  readonly to: number;
  /** The share of rows in which they do, 0 to 1. */
  readonly degree: number;
}

/** A combination of values of all columns. */
export interface CommonCombination {
  /** In the text form of their types; NULL is `null`. */
  readonly values: readonly (string | null)[];
  /** The share of rows that have it. */
  readonly share: number;
  /** What the share would be if the columns had nothing to do with each other. */
  readonly baseShare: number;
}

/** The most statistics objects that a table ever had. */
export const STATISTICS_MAX = 32;

/** Reads a definition. @throws {KriyaError} `corrupt`. */
export function decodeExtended(fields: Fields): ExtendedStatistics {
  const { kinds, target } = fields;
  if (!Array.isArray(kinds)) throw corrupt("statistics are of no kind");
  return {
    number: numberOf(fields["number"]),
    name: textAt(fields, "name"),
    schema: textAt(fields, "schema"),
    columns: idsAt(fields, "columns"),
    kinds: kinds.map((kind) => wordAt({ kind }, "kind", STATISTICS_KINDS)),
    ...optional("target", target, () => numberOf(target)),
    ...optional("comment", fields["comment"], () => textAt(fields, "comment")),
  };
}

/** Reads what was found out. @throws {KriyaError} `corrupt`. */
export function decodeSummary(fields: Fields): ColumnsSummary {
  return {
    number: numberOf(fields["number"]),
    types: textsOf(fields["types"]),
    ...optional(
      "distinct",
      fields["distinct"],
      () =>
        listAt(fields, "distinct").map((each) => ({
          columns: idsAt(each, "columns"),
          count: numberOf(each["count"]),
        })),
    ),
    ...optional(
      "dependencies",
      fields["dependencies"],
      () =>
        listAt(fields, "dependencies").map((each) => ({
          from: idsAt(each, "from"),
          to: idAt(each, "to"),
          degree: numberOf(each["degree"]),
        })),
    ),
    ...optional(
      "common",
      fields["common"],
      () =>
        listAt(fields, "common").map((each) => ({
          values: valuesOf(each["values"]),
          share: numberOf(each["share"]),
          baseShare: numberOf(each["baseShare"]),
        })),
    ),
  };
}

function numberOf(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) {
    return value;
  }
  throw corrupt("statistics have a bad number");
}

function valuesOf(list: unknown): (string | null)[] {
  if (
    Array.isArray(list) &&
    list.every((each) => each === null || typeof each === "string")
  ) return list;
  throw corrupt("statistics have a bad value");
}

function textsOf(list: unknown): string[] {
  const values = valuesOf(list);
  if (values.every((value) => value !== null)) return values;
  throw corrupt("statistics have a bad text");
}
