/**
 * Statements to logical plans: queries by `query_planner.ts`, and what changes
 * tables on top of them.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type {
  BoundDelete,
  BoundInsert,
  BoundPlannable,
  BoundUpdate,
} from "../analyzer/bound_tree.ts";
import { planValues } from "./from_planner.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { QueryPlanner } from "./query_planner.ts";
import { LOCATOR_COLUMN, scanOf } from "./table_rows.ts";

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

function planInsert(
  planner: QueryPlanner,
  statement: BoundInsert,
): LogicalPlan {
  const { table, newRelation, source, sourceRelation } = statement;
  const [input, assigned] = planner.extract(
    sourceOf(planner, source, sourceRelation),
    statement.assigned,
  );
  return {
    kind: "insert",
    input,
    table,
    assigned,
    newRelation,
    relation: planner.newRelation(),
    returning: returningOf(planner, statement),
  };
}

function sourceOf(
  planner: QueryPlanner,
  source: BoundInsert["source"],
  relation: number,
): LogicalPlan {
  if (source === undefined) return { kind: "result" };
  if ("rowCount" in source) {
    return planValues(planner, { kind: "values", relation, values: source });
  }
  return planner.query(source, relation);
}

function planUpdate(
  planner: QueryPlanner,
  statement: BoundUpdate,
): LogicalPlan {
  const [input, values] = planner.extract(
    changedRows(planner, statement),
    statement.assignments.map(({ expression }) => expression),
  );
  return {
    kind: "update",
    input,
    table: statement.from,
    assignments: statement.assignments.map(({ column }, i) => ({
      column,
      expression: values[i]!,
    })),
    relation: planner.newRelation(),
    returning: returningOf(planner, statement),
  };
}

function planDelete(
  planner: QueryPlanner,
  statement: BoundDelete,
): LogicalPlan {
  return {
    kind: "delete",
    input: changedRows(planner, statement),
    table: statement.from,
    relation: planner.newRelation(),
    returning: returningOf(planner, statement),
  };
}

/** RETURNING: queries in it see no column of the row. */
function returningOf(
  planner: QueryPlanner,
  { returning }: Pick<BoundInsert, "returning">,
): BoundExpression[] {
  const [below, expressions] = planner.extract(
    { kind: "result" },
    returning.map(({ expression }) => expression),
  );
  if (below.kind === "result") return expressions;
  throw new SqlError(
    "0A000",
    "a subquery over the changed row is not supported in RETURNING",
  );
}

/** The rows that UPDATE or DELETE changes: all columns, and the locator. */
function changedRows(
  planner: QueryPlanner,
  { from, where }: BoundUpdate | BoundDelete,
): LogicalPlan {
  // Pruning leaves of the system columns what is used.
  const scan = scanOf(from, [LOCATOR_COLUMN]);
  return where === undefined ? scan : planner.where(scan, where);
}
