/**
 * Changes of tables to logical plans: the rows that they take, and on
 * top of them the change.
 *
 * @module
 */
import type {
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import type {
  BoundChange,
  BoundConflict,
  BoundConflictUpdate,
} from "../analyzer/bound_tree.ts";
import { someExpression } from "../analyzer/walk.ts";
import { isVolatile } from "./volatility.ts";
import { separateWaits } from "./waiting_columns.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { TypeRef } from "../types/data_type.ts";
import { planFrom, planValues } from "./from_planner.ts";
import type {
  ChangeNode,
  LateRows,
  LogicalPlan,
  Recheck,
} from "./logical_plan.ts";
import { planMerge } from "./merge_planner.ts";
import {
  needsRow,
  planRowValues,
  type ValueBelow,
} from "./changed_row_values.ts";
import { columnRef } from "./plan_tree.ts";
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
  const { table, newRelation, images, conflict } = statement;
  const [source, values] = planning.extract(
    sourceOf(planning, statement.source, statement.sourceRelation),
    statement.assigned,
  );
  const update = conflict?.update;
  const late = [
    ...returningOf(statement),
    ...update === undefined ? [] : conflictExpressions(update),
  ];
  const { input: rows, assigned, proposed } = late.some(needsRow)
    ? computedRows(planning, source, values)
    : { input: source, assigned: values, proposed: undefined };
  const proposedValue = (column: number): BoundExpression | undefined =>
    table.columns[column]?.generated === undefined
      ? proposed?.[column]
      : undefined;
  const { input: planned, conflict: changed, lateUpdate } = planConflict(
    planning,
    rows,
    conflict,
    ({ relation, column }) =>
      relation === update?.excluded ? proposedValue(column) : undefined,
  );
  const { input, expressions: returning, late: later } = planRowValues(
    planning,
    planned,
    returningOf(statement),
    ({ relation, column, type }) => {
      if (conflict !== undefined) return undefined;
      if (relation === images.old) return nullOf(type);
      return relation === newRelation || relation === images.new
        ? proposedValue(column)
        : undefined;
    },
  );
  return {
    kind: "insert",
    input,
    table,
    assigned,
    newRelation,
    where: statement.where && planWhere(planning, statement.where),
    conflict: changed,
    images,
    tracked: planning.severalChanges,
    counted: true,
    relation: planning.newRelation(),
    returning,
    ...later === undefined ? {} : { late: later },
    ...lateUpdate === undefined ? {} : { lateUpdate },
  };
}

/** WHERE of COPY … FROM: queries in it see no column of the row. */
function planWhere(
  planning: Planning,
  where: BoundExpression,
): BoundExpression {
  const { expressions } = planRowValues(
    planning,
    { kind: "result" },
    [where],
    () => {
      throw new SqlError(
        "0A000",
        "cannot use subquery in COPY FROM WHERE condition",
      );
    },
  );
  return expressions[0]!;
}

function returningOf(
  { returning }: Pick<BoundChange, "returning">,
): BoundExpression[] {
  return returning.map(({ expression }) => expression);
}

