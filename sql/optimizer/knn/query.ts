/**
 * A LIMIT over an ascending sort by a distance: what is above the rows, and
 * below it.
 *
 * Where further keys follow, or the equals of the last row come too, all rows
 * are wanted that are as near as the last: the nearest rows _with ties_.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { replaceExpressions } from "../../analyzer/walk.ts";
import type {
  ComputeNode,
  LimitNode,
  LogicalPlan,
  ProjectNode,
  SortNode,
} from "../../planner/logical_plan.ts";
import { columnRef } from "../../planner/plan_tree.ts";

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
  /** Whether the rows are wanted that are as near as the last. */
  readonly isTied: boolean;
}

/** The relation of a distance that nothing above asks for. */
const OWN_RELATION = -1;

/** What `limit` is over, if that is the nearest rows of something. */
export function nearestQuery(limit: LimitNode): NearestQuery | undefined {
  const { input: sort, ties } = limit;
  if (limit.limit === undefined || sort.kind !== "sort") return undefined;
  const [key, second] = sort.keys;
  if (
    key === undefined || key.descending || key.nullsFirst ||
    key.expression.kind !== "column"
  ) return undefined;
  let { input } = sort;
  let compute: ComputeNode | undefined;
  let distance: BoundExpression = key.expression;
  if (input.kind === "compute") {
    compute = input;
    if (compute.waits) return undefined;
    if (key.expression.relation === compute.relation) {
      distance = compute.expressions[key.expression.column]!;
    }
    ({ input } = compute);
  }
  const isTied = second !== undefined || ties !== undefined;
  const isOwn = compute === undefined || distance !== key.expression;
  if (!isTied && (!isOwn || (compute?.expressions.length ?? 1) !== 1)) {
    return undefined;
  }
  const projects: ProjectNode[] = [];
  for (; input.kind === "project"; { input } = input) {
    projects.push(input);
    distance = throughProject(distance, input);
  }
  return { sort, compute, projects, below: input, distance, isTied };
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
  { sort, compute, distance, isTied }: Omit<
    NearestQuery,
    "projects" | "below"
  >,
  rows: LogicalPlan,
): LimitNode {
  const relation = isTied ? OWN_RELATION : compute?.relation ?? OWN_RELATION;
  const expression = columnRef({ relation, column: 0 }, distance);
  const keys = sort.keys.slice(0, 1).map((key) => ({ ...key, expression }));
  return {
    ...limit,
    ties: isTied ? keys : undefined,
    input: {
      ...sort,
      keys,
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
