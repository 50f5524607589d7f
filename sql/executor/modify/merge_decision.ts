/**
 * What MERGE does with each pair of rows: each WHEN in turn takes of its pairs
 * those that none before it took and for which its condition holds.
 *
 * @module
 */
import type { BoundMergeClause } from "../../analyzer/bound_tree.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, type Column, isNull } from "../../chunk/chunk.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { ColumnFiller, rowsWhere, trueRows } from "../column_tools.ts";
import { compileExpression, type Layout } from "../expression_compiler.ts";
import type { RunState } from "../run_state.ts";
import {
  compileAssignments,
  newColumns,
  type NewValues,
} from "./row_changer.ts";

/** A compiled WHEN. */
export interface ClausePlan {
  readonly match: BoundMergeClause["match"];
  readonly condition: ColumnExpression | undefined;
  readonly action: BoundMergeClause["action"]["kind"];
  /** What UPDATE and INSERT give columns. */
  readonly values: NewValues;
}

/** Compiles a WHEN of a MERGE into `table`. */
export function compileClause(
  { match, condition, action }: BoundMergeClause,
  table: TableEntry,
  layout: Layout,
): ClausePlan {
  return {
    match,
    condition: condition && compileExpression(condition, layout),
    action: action.kind,
    values: action.kind === "update"
      ? compileAssignments(action.assignments, table, layout)
      : action.kind === "insert"
      ? action.assigned.map((each) => compileExpression(each, layout))
      : [],
  };
}

/** What PostgreSQL calls the actions. */
export const ACTION_NAMES = {
  insert: "INSERT",
  update: "UPDATE",
  delete: "DELETE",
} as const;

/** What is done with a row. */
export type RowAction = keyof typeof ACTION_NAMES;

/** What is done with the rows of a chunk. */
export interface Decided {
  /** By row; absent: nothing. */
  readonly actions: readonly (RowAction | undefined)[];
  /** The table's columns, in rows that are inserted or updated. */
  readonly after: readonly Column[];
}

/** The pairs of a chunk without selection. */
export interface MergePairs {
  readonly clauses: readonly ClausePlan[];
  readonly source: Chunk;
  /** The table's columns. */
  readonly before: readonly Column[];
  /** Where the source's marker is. */
  readonly marker: number | undefined;
  /** Whether there is a row of the table. */
  hasTarget(row: number): boolean;
  /** Is told of each row of the table that is changed. */
  changes(row: number): void;
}

/** What is done with each pair, and the new columns. */
export function decide(pairs: MergePairs, run: RunState): Decided {
  const { clauses, source, before, marker } = pairs;
  const { rowCount } = source;
  const hasSource = (row: number): boolean =>
    marker === undefined || !isNull(source.columns[marker]!, row);
  const matches = {
    matched: (row: number) => pairs.hasTarget(row) && hasSource(row),
    bySource: (row: number) => pairs.hasTarget(row) && !hasSource(row),
    byTarget: (row: number) => !pairs.hasTarget(row),
  };
  const taken = new Uint8Array(rowCount);
  const actions: (RowAction | undefined)[] = new Array(rowCount);
  const after = before.map(({ type }) => new ColumnFiller(type, rowCount));
  for (const { match, condition, action, values } of clauses) {
    const matching = matches[match];
    const open = rowsWhere(
      undefined,
      rowCount,
      (row) => taken[row] === 0 && matching(row),
    );
    if (open.length === 0) continue;
    const own = condition === undefined
      ? open
      : trueRows(condition(source, open, run), open, rowCount);
    for (const row of own) taken[row] = 1;
    if (action === "nothing" || own.length === 0) continue;
    for (const row of own) {
      if (action !== "insert") pairs.changes(row);
      actions[row] = action;
    }
    newColumns(values, before, source, own, run)
      .forEach((column, i) => after[i]!.copy(column, own, rowCount));
  }
  return { actions, after: after.map((filler) => filler.finish()) };
}
