/**
 * Pass: a function in FROM that gives one value is computed where it is used.
 *
 * ```text
 * before  project t.id, rank(t.words, q)         after  project t.id, rank(t.words, q)
 *           join on t.words @@ q                          compute q = to_query('x')
 *             scan t                                        filter t.words @@ to_query('x')
 *             function to_query('x') AS q                     scan t
 * ```
 *
 * So an index can serve what is asked of the value. It must be the same whenever
 * it is computed, and take nothing from rows beside it. PostgreSQL does so where
 * the function is a constant (`pull_up_constant_function`).
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { replaceExpressions, someExpression } from "../analyzer/walk.ts";
import { conjunction } from "../planner/conjuncts.ts";
import type { FunctionScanNode, LogicalPlan } from "../planner/logical_plan.ts";
import { mapInputs } from "../planner/plan_tree.ts";
import { isVolatile, waits } from "../planner/volatility.ts";
import { flattenJoins, isFreeJoin } from "./free_joins.ts";

/** Computes the values of functions of one row above what they were joined to. */
export function inlineSingleRows(plan: LogicalPlan): LogicalPlan {
  if (!isFreeJoin(plan)) return mapInputs(plan, inlineSingleRows);
  const { inputs, conditions } = flattenJoins(plan);
  const values = new Map<number, BoundExpression>();
  const rest: LogicalPlan[] = [];
  for (const input of inputs) {
    const value = input.kind === "function_scan" && valueOf(input);
    if (value) values.set(input.relation, value);
    else rest.push(inlineSingleRows(input));
  }
  if (values.size === 0 || rest.length === 0) {
    return mapInputs(plan, inlineSingleRows);
  }
  const joined = rest.reduce((left, right): LogicalPlan => ({
    kind: "join",
    join: "inner",
    left,
    right,
    condition: undefined,
    captures: [],
  }));
  const condition = conjunction(
    conditions.map((each) =>
      replaceExpressions(
        each,
        (part) =>
          part.kind === "column" ? values.get(part.relation) : undefined,
      )
    ),
  );
  let better: LogicalPlan = condition === undefined
    ? joined
    : { kind: "filter", input: joined, condition };
  for (const [relation, value] of values) {
    better = {
      kind: "compute",
      input: better,
      relation,
      expressions: [value],
      waits: false,
    };
  }
  return better;
}

/** The value that is the only column of the only row of a function, if it is. */
function valueOf(
  { functions, ordinality }: FunctionScanNode,
): BoundExpression | undefined {
  const [only] = functions;
  if (functions.length !== 1 || only!.kind !== "value" || ordinality) return;
  const { expression, columns } = only!;
  const isWhole = columns.length === 1 &&
    columns[0]!.type.type === expression.type.type;
  return isWhole && !isVolatile(expression) && !waits(expression) &&
      !someExpression(expression, (part) => part.kind === "column")
    ? expression
    : undefined;
}
