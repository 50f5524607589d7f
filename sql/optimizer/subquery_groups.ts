/**
 * Pass: an aggregate that a query computes for each row becomes one computed for
 * all groups at once, where that is cheaper.
 *
 * ```text
 * before  apply (scalar, $0 = o.c)         after  compute
 *           scan o                                  join left on o.c = i.c
 *           aggregate avg(i.x)                        scan o
 *             scan i  filter i.c = $0                 aggregate avg(i.x) by i.c
 *                                                       scan i
 * ```
 *
 * A row without a group has what the aggregate gives for no rows: NULL, or 0 as
 * a count.
 *
 * @module
 */
import type {
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import { replaceExpressions, someExpression } from "../analyzer/walk.ts";
import { NO_CONTEXT } from "../functions/no_context.ts";
import { conjunction } from "../planner/conjuncts.ts";
import type {
  AggregateNode,
  ApplyNode,
  JoinNode,
  LogicalPlan,
  PlannedSubquery,
  ProjectNode,
} from "../planner/logical_plan.ts";
import { columnRef, mapInputs } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";
import { bool } from "../types/bool_type.ts";
import { foldExpression } from "./constant_folding.ts";
import { hasSlot, lift, usesSlots } from "./decorrelation.ts";
import { estimate } from "./estimate.ts";
import type { PlanFacts } from "./facts.ts";

/** Makes joins of aggregates that are computed row by row. */
export function groupSubqueries(
  plan: LogicalPlan,
  facts: PlanFacts,
): LogicalPlan {
  return grouping(plan, facts, false);
}

/** The same; `limited`: perhaps nobody asks for most of the rows. */
function grouping(
  plan: LogicalPlan,
  facts: PlanFacts,
  limited: boolean,
): LogicalPlan {
  const passes = plan.kind === "project" || plan.kind === "compute" ||
    plan.kind === "apply" || plan.kind === "init" || plan.kind === "with";
  const below = plan.kind === "limit" || plan.kind === "top_n" ||
    (limited && passes);
  const node = mapInputs(plan, (input) => grouping(input, facts, below));
  if (node.kind !== "apply" || limited) return node;
  const joined = inOrder(node);
  if (joined === undefined) return node;
  const isCheaper = estimate(joined, facts).total < estimate(node, facts).total;
  return isCheaper ? joined : node;
}

/** The join in the order in which the node gives its rows. */
function inOrder(node: ApplyNode): LogicalPlan | undefined {
  const { input } = node;
  if (input.kind === "sort") {
    const joined = joinedGroups({ ...node, input: input.input });
    return joined && { ...input, input: joined };
  }
  return isOrdered(input) ? undefined : joinedGroups(node);
}

/** Whether rows come in an order that somebody may have asked for. */
function isOrdered(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case "sort":
    case "top_n":
    case "distinct_on":
    case "window":
    case "lock_rows":
      return true;
    case "project":
    case "compute":
    case "apply":
    case "init":
    case "with":
    case "filter":
    case "limit":
    case "project_set":
    case "materialize":
      return isOrdered(plan.input);
    default:
      return false;
  }
}

/** The node with a join for each of its queries, if all allow it. */
function joinedGroups(node: ApplyNode): LogicalPlan | undefined {
  let input = node.input;
  const expressions: BoundExpression[] = [];
  for (const subquery of node.subqueries) {
    const grouped = groupedOf(subquery);
    if (grouped === undefined) return undefined;
    const join: JoinNode = {
      kind: "join",
      join: "left",
      left: input,
      right: grouped.plan,
      condition: grouped.condition,
      captures: [],
    };
    input = join;
    expressions.push(grouped.value);
  }
  const { relation } = node;
  return { kind: "compute", input, relation, expressions, waits: false };
}

/** Groups, which of them a row has, and the value it has of it. */
interface Grouped {
  readonly plan: LogicalPlan;
  readonly condition: BoundExpression;
  readonly value: BoundExpression;
}

/** The two nodes that a query is made of, where it is just an aggregate. */
function aggregateOf(
  { form, plan }: PlannedSubquery,
): { project: ProjectNode; aggregate: AggregateNode } | undefined {
  if (form !== "scalar" || plan.kind !== "project") return undefined;
  const aggregate = plan.input;
  if (
    aggregate.kind !== "aggregate" || aggregate.groups.length > 0 ||
    aggregate.sets !== undefined || aggregate.groupings.length > 0 ||
    aggregate.aggregates.some((each) => each.directCount > 0)
  ) return undefined;
  return { project: plan, aggregate };
}

