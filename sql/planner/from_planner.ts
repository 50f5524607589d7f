/**
 * FROM to logical plans: tables, lists of values, queries, joins.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  BoundCell,
  BoundExpression,
  BoundFrom,
  Capture,
  FunctionRelation,
  JoinRelation,
  SetSide,
  ValuesRelation,
} from "../analyzer/bound_expression.ts";
import { isSetCall } from "../analyzer/set_calls.ts";
import { replaceExpressions, someExpression } from "../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "./conjuncts.ts";
import type {
  ColumnId,
  JoinNode,
  LogicalPlan,
  PlannedFunction,
} from "./logical_plan.ts";
import { outputOf } from "./plan_tree.ts";
import type { Planning } from "./planning.ts";
import { hasColumn, hasSubquery } from "./subquery_parts.ts";
import { scanOf } from "./table_rows.ts";
import { waits } from "./volatility.ts";

/** A part of FROM, and what it takes from what stands before it. */
export interface PlannedFrom {
  readonly plan: LogicalPlan;
  readonly captures: readonly Capture[];
}

/** A part of FROM. */
export function planFrom(
  planning: Planning,
  from: BoundFrom | undefined,
): PlannedFrom {
  if (from === undefined) return { plan: { kind: "result" }, captures: [] };
  switch (from.kind) {
    case "table":
      return { plan: scanOf(from), captures: [] };
    case "values":
      return { plan: planValues(planning, from), captures: [] };
    case "subquery":
      return {
        plan: planning.query(from.query, from.relation),
        captures: from.captures,
      };
    case "sample": {
      const input = scanOf(from.table);
      const [, [condition]] = planning.extract({ kind: "result" }, [
        from.condition,
      ]);
      return {
        plan: { kind: "filter", input, condition: condition! },
        captures: [],
      };
    }
    case "function":
      return {
        plan: planning.level(() => planFunctions(planning, from)),
        captures: from.captures,
      };
    case "set_operation": {
      const { operation, all, relation, columnNames } = from;
      const plan: LogicalPlan = {
        kind: "set_operation",
        operation,
        all,
        relation,
        columnCount: columnNames.length,
        left: planSide(planning, from.left),
        right: planSide(planning, from.right),
      };
      return { plan, captures: [] };
    }
    case "cte": {
      const cte = planning.cte(from.id);
      if (cte?.inlined === true && !("kind" in cte.query)) {
        return { plan: planning.query(cte.query, from.relation), captures: [] };
      }
      const { id, name, alias, relation, types, working } = from;
      const plan: LogicalPlan = {
        kind: "cte_scan",
        id,
        name,
        alias,
        relation,
        types,
        working,
      };
      return { plan, captures: [] };
    }
    case "join":
      return planJoin(planning, from);
  }
}

/** Functions in FROM: what they are called with needs no row. */
function planFunctions(
  planning: Planning,
  { functions, relation, alias, ordinality }: FunctionRelation,
): LogicalPlan {
  const planned = functions.map(({ call, columns }): PlannedFunction => {
    const parts = isSetCall(call) ? call.args : [call];
    const [, expressions] = planning.extract({ kind: "result" }, parts);
    return isSetCall(call)
      ? { kind: "set", function: call.function, args: expressions, columns }
      : { kind: "value", expression: expressions[0]!, columns };
  });
  return {
    kind: "function_scan",
    relation,
    alias,
    functions: planned,
    ordinality,
  };
}

/** A side of a set operation: its columns have the types of the result. */
export function planSide(
  planning: Planning,
  { query, relation, columns }: SetSide,
): LogicalPlan {
  return {
    kind: "project",
    input: planning.query(query, relation),
    relation: planning.newRelation(),
    expressions: columns,
  };
}

/** A VALUES list. */
export function planValues(
  planning: Planning,
  values: ValuesRelation,
): LogicalPlan {
  const mapCell = (cell: BoundCell): BoundCell => {
    const [, [expression]] = planning.extract({ kind: "result" }, [
      cell.expression,
    ]);
    return { ...cell, expression: expression! };
  };
  const columns = values.values.columns.map((column) =>
    column.cells.length === 0
      ? column
      : { ...column, cells: column.cells.map(mapCell) }
  );
  return {
    kind: "values",
    values: { ...values, values: { ...values.values, columns } },
  };
}

function planJoin(planning: Planning, from: JoinRelation): PlannedFrom {
  const left = planFrom(planning, from.left);
  const right = planFrom(planning, from.right);
  return joinParts(planning, from, left, right);
}

/** Two parts of FROM, joined. */
export function joinParts(
  planning: Planning,
  from: Pick<JoinRelation, "join" | "condition">,
  left: PlannedFrom,
  right: PlannedFrom,
): PlannedFrom {
  const available = outputOf(left.plan);
  const isOurs = ({ expression }: Capture): boolean =>
    !someExpression(
      expression,
      (part) => part.kind === "column" && !isAmong(available, part),
    );
  const captures = right.captures.filter(isOurs);
  const outer = [
    ...left.captures,
    ...right.captures.filter((capture) => !isOurs(capture)),
  ];
  const swapped = from.join === "right";
  const sides = swapped
    ? { left: right.plan, right: left.plan }
    : { left: left.plan, right: right.plan };
  const conditions = conjunctsOf(from.condition);
  const isApart = (each: BoundExpression): boolean =>
    hasSubquery(each) || waits(each);
  const plain = conditions.filter((each) => !isApart(each));
  const others = conditions.filter(isApart);
  const join: JoinNode = {
    kind: "join",
    join: from.join === "right" ? "left" : from.join,
    ...sides,
    condition: conjunction(plain),
    captures,
  };
  if (others.length === 0) return { plan: join, captures: outer };
  if (from.join === "inner") {
    return {
      plan: planning.where(join, conjunction(others)!),
      captures: outer,
    };
  }
  return { plan: outerJoinApart(planning, join, others), captures: outer };
}

/**
 * An outer join on conditions with queries: the right side is run for each row of
 * the left, and keeps the rows for which they hold.
 */
function outerJoinApart(
  planning: Planning,
  join: JoinNode,
  conditions: readonly BoundExpression[],
): JoinNode {
  if (join.join === "full") {
    if (conditions.some(hasColumn)) {
      throw new SqlError(
        "0A000",
        "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions",
      );
    }
    const [, rest] = planning.extract({ kind: "result" }, conditions);
    const all = [...conjunctsOf(join.condition), ...rest];
    return { ...join, condition: conjunction(all) };
  }
  const left = outputOf(join.left);
  const captures = [...join.captures];
  const slots = new Map<string, number>();
  const taken = conditions.map((condition) =>
    replaceExpressions(condition, (part) => {
      if (part.kind !== "column" || !isAmong(left, part)) return undefined;
      const key = `${part.relation}.${part.column}`;
      let slot = slots.get(key);
      if (slot === undefined) {
        slot = planning.newSlot();
        slots.set(key, slot);
        captures.push({ slot, expression: part });
      }
      const { type, name, offset } = part;
      return { kind: "outer", slot, type, name, offset };
    })
  );
  const right = planning.level(() =>
    planning.where(join.right, conjunction(taken)!)
  );
  return { ...join, right, captures };
}

function isAmong(
  ids: readonly ColumnId[],
  { relation, column }: ColumnId,
): boolean {
  return ids.some((id) => id.relation === relation && id.column === column);
}
