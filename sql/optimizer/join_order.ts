/**
 * Pass: inner joins of three and more in an order that keeps what is between
 * them small.
 *
 * ```text
 * FROM a, b, c WHERE a.x = c.x AND b.y = c.y
 *
 * before  join on a.x = c.x and b.y = c.y      after  join on b.y = c.y
 *           join (every pair)                           join on a.x = c.x
 *             scan a                                      scan a
 *             scan b                                      scan c
 *           scan c                                      scan b
 * ```
 *
 * Up to ten inputs, all orders are looked at, bushy ones too, by dynamic
 * programming over the sets of inputs that conditions connect
 * (`join_search.ts`). Beyond, and where nothing connects some inputs, greedily:
 * from each of the inputs in turn, the next one is that which makes the fewest
 * rows; of these orders the one with the fewest rows in all is taken, if it has
 * fewer than the order as it was written.
 *
 * @module
 */
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { mapInputs } from "../planner/plan_tree.ts";
import type { PlanFacts } from "./facts.ts";
import { flattenJoins, isFreeJoin, rebuildJoins } from "./free_joins.ts";
import { JoinGraph, type JoinTree } from "./join_graph.ts";
import { searchJoins } from "./join_search.ts";

/** Inputs beyond which an order is not looked for. */
const INPUTS_MAX = 30;
/** Inputs beyond which not all orders are looked at. */
const SEARCHED_MAX = 10;

/** Orders the inner joins of a plan. */
export function orderJoins(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  if (!isFreeJoin(plan)) {
    return mapInputs(plan, (input) => orderJoins(input, facts));
  }
  const { inputs, conditions } = flattenJoins(plan);
  const ordered = inputs.map((input) => orderJoins(input, facts));
  if (inputs.length < 3 || inputs.length > INPUTS_MAX) {
    return rebuildJoins(plan, ordered);
  }
  const graph = new JoinGraph(ordered, conditions, facts);
  if (inputs.length <= SEARCHED_MAX) {
    const tree = searchJoins(graph);
    if (tree !== undefined) return graph.joined(tree);
  }
  const written = graph.rowsInOrder(ordered.map((_, input) => input));
  let best: readonly number[] | undefined;
  let least = written;
  for (let first = 0; first < ordered.length; first++) {
    const order = graph.greedy(first);
    const rows = graph.rowsInOrder(order);
    if (rows >= least) continue;
    least = rows;
    best = order;
  }
  if (best === undefined) return rebuildJoins(plan, ordered);
  const tree = best.reduce<JoinTree | undefined>(
    (left, right) => left === undefined ? right : [left, right],
    undefined,
  );
  return graph.joined(tree!);
}