/** The rows to be inserted, computed below the INSERT. */
function computedRows(
  planning: Planning,
  source: LogicalPlan,
  values: readonly BoundExpression[],
): {
  readonly input: LogicalPlan;
  readonly assigned: BoundExpression[];
  readonly proposed: readonly BoundExpression[];
} {
  const [below, expressions] = separateWaits(
    () => planning.newRelation(),
    source,
    values,
  );
  const relation = planning.newRelation();
  const input: LogicalPlan = {
    kind: "compute",
    input: below,
    relation,
    expressions,
    waits: false,
  };
  const assigned = expressions.map((expression, column) =>
    columnRef({ relation, column }, expression)
  );
  return { input, assigned, proposed: assigned };
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
  const { from, images } = statement;
  const changed = changedRows(planning, statement);
  const [rows, given] = planning.extract(
    changed,
    statement.assignments.map(({ expression }) => expression),
  );
  const { input: computed, assigned: values } =
    returningOf(statement).some(needsRow)
      ? computedRows(planning, rows, given)
      : { input: rows, assigned: given };
  const after = (column: BoundColumn): BoundExpression | undefined => {
    if (from.table.columns[column.column]?.generated !== undefined) {
      return undefined;
    }
    const position = statement.assignments.findIndex((each) =>
      each.column === column.column
    );
    return position < 0
      ? { ...column, relation: from.relation }
      : values[position];
  };
  const { input, expressions: returning, late } = planRowValues(
    planning,
    computed,
    returningOf(statement),
    (column) => {
      const { relation } = column;
      if (relation === images.old) {
        return { ...column, relation: from.relation };
      }
      return relation === from.relation || relation === images.new
        ? after(column)
        : column;
    },
  );
  return {
    kind: "update",
    input,
    table: from,
    recheck: recheckOf(statement, input === changed),
    images,
    tracked: planning.severalChanges || statement.using !== undefined,
    counted: true,
    assignments: statement.assignments.map(({ column }, i) => ({
      column,
      expression: values[i]!,
    })),
    relation: planning.newRelation(),
    returning,
    ...late === undefined ? {} : { late },
  };
}

function planDelete(
  planning: Planning,
  statement: Extract<BoundChange, { kind: "delete" }>,
): ChangeNode {
  const { from, images } = statement;
  const changed = changedRows(planning, statement);
  const { input, expressions: returning, late } = planRowValues(
    planning,
    changed,
    returningOf(statement),
    (column) => {
      if (column.relation === images.new) return nullOf(column.type);
      return column.relation === images.old
        ? { ...column, relation: from.relation }
        : column;
    },
  );
  return {
    kind: "delete",
    input,
    table: from,
    recheck: recheckOf(statement, input === changed),
    images,
    tracked: planning.severalChanges || statement.using !== undefined,
    counted: true,
    relation: planning.newRelation(),
    returning,
    ...late === undefined ? {} : { late },
  };
}

function conflictExpressions(
  { assignments, where }: BoundConflictUpdate,
): BoundExpression[] {
  const expressions = assignments.map(({ expression }) => expression);
  return where === undefined ? expressions : [...expressions, where];
}

/** ON CONFLICT: queries in it may see both rows. */
function planConflict(
  planning: Planning,
  input: LogicalPlan,
  conflict: BoundConflict | undefined,
  valueBelow: ValueBelow,
): {
  readonly input: LogicalPlan;
  readonly conflict: BoundConflict | undefined;
  readonly lateUpdate?: LateRows | undefined;
} {
  if (conflict?.update === undefined) return { input, conflict };
  const { excluded, assignments, where } = conflict.update;
  const { input: below, expressions, late } = planRowValues(
    planning,
    input,
    conflictExpressions(conflict.update),
    valueBelow,
  );
  const update: BoundConflictUpdate = {
    excluded,
    assignments: assignments.map(({ column }, i) => ({
      column,
      expression: expressions[i]!,
    })),
    where: where === undefined ? undefined : expressions.at(-1),
  };
  return { input: below, conflict: { ...conflict, update }, lateUpdate: late };
}

function nullOf(type: TypeRef): BoundExpression {
  return { kind: "constant", type, value: null, offset: -1 };
}

/** The rows that UPDATE or DELETE changes: all columns, and the locator. */
function changedRows(
  planning: Planning,
  { rows, using, where }: Extract<BoundChange, { kind: "update" | "delete" }>,
): LogicalPlan {
  const { plan } = planFrom(
    planning,
    using === undefined ? rows : {
      kind: "join",
      join: "inner",
      left: rows,
      right: using,
      condition: undefined,
    },
  );
  return where === undefined ? plan : planning.where(plan, where);
}

/**
 * What has to hold of a row that was changed meanwhile. `isPlain`: nothing was
 * computed from the rows on their way.
 */
function recheckOf(
  { where }: Extract<BoundChange, { kind: "update" | "delete" }>,
  isPlain: boolean,
): Recheck {
  if (!isPlain) return "restart";
  if (where === undefined) return "always";
  const asks = someExpression(where, ({ kind }) => kind === "subquery");
  return asks || isVolatile(where) ? "restart" : where;
}
