/**
 * Changes of tables to logical plans: the rows that they take, and on
 * top of them the change.
 *
 * @module
 */
import type { BoundChange, BoundConflict } from "../analyzer/bound_tree.ts";
import { planFrom, planValues } from "./from_planner.ts";
import type { ChangeNode, LogicalPlan } from "./logical_plan.ts";
import { planMerge } from "./merge_planner.ts";
import { planReturning, planRowValues } from "./changed_row_values.ts";
import type { Planning } from "./planning.ts";

/** How a change stands in its statement. */
interface ChangeOptions {
  /** Whether its rows are those that the statement counts. */
  readonly counted: boolean;
}

/** A statement that changes a table, or a change in WITH. */
export function planChange(
  planning: Planning,
  statement: BoundChange,
  { counted }: ChangeOptions,
): LogicalPlan {
  return planning.withCtes(statement.ctes, () => {
    let change: ChangeNode | undefined;
    const plan = planning.level(() => {
      change = { ...changeOf(planning, statement), counted };
      return change;
    });
    // The change stays on top, so that it is seen to be one.
    return plan.kind === "init" && change !== undefined
      ? { ...change, input: { ...plan, input: change.input } }
      : plan;
  });
}

function changeOf(planning: Planning, statement: BoundChange): ChangeNode {
  switch (statement.kind) {
    case "insert":
      return planInsert(planning, statement);
    case "update":
      return planUpdate(planning, statement);
    case "delete":
      return planDelete(planning, statement);
    case "merge":
      return planMerge(planning, statement);
  }
}

function planInsert(
  planning: Planning,
  statement: Extract<BoundChange, { kind: "insert" }>,
): ChangeNode {
  const { table, newRelation, source, sourceRelation } = statement;
  const [input, assigned] = planning.extract(
    sourceOf(planning, source, sourceRelation),
    statement.assigned,
  );
  return {
    kind: "insert",
    input,
    table,
    assigned,
    newRelation,
    where: statement.where &&
      planRowValues(planning, [statement.where], "COPY FROM")[0],
    conflict: planConflict(planning, statement.conflict),
    images: statement.images,
    tracked: planning.severalChanges,
    counted: true,
    relation: planning.newRelation(),
    returning: planReturning(planning, statement),
  };
}

function sourceOf(
  planning: Planning,
  source: Extract<BoundChange, { kind: "insert" }>["source"],
  relation: number,
): LogicalPlan {
  if (source === undefined) return { kind: "result" };
  if ("kind" in source) {
    return { kind: "external", relation, types: source.types };
  }
  if ("rowCount" in source) {
    return planValues(planning, { kind: "values", relation, values: source });
  }
  return planning.query(source, relation);
}

function planUpdate(
  planning: Planning,
  statement: Extract<BoundChange, { kind: "update" }>,
): ChangeNode {
  const [input, values] = planning.extract(
    changedRows(planning, statement),
    statement.assignments.map(({ expression }) => expression),
  );
  return {
    kind: "update",
    input,
    table: statement.from,
    images: statement.images,
    tracked: planning.severalChanges || statement.using !== undefined,
    counted: true,
    assignments: statement.assignments.map(({ column }, i) => ({
      column,
      expression: values[i]!,
    })),
    relation: planning.newRelation(),
    returning: planReturning(planning, statement),
  };
}

function planDelete(
  planning: Planning,
  statement: Extract<BoundChange, { kind: "delete" }>,
): ChangeNode {
  return {
    kind: "delete",
    input: changedRows(planning, statement),
    table: statement.from,
    images: statement.images,
    tracked: planning.severalChanges || statement.using !== undefined,
    counted: true,
    relation: planning.newRelation(),
    returning: planReturning(planning, statement),
  };
}

function planConflict(
  planning: Planning,
  conflict: BoundConflict | undefined,
): BoundConflict | undefined {
  if (conflict?.update === undefined) return conflict;
  const { excluded, assignments, where } = conflict.update;
  const expressions = assignments.map(({ expression }) => expression);
  if (where !== undefined) expressions.push(where);
  const planned = planRowValues(planning, expressions, "ON CONFLICT DO UPDATE");
  return {
    ...conflict,
    update: {
      excluded,
      assignments: assignments.map(({ column }, i) => ({
        column,
        expression: planned[i]!,
      })),
      where: where === undefined ? undefined : planned.at(-1),
    },
  };
}

/** The rows that UPDATE or DELETE changes: all columns, and the locator. */
function changedRows(
  planning: Planning,
  { from, using, where }: Extract<BoundChange, { kind: "update" | "delete" }>,
): LogicalPlan {
  const { plan } = planFrom(
    planning,
    using === undefined ? from : {
      kind: "join",
      join: "inner",
      left: from,
      right: using,
      condition: undefined,
    },
  );
  return where === undefined ? plan : planning.where(plan, where);
}
