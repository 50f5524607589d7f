/**
 * Calls that give rows instead of a value, and where they may stand: in select
 * lists, GROUP BY, ORDER BY and FROM.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { FunctionDefinition } from "../functions/registry.ts";
import { setColumnFunction } from "../functions/sets/set_column.ts";
import { record } from "../types/row/row_type.ts";
import { rowCall } from "./bind_row.ts";
import type { Binding } from "./binding.ts";
import type { BoundCall, BoundExpression } from "./bound_expression.ts";
import { someExpression } from "./walk.ts";

/** A hint for whoever puts rows where a value has to stand. */
const HINT =
  "You might be able to move the set-returning function into a LATERAL FROM item.";

/** Whether `expression` is a call that gives rows. */
export function isSetCall(
  expression: BoundExpression,
): expression is BoundCall {
  return expression.kind === "call" && expression.function.set !== undefined;
}

/** Whether there is a call that gives rows in `expression`. */
export function hasSetCall(expression: BoundExpression): boolean {
  return someExpression(expression, isSetCall);
}

/**
 * Refuses a set-returning function where rows have no meaning.
 *
 * @throws {SqlError} `0A000`.
 */
export function refuseSet(
  { place }: Binding,
  { name, columns }: FunctionDefinition,
  offset: number,
): void {
  if (place === "functions in FROM") return;
  if (place !== "SELECT" && place !== "GROUP BY" && place !== "ORDER BY") {
    const where = place === "JOIN/ON" ? "JOIN conditions" : place;
    throw new SqlError(
      "0A000",
      `set-returning functions are not allowed in ${where}`,
      { offset },
    );
  }
  if (columns === "record") {
    throw new SqlError(
      "0A000",
      `could not determine row type for result of ${name}`,
      /^jsonb?_to_/.test(name)
        ? {
          offset,
          hint:
            "Provide a non-null record argument, or call the function in the FROM clause using a column definition list.",
        }
        : { offset },
    );
  }
}

/**
 * Refuses calls that give rows in what `part` belongs to: CASE, COALESCE, an
 * aggregate.
 *
 * @throws {SqlError} `0A000`.
 */
export function refuseSetWithin(part: BoundExpression, what: string): void {
  someExpression(part, (each) => {
    if (!isSetCall(each)) return false;
    const { offset } = each;
    throw what.endsWith("contain")
      ? new SqlError("0A000", `${what} set-returning function calls`, {
        hint: HINT,
        offset,
      })
      : new SqlError(
        "0A000",
        `set-returning functions are not allowed in ${what}`,
        { hint: HINT, offset },
      );
  });
}

/**
 * A call that gives rows of several columns, in a select list: a row of calls, one
 * for each column. They run side by side.
 */
export function rowOfColumns(call: BoundCall): BoundExpression {
  const { columns, returnType } = call.function;
  const isRow = returnType.fields !== undefined;
  if (columns === undefined || columns === "record") return call;
  if (columns.length < 2 && !isRow) return call;
  const { args, offset } = call;
  const fields = columns.map(({ name, type }) => ({ name, type }));
  const values = columns.map(({ type }, index): BoundExpression => ({
    kind: "call",
    function: setColumnFunction(call.function, columns, index),
    args,
    type,
    operator: undefined,
    offset,
  }));
  return rowCall(isRow ? returnType : record, fields, values, offset);
}
