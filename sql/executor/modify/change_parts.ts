/**
 * What a change of a table is made of: its events, what RETURNING is about, and
 * what does it.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import type { ChangeNode, LateRows } from "../../planner/logical_plan.ts";
import { layoutOf } from "../layout.ts";
import type { CompilePlan } from "../subquery.ts";
import type { TriggersOf } from "../triggers/table_triggers.ts";
import { InsertRowsPlan } from "./insert_rows.ts";
import { MergeRowsPlan } from "./merge_rows.ts";
import { LateRowsPlan } from "./late_rows.ts";
import { Returning, type ReturningTarget } from "./returning.ts";
import { UpsertRowsPlan } from "./upsert_rows.ts";
import type { ChangePlan } from "./row_changer.ts";
import { DeleteRowsPlan, UpdateRowsPlan } from "./update_rows.ts";

/** What a statement does, and to which columns. */
export function eventsOf(
  node: ChangeNode,
): Pick<TriggersOf, "events" | "assigned"> {
  const numbers = (
    { columns }: TableEntry,
    assignments: readonly { readonly column: number }[],
  ): ReadonlySet<number> =>
    new Set(assignments.map(({ column }) => columns[column]!.number));
  switch (node.kind) {
    case "insert": {
      const { table, conflict } = node;
      if (conflict?.update === undefined) return { events: ["insert"] };
      const assigned = numbers(table, conflict.update.assignments);
      return { events: ["insert", "update"], assigned };
    }
    case "update": {
      const assigned = numbers(node.table.table, node.assignments);
      return { events: ["update"], assigned };
    }
    case "delete":
      return { events: ["delete"] };
    case "merge":
      return { events: ["insert", "update", "delete"] };
  }
}

/** What RETURNING is about. */
export function targetOf(node: ChangeNode): ReturningTarget {
  if (node.kind === "insert") {
    const { table, newRelation: relation } = node;
    return { table, relation, current: "after" };
  }
  const { table, relation } = node.table;
  if (node.kind === "merge") {
    const actions = node.actionRelation;
    return { table, relation, current: "current", actions };
  }
  const current = node.kind === "update" ? "after" : "before";
  return { table, relation, current };
}

/** What does a change, and what RETURNING gives of it. */
export interface ChangeParts {
  readonly change: ChangePlan;
  readonly returning: Returning | undefined;
}

/** Compiles a change of one table, with the queries over changed rows. */
export function compileParts(
  node: ChangeNode,
  compile: CompilePlan,
): ChangeParts {
  const late = (rows: LateRows | undefined): LateRowsPlan | undefined =>
    rows && new LateRowsPlan(rows, compile(rows.plan));
  const change = node.kind === "insert" && node.conflict !== undefined
    ? new UpsertRowsPlan(node, node.conflict, late(node.lateUpdate))
    : compileChange(node);
  return { change, returning: compileReturning(node, compile) };
}

/** Compiles RETURNING, if there is any. */
export function compileReturning(
  node: ChangeNode,
  compile: CompilePlan,
): Returning | undefined {
  if (node.returning.length === 0) return undefined;
  const { late } = node;
  return new Returning(
    node,
    targetOf(node),
    layoutOf(node.input),
    late && new LateRowsPlan(late, compile(late.plan)),
  );
}

function compileChange(node: ChangeNode): ChangePlan {
  switch (node.kind) {
    case "insert":
      return new InsertRowsPlan(node);
    case "update":
      return new UpdateRowsPlan(node);
    case "delete":
      return new DeleteRowsPlan(node);
    case "merge":
      return new MergeRowsPlan(node);
  }
}
