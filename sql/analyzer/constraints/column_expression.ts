/**
 * Expressions over the columns of one table that the catalog keeps as text:
 * CHECK, generated columns, and their kin.
 *
 * @module
 */
import { isImmutableCast } from "../../types/cast.ts";
import type { TypeRef } from "../../types/data_type.ts";
import type { Place } from "../binding.ts";
import type { BoundCall, BoundExpression } from "../bound_expression.ts";
import { Coercer } from "../coerce.ts";
import { ExpressionBinder } from "../expression_binder.ts";
import { Scope, scopeRelation } from "../scope.ts";
import type { StatementState } from "../statement_state.ts";
import { someExpression } from "../walk.ts";
import { parseStored } from "../stored_expression.ts";

/** A table as its own expressions see it, whether it is there yet or not. */
export interface ColumnsOf {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: TypeRef;
  }[];
}

/** A binder for expressions over the columns of `table`, its relation 0. */
export function columnsBinder(
  state: StatementState,
  { name, columns }: ColumnsOf,
  place: Place,
): ExpressionBinder {
  const names = columns.map((column) => column.name);
  const types = columns.map(({ type }) => type);
  return new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope: new Scope([scopeRelation(0, name, names, types)]),
    place,
  });
}

/** Binds a stored condition over one column. */
export function bindStoredCheck(
  state: StatementState,
  sql: string,
  column: ColumnsOf["columns"][number],
): BoundExpression {
  const table = { name: "", columns: [column] };
  const binder = columnsBinder(state, table, "check constraints");
  return binder.coercer.toBoolean(binder.bind(parseStored(sql)), "CHECK");
}

/** The positions of the columns that an expression uses, ascending. */
export function usedColumns(expression: BoundExpression): number[] {
  const used = new Set<number>();
  someExpression(expression, (part) => {
    if (part.kind === "column") used.add(part.column);
    return false;
  });
  return [...used].sort((a, b) => a - b);
}

/** Whether an expression gives the same for the same columns, for ever. */
export function isImmutable(expression: BoundExpression): boolean {
  return !someExpression(
    expression,
    (part) =>
      part.kind === "call"
        ? !isPlainText(part) &&
          (part.function.volatility !== "immutable" ||
            part.function.async !== undefined)
        : part.kind === "cast" && part.convert !== undefined &&
          !isImmutableCast(part.operand.type.type, part.type.type),
  );
}

/** `text || number`: stable only because other types' texts follow settings. */
function isPlainText({ operator, args }: BoundCall): boolean {
  return operator === "||" &&
    args.every(({ type: { type: { category } } }) =>
      category === "S" || category === "N" || category === "B"
    );
}
