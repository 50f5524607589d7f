/**
 * Operators of `numeric`.
 *
 * @module
 */
import type { Column } from "../../chunk/chunk.ts";
import type { SqlValue } from "../../types/data_type.ts";
import type { Numeric } from "../../types/numeric.ts";
import {
  absolute,
  add,
  divide,
  multiply,
  negate,
  remainder,
  subtract,
} from "../../types/numeric_arithmetic.ts";
import { numeric } from "../../types/numeric_type.ts";
import { binary, infix, prefix, unary } from "../define.ts";
import type { ColumnForm, OperatorDefinition } from "../registry.ts";

function on(
  name: string,
  form: (a: Numeric, b: Numeric) => Numeric,
  commutator?: string,
): OperatorDefinition {
  return infix(
    binary<Numeric, Numeric>(name, [numeric, numeric], numeric, form, {
      column: numericKernel(form),
    }),
    commutator === undefined ? {} : { commutator },
  );
}

/** The form row by row, without a list of arguments for each. */
function numericKernel(form: (a: Numeric, b: Numeric) => Numeric): ColumnForm {
  return ([first, second], rowCount, rows, validity): Column => {
    const a = first!.values as readonly (SqlValue | null)[];
    const b = second!.values as readonly (SqlValue | null)[];
    const out: (SqlValue | null)[] = new Array(rowCount).fill(null);
    const count = rows === undefined ? rowCount : rows.length;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      const left = a[row]! as Numeric | null;
      const right = b[row]! as Numeric | null;
      if (left !== null && right !== null) out[row] = form(left, right);
    }
    return { type: numeric, values: out, validity };
  };
}

function one(
  name: string,
  form: (value: Numeric) => Numeric,
): OperatorDefinition {
  return prefix(unary<Numeric>(name, numeric, numeric, form));
}

/** The operators of numerics. */
export const numericOperators: readonly OperatorDefinition[] = [
  on("+", add, "+"),
  on("-", subtract),
  on("*", multiply, "*"),
  on("/", divide),
  on("%", remainder),
  one("+", (value) => value),
  one("-", negate),
  one("@", absolute),
];
