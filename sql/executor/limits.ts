/**
 * The numbers of LIMIT and OFFSET.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { SqlError } from "../errors/sql_error.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { RunState } from "./run_state.ts";

/** How many rows to leave out, and how many to give. */
export interface RowWindow {
  /** Rows left out at the start. */
  readonly offset: number;
  /** Rows given at most; `Infinity` without a limit. */
  readonly limit: number;
}

/**
 * The window that LIMIT and OFFSET say; NULL is as if absent.
 *
 * @throws {SqlError} `2201W`, `2201X` when one is negative.
 */
export function rowWindow(
  limits: {
    readonly limit: BoundExpression | undefined;
    readonly offset: BoundExpression | undefined;
  },
  run: RunState,
): RowWindow {
  const offset = countOf(limits.offset, run) ?? 0;
  if (offset < 0) {
    throw new SqlError("2201X", "OFFSET must not be negative");
  }
  const limit = countOf(limits.limit, run) ?? Infinity;
  if (limit < 0) throw new SqlError("2201W", "LIMIT must not be negative");
  return { offset, limit };
}

function countOf(
  expression: BoundExpression | undefined,
  run: RunState,
): number | undefined {
  if (expression === undefined) return undefined;
  const value = evaluate(expression, run);
  return value === null ? undefined : Number(value);
}
