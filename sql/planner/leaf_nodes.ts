/**
 * Nodes of logical plans that have none below: rows of a table, of a list, from
 * outside.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { TableRelation, ValuesRelation } from "../analyzer/bound_tree.ts";
import type { TypeRef } from "../types/data_type.ts";

/** One row, no columns. */
export interface ResultNode {
  readonly kind: "result";
}

/** A VALUES list. */
export interface ValuesNode {
  readonly kind: "values";
  readonly values: ValuesRelation;
}

/** Rows that come from outside, when the plan runs. */
export interface ExternalNode {
  readonly kind: "external";
  readonly relation: number;
  readonly types: readonly TypeRef[];
}

/** All rows of a table. */
export interface ScanNode {
  readonly kind: "scan";
  readonly table: TableRelation;
  /** The columns wanted, system columns included. */
  readonly columns: readonly number[];
  readonly filter: BoundExpression | undefined;
  /** How many threads share the rows, this one counted by its part. */
  readonly parallel?: number | undefined;
}

/** The rows of a query of WITH, or those of the round before. */
export interface CteScanNode {
  readonly kind: "cte_scan";
  readonly id: number;
  readonly name: string;
  readonly alias: string;
  readonly relation: number;
  readonly types: readonly TypeRef[];
  /** Whether it stands in the second part of the query itself. */
  readonly working: boolean;
}
