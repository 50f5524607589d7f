/**
 * Statements to logical plans: queries by `query_planner.ts`, changes by
 * `change_planner.ts`.
 *
 * @module
 */
import type { BoundPlannable } from "../analyzer/bound_tree.ts";
import { planChange } from "./change_planner.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { QueryPlanner } from "./query_planner.ts";

/** The logical plan of a statement. */
export interface PlannedStatement {
  readonly plan: LogicalPlan;
  /** Whether it changes or locks rows. */
  readonly locks: boolean;
}

/** Plans a statement. */
export function planLogically(statement: BoundPlannable): PlannedStatement {
  const severalChanges = changesInWith(statement);
  const planner = new QueryPlanner(severalChanges);
  if (statement.kind !== "select") {
    const plan = planChange(planner, statement, { counted: true });
    return { plan, locks: true };
  }
  const plan = planner.level(() =>
    planner.query(statement.query, planner.newRelation())
  );
  return { plan, locks: severalChanges || planner.locks };
}

/** Whether a query of the statement's WITH changes a table. */
export function changesInWith(statement: BoundPlannable): boolean {
  const { ctes } = statement.kind === "select" ? statement.query : statement;
  return ctes.some(({ query }) => "kind" in query);
}
