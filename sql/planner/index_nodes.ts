/**
 * Nodes of logical plans: rows that an index finds.
 *
 * @module
 */
import type { LeadingKeys } from "../access/index_access.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import type { IndexEntry } from "../catalog/entries.ts";

/** The rows of a table that an index has under certain keys. */
export interface IndexLookupNode {
  readonly kind: "index_lookup";
  readonly table: TableRelation;
  readonly index: IndexEntry;
  /** The keys, each a value for every key column; no columns in them. */
  readonly keys: readonly (readonly BoundExpression[])[];
  /** Whether the one key is an array of the values of the one key column. */
  readonly unnests?: boolean;
  /** What the keys stand for, for people. */
  readonly condition: BoundExpression;
  readonly columns: readonly number[];
  readonly filter: BoundExpression | undefined;
}

/** What a key column of an index may be. */
export interface KeyValues {
  /** The values; no columns in them. */
  readonly values: readonly BoundExpression[];
  /** Whether the one value is an array of the values. */
  readonly isArray: boolean;
  /** Whether NULL means the rows that have NULL: `IS NULL`. */
  readonly isNull: boolean;
}

/** One end of a range of a key column. */
export interface KeyEnd {
  readonly value: BoundExpression;
  readonly inclusive: boolean;
}

/** A range of an index: which entries. */
export interface IndexRange {
  readonly index: IndexEntry;
  /** What the first key columns are. */
  readonly equal: readonly KeyValues[];
  readonly lower: KeyEnd | undefined;
  readonly upper: KeyEnd | undefined;
  /** Whether NULLs of the next key column are left out. */
  readonly notNull: boolean;
  /** What the range stands for, for people; absent: all of the index. */
  readonly condition: BoundExpression | undefined;
}

/** The rows of a table in a range of an index. */
export interface IndexScanNode {
  readonly kind: "index_scan";
  readonly table: TableRelation;
  readonly range: IndexRange;
  /** Whether the rows come in the order of the index. */
  readonly ordered: boolean;
  /** Whether the last comes first. */
  readonly backward: boolean;
  /** Only the first row of each value of some key columns; absent: all. */
  readonly leading?: LeadingKeys | undefined;
  readonly columns: readonly number[];
  readonly filter: BoundExpression | undefined;
}

/** `key operator value`, for an index that knows parts of values. */
export interface SearchTerm {
  /** Which of the key columns. */
  readonly key: number;
  readonly operator: string;
  /** No columns in it. */
  readonly value: BoundExpression;
}

/** Where the locators of a bitmap scan come from. */
export type BitmapSource =
  | {
    readonly kind: "search";
    readonly index: IndexEntry;
    readonly terms: readonly SearchTerm[];
    /** What the terms stand for, for people. */
    readonly condition: BoundExpression;
  }
  | { readonly kind: "range"; readonly range: IndexRange }
  | {
    readonly kind: "and" | "or";
    readonly inputs: readonly BitmapSource[];
  };

/** The rows of a table that indexes find together; all conditions are in `filter`. */
export interface BitmapScanNode {
  readonly kind: "bitmap_scan";
  readonly table: TableRelation;
  readonly source: BitmapSource;
  /** What the source stands for. */
  readonly condition: BoundExpression;
  readonly columns: readonly number[];
  readonly filter: BoundExpression | undefined;
}
