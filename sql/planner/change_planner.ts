/**
 * INSERT, UPDATE and DELETE to logical plans: the rows that they take, and on
 * top of them the change.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type {
  BoundConflict,
  BoundDelete,
  BoundInsert,
  BoundUpdate,
} from "../analyzer/bound_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import { planFrom, planValues } from "./from_planner.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import type { Planning } from "./planning.ts";

/** INSERT. */
export function planInsert(
  planning: Planning,
  statement: BoundInsert,
): LogicalPlan {
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
    conflict: planConflict(planning, statement.conflict),
    images: statement.images,
    tracked: false,
    relation: planning.newRelation(),
    returning: returningOf(planning, statement),
  };
}

function sourceOf(
  planning: Planning,
  source: BoundInsert["source"],
  relation: number,
): LogicalPlan {
  if (source === undefined) return { kind: "result" };
  if ("rowCount" in source) {
    return planValues(planning, { kind: "values", relation, values: source });
  }
  return planning.query(source, relation);
}

/** UPDATE. */
export function planUpdate(
  planning: Planning,
  statement: BoundUpdate,
): LogicalPlan {
  const [input, values] = planning.extract(
    changedRows(planning, statement),
    statement.assignments.map(({ expression }) => expression),
  );
  return {
    kind: "update",
    input,
    table: statement.from,
    images: statement.images,
    tracked: statement.using !== undefined,
    assignments: statement.assignments.map(({ column }, i) => ({
      column,
      expression: values[i]!,
    })),
    relation: planning.newRelation(),
    returning: returningOf(planning, statement),
  };
}

/** DELETE. */
export function planDelete(
  planning: Planning,
  statement: BoundDelete,
): LogicalPlan {
  return {
    kind: "delete",
    input: changedRows(planning, statement),
    table: statement.from,
    images: statement.images,
    tracked: statement.using !== undefined,
    relation: planning.newRelation(),
    returning: returningOf(planning, statement),
  };
}

/** RETURNING: queries in it see no column of the row. */
function returningOf(
  planning: Planning,
  { returning }: Pick<BoundInsert, "returning">,
): BoundExpression[] {
  return planValuesOf(
    planning,
    returning.map(({ expression }) => expression),
    "RETURNING",
  );
}

function planConflict(
  planning: Planning,
  conflict: BoundConflict | undefined,
): BoundConflict | undefined {
  if (conflict?.update === undefined) return conflict;
  const { excluded, assignments, where } = conflict.update;
  const expressions = assignments.map(({ expression }) => expression);
  if (where !== undefined) expressions.push(where);
  const planned = planValuesOf(planning, expressions, "ON CONFLICT DO UPDATE");
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

/** Expressions over changed rows: a query in them must need none of the row. */
function planValuesOf(
  planning: Planning,
  expressions: readonly BoundExpression[],
  place: string,
): BoundExpression[] {
  const [below, planned] = planning.extract({ kind: "result" }, expressions);
  if (below.kind === "result") return planned;
  throw new SqlError(
    "0A000",
    `a subquery over the changed row is not supported in ${place}`,
  );
}

/** The rows that UPDATE or DELETE changes: all columns, and the locator. */
function changedRows(
  planning: Planning,
  { from, using, where }: BoundUpdate | BoundDelete,
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
