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
 * Greedy: from each of the inputs in turn, the next one is that which makes the
 * fewest rows; of these orders the one with the fewest rows in all is taken, if
 * it has fewer than the order as it was written. Exhaustive search (Selinger) was
 * rejected: the estimates, without statistics of columns together, do not carry
 * it.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { childrenOf } from "../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import { type ColumnSet, columnsOf } from "../planner/join_keys.ts";
import type { JoinNode, LogicalPlan } from "../planner/logical_plan.ts";
import { mapInputs } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";
import { estimate, innerJoinRows } from "./estimate.ts";
import type { PlanFacts } from "./facts.ts";
import { JoinStatistics } from "./join_statistics.ts";

/** Inputs beyond which an order is not looked for. */
const INPUTS_MAX = 32;

/** Orders the inner joins of a plan. */
export function orderJoins(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  if (!isFree(plan)) {
    return mapInputs(plan, (input) => orderJoins(input, facts));
  }
  const inputs: LogicalPlan[] = [];
  const conditions: BoundExpression[] = [];
  flatten(plan, inputs, conditions);
  const ordered = inputs.map((input) => orderJoins(input, facts));
  if (inputs.length < 3 || inputs.length > INPUTS_MAX) {
    return rebuilt(plan, ordered);
  }
  const graph = new JoinGraph(ordered, conditions, facts);
  const written = graph.rowsOf(ordered.map((_, input) => input));
  let best: readonly number[] | undefined;
  let least = written;
  for (let first = 0; first < ordered.length; first++) {
    const order = graph.greedy(first);
    const rows = graph.rowsOf(order);
    if (rows >= least) continue;
    least = rows;
    best = order;
  }
  return best === undefined ? rebuilt(plan, ordered) : graph.plan(best);
}

/** Whether a node is a join that may change places with those below it. */
function isFree(plan: LogicalPlan): plan is JoinNode {
  return plan.kind === "join" && plan.join === "inner" &&
    plan.captures.length === 0 &&
    !conjunctsOf(plan.condition).some(isVolatile);
}

function flatten(
  plan: LogicalPlan,
  inputs: LogicalPlan[],
  conditions: BoundExpression[],
): void {
  if (!isFree(plan)) {
    inputs.push(plan);
    return;
  }
  flatten(plan.left, inputs, conditions);
  flatten(plan.right, inputs, conditions);
  conditions.push(...conjunctsOf(plan.condition));
}

/** The joins as they were, over the inputs as they are now. */
function rebuilt(plan: JoinNode, inputs: LogicalPlan[]): LogicalPlan {
  const rest = [...inputs];
  const build = (node: LogicalPlan): LogicalPlan =>
    isFree(node)
      ? { ...node, left: build(node.left), right: build(node.right) }
      : rest.shift()!;
  return build(plan);
}

/** A condition, and the inputs that it speaks of. */
interface JoinCondition {
  readonly expression: BoundExpression;
  readonly inputs: ReadonlySet<number>;
  /** Under an equality, the inputs of each side. */
  readonly sides: readonly ReadonlySet<number>[] | undefined;
}

/** Inputs of joins, and the conditions between them. */
class JoinGraph {
  readonly #inputs: readonly LogicalPlan[];
  readonly #rows: readonly number[];
  readonly #conditions: readonly JoinCondition[];
  readonly #statistics: JoinStatistics;

  constructor(
    inputs: readonly LogicalPlan[],
    conditions: readonly BoundExpression[],
    facts: PlanFacts,
  ) {
    this.#inputs = inputs;
    this.#rows = inputs.map((input) => estimate(input, facts).rows);
    this.#statistics = new JoinStatistics(inputs, facts);
    const columns = inputs.map(columnsOf);
    this.#conditions = conditions.map((expression) => ({
      expression,
      inputs: inputsIn(expression, columns),
      sides: expression.kind === "call" && expression.operator === "="
        ? expression.args.map((arg) => inputsIn(arg, columns))
        : undefined,
    }));
  }

  /** An order that begins with `first`. */
  greedy(first: number): readonly number[] {
    const order = [first];
    const done = new Set(order);
    let rows = this.#rows[first]!;
    while (order.length < this.#inputs.length) {
      let next = -1;
      let fewest = Infinity;
      let isJoined = false;
      for (let input = 0; input < this.#inputs.length; input++) {
        if (done.has(input)) continue;
        const after = this.#joinedRows(done, rows, input);
        const has = this.#connecting(done, input).length > 0;
        // What nothing connects waits until there is nothing else.
        if (next >= 0 && (has === isJoined ? after >= fewest : isJoined)) {
          continue;
        }
        next = input;
        fewest = after;
        isJoined = has;
      }
      order.push(next);
      done.add(next);
      rows = fewest;
    }
    return order;
  }

  /** How many rows the joins of an order give, one after the other. */
  rowsOf(order: readonly number[]): number {
    const done = new Set<number>();
    let rows = 0;
    let sum = 0;
    for (const input of order) {
      rows = done.size === 0
        ? this.#rows[input]!
        : this.#joinedRows(done, rows, input);
      done.add(input);
      if (done.size > 1) sum += rows;
    }
    return sum;
  }

  /** The joins in that order. */
  plan(order: readonly number[]): LogicalPlan {
    const done = new Set<number>();
    const used = new Set<JoinCondition>();
    let plan: LogicalPlan | undefined;
    for (const input of order) {
      const right = this.#inputs[input]!;
      done.add(input);
      if (plan === undefined) {
        plan = right;
        continue;
      }
      const applied = this.#conditions.filter((each) =>
        !used.has(each) && isWithin(each.inputs, done)
      );
      for (const each of applied) used.add(each);
      plan = {
        kind: "join",
        join: "inner",
        left: plan,
        right,
        condition: conjunction(applied.map(({ expression }) => expression)),
        captures: [],
      };
    }
    return plan!;
  }

  #joinedRows(
    done: ReadonlySet<number>,
    rows: number,
    input: number,
  ): number {
    const between = this.#connecting(done, input);
    const keys = between.filter(({ sides }) =>
      sides !== undefined && isKey(sides, done, input)
    );
    return innerJoinRows(rows, this.#rows[input]!, {
      keys: keys.map(({ expression }) => {
        const [left, right] = childrenOf(expression);
        return this.#statistics.pairShare(left!, right!);
      }),
      others: between.length - keys.length,
    });
  }

  /** The conditions that can be asked once `input` has come. */
  #connecting(done: ReadonlySet<number>, input: number): JoinCondition[] {
    return this.#conditions.filter(({ inputs }) =>
      inputs.size > 1 && inputs.has(input) &&
      [...inputs].every((each) => each === input || done.has(each))
    );
  }
}

/** Whether one side is of `input` alone and the other of what is done. */
function isKey(
  [left, right]: readonly ReadonlySet<number>[],
  done: ReadonlySet<number>,
  input: number,
): boolean {
  const isOwn = (side: ReadonlySet<number>): boolean =>
    side.size === 1 && side.has(input);
  const isDone = (side: ReadonlySet<number>): boolean =>
    side.size > 0 && isWithin(side, done);
  return (isOwn(left!) && isDone(right!)) || (isOwn(right!) && isDone(left!));
}

function isWithin(
  part: ReadonlySet<number>,
  whole: ReadonlySet<number>,
): boolean {
  return [...part].every((each) => whole.has(each));
}

function inputsIn(
  expression: BoundExpression,
  columns: readonly ColumnSet[],
): Set<number> {
  const inputs = new Set<number>();
  columns.forEach((set, input) => {
    if (set.isUsedBy(expression)) inputs.add(input);
  });
  return inputs;
}
