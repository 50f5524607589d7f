/**
 * What the catalog knows of partitions: by what a table is partitioned, and
 * which rows one of its partitions has.
 *
 * Values of bounds are kept in the text form of the key column's type.
 *
 * @module
 */
import type { IndexColumn } from "../index_column.ts";

/** PARTITION BY. */
export interface PartitionKey {
  /** How rows are told apart. */
  readonly strategy: "list" | "range" | "hash";
  /** The columns and expressions of the key. */
  readonly columns: readonly IndexColumn[];
}

/** A part of a bound of RANGE. */
export type RangePoint =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "minvalue" | "maxvalue" };

/** Which rows a partition has: FOR VALUES. */
export type PartitionBound =
  | { readonly kind: "default" }
  | {
    readonly kind: "list";
    /** NULL is `null`. */
    readonly values: readonly (string | null)[];
  }
  | {
    readonly kind: "range";
    /** The first value, and the first that is beyond. */
    readonly from: readonly RangePoint[];
    readonly to: readonly RangePoint[];
  }
  | {
    readonly kind: "hash";
    readonly modulus: number;
    readonly remainder: number;
  };
