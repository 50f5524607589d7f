/**
 * Expressions with calls that wait, evaluated for one row.
 *
 * The expression is evaluated until a call has to wait; then again, once the
 * call's result is there, with the results of all calls so far. So exactly what
 * {@linkcode evaluate} would evaluate is called, and each call once: volatile
 * functions give the results that they gave before.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { invariant } from "../../base/invariant.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { FunctionDefinition } from "../functions/registry.ts";
import type { Nullable } from "../types/data_type.ts";
import { type Environment, evaluate } from "./evaluate.ts";

/** Thrown where an evaluation has to wait. */
class Suspended {
  readonly definition: FunctionDefinition;
  readonly args: readonly Nullable[];

  constructor(definition: FunctionDefinition, args: readonly Nullable[]) {
    this.definition = definition;
    this.args = args;
  }
}

/** The value of `expression`, whose calls may wait. */
export function evaluateWaiting(
  expression: BoundExpression,
  environment: Environment,
): MaybePromise<Nullable> {
  return attempt(expression, environment, []);
}

function attempt(
  expression: BoundExpression,
  environment: Environment,
  results: Nullable[],
): MaybePromise<Nullable> {
  const { functions } = environment;
  let next = 0;
  const call = (
    definition: FunctionDefinition,
    args: readonly Nullable[],
  ): Nullable => {
    const { scalar, volatility } = definition;
    if (scalar !== undefined && volatility !== "volatile") {
      return scalar(args, functions);
    }
    const place = next++;
    if (place < results.length) return results[place]!;
    if (scalar === undefined) throw new Suspended(definition, args);
    const result = scalar(args, functions);
    results.push(result);
    return result;
  };
  try {
    return evaluate(expression, { ...environment, call });
  } catch (error) {
    if (!(error instanceof Suspended)) throw error;
    const { definition: { async: form }, args } = error;
    invariant(form !== undefined, "a call that waits");
    return form(args, functions).then((result) => {
      results.push(result);
      return attempt(expression, environment, results);
    });
  }
}
