/**
 * Statements about the one row that a unique key names, or about one new row:
 * what most statements of applications are, without operators and chunks.
 *
 * | statement | file |
 * | --- | --- |
 * | `SELECT columns FROM t WHERE key = …` | `point_select.ts` |
 * | `UPDATE t SET … WHERE key = …` | `point_update.ts` |
 * | `DELETE FROM t WHERE key = …` | `point_delete.ts` |
 * | `INSERT INTO t VALUES (…)` | `point_insert.ts` |
 *
 * It is a way beside the plan, never instead of it: a point plan does exactly
 * what the plan does, or declines before it has done anything (`undefined`),
 * and then the plan runs. It declines whatever is not plain: other sessions in
 * the way, a NULL where none may be, a row of an older table. A table with
 * triggers, foreign keys, rules or indexes that are not plain B-trees has none.
 *
 * @module
 */
import type { AccessRegistry } from "../../access/access_registry.ts";
import type { LogicalPlan } from "../../planner/logical_plan.ts";
import { pointDelete } from "./point_delete.ts";
import { pointInsert } from "./point_insert.ts";
import type { PointPlan } from "./point_run.ts";
import { pointSelect } from "./point_select.ts";
import { pointUpdate } from "./point_update.ts";

/** The way beside `plan`, if it has one. */
export function pointPlanOf(
  plan: LogicalPlan,
  access: AccessRegistry,
): PointPlan | undefined {
  switch (plan.kind) {
    case "project":
      return pointSelect(plan, access);
    case "insert":
      return pointInsert(plan);
    case "update":
      return pointUpdate(plan, access);
    case "delete":
      return pointDelete(plan, access);
    default:
      return undefined;
  }
}
