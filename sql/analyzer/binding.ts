/**
 * What the parts of the expression binder share: where an expression stands,
 * what it can see, and the way back to the whole binder.
 *
 * @module
 */
import type { Expression } from "../parser/expression_syntax.ts";
import { bool } from "../types/bool_type.ts";
import type { TypeRef } from "../types/data_type.ts";
import type {
  BoundExpression,
  BoundFrame,
  BoundOrder,
} from "./bound_expression.ts";
import type { Coercer } from "./coerce.ts";
import type { Place } from "./place.ts";
import type { Scope } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";

export type { Place };

/** The windows that a query names, and what they mean. */
export type NamedWindows = ReadonlyMap<string, BoundWindow>;

/** The rows that a window function is called over. */
export interface BoundWindow {
  readonly partitionBy: readonly BoundExpression[];
  readonly orderBy: readonly BoundOrder[];
  /** Absent: the default. */
  readonly frame: BoundFrame | undefined;
}

/** The binder, as its parts see it. */
export interface Binding {
  /** The statement's state. */
  readonly state: StatementState;
  /** Coerces expressions. */
  readonly coercer: Coercer;
  /** The names that can be seen. */
  readonly scope: Scope;
  /** Where the expression stands. */
  readonly place: Place;
  /** Whether it is in the arguments of an aggregate. */
  readonly insideAggregate: boolean;
  /** The windows that the query names. */
  readonly windows: NamedWindows;
  /** Binds an expression in the same place. */
  bind(syntax: Expression): BoundExpression;
  /** Binds an expression in another place, for instance an aggregate's. */
  within(
    place: Place,
    insideAggregate: boolean,
    syntax: Expression,
  ): BoundExpression;
  /**
   * An operator over bound operands; `left` absent: a prefix operator; `schema`
   * absent: by the search path.
   */
  operator(
    name: string,
    left: BoundExpression | undefined,
    right: BoundExpression,
    offset: number,
    schema?: string,
  ): BoundExpression;
}

/** `boolean`. */
export const BOOLEAN: TypeRef = { type: bool, typmod: -1 };

/** AND or OR of `operands`; the operand itself where there is one. */
export function combine(
  operation: "and" | "or",
  operands: readonly BoundExpression[],
  offset: number,
): BoundExpression {
  if (operands.length === 1) return operands[0]!;
  return { kind: "logical", operation, operands, type: BOOLEAN, offset };
}

/** NOT of `operand`. */
export function negate(
  operand: BoundExpression,
  offset: number,
): BoundExpression {
  return {
    kind: "logical",
    operation: "not",
    operands: [operand],
    type: BOOLEAN,
    offset,
  };
}
