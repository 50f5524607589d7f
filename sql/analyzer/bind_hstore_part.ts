/**
 * Parts of hstore values: `h['key']`, read and assigned to.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import {
  hstoreAssign,
  hstoreSubscript,
} from "../functions/extensions/hstore/hstore_subscript.ts";
import type { SubscriptSyntax } from "../parser/expression_syntax.ts";
import { text } from "../types/text_types.ts";
import type { Binding } from "./binding.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { offsetOf } from "./coerce.ts";

const TEXT = { type: text, typmod: -1 } as const;

/** `value['key']` */
export function bindHstoreSubscript(
  binding: Binding,
  value: BoundExpression,
  subscripts: readonly SubscriptSyntax[],
): BoundExpression {
  return {
    kind: "call",
    function: hstoreSubscript,
    args: [value, bindKey(binding, subscripts)],
    type: TEXT,
    operator: undefined,
    offset: value.offset,
  };
}

/** The pairs with `base['key'] = value`; the column is `name`. */
export function assignHstorePart(
  binding: Binding,
  base: BoundExpression,
  subscripts: readonly SubscriptSyntax[],
  value: BoundExpression,
  name: string,
): BoundExpression {
  const key = bindKey(binding, subscripts);
  const assigned = binding.coercer.coerce(value, TEXT, {
    context: "assignment",
  });
  if (assigned === undefined) {
    throw new SqlError(
      "42804",
      `subscripted assignment to "${name}" requires type text but expression is of type ${value.type.type.displayName}`,
      {
        hint: "You will need to rewrite or cast the expression.",
        offset: offsetOf(value),
      },
    );
  }
  return {
    kind: "call",
    function: hstoreAssign,
    args: [base, key, assigned],
    type: base.type,
    operator: undefined,
    offset: -1,
  };
}

function bindKey(
  binding: Binding,
  subscripts: readonly SubscriptSyntax[],
): BoundExpression {
  const [first] = subscripts;
  const written = first?.upper ?? first?.lower;
  if (
    first === undefined || first.isSlice || subscripts.length > 1 ||
    written === undefined
  ) {
    throw new SqlError("0A000", "hstore allows only one subscript", {
      offset: written?.offset ?? -1,
    });
  }
  const bound = binding.bind(written);
  const key = binding.coercer.coerce(bound, TEXT, { context: "assignment" });
  if (key !== undefined) return key;
  throw new SqlError("42804", "hstore subscript must have type text", {
    offset: offsetOf(bound),
  });
}
