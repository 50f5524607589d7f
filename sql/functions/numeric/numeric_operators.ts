/**
 * Operators of `numeric`.
 *
 * @module
 */
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
import type { OperatorDefinition } from "../registry.ts";

function on(
  name: string,
  form: (a: Numeric, b: Numeric) => Numeric,
  commutator?: string,
): OperatorDefinition {
  return infix(
    binary<Numeric, Numeric>(name, [numeric, numeric], numeric, form),
    commutator === undefined ? {} : { commutator },
  );
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
