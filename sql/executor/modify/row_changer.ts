/**
 * What INSERT, UPDATE, DELETE and their kin are to the operator that runs them.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { RelationWriter } from "../../access/relation_writer.ts";
import type { LocatedChunk } from "../../access/table_access.ts";
import type { BoundAssignment } from "../../analyzer/bound_tree.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { Chunk, Column } from "../../chunk/chunk.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { compileExpression, type Layout } from "../expression_compiler.ts";
import type { RunState } from "../run_state.ts";
import type { TableTriggers } from "../triggers/table_triggers.ts";
import type { ChangedRows } from "./changed_rows.ts";
import { LocatorSet } from "./locator_set.ts";

/** A change of a table that runs. */
export interface ChangeRun {
  readonly run: RunState;
  readonly writer: RelationWriter;
  /**
   * The triggers of the table, where there are any; with those BEFORE … FOR EACH
   * ROW, each chunk has one row.
   */
  readonly triggers: TableTriggers | undefined;
  /**
   * Where rows belong, of a partition. Absent: every row of the table belongs
   * to it.
   */
  readonly placement?: RowPlacement | undefined;
}

/** Where the rows of a partition belong. */
export interface RowPlacement {
  /**
   * Checks rows that are to be inserted.
   *
   * @throws {SqlError} `23514`, `0A000`.
   */
  requireOwn(rows: Chunk): void;
  /**
   * Checks rows that are updated by ON CONFLICT, which moves none.
   *
   * @throws {SqlError} `23514`, `0A000`.
   */
  requireStay(rows: Chunk): void;
  /**
   * Of updated rows those that belong to another partition.
   *
   * @throws {SqlError} `23514` where they cannot move.
   */
  leaving(rows: Chunk): Uint32Array;
  /**
   * Moves updated rows that belong to another partition; those that stay, or
   * `undefined` where it wrote them all, and told of them.
   *
   * @throws {SqlError} `23514` where they cannot move.
   */
  move(
    source: Chunk,
    before: LocatedChunk,
    after: Chunk,
  ): MaybePromise<"stay" | "moved">;
}

/** Changes a table by the rows of chunks. */
export interface RowChanger {
  /** Does what the selected rows of `chunk` ask for. */
  change(chunk: Chunk): MaybePromise<ChangedRows | undefined>;
}

/** A compiled change of a table. */
export interface ChangePlan {
  /** Starts it. */
  open(change: ChangeRun): RowChanger;
}

/** New values by table column; absent where the old one stays. */
export type NewValues = readonly (ColumnExpression | undefined)[];

/** Compiles SET. */
export function compileAssignments(
  assignments: readonly BoundAssignment[],
  table: TableEntry,
  layout: Layout,
): NewValues {
  return table.columns.map((_, position) => {
    const assigned = assignments.find(({ column }) => column === position);
    return assigned === undefined
      ? undefined
      : compileExpression(assigned.expression, layout);
  });
}

/** The new columns of the rows `rows` of a chunk whose old ones are `before`. */
export function newColumns(
  values: NewValues,
  before: readonly Column[],
  chunk: Chunk,
  rows: Uint32Array | undefined,
  run: RunState,
): Column[] {
  return values.map((value, position) =>
    value?.(chunk, rows, run) ?? before[position]!
  );
}

/** Where a chunk has the columns of a table and the locators. */
export interface RowLayout {
  readonly columns: readonly number[];
  readonly locator: number;
}

/** The rows of a chunk without selection, as they are in the table. */
export function rowsBefore(
  { columns, locator }: RowLayout,
  chunk: Chunk,
): LocatedChunk {
  const { rowCount } = chunk;
  const locators = chunk.columns[locator]!.values as Float64Array;
  return {
    chunk: {
      columns: columns.map((position) => chunk.columns[position]!),
      rowCount,
    },
    locators: locators.length === rowCount
      ? locators
      : locators.subarray(0, rowCount),
  };
}

/** The rows of a table that the statement that runs has changed so far. */
export function changedSoFar(run: RunState, table: TableEntry): LocatorSet {
  return run.memo(
    `changed rows of ${table.id}`,
    () => new LocatorSet(run),
  );
}
