/**
 * Parts of jsonb values: `(document)['a'][0]`, read and assigned to.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import {
  jsonAssignFunction,
  jsonSubscriptFunction,
} from "../functions/json/json_subscript.ts";
import type { SubscriptSyntax } from "../parser/expression_syntax.ts";
import { findCast } from "../types/cast.ts";
import type { DataType } from "../types/data_type.ts";
import { int4 } from "../types/int_types.ts";
import { jsonb } from "../types/json_types.ts";
import { text, unknown } from "../types/text_types.ts";
import type { Binding } from "./binding.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { offsetOf } from "./coerce.ts";

/** `document[…]` */
export function bindJsonSubscripts(
  binding: Binding,
  value: BoundExpression,
  subscripts: readonly SubscriptSyntax[],
): BoundExpression {
  const steps = subscripts.map((step) => bindStep(binding, step));
  return {
    kind: "call",
    function: jsonSubscriptFunction(steps.map(({ type }) => type.type)),
    args: [value, ...steps],
    type: { type: jsonb, typmod: -1 },
    operator: undefined,
    offset: value.offset,
  };
}

/** The document with `document[…] = value`; the column is `name`. */
export function assignJsonPart(
  binding: Binding,
  base: BoundExpression,
  subscripts: readonly SubscriptSyntax[],
  value: BoundExpression,
  name: string,
): BoundExpression {
  const steps = subscripts.map((step) => bindStep(binding, step));
  const assigned = binding.coercer.coerce(value, { type: jsonb, typmod: -1 }, {
    context: "assignment",
  });
  if (assigned === undefined) {
    throw new SqlError(
      "42804",
      `subscripted assignment to "${name}" requires type jsonb but expression is of type ${value.type.type.displayName}`,
      {
        hint: "You will need to rewrite or cast the expression.",
        offset: offsetOf(value),
      },
    );
  }
  return {
    kind: "call",
    function: jsonAssignFunction(steps.map(({ type }) => type.type)),
    args: [base, ...steps, assigned],
    type: base.type,
    operator: undefined,
    offset: -1,
  };
}

function bindStep(
  binding: Binding,
  { isSlice, lower, upper }: SubscriptSyntax,
): BoundExpression {
  const written = upper ?? lower;
  if (isSlice || written === undefined) {
    throw new SqlError("42804", "jsonb subscript does not support slices", {
      offset: written === undefined ? -1 : written.offset,
    });
  }
  const bound = binding.bind(written);
  return binding.coercer.implicit(bound, stepType(bound));
}

/** What a subscript is brought to: an integer or a text, without a doubt. */
function stepType(bound: BoundExpression): DataType {
  const { type } = bound.type;
  if (type === unknown) return text;
  const possible = [int4, text].filter((target) =>
    findCast(type, target)?.context === "implicit"
  );
  if (possible.length === 1) return possible[0]!;
  throw new SqlError(
    "42804",
    `subscript type ${type.displayName} is not supported`,
    {
      hint: possible.length === 0
        ? "jsonb subscript must be coercible to either integer or text."
        : "jsonb subscript must be coercible to only one type, integer or text.",
      offset: offsetOf(bound),
    },
  );
}
