/**
 * Where the columns of a node are in its chunks.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { ColumnId, LogicalPlan } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";

/** Where the columns of chunks are. */
export type ColumnLayout = (column: ColumnId) => number;

/** System columns have small negative numbers. */
const COLUMN_BASE = 1024;

/** The layout of chunks with these columns. */
export function layoutOfIds(ids: readonly ColumnId[]): ColumnLayout {
  const positions = new Map<number, number>();
  ids.forEach((id, position) => positions.set(keyOf(id), position));
  return (column) => {
    const position = positions.get(keyOf(column));
    invariant(
      position !== undefined,
      `column ${column.relation}.${column.column} is not in the plan`,
    );
    return position;
  };
}

function keyOf({ relation, column }: ColumnId): number {
  return relation * 65536 + column + COLUMN_BASE;
}

/** The layout of the chunks that a node gives. */
export function layoutOf(plan: LogicalPlan): ColumnLayout {
  return layoutOfIds(outputOf(plan));
}
