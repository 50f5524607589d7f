/**
 * CASE, COALESCE, NULLIF, GREATEST, LEAST: expressions whose operands share a
 * type, and of which not all may be evaluated.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  CaseSyntax,
  CoalesceSyntax,
  ExtremeSyntax,
  NullIfSyntax,
} from "../parser/expression_syntax.ts";
import { bool } from "../types/bool_type.ts";
import { isCollatable } from "../types/collation.ts";
import { int2, int4, int8 } from "../types/int_types.ts";
import type { DataType, TypeRef } from "../types/data_type.ts";
import type { Binding } from "./binding.ts";
import type { BoundCaseBranch, BoundExpression } from "./bound_expression.ts";
import { commonTypmod } from "./coerce.ts";
import { extremeCollation } from "./collations/collated.ts";
import { refuseSetWithin } from "./set_calls.ts";
import { UNKNOWN } from "./statement_state.ts";

/** `COALESCE(…)`. */
export function bindCoalesce(
  binding: Binding,
  { operands, offset }: CoalesceSyntax,
): BoundExpression {
  const bound = operands.map((operand) => binding.bind(operand));
  for (const each of bound) refuseSetWithin(each, "COALESCE");
  const same = binding.coercer.toCommonType(bound, "COALESCE");
  return {
    kind: "coalesce",
    operands: same,
    type: sharedType(same),
    offset,
  };
}

/** `GREATEST(…)`, `LEAST(…)`. */
export function bindExtreme(
  binding: Binding,
  { greatest, operands, offset }: ExtremeSyntax,
): BoundExpression {
  const bound = operands.map((operand) => binding.bind(operand));
  const name = greatest ? "GREATEST" : "LEAST";
  const same = binding.coercer.toCommonType(bound, name);
  const { type } = same[0]!.type;
  if (!isOrdered(binding, type)) {
    throw new SqlError(
      "42883",
      `could not identify a comparison function for type ${type.displayName}`,
    );
  }
  return {
    kind: "extreme",
    greatest,
    operands: same,
    type: sharedType(same),
    collation: isCollatable(type) ? extremeCollation(same) : undefined,
    offset,
  };
}

/** The operators of types that are ordered by another than `<`. */
const ORDERED_BY: Readonly<Record<string, string>> = { hstore: "#<#" };

/** Whether values of the type can be sorted. */
export function isOrdered(binding: Binding, type: DataType): boolean {
  return hasOperator(binding, ORDERED_BY[type.name] ?? "<", type);
}

/** Whether values of the type can be compared for equality. */
export function isComparable(
  binding: Pick<Binding, "state">,
  type: DataType,
): boolean {
  return hasOperator(binding, "=", type);
}

function hasOperator(
  { state }: Pick<Binding, "state">,
  name: string,
  type: DataType,
): boolean {
  // Shapes have operators of these names that compare something else.
  if (type.comparable === false) return false;
  const { functions } = state.options;
  if (functions.exactOperator(name, type, type) !== undefined) return true;
  try {
    functions.resolveOperator(name, type, type);
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

/** `NULLIF(left, right)`. */
export function bindNullIf(
  binding: Binding,
  { left, right, offset }: NullIfSyntax,
): BoundExpression {
  const first = binding.bind(left);
  const second = binding.bind(right);
  const equal = binding.operator("=", first, second, offset);
  if (equal.kind !== "call" || equal.type.type !== bool) {
    throw new SqlError("42804", "NULLIF requires = operator to yield boolean", {
      offset,
    });
  }
  const result: BoundExpression = {
    kind: "null_if",
    left: equal.args[0]!,
    right: equal.args[1]!,
    equal: equal.function,
    type: equal.args[0]!.type,
    offset,
  };
  // PostgreSQL compares integers of two sizes as they are, and keeps the type.
  const isKept = INTEGERS.has(first.type.type) &&
    INTEGERS.has(second.type.type);
  return isKept
    ? binding.coercer.coerce(result, first.type, { context: "assignment" }) ??
      result
    : result;
}

const INTEGERS: ReadonlySet<DataType> = new Set([int2, int4, int8]);

/** `CASE …`. */
export function bindCase(
  binding: Binding,
  syntax: CaseSyntax,
): BoundExpression {
  const { coercer } = binding;
  const operand = syntax.operand === undefined
    ? undefined
    : coercer.settleUnknown(binding.bind(syntax.operand));
  const conditions: BoundExpression[] = [];
  const results: BoundExpression[] = [];
  for (const { condition, result, offset } of syntax.branches) {
    const bound = binding.bind(condition);
    const test = operand === undefined ? bound : binding.operator(
      "=",
      { kind: "case_operand", type: operand.type, offset: -1 },
      bound,
      offset,
    );
    conditions.push(coercer.toBoolean(test, "CASE/WHEN"));
    results.push(binding.bind(result));
  }
  const otherwise: BoundExpression = syntax.otherwise === undefined
    ? { kind: "constant", type: UNKNOWN, value: null, offset: -1 }
    : binding.bind(syntax.otherwise);
  for (const each of [...conditions, otherwise, ...results]) {
    refuseSetWithin(each, "CASE");
  }
  // ELSE comes first: it weighs most in the choice of the type.
  const all = coercer.toCommonType([otherwise, ...results], "CASE");
  const branches = conditions.map((condition, i): BoundCaseBranch => ({
    condition,
    result: all[i + 1]!,
  }));
  return {
    kind: "case",
    operand,
    branches,
    otherwise: all[0]!,
    type: sharedType(all),
    offset: syntax.offset,
  };
}

function sharedType(expressions: readonly BoundExpression[]): TypeRef {
  return {
    type: expressions[0]!.type.type,
    typmod: commonTypmod(expressions),
  };
}
