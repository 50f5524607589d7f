/**
 * Statements to logical plans: queries by `query_planner.ts`, changes by
 * `change_planner.ts`.
 *
 * @module
 */
import type { BoundPlannable } from "../analyzer/bound_tree.ts";
import { planDelete, planInsert, planUpdate } from "./change_planner.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { QueryPlanner } from "./query_planner.ts";

/** The logical plan of a statement. */
export function planLogically(statement: BoundPlannable): LogicalPlan {
  const planner = new QueryPlanner();
  const plan = planner.level(() => {
    switch (statement.kind) {
      case "select":
        return planner.query(statement.query, planner.newRelation());
      case "insert":
        return planInsert(planner, statement);
      case "update":
        return planUpdate(planner, statement);
      case "delete":
        return planDelete(planner, statement);
    }
  });
  if (plan.kind !== "init" || statement.kind === "select") return plan;
  // The change stays on top: it counts its rows.
  const change = plan.input as ChangeNode;
  return { ...change, input: { ...plan, input: change.input } };
}

type ChangeNode = Extract<
  LogicalPlan,
  { kind: "insert" | "update" | "delete" }
>;
