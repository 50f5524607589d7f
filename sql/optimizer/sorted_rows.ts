/**
 * The rows that a sort is over, below what is computed of them on the way.
 *
 * @module
 */
import { replaceExpressions } from "../analyzer/walk.ts";
import type {
  ComputeNode,
  LogicalPlan,
  ProjectNode,
  SortKey,
  SortNode,
} from "../planner/logical_plan.ts";

/** What a sort is over. */
export interface SortedRows {
  /** The rows: neither projected nor computed. */
  readonly below: LogicalPlan;
  /** The keys over the columns of the rows. */
  readonly keys: readonly SortKey[];
  /** What the sort is over, over other rows of the same columns. */
  readonly over: (rows: LogicalPlan) => LogicalPlan;
}

/** Follows a sort down to the rows. */
export function sortedRows({ keys, input }: SortNode): SortedRows {
  const path: (ProjectNode | ComputeNode)[] = [];
  let own = keys;
  let below = input;
  while (
    below.kind === "project" || (below.kind === "compute" && !below.waits)
  ) {
    path.push(below);
    own = throughColumns(own, below);
    below = below.input;
  }
  const over = (rows: LogicalPlan): LogicalPlan =>
    path.reduceRight<LogicalPlan>(
      (input, node) => ({ ...node, input }),
      rows,
    );
  return { below, keys: own, over };
}

/** Keys over what a node computes as keys over its input. */
function throughColumns(
  keys: readonly SortKey[],
  { relation, expressions }: ProjectNode | ComputeNode,
): SortKey[] {
  return keys.map((key) => ({
    ...key,
    expression: replaceExpressions(
      key.expression,
      (part) =>
        part.kind === "column" && part.relation === relation
          ? expressions[part.column]
          : undefined,
    ),
  }));
}
