/**
 * Custom scans: rows of a table that an application supplies. What a provider is
 * asked when a scan is planned, and what it is given when it runs.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";

/** What a condition says of a column. */
export type ScanOperator =
  | "="
  | "<>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "in"
  | "is null"
  | "is not null";

/** A condition on the rows of a scan: a column compared with a value. */
export interface ScanCondition {
  /** The column's name. */
  readonly column: string;
  readonly operator: ScanOperator;
}

/** A scan that is to be planned. */
export interface ScanQuestion {
  /** The table's schema. */
  readonly schema: string;
  /** The table's name. */
  readonly table: string;
  /** The names of the columns that are wanted. */
  readonly columns: readonly string[];
  /** What holds for rows that are wanted; there may be more that is not told. */
  readonly conditions: readonly ScanCondition[];
}

/** A condition with its value. */
export interface ScanBound extends ScanCondition {
  /** As result rows hold it; an array of them for `in`; none for `is null`. */
  readonly value?: unknown;
}

/** A scan that runs. */
export interface ScanRun {
  /** The names of the columns that are wanted, in the order of arrays. */
  readonly columns: readonly string[];
  /** The conditions that were told, with their values. */
  readonly conditions: readonly ScanBound[];
  /**
   * How many rows are wanted at most; absent where that is not known, or where
   * conditions are not answered by the provider.
   */
  readonly limit?: number | undefined;
  /** Says when the statement is canceled. */
  readonly signal: AbortSignal;
}

/** A row: values by the names of columns, or in the order of those wanted. */
export type ScanRow = Readonly<Record<string, unknown>> | readonly unknown[];

/** Rows, some at a time. */
export type ScanRows =
  | Iterable<readonly ScanRow[]>
  | AsyncIterable<readonly ScanRow[]>;

/** How a provider would scan. */
export interface ScanOffer {
  /**
   * Those of the conditions that its rows fulfill; all others are looked at
   * again (default: none).
   */
  readonly exact?: readonly ScanCondition[];
  /** About how many rows it gives (default: as many as the statistics say). */
  readonly rows?: number;
  /**
   * What it costs, in the unit of EXPLAIN; where the table itself is read for less,
   * it is (default: the provider is always taken).
   */
  readonly cost?: number;
  /** Begins a scan; values are as parameters may be. */
  readonly open: (run: ScanRun) => ScanRows;
}

/** Supplies the rows of tables. */
export interface ScanProvider {
  /** Its name, for EXPLAIN. */
  readonly name: string;
  /** How it would scan; nothing where it does not. */
  readonly offer: (question: ScanQuestion) => ScanOffer | undefined;
}

/** A condition that was told to a provider. */
export interface ToldCondition {
  readonly condition: ScanCondition;
  /** What it is in the plan. */
  readonly expression: BoundExpression;
  /** The values: one, more for `in`, none for `is null`. */
  readonly values: readonly BoundExpression[];
}

/** Rows of a table, from a provider. */
export interface CustomScanNode {
  readonly kind: "custom_scan";
  readonly table: TableRelation;
  readonly provider: string;
  readonly offer: ScanOffer;
  readonly told: readonly ToldCondition[];
  readonly columns: readonly number[];
  /** What the provider does not answer. */
  readonly filter: BoundExpression | undefined;
  /** How many rows are wanted of it, if it answers everything. */
  readonly limit: BoundExpression | undefined;
  readonly offset: BoundExpression | undefined;
}
