/**
 * Operators of `numeric`.
 *
 * @module
 */
import type { Column } from "../../chunk/chunk.ts";
import { DecimalColumn } from "../../chunk/decimal_column.ts";
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
import {
  addDecimals,
  type DecimalForm,
  multiplyDecimals,
  subtractDecimals,
} from "./decimal_kernels.ts";
import { binary, infix, prefix, unary } from "../define.ts";
import type { ColumnForm, OperatorDefinition } from "../registry.ts";

function on(
  name: string,
  form: (a: Numeric, b: Numeric) => Numeric,
  commutator?: string,
  decimals?: DecimalForm,
): OperatorDefinition {
  return infix(
    binary<Numeric, Numeric>(name, [numeric, numeric], numeric, form, {
      column: numericKernel(form, decimals),
    }),
    commutator === undefined ? {} : { commutator },
  );
}

/**
 * The form row by row, without a list of arguments for each; over digits where
 * they can be computed with.
 */
function numericKernel(
  form: (a: Numeric, b: Numeric) => Numeric,
  decimals?: DecimalForm,
): ColumnForm {
  return ([first, second], rowCount, rows, validity): Column => {
    if (
      decimals !== undefined && first instanceof DecimalColumn &&
      second instanceof DecimalColumn
    ) {
      const result = decimals(first, second, { rowCount, rows, validity });
      if (result !== undefined) return result;
    }
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
  on("+", add, "+", addDecimals),
  on("-", subtract, undefined, subtractDecimals),
  on("*", multiply, "*", multiplyDecimals),
  on("/", divide),
  on("%", remainder),
  one("+", (value) => value),
  one("-", negate),
  one("@", absolute),
];
