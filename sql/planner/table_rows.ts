/**
 * The rows of a table in a plan.
 *
 * @module
 */
import {
  CTID_COLUMN,
  TABLEOID_COLUMN,
  type TableRelation,
} from "../analyzer/bound_expression.ts";
import type { LogicalPlan } from "./logical_plan.ts";

/**
 * The column number under which a scan gives the row's locator itself, a
 * number; `ctid` is its text.
 */
export const LOCATOR_COLUMN = -100;

/** All rows of a table, and all that there is of each. */
export function scanOf(from: TableRelation): LogicalPlan {
  // Pruning leaves what is used.
  const columns = [
    ...from.table.columns.map((_, position) => position),
    LOCATOR_COLUMN,
    CTID_COLUMN,
    TABLEOID_COLUMN,
  ];
  const { tree, ...alone } = from;
  if (tree === undefined) {
    return { kind: "scan", table: from, columns, filter: undefined };
  }
  return {
    kind: "append",
    table: from,
    columns,
    inputs: tree.map((table, i) => ({
      kind: "scan",
      table: { ...alone, table, alias: `${from.alias}_${i + 1}` },
      columns,
      filter: undefined,
    })),
  };
}
