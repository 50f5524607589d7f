/**
 * Pass: what needs no row is computed once.
 *
 * ```text
 * before  filter (price > 10 * 2) AND true
 * after   filter price > 20
 * ```
 *
 * Folded are immutable functions over constants, and AND, OR, NOT, CASE,
 * COALESCE and tests whose outcome is known. A computation that fails is left
 * alone: it fails when a row needs it, and not before (PostgreSQL fails at
 * once, even in a branch that no row takes).
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type {
  BoundCase,
  BoundCaseBranch,
  BoundConstant,
  BoundExpression,
  BoundLogical,
} from "../analyzer/bound_expression.ts";
import { mapChildren } from "../analyzer/walk.ts";
import { NO_CONTEXT } from "../functions/no_context.ts";
import { type Environment, evaluate } from "../planner/evaluate.ts";
import { mapExpressions } from "../planner/expressions_of.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { mapPlan } from "../planner/plan_tree.ts";
import { isImmutableCast } from "../types/cast.ts";
import type { Nullable } from "../types/data_type.ts";

/** Folds the expressions of all nodes. */
export function foldConstants(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => mapExpressions(node, foldExpression));
}

/** An expression with its constant parts computed. */
export function foldExpression(expression: BoundExpression): BoundExpression {
  const folded = mapChildren(expression, foldExpression);
  switch (folded.kind) {
    case "logical":
      return foldLogical(folded);
    case "case":
      return foldCase(folded);
    case "coalesce": {
      const operands = untilConstant(
        folded.operands.filter((operand) => !isNullConstant(operand)),
      );
      if (operands.length === 0) return constant(folded, null);
      if (operands.length === 1) return operands[0]!;
      return operands.length === folded.operands.length
        ? folded
        : { ...folded, operands };
    }
    case "null_if":
      if (isNullConstant(folded.left)) return constant(folded, null);
      if (isNullConstant(folded.right)) return folded.left;
      return canFold(folded) ? compute(folded) : folded;
    default:
      return canFold(folded) ? compute(folded) : folded;
  }
}

function isConstant(expression: BoundExpression): expression is BoundConstant {
  return expression.kind === "constant";
}

function isNullConstant(expression: BoundExpression): boolean {
  return isConstant(expression) && expression.value === null;
}

function constant(like: BoundExpression, value: Nullable): BoundConstant {
  return { kind: "constant", type: like.type, value, offset: like.offset };
}

/** What COALESCE may still reach: nothing behind a constant. */
function untilConstant(
  operands: readonly BoundExpression[],
): readonly BoundExpression[] {
  const first = operands.findIndex(isConstant);
  return first < 0 ? operands : operands.slice(0, first + 1);
}

/** Whether the value follows from the expression alone. */
function canFold(expression: BoundExpression): boolean {
  switch (expression.kind) {
    case "call":
      if (expression.function.scalar === undefined) return false;
      if (expression.function.strict && expression.args.some(isNullConstant)) {
        return true;
      }
      return expression.function.volatility === "immutable" &&
        expression.args.every(isConstant);
    case "cast":
      // What a text means as a date may depend on the time.
      return isConstant(expression.operand) &&
        (expression.operand.value === null ||
          isImmutableCast(
            expression.operand.type.type,
            expression.type.type,
          ));
    case "null_test":
    case "boolean_test":
      return isConstant(expression.operand);
    case "distinct_from":
    case "null_if":
      return isConstant(expression.left) && isConstant(expression.right);
    case "extreme":
      return expression.operands.every(isConstant);
    case "in":
      return isConstant(expression.operand) &&
        expression.items.every(isConstant);
    default:
      return false;
  }
}

function compute(expression: BoundExpression): BoundExpression {
  if (
    expression.kind === "call" && expression.function.strict &&
    expression.args.some(isNullConstant)
  ) return constant(expression, null);
  try {
    return constant(expression, evaluate(expression, NOTHING));
  } catch (error) {
    if (error instanceof KriyaError) return expression;
    throw error;
  }
}

const unavailable = (): never => {
  throw new KriyaError("internal", "An immutable function asked for context");
};

/** Immutable functions ask nothing; one that does is not folded. */
const NOTHING: Environment = {
  parameters: [],
  functions: NO_CONTEXT,
  inputContext: { now: unavailable, catalog: unavailable },
};

function foldLogical(expression: BoundLogical): BoundExpression {
  const { operation, operands } = expression;
  if (operation === "not") {
    const [operand] = operands;
    if (!isConstant(operand!)) return expression;
    return constant(
      expression,
      operand.value === null ? null : operand.value !== true,
    );
  }
  const decides = operation === "or";
  const kept: BoundExpression[] = [];
  const flat = operands.flatMap((operand) =>
    operand.kind === "logical" && operand.operation === operation
      ? operand.operands
      : [operand]
  );
  for (const operand of flat) {
    if (isConstant(operand) && operand.value === !decides) continue;
    kept.push(operand);
    // Nothing behind it is looked at.
    if (isConstant(operand) && operand.value === decides) break;
  }
  const last = kept.at(-1);
  if (last === undefined) return constant(expression, !decides);
  // PostgreSQL drops what comes before too, and with it its errors.
  if (isConstant(last) && last.value === decides) return last;
  if (kept.length === 1) return last;
  return kept.length === operands.length
    ? expression
    : { ...expression, operands: kept };
}

function foldCase(expression: BoundCase): BoundExpression {
  const { operand, branches, domain } = expression;
  if (domain !== undefined) return expression;
  const kept: BoundCaseBranch[] = [];
  let { otherwise } = expression;
  for (const branch of branches) {
    const condition = operand !== undefined && isConstant(operand)
      ? foldExpression(withOperand(branch.condition, operand))
      : branch.condition;
    if (!isConstant(condition)) {
      kept.push(branch);
    } else if (condition.value === true) {
      otherwise = branch.result;
      break;
    }
  }
  if (kept.length === 0) return otherwise;
  return kept.length === branches.length
    ? expression
    : { ...expression, branches: kept, otherwise };
}

/** `operand = value` with the operand put in; it stands on the left only. */
function withOperand(
  condition: BoundExpression,
  operand: BoundConstant,
): BoundExpression {
  if (condition.kind === "case_operand") return operand;
  if (condition.kind === "cast") {
    return { ...condition, operand: withOperand(condition.operand, operand) };
  }
  if (condition.kind !== "call" || condition.args.length === 0) {
    return condition;
  }
  const [left, ...rest] = condition.args;
  return { ...condition, args: [withOperand(left!, operand), ...rest] };
}