function groupedOf(subquery: PlannedSubquery): Grouped | undefined {
  const parts = aggregateOf(subquery);
  if (parts === undefined) return undefined;
  const { project, aggregate } = parts;
  const slots = new Set(subquery.captures.map(({ slot }) => slot));
  if (slots.size === 0) return undefined;
  const lifted: BoundExpression[] = [];
  const input = lift(aggregate.input, slots, lifted);
  const bare = { ...project, input: { ...aggregate, input } };
  if (lifted.length === 0 || usesSlots(bare, slots)) return undefined;
  const computed = [...project.expressions, ...aggregate.aggregates];
  if (computed.some((each) => isVolatile(each) || mayFail(each))) {
    return undefined;
  }
  const keys = lifted.map((each) => keyOf(each, slots));
  if (keys.some((key) => key === undefined)) return undefined;
  return grouped(subquery, bare, keys as EqualKey[]);
}

/**
 * Whether a computation is likely to fail for some values: groups that no row
 * asks for must not make the statement fail.
 */
function mayFail(expression: BoundExpression): boolean {
  return someExpression(expression, (part) => {
    if (part.kind === "cast") return part.operand.type.type.category === "S";
    return part.kind === "call" &&
      (part.operator === undefined || /^[/%^]$/.test(part.operator));
  });
}

/** An equality: what is of the query itself, and what comes from a row. */
interface EqualKey {
  readonly inner: BoundExpression;
  readonly outer: BoundExpression;
  readonly condition: BoundExpression;
}

function keyOf(
  condition: BoundExpression,
  slots: ReadonlySet<number>,
): EqualKey | undefined {
  if (condition.kind !== "call" || condition.operator !== "=") return undefined;
  const [first, second] = condition.args as [BoundExpression, BoundExpression];
  for (const [inner, outer] of [[first, second], [second, first]] as const) {
    const isOuter = !hasSlot(inner, slots) && isOfSlots(outer, slots);
    if (isOuter) return { inner, outer, condition };
  }
  return undefined;
}

/** Whether an expression takes all it needs from the slots. */
function isOfSlots(
  expression: BoundExpression,
  slots: ReadonlySet<number>,
): boolean {
  if (expression.kind === "cast") return isOfSlots(expression.operand, slots);
  return expression.kind === "outer" && slots.has(expression.slot);
}

function grouped(
  { captures }: PlannedSubquery,
  project: ProjectNode & { readonly input: AggregateNode },
  keys: readonly EqualKey[],
): Grouped | undefined {
  const aggregate = project.input;
  // Groups come before aggregates, whose columns move up by as many.
  const moved = (expression: BoundExpression): BoundExpression =>
    replaceExpressions(
      expression,
      (part) =>
        part.kind === "column" && part.relation === aggregate.relation
          ? { ...part, column: part.column + keys.length }
          : undefined,
    );
  const shown = project.expressions.map(moved);
  const columns = keys.map(({ inner }, column): BoundColumn =>
    columnRef({ relation: aggregate.relation, column }, inner)
  );
  const output = (column: number, like: BoundExpression): BoundColumn =>
    columnRef({ relation: project.relation, column }, like);
  const plan: LogicalPlan = {
    ...project,
    input: { ...aggregate, groups: keys.map(({ inner }) => inner) },
    expressions: [...shown, ...columns],
  };
  const condition = conjunction(
    keys.map((key, i) =>
      replaceExpressions(key.condition, (part) => {
        if (part === key.inner) return output(shown.length + i, part);
        if (part.kind !== "outer") return undefined;
        return captures.find(({ slot }) => slot === part.slot)?.expression;
      })
    ),
  );
  const marker = output(shown.length, columns[0]!);
  const value = valueOf(project, output(0, shown[0]!), marker);
  return value && condition && { plan, condition, value };
}

/** The value of a row: that of its group, or of no rows. */
function valueOf(
  { expressions, input }: ProjectNode & { readonly input: AggregateNode },
  value: BoundColumn,
  marker: BoundColumn,
): BoundExpression | undefined {
  const none = foldExpression(replaceExpressions(expressions[0]!, (part) => {
    if (part.kind !== "column" || part.relation !== input.relation) {
      return undefined;
    }
    const { definition } = input.aggregates[part.column]!;
    const { type, offset } = part;
    const value = definition.create(NO_CONTEXT).finish();
    return { kind: "constant", type, value, offset };
  }));
  if (none.kind !== "constant") return undefined;
  if (none.value === null) return value;
  return {
    kind: "case",
    operand: undefined,
    branches: [{
      condition: {
        kind: "null_test",
        operand: marker,
        negated: false,
        type: { type: bool, typmod: -1 },
        offset: -1,
      },
      result: none,
    }],
    otherwise: value,
    type: value.type,
    offset: value.offset,
  };
}
