/**
 * The nodes of logical plans for functions that give rows.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { FunctionDefinition } from "../functions/registry.ts";
import type { SetColumn } from "../functions/sets/set_source.ts";

/** A call of a function that gives rows, or of any other: one row. */
export interface SetCall {
  readonly function: FunctionDefinition;
  readonly args: readonly BoundExpression[];
  /** The columns wanted of it. */
  readonly columns: readonly SetColumn[];
}

/** The rows of functions in FROM, side by side. */
export interface FunctionScanNode {
  readonly kind: "function_scan";
  readonly relation: number;
  readonly alias: string;
  /** A call that gives rows, or an expression that gives one. */
  readonly functions: readonly PlannedFunction[];
  /** Whether the rows are numbered, in the last column. */
  readonly ordinality: boolean;
}

/** One of the functions of a `function_scan`. */
export type PlannedFunction =
  | (SetCall & { readonly kind: "set" })
  | {
    readonly kind: "value";
    readonly expression: BoundExpression;
    readonly columns: readonly SetColumn[];
  };
