/**
 * IN, BETWEEN, IS DISTINCT FROM and comparisons of rows: each becomes ordinary
 * operators, AND and OR, as PostgreSQL does it.
 *
 * | written | becomes |
 * | --- | --- |
 * | `a IN (1, 2, b)` | `a` in the constants, OR `a = b` |
 * | `a BETWEEN b AND c` | `a >= b AND a <= c` |
 * | `(a, b) = (c, d)` | `a = c AND b = d` |
 * | `(a, b) < (c, d)` | `a < c OR (a = c AND b < d)` |
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  BetweenSyntax,
  DistinctFromSyntax,
  Expression,
  InSyntax,
  OperatorSyntax,
  RowSyntax,
} from "../parser/expression_syntax.ts";
import { bool } from "../types/bool_type.ts";
import { unknown } from "../types/text_types.ts";
import { type Binding, BOOLEAN, combine, negate } from "./binding.ts";
import { bindSubquery } from "./bind_subquery.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { asBoolean, compareRows, requireSameLength } from "./row_comparison.ts";
import { requireCollation } from "./collations/collated.ts";
import { someExpression } from "./walk.ts";

/** `left [NOT] IN (items)`. */
export function bindIn(binding: Binding, syntax: InSyntax): BoundExpression {
  const { negated, offset } = syntax;
  const operation = negated ? "and" : "or";
  const name = negated ? "<>" : "=";
  if (syntax.left.kind === "row" || syntax.items.some(isRow)) {
    const comparisons = syntax.items.map((item) =>
      binding.bind({
        kind: "operator",
        schema: undefined,
        name,
        left: syntax.left,
        right: item,
        offset,
      })
    );
    return combine(operation, comparisons, offset);
  }
  const left = binding.bind(syntax.left);
  const items = syntax.items.map((item) => binding.bind(item));
  const fixed = items.filter((item) => !hasColumn(item));
  const list = bindList(binding, left, fixed, syntax);
  const single = list === undefined ? items : items.filter(hasColumn);
  const comparisons = single.map((item) =>
    asBoolean(binding.operator(name, left, item, offset), name, offset)
  );
  if (list !== undefined) comparisons.unshift(list);
  return combine(operation, comparisons, offset);
}

/** The items without columns as one list, where they have a common type. */
function bindList(
  binding: Binding,
  left: BoundExpression,
  items: readonly BoundExpression[],
  { negated, offset }: InSyntax,
): BoundExpression | undefined {
  if (items.length < 2) return undefined;
  const { coercer, state } = binding;
  const all = [left, ...items];
  const categories = new Set(
    all.map(({ type }) => type.type).filter((type) => type !== unknown)
      .map((type) => type.category),
  );
  if (categories.size > 1) return undefined;
  const type = coercer.commonType(all, "IN");
  if (!all.every((item) => coercer.can(item, type, "implicit"))) {
    return undefined;
  }
  const element = items.map((item) => coercer.implicit(item, type));
  const leftType = left.type.type === unknown ? type : left.type.type;
  const resolved = state.options.functions.resolveOperator(
    negated ? "<>" : "=",
    leftType,
    type,
    offset,
  );
  // What is known of equality is not known of an operator of the catalog.
  if (resolved.operator.entry !== undefined) return undefined;
  const [wantedLeft, wantedRight] = resolved.argumentTypes;
  const operand = coercer.implicit(left, wantedLeft!);
  requireCollation([operand, ...element]);
  return {
    kind: "in",
    operand,
    items: element.map((item) => coercer.implicit(item, wantedRight!)),
    function: resolved.function,
    negated,
    type: BOOLEAN,
    offset,
  };
}

function hasColumn(expression: BoundExpression): boolean {
  return someExpression(expression, ({ kind }) => kind === "column");
}

function isRow(expression: Expression): expression is RowSyntax {
  return expression.kind === "row";
}

/** `operand [NOT] BETWEEN [SYMMETRIC] low AND high`. */
export function bindBetween(
  binding: Binding,
  syntax: BetweenSyntax,
): BoundExpression {
  const { operand, negated, symmetric, offset } = syntax;
  const between = (low: Expression, high: Expression): BoundExpression => {
    const compare = (name: string, bound: Expression): BoundExpression =>
      binding.bind({
        kind: "operator",
        schema: undefined,
        name,
        left: operand,
        right: bound,
        offset,
      });
    return negated
      ? combine("or", [compare("<", low), compare(">", high)], offset)
      : combine("and", [compare(">=", low), compare("<=", high)], offset);
  };
  const first = between(syntax.low, syntax.high);
  if (!symmetric) return first;
  const second = between(syntax.high, syntax.low);
  return combine(negated ? "and" : "or", [first, second], offset);
}

/** `left IS [NOT] DISTINCT FROM right`. */
export function bindDistinctFrom(
  binding: Binding,
  syntax: DistinctFromSyntax,
): BoundExpression {
  const { left, right, negated, offset } = syntax;
  if (left.kind === "row" && right.kind === "row") {
    requireSameLength(left, right, offset);
    const parts = left.items.map((item, i) =>
      bindDistinctFrom(binding, {
        ...syntax,
        left: item,
        right: right.items[i]!,
      })
    );
    return combine(negated ? "and" : "or", parts, offset);
  }
  const other = isNull(right) ? left : isNull(left) ? right : undefined;
  if (other !== undefined) {
    return {
      kind: "null_test",
      operand: binding.bind(other),
      negated: !negated,
      type: BOOLEAN,
      offset,
    };
  }
  const equal = binding.operator(
    "=",
    binding.bind(left),
    binding.bind(right),
    offset,
  );
  if (equal.kind !== "call" || equal.type.type !== bool) {
    throw new SqlError(
      "42804",
      "IS DISTINCT FROM requires = operator to yield boolean",
      { offset },
    );
  }
  return {
    kind: "distinct_from",
    left: equal.args[0]!,
    right: equal.args[1]!,
    equal: equal.function,
    negated,
    type: BOOLEAN,
    offset,
  };
}

function isNull(syntax: Expression): boolean {
  return syntax.kind === "constant" && syntax.literal.form === "null";
}

/** An operator between two rows. */
export function bindRowOperator(
  binding: Binding,
  syntax: OperatorSyntax,
): BoundExpression {
  const { left, right, name, offset } = syntax;
  if (left?.kind === "row" && right.kind === "subquery") {
    return bindSubquery(binding, { ...right, left, operator: name, offset });
  }
  invariant(
    left?.kind === "row" && right.kind === "row",
    "an operator between rows",
  );
  return compareRows(binding, name, left, right, offset);
}

/** `row IS [NOT] NULL`: all of it is, or none of it is. */
export function bindRowNullTest(
  binding: Binding,
  row: RowSyntax,
  negated: boolean,
  offset: number,
): BoundExpression {
  const tests = row.items.map((item): BoundExpression => ({
    kind: "null_test",
    operand: binding.bind(item),
    negated,
    type: BOOLEAN,
    offset,
  }));
  return combine("and", tests, offset);
}

/** Only to say that what `binding` negates is a condition. */
export function bindNot(
  binding: Binding,
  operand: Expression,
  offset: number,
): BoundExpression {
  const bound = binding.bind(operand);
  return negate(binding.coercer.toBoolean(bound, "NOT"), offset);
}
