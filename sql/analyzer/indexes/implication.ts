/**
 * Whether conditions imply another: what it takes to use an index with a
 * predicate (PostgreSQL's `predtest.c`).
 *
 * | given | implies |
 * | --- | --- |
 * | `p` | `p` |
 * | `a AND b` | what `a` or `b` implies |
 * | what implies `p` and what implies `q` | `p AND q` |
 * | what implies one of them | `p OR q` |
 * | `a OR b`, both of which imply `p` | `p` |
 * | `x = 5`, `x > 9` | `x > 3`, `x >= 5`, `x <> 2` …: by the constants |
 * | `x IN (1, 2)` | what each of `x = 1`, `x = 2` implies |
 * | an operator or strict function over `x` | `x IS NOT NULL` |
 * | `x` (a boolean) | `x = true`, `x IS TRUE` |
 *
 * A condition that is NULL leaves no row, so that "implies" means: where all
 * that is given is true, the other is true.
 *
 * @module
 */
import type { BoundExpression } from "../bound_expression.ts";
import type { SqlValue } from "../../types/data_type.ts";
import { childrenOf, sameExpression } from "../walk.ts";

/** The most alternatives of a given condition that are looked at. */
const ALTERNATIVES_MAX = 100;

/** Whether `wanted` is true wherever all of `given` are. */
export function implies(
  given: readonly BoundExpression[],
  wanted: BoundExpression,
): boolean {
  if (wanted.kind === "constant" && wanted.value === true) return true;
  if (wanted.kind === "logical" && wanted.operation === "and") {
    return wanted.operands.every((part) => implies(given, part));
  }
  if (given.some((each) => oneImplies(each, wanted))) return true;
  if (wanted.kind === "logical" && wanted.operation === "or") {
    return wanted.operands.some((part) => implies(given, part));
  }
  return false;
}

function oneImplies(
  given: BoundExpression,
  wanted: BoundExpression,
): boolean {
  if (sameExpression(given, wanted)) return true;
  if (given.kind === "logical") {
    if (given.operation === "and") return implies(given.operands, wanted);
    if (given.operation === "or") {
      return given.operands.length <= ALTERNATIVES_MAX &&
        given.operands.every((part) => implies([part], wanted));
    }
  }
  if (wanted.kind === "logical" && wanted.operation === "or") {
    if (wanted.operands.some((part) => oneImplies(given, part))) return true;
  }
  if (given.kind === "in" && !given.negated) {
    return given.items.length <= ALTERNATIVES_MAX &&
      given.items.every((item) => {
        const one: BoundExpression = {
          kind: "call",
          function: given.function,
          operator: "=",
          args: [given.operand, item],
          type: given.type,
          offset: given.offset,
        };
        return oneImplies(one, wanted);
      });
  }
  if (wanted.kind === "in" && !wanted.negated) {
    return wanted.items.some((item) => {
      const one: BoundExpression = {
        kind: "call",
        function: wanted.function,
        operator: "=",
        args: [wanted.operand, item],
        type: wanted.type,
        offset: wanted.offset,
      };
      return oneImplies(given, one);
    });
  }
  if (wanted.kind === "null_test" && wanted.negated) {
    return needsValue(given, wanted.operand);
  }
  if (isTrueTest(wanted, given)) return true;
  return comparisonImplies(given, wanted);
}

/** Whether `wanted` says no more than that `given`, a boolean, is true. */
function isTrueTest(wanted: BoundExpression, given: BoundExpression): boolean {
  if (wanted.kind === "boolean_test") {
    return wanted.test === "true" && !wanted.negated &&
      sameExpression(wanted.operand, given);
  }
  if (given.kind === "boolean_test") {
    return given.test === "true" && !given.negated &&
      sameExpression(given.operand, wanted);
  }
  return false;
}

/** Whether `given` can only be true where `operand` is not NULL. */
function needsValue(
  given: BoundExpression,
  operand: BoundExpression,
): boolean {
  if (sameExpression(given, operand)) return true;
  switch (given.kind) {
    case "call":
      return given.function.strict &&
        given.args.some((arg) => needsValue(arg, operand));
    case "cast":
      return needsValue(given.operand, operand);
    case "in":
      return needsValue(given.operand, operand);
    case "null_test":
      return given.negated && needsValue(given.operand, operand);
    case "array_comparison":
      return !given.all && needsValue(given.operand, operand);
    case "logical":
      if (given.operation === "and") {
        return given.operands.some((part) => needsValue(part, operand));
      }
      return childrenOf(given).every((part) => needsValue(part, operand));
    default:
      return false;
  }
}

/** `operand operator constant`. */
interface Comparison {
  readonly operand: BoundExpression;
  readonly operator: string;
  readonly value: SqlValue;
}

const COMMUTED: Readonly<Record<string, string>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

function comparisonOf(condition: BoundExpression): Comparison | undefined {
  if (condition.kind !== "call" || condition.operator === undefined) {
    return undefined;
  }
  const { operator, args: [left, right] } = condition;
  const commuted = COMMUTED[operator];
  if (commuted === undefined || left === undefined || right === undefined) {
    return undefined;
  }
  if (right.kind === "constant" && right.value !== null) {
    return { operand: left, operator, value: right.value };
  }
  if (left.kind === "constant" && left.value !== null) {
    return { operand: right, operator: commuted, value: left.value };
  }
  return undefined;
}

/** Both compare the same with constants, and the first is the narrower. */
function comparisonImplies(
  given: BoundExpression,
  wanted: BoundExpression,
): boolean {
  const a = comparisonOf(given);
  const b = comparisonOf(wanted);
  if (a === undefined || b === undefined) return false;
  if (
    !sameExpression(a.operand, b.operand) ||
    !comparesAlike(given, wanted)
  ) return false;
  const order = compareConstants(given, a.value, b.value);
  if (order === undefined) return false;
  switch (b.operator) {
    case "=":
      return a.operator === "=" && order === 0;
    case "<>":
      return (a.operator === "<>" && order === 0) ||
        (a.operator === "=" && order !== 0) ||
        (a.operator === "<" && order <= 0) ||
        (a.operator === "<=" && order < 0) ||
        (a.operator === ">" && order >= 0) ||
        (a.operator === ">=" && order > 0);
    case "<":
      return (isAtMost(a.operator) && order < 0) ||
        (a.operator === "<" && order <= 0);
    case "<=":
      return isAtMost(a.operator) && order <= 0;
    case ">":
      return (isAtLeast(a.operator) && order > 0) ||
        (a.operator === ">" && order >= 0);
    default:
      return isAtLeast(a.operator) && order >= 0;
  }
}

function isAtMost(operator: string): boolean {
  return operator === "=" || operator === "<" || operator === "<=";
}

function isAtLeast(operator: string): boolean {
  return operator === "=" || operator === ">" || operator === ">=";
}

/** Whether both compare values of the same types. */
function comparesAlike(a: BoundExpression, b: BoundExpression): boolean {
  if (a.kind !== "call" || b.kind !== "call") return false;
  const types = [...a.function.argumentTypes, ...b.function.argumentTypes];
  return types.every((type) => type === types[0]);
}

function compareConstants(
  given: BoundExpression,
  a: SqlValue,
  b: SqlValue,
): number | undefined {
  if (given.kind !== "call") return undefined;
  const [type] = given.function.argumentTypes;
  return type?.compare?.(a, b);
}
