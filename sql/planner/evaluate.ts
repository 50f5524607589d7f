/**
 * Expressions evaluated for one row: the plain form that defines what an
 * expression means. The executor's column form must agree with it.
 *
 * Used as it is where there are no columns to speak of: LIMIT, keys of lookups,
 * cells of VALUES, constants folded by the optimizer.
 *
 * What is evaluated, and what is not:
 * 1. AND, OR: left to right, until the result is known.
 * 2. COALESCE: until the first that is not NULL. CASE: conditions until the
 *    first that is true, then its result only.
 * 3. A strict function: all arguments, and not the function when one is NULL.
 *
 * @module
 */
import { invariant, unreachable } from "../../base/invariant.ts";
import type {
  BoundArrayComparison,
  BoundBooleanTest,
  BoundCase,
  BoundColumn,
  BoundExpression,
  BoundIn,
} from "../analyzer/bound_expression.ts";
import type {
  FunctionContext,
  FunctionDefinition,
} from "../functions/registry.ts";
import { collatedType } from "../types/collation.ts";
import type { ArrayValue, InputContext, Nullable } from "../types/data_type.ts";

/** What an expression may ask while it is evaluated. */
export interface Environment {
  /** The values of the parameters. */
  readonly parameters: readonly Nullable[];
  /** The value in a slot: what a query takes from around it. */
  readonly slot?: ((slot: number) => Nullable) | undefined;
  /** What functions may ask. */
  readonly functions: FunctionContext;
  /** What casts from text may ask. */
  readonly inputContext: InputContext;
  /** Calls a function; absent: by its scalar form. */
  readonly call?:
    | ((definition: FunctionDefinition, args: readonly Nullable[]) => Nullable)
    | undefined;
  /** The value of a column in the current row. */
  readonly column?: ((column: BoundColumn) => Nullable) | undefined;
}

/** The value of `expression`. */
export function evaluate(
  expression: BoundExpression,
  environment: Environment,
): Nullable {
  // Those that matter for speed come before everything is set up.
  if (expression.kind === "constant") return expression.value;
  if (expression.kind === "parameter") {
    return environment.parameters[expression.index] ?? null;
  }
  if (expression.kind === "outer") {
    return environment.slot?.(expression.slot) ?? null;
  }
  return new Evaluation(environment).value(expression);
}

class Evaluation {
  readonly #environment: Environment;
  /** The operands of the CASEs around. */
  readonly #operands: Nullable[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  value(expression: BoundExpression): Nullable {
    switch (expression.kind) {
      case "constant":
        return expression.value;
      case "parameter":
        return this.#environment.parameters[expression.index] ?? null;
      case "column": {
        const { column } = this.#environment;
        invariant(column !== undefined, "a column where there are no rows");
        return column(expression);
      }
      case "call":
        return this.#call(expression.function, expression.args);
      case "cast": {
        const value = this.value(expression.operand);
        if (value === null || expression.convert === undefined) return value;
        return expression.convert(value, this.#environment.inputContext);
      }
      case "logical":
        return this.#logical(expression.operation, expression.operands);
      case "null_test":
        return (this.value(expression.operand) === null) !==
          expression.negated;
      case "boolean_test":
        return booleanTest(this.value(expression.operand), expression);
      case "distinct_from": {
        const left = this.value(expression.left);
        const right = this.value(expression.right);
        const distinct = left === null || right === null
          ? left !== right
          : this.#apply(expression.equal, [left, right]) !== true;
        return distinct !== expression.negated;
      }
      case "null_if": {
        const left = this.value(expression.left);
        const right = this.value(expression.right);
        if (left === null || right === null) return left;
        return this.#apply(expression.equal, [left, right]) === true
          ? null
          : left;
      }
      case "coalesce":
        for (const operand of expression.operands) {
          const value = this.value(operand);
          if (value !== null) return value;
        }
        return null;
      case "extreme":
        return this.#extreme(expression);
      case "in":
        return this.#in(expression);
      case "array_comparison":
        return this.#arrayComparison(expression);
      case "case":
        return this.#case(expression);
      case "case_operand":
        return this.#operands.at(-1) ?? null;
      case "outer":
        return this.#environment.slot?.(expression.slot) ?? null;
      case "window":
      case "grouping":
      case "aggregate":
        invariant(false, "an aggregate outside of an aggregation");
        return null;
      case "subquery":
        invariant(false, "a query that the planner left in an expression");
        return null;
      default:
        return unreachable(expression);
    }
  }

