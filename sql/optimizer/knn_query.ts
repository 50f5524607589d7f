/**
 * A LIMIT over an ascending sort by one distance: what is above the rows, and
 * below it.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { replaceExpressions } from "../analyzer/walk.ts";
import type {
  ComputeNode,
  LimitNode,
  LogicalPlan,
  ProjectNode,
  SortNode,
} from "../planner/logical_plan.ts";
import { columnRef } from "../planner/plan_tree.ts";

/** What a limit is over, down to the rows. */
export interface NearestQuery {
  readonly sort: SortNode;
  /** The distance, computed above the projections; absent: one of theirs. */
  readonly compute: ComputeNode | undefined;
  /** The projections between sort and rows, from the top. */
  readonly projects: readonly ProjectNode[];
  /** The rows: no projection. */
  readonly below: LogicalPlan;
  /** The distance over the columns of the rows. */
  readonly distance: BoundExpression;
}

/** The relation of a distance that nothing above asks for. */
const OWN_RELATION = -1;

/** What `limit` is over, if that is the nearest rows of something. */
export function nearestQuery(limit: LimitNode): NearestQuery | undefined {
  const { input: sort, ties } = limit;
  if (limit.limit === undefined || ties !== undefined || sort.kind !== "sort") {
    return undefined;
  }
  const [key, second] = sort.keys;
  if (
    key === undefined || second !== undefined || key.descending ||
    key.nullsFirst || key.expression.kind !== "column"
  ) return undefined;
  let { input } = sort;
  let compute: ComputeNode | undefined;
  let distance: BoundExpression = key.expression;
  if (input.kind === "compute") {
    compute = input;
    if (
      compute.waits || compute.expressions.length !== 1 ||
      key.expression.relation !== compute.relation
    ) return undefined;
    distance = compute.expressions[0]!;
    ({ input } = compute);
  }
  const projects: ProjectNode[] = [];
  for (; input.kind === "project"; { input } = input) {
    projects.push(input);
    distance = throughProject(distance, input);
  }
  return { sort, compute, projects, below: input, distance };
}

/** An expression over a projection as one over its input. */
function throughProject(
  expression: BoundExpression,
  { relation, expressions }: ProjectNode,
): BoundExpression {
  return replaceExpressions(
    expression,
    (part) =>
      part.kind === "column" && part.relation === relation
        ? expressions[part.column]
        : undefined,
  );
}

/** The nearest of `rows`, without the projections. */
export function nearestRows(
  limit: LimitNode,
  { sort, compute, distance }: Omit<NearestQuery, "projects" | "below">,
  rows: LogicalPlan,
): LimitNode {
  const relation = compute?.relation ?? OWN_RELATION;
  const expression = columnRef({ relation, column: 0 }, distance);
  return {
    ...limit,
    input: {
      ...sort,
      keys: sort.keys.map((key) => ({ ...key, expression })),
      input: {
        kind: "compute",
        relation,
        expressions: [distance],
        waits: false,
        input: rows,
      },
    },
  };
}

/** The same query over other rows. */
export function queryOver(
  limit: LimitNode,
  { sort, compute, projects }: NearestQuery,
  rows: LogicalPlan,
): LimitNode {
  const projected = projects.reduceRight<LogicalPlan>(
    (input, project) => ({ ...project, input }),
    rows,
  );
  const input = compute === undefined
    ? projected
    : { ...compute, input: projected };
  return { ...limit, input: { ...sort, input } };
}
