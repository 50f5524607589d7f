/**
 * What a condition says about a key column of an index.
 *
 * | condition | says |
 * | --- | --- |
 * | `k = v`, `k IN (v, …)`, `k = ANY (array)`, `k` (a boolean), `k IS NULL` | what `k` is |
 * | `k < v`, `<=`, `>`, `>=` | an end of a range |
 * | `k LIKE 'abc%'`, `k ^@ 'abc'`, `starts_with(k, 'abc')` | both ends |
 * | `k IS NOT NULL` | that it is not NULL |
 *
 * A value is a value for all rows. Values of other integer types are as good,
 * for keys have integers of all sizes in one form.
 *
 * @module
 */
import type {
  BoundCall,
  BoundConstant,
  BoundExpression,
} from "../../analyzer/bound_expression.ts";
import { sameExpression, someExpression } from "../../analyzer/walk.ts";
import type { KeyEnd, KeyValues } from "../../planner/logical_plan.ts";
import { isVolatile } from "../../planner/volatility.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType } from "../../types/data_type.ts";
import { likePrefix } from "./like_prefix.ts";

/** What a condition says about a key column. */
export interface KeyCondition {
  readonly condition: BoundExpression;
  readonly equal?: KeyValues;
  readonly lower?: KeyEnd;
  readonly upper?: KeyEnd;
  readonly notNull?: boolean;
  /** Whether rows in the range need not fulfill the condition. */
  readonly lossy?: boolean;
}

/** What `condition` says about `key`, if it says something. */
export function keyCondition(
  condition: BoundExpression,
  key: BoundExpression,
): KeyCondition | undefined {
  switch (condition.kind) {
    case "call":
      return callCondition(condition, key);
    case "in":
      if (
        condition.negated || !isKey(condition.operand, key) ||
        !condition.items.every(isFixed) ||
        !comparesAlike(condition.function.argumentTypes)
      ) return undefined;
      return { condition, equal: oneOf(condition.items) };
    case "array_comparison":
      if (
        condition.all || condition.operator !== "=" ||
        !isFixed(condition.array) || !isKey(condition.operand, key) ||
        !comparesAlike(condition.function.argumentTypes)
      ) return undefined;
      return {
        condition,
        equal: { values: [condition.array], isArray: true, isNull: false },
      };
    case "null_test":
      if (!sameExpression(condition.operand, key)) return undefined;
      return condition.negated ? { condition, notNull: true } : {
        condition,
        equal: {
          values: [{ ...truth(true), type: key.type, value: null }],
          isArray: false,
          isNull: true,
        },
      };
    case "logical":
      return condition.operation === "not" &&
          sameExpression(condition.operands[0]!, key)
        ? { condition, equal: oneOf([truth(false)]) }
        : undefined;
    case "column":
      return sameExpression(condition, key)
        ? { condition, equal: oneOf([truth(true)]) }
        : undefined;
    default:
      return undefined;
  }
}

function truth(value: boolean): BoundConstant {
  return {
    kind: "constant",
    value,
    type: { type: bool, typmod: -1 },
    offset: -1,
  };
}

function oneOf(values: readonly BoundExpression[]): KeyValues {
  return { values, isArray: false, isNull: false };
}

const COMMUTED: Readonly<Record<string, string>> = {
  "=": "=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

function callCondition(
  condition: BoundCall,
  key: BoundExpression,
): KeyCondition | undefined {
  const { args, function: definition } = condition;
  const [left, right] = args;
  if (key.type.type === bool && sameExpression(condition, key)) {
    return { condition, equal: oneOf([truth(true)]) };
  }
  if (left === undefined || right === undefined || args.length > 2) {
    return undefined;
  }
  const operator = condition.operator ?? definition.name;
  const commuted = COMMUTED[operator];
  if (commuted === undefined) return prefixCondition(condition, key, operator);
  if (!comparesAlike(definition.argumentTypes)) return undefined;
  if (isKey(left, key) && isFixed(right)) {
    return comparison(condition, operator, right);
  }
  if (isKey(right, key) && isFixed(left)) {
    return comparison(condition, commuted, left);
  }
  return undefined;
}

function comparison(
  condition: BoundExpression,
  operator: string,
  value: BoundExpression,
): KeyCondition {
  switch (operator) {
    case "=":
      return { condition, equal: oneOf([value]) };
    case "<":
    case "<=":
      return { condition, upper: { value, inclusive: operator === "<=" } };
    default:
      return { condition, lower: { value, inclusive: operator === ">=" } };
  }
}

/** Texts that begin with something. */
function prefixCondition(
  condition: BoundCall,
  key: BoundExpression,
  operator: string,
): KeyCondition | undefined {
  const [text, pattern] = condition.args;
  if (
    pattern?.kind !== "constant" || typeof pattern.value !== "string" ||
    !isKey(text!, key) || !["text", "varchar", "name"].includes(
      key.type.type.name,
    )
  ) return undefined;
  const constant = (value: string): BoundConstant => ({ ...pattern, value });
  const found = operator === "~~"
    ? likePrefix(pattern.value)
    : operator === "^@" || operator === "starts_with"
    ? { prefix: pattern.value, rest: "anything" as const }
    : undefined;
  if (found === undefined) return undefined;
  const { prefix, rest } = found;
  if (rest === "nothing") {
    return { condition, equal: oneOf([constant(prefix)]) };
  }
  if (prefix === "") return undefined;
  const end = textAfter(prefix);
  return {
    condition,
    lower: { value: constant(prefix), inclusive: true },
    ...end !== undefined && {
      upper: { value: constant(end), inclusive: false },
    },
    ...rest === "something" && { lossy: true },
  };
}

/** The least text above all that begin with `prefix`, by code points. */
function textAfter(prefix: string): string | undefined {
  const points = Array.from(prefix, (each) => each.codePointAt(0)!);
  while (points.length > 0) {
    const last = points.pop()!;
    if (last >= 0x10ffff) continue;
    // There are no code points among the surrogates.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return undefined;
}

const ONE_FORM: readonly ReadonlySet<string>[] = [
  new Set(["int2", "int4", "int8"]),
  new Set(["text", "varchar", "name"]),
];

/** Both operands have one form, so that the value is a key as it is. */
function comparesAlike(types: readonly DataType[]): boolean {
  const [a, b] = types;
  if (a === undefined || b === undefined) return false;
  return a === b ||
    ONE_FORM.some((names) => names.has(a.name) && names.has(b.name)) ||
    (b.element !== undefined && b.element === a);
}

/** Texts that are equal where, as others, they are not. */
const HAVE_OWN_EQUALITY: ReadonlySet<string> = new Set(["citext"]);

/** Whether an operand is the key: itself, or its value under another type. */
function isKey(operand: BoundExpression, key: BoundExpression): boolean {
  if (sameExpression(operand, key)) return true;
  // varchar compared as text: the same form.
  return operand.kind === "cast" && operand.convert === undefined &&
    !HAVE_OWN_EQUALITY.has(key.type.type.name) &&
    operand.collation?.language === undefined && isKey(operand.operand, key);
}

/** Whether the value is the same for all rows. */
export function isFixed(expression: BoundExpression): boolean {
  return !isVolatile(expression) &&
    !someExpression(
      expression,
      ({ kind }) => kind === "column" || kind === "case_operand",
    );
}
