/**
 * Comparisons of rows, made of comparisons of their parts.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { RowSyntax } from "../parser/expression_syntax.ts";
import { bool } from "../types/bool_type.ts";
import { type Binding, combine } from "./binding.ts";
import type { BoundExpression } from "./bound_expression.ts";

/** What must be a boolean for the comparison `name` to mean something. */
export function asBoolean(
  expression: BoundExpression,
  name: string,
  offset: number,
): BoundExpression {
  if (expression.type.type === bool) return expression;
  throw new SqlError(
    "42804",
    `argument of ${name} must be type boolean, not type ${expression.type.type.displayName}`,
    { offset },
  );
}

/** A comparison of two rows as they are written. */
export function compareRows(
  binding: Binding,
  name: string,
  left: RowSyntax,
  right: RowSyntax,
  offset: number,
): BoundExpression {
  const lefts = left.items.map((item) => binding.bind(item));
  const rights = right.items.map((item) => binding.bind(item));
  requireSameLength(left, right, offset);
  return compareBoundRows(binding, name, lefts, rights, offset);
}

/** A comparison of two rows of bound values, as many in each. */
export function compareBoundRows(
  binding: Binding,
  name: string,
  lefts: readonly BoundExpression[],
  rights: readonly BoundExpression[],
  offset: number,
): BoundExpression {
  if (lefts.length === 0) {
    throw new SqlError("0A000", "cannot compare rows of zero length", {
      offset,
    });
  }
  const compare = (operator: string, i: number): BoundExpression =>
    asBoolean(
      binding.operator(operator, lefts[i]!, rights[i]!, offset),
      operator,
      offset,
    );
  const all = lefts.map((_, i) => i);
  switch (name) {
    case "=":
      return combine("and", all.map((i) => compare("=", i)), offset);
    case "<>":
      return combine("or", all.map((i) => compare("<>", i)), offset);
    case "<":
    case "<=":
    case ">":
    case ">=":
      return lexicographic(name, compare, all.length, offset);
    default:
      throw new SqlError(
        "0A000",
        `could not determine interpretation of row comparison operator ${name}`,
        {
          hint:
            "Row comparison operators must be associated with btree operator families.",
          offset,
        },
      );
  }
}

/** `(a, b, c) < (d, e, f)`: the first unequal pair decides. */
function lexicographic(
  name: string,
  compare: (operator: string, i: number) => BoundExpression,
  length: number,
  offset: number,
): BoundExpression {
  let result = compare(name, length - 1);
  for (let i = length - 2; i >= 0; i--) {
    const equal = combine("and", [compare("=", i), result], offset);
    result = combine("or", [compare(name.charAt(0), i), equal], offset);
  }
  return result;
}

/** Refuses two rows of different lengths. */
export function requireSameLength(
  left: RowSyntax,
  right: RowSyntax,
  offset: number,
): void {
  if (left.items.length === right.items.length) return;
  throw new SqlError("42601", "unequal number of entries in row expressions", {
    offset,
  });
}
