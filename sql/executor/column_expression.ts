/**
 * What a compiled expression is, and how its parts reach the compiler.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { Chunk, Column } from "../chunk/chunk.ts";
import type { RunState } from "./run_state.ts";

/**
 * A compiled expression: the column of its values for the rows `rows` of
 * `chunk` (all rows when absent; the chunk's own selection is not looked at).
 */
export type ColumnExpression = (
  chunk: Chunk,
  rows: Uint32Array | undefined,
  run: RunState,
) => Column;

/** Where the operand of a CASE is while its conditions are evaluated. */
export interface OperandSlot {
  column: Column | undefined;
}

/** The compiler, as its parts see it. */
export interface Compiler {
  /** Compiles an expression. */
  compile(expression: BoundExpression): ColumnExpression;
  /** Compiles several. */
  compileAll(expressions: readonly BoundExpression[]): ColumnExpression[];
  /** Compiles what may speak of a CASE's operand. */
  withOperand<T>(slot: OperandSlot, compile: () => T): T;
}
