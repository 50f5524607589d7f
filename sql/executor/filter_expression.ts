/**
 * Conditions compiled to selections: the rows for which they are true.
 *
 * The parts that AND joins are applied one after the other, each to the rows
 * that are left; false and NULL both end a row, as in PostgreSQL's quals.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { Chunk } from "../chunk/chunk.ts";
import { trueRows } from "./column_tools.ts";
import { compileExpression, type Layout } from "./expression_compiler.ts";
import type { RunState } from "./run_state.ts";

/** The rows of the selection that pass; the same object where all do. */
export type Filter = (
  chunk: Chunk,
  run: RunState,
) => Uint32Array | undefined;

/** Compiles a condition. */
export function compileFilter(
  condition: BoundExpression,
  layout: Layout,
): Filter {
  const parts = condition.kind === "logical" && condition.operation === "and"
    ? condition.operands
    : [condition];
  const compiled = parts.map((part) => compileExpression(part, layout));
  return (chunk, run) => {
    let rows = chunk.selection;
    for (const part of compiled) {
      if (rows !== undefined && rows.length === 0) break;
      rows = trueRows(part(chunk, rows, run), rows, chunk.rowCount);
    }
    return rows;
  };
}
