/**
 * Expressions that evaluate their parts for some rows only: AND, OR, CASE,
 * COALESCE; and GREATEST, LEAST.
 *
 * ```text
 * CASE WHEN a > 0 THEN 1 / a ELSE 0 END
 *
 * rows        0 1 2 3
 * a           2 0 5 0
 * a > 0       t f t f     evaluated for rows 0 1 2 3
 * 1 / a       0   0       evaluated for rows 0 2
 * 0             0   0     evaluated for rows 1 3
 * ```
 *
 * @module
 */
import type {
  BoundCase,
  BoundCoalesce,
  BoundExtreme,
  BoundLogical,
} from "../analyzer/bound_expression.ts";
import { allocateValidity, isNull, valueAt } from "../chunk/chunk.ts";
import { bool } from "../types/bool_type.ts";
import { collatedType } from "../types/collation.ts";
import type { Nullable } from "../types/data_type.ts";
import type {
  ColumnExpression,
  Compiler,
  OperandSlot,
} from "./column_expression.ts";
import {
  ColumnFiller,
  countOf,
  forEachRow,
  rowsWhere,
  trueRows,
} from "./column_tools.ts";

/** AND, OR, NOT. */
export function compileLogical(
  compiler: Compiler,
  { operation, operands }: BoundLogical,
): ColumnExpression {
  const parts = compiler.compileAll(operands);
  return operation === "not"
    ? compileNot(parts[0]!)
    : compileAndOr(parts, operation === "or" ? 1 : 0);
}

function compileNot(operand: ColumnExpression): ColumnExpression {
  return (chunk, rows, run) => {
    const { values, validity } = operand(chunk, rows, run);
    const negated = new Uint8Array(chunk.rowCount);
    forEachRow(rows, chunk.rowCount, (row) => {
      negated[row] = values[row] === 1 ? 0 : 1;
    });
    return { type: bool, values: negated, validity };
  };
}

/** AND is decided by a 0, OR by a 1; the rest goes on to the next operand. */
function compileAndOr(
  parts: readonly ColumnExpression[],
  decides: 0 | 1,
): ColumnExpression {
  return (chunk, rows, run) => {
    const { rowCount } = chunk;
    const values = new Uint8Array(rowCount).fill(1 - decides);
    let validity: Uint32Array | undefined;
    let open = rows;
    for (const part of parts) {
      if (countOf(open, rowCount) === 0) break;
      const column = part(chunk, open, run);
      open = rowsWhere(open, rowCount, (row) => {
        if (column.validity !== undefined && isNull(column, row)) {
          validity ??= allocateValidity(rowCount).fill(0xffffffff);
          validity[row >>> 5]! &= ~(1 << (row & 31));
          return true;
        }
        if (column.values[row] !== decides) return true;
        values[row] = decides;
        // An earlier NULL no longer matters.
        if (validity !== undefined) validity[row >>> 5]! |= 1 << (row & 31);
        return false;
      });
    }
    return { type: bool, values, validity };
  };
}

/** COALESCE. */
export function compileCoalesce(
  compiler: Compiler,
  { operands, type }: BoundCoalesce,
): ColumnExpression {
  const parts = compiler.compileAll(operands);
  return (chunk, rows, run) => {
    const { rowCount } = chunk;
    const first = parts[0]!(chunk, rows, run);
    if (first.validity === undefined) return first;
    const filler = new ColumnFiller(type.type, rowCount);
    let column = first;
    let open = rows;
    for (let i = 0;; i++) {
      const known = rowsWhere(open, rowCount, (row) => !isNull(column, row));
      filler.copy(column, known, rowCount);
      open = rowsWhere(open, rowCount, (row) => isNull(column, row));
      const next = parts[i + 1];
      if (open.length === 0) break;
      if (next === undefined) {
        for (const row of open) filler.set(row, null);
        break;
      }
      column = next(chunk, open, run);
    }
    return filler.finish();
  };
}

/** GREATEST, LEAST. */
export function compileExtreme(
  compiler: Compiler,
  { operands, greatest, type: { type }, collation }: BoundExtreme,
): ColumnExpression {
  const { compare } = collatedType(type, collation);
  const parts = compiler.compileAll(operands);
  return (chunk, rows, run) => {
    const columns = parts.map((part) => part(chunk, rows, run));
    const filler = new ColumnFiller(type, chunk.rowCount);
    forEachRow(rows, chunk.rowCount, (row) => {
      let best: Nullable = null;
      for (const column of columns) {
        const value = valueAt(column, row);
        if (value === null) continue;
        if (best === null) {
          best = value;
          continue;
        }
        const order = compare(value, best);
        if (greatest ? order > 0 : order < 0) best = value;
      }
      filler.set(row, best);
    });
    return filler.finish();
  };
}

/** CASE. */
export function compileCase(
  compiler: Compiler,
  { operand, branches, otherwise, type }: BoundCase,
): ColumnExpression {
  const slot: OperandSlot = { column: undefined };
  const subject = operand === undefined ? undefined : compiler.compile(operand);
  const conditions = compiler.withOperand(
    slot,
    () => compiler.compileAll(branches.map(({ condition }) => condition)),
  );
  const results = compiler.compileAll(branches.map(({ result }) => result));
  const last = otherwise.kind === "case_operand"
    ? undefined
    : compiler.compile(otherwise);
  return (chunk, rows, run) => {
    const { rowCount } = chunk;
    const value = subject?.(chunk, rows, run);
    const filler = new ColumnFiller(type.type, rowCount);
    let open = rows;
    for (let i = 0; i < conditions.length; i++) {
      if (countOf(open, rowCount) === 0) return filler.finish();
      // Set anew each time: a result may have a CASE of the same code in it.
      slot.column = value;
      const condition = conditions[i]!(chunk, open, run);
      const taken = trueRows(condition, open, rowCount);
      if (taken.length === 0) continue;
      filler.copy(results[i]!(chunk, taken, run), taken, rowCount);
      open = without(open, taken, rowCount);
    }
    slot.column = undefined;
    if (countOf(open, rowCount) > 0) {
      // A domain's value is the operand itself.
      const rest = last === undefined ? value! : last(chunk, open, run);
      filler.copy(rest, open, rowCount);
    }
    return filler.finish();
  };
}

/** The rows that are not in `taken`, which is a part of them in order. */
function without(
  rows: Uint32Array | undefined,
  taken: Uint32Array,
  rowCount: number,
): Uint32Array {
  let next = 0;
  return rowsWhere(rows, rowCount, (row) => {
    if (taken[next] !== row) return true;
    next++;
    return false;
  });
}