  #call(
    definition: Extract<BoundExpression, { kind: "call" }>["function"],
    operands: readonly BoundExpression[],
  ): Nullable {
    const args: Nullable[] = [];
    let hasNull = false;
    for (const operand of operands) {
      const value = this.value(operand);
      if (value === null) hasNull = true;
      args.push(value);
    }
    if (hasNull && definition.strict) return null;
    return this.#apply(definition, args);
  }

  #apply(
    definition: Extract<BoundExpression, { kind: "call" }>["function"],
    args: readonly Nullable[],
  ): Nullable {
    const { call } = this.#environment;
    if (call !== undefined) return call(definition, args);
    const { scalar } = definition;
    invariant(scalar !== undefined, `${definition.name} waits for storage`);
    return scalar(args, this.#environment.functions);
  }

  #logical(
    operation: "and" | "or" | "not",
    operands: readonly BoundExpression[],
  ): Nullable {
    if (operation === "not") {
      const value = this.value(operands[0]!);
      return value === null ? null : value !== true;
    }
    const decides = operation === "or";
    let unknown = false;
    for (const operand of operands) {
      const value = this.value(operand);
      if (value === null) unknown = true;
      else if (value === decides) return decides;
    }
    return unknown ? null : !decides;
  }

  #extreme(
    { operands, greatest, type: { type }, collation }: Extract<
      BoundExpression,
      { kind: "extreme" }
    >,
  ): Nullable {
    const { compare } = collatedType(type, collation);
    let best: Nullable = null;
    for (const operand of operands) {
      const value = this.value(operand);
      if (value === null) continue;
      if (best === null) {
        best = value;
        continue;
      }
      const order = compare(value, best);
      if (greatest ? order > 0 : order < 0) best = value;
    }
    return best;
  }

  #in(expression: BoundIn): Nullable {
    const { negated, function: definition } = expression;
    const left = this.value(expression.operand);
    // The list is an array to PostgreSQL: all of it is evaluated.
    const items = expression.items.map((item) => this.value(item));
    if (left === null && definition.strict) return null;
    let unknown = false;
    for (const right of items) {
      const result = right === null && definition.strict
        ? null
        : this.#apply(definition, [left, right]);
      if (result === null) unknown = true;
      else if (result !== negated) return !negated;
    }
    return unknown ? null : negated;
  }

  #arrayComparison(
    { operand, array, function: definition, all }: BoundArrayComparison,
  ): Nullable {
    const left = this.value(operand);
    const value = this.value(array);
    return value === null ? null : compareWithElements(
      definition,
      left,
      value as ArrayValue,
      all,
      this.#environment.functions,
    );
  }

  #case({ operand, branches, otherwise }: BoundCase): Nullable {
    const subject = operand === undefined ? null : this.value(operand);
    if (operand !== undefined) this.#operands.push(subject);
    let chosen = otherwise;
    for (const { condition, result } of branches) {
      if (this.value(condition) === true) {
        chosen = result;
        break;
      }
    }
    // Of the results, only a domain's value is the operand.
    if (operand !== undefined) this.#operands.pop();
    return chosen.kind === "case_operand" ? subject : this.value(chosen);
  }
}

/** Whether the operator holds for any, or all, elements of an array. */
export function compareWithElements(
  { scalar, strict }: FunctionDefinition,
  left: Nullable,
  { elements }: ArrayValue,
  all: boolean,
  functions: FunctionContext,
): Nullable {
  if (elements.length === 0) return all;
  if (left === null && strict) return null;
  let unknown = false;
  const args: Nullable[] = [left, null];
  for (const element of elements) {
    args[1] = element;
    const result = element === null && strict ? null : scalar!(args, functions);
    if (result === null) unknown = true;
    else if (result !== all) return !all;
  }
  return unknown ? null : all;
}

/** `IS [NOT] TRUE` and its kin. */
export function booleanTest(
  value: Nullable,
  { test, negated }: Pick<BoundBooleanTest, "test" | "negated">,
): boolean {
  const holds = test === "unknown"
    ? value === null
    : value === (test === "true");
  return holds !== negated;
}
