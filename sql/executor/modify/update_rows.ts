/**
 * UPDATE and DELETE.
 *
 * Where the input can give a row of the table more than once (a join), or where
 * another part of the statement changes the table too, a row that was changed
 * already is left alone, as in PostgreSQL: the statement sees the table as it
 * was before it, and changes each row once.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { LocatedChunk } from "../../access/table_access.ts";
import type { TableRelation } from "../../analyzer/bound_tree.ts";
import { type Chunk, type Column, selectedCount } from "../../chunk/chunk.ts";
import type { DeleteNode, UpdateNode } from "../../planner/logical_plan.ts";
import { LOCATOR_COLUMN } from "../../planner/table_rows.ts";
import { compact } from "../column_tools.ts";
import { type ColumnLayout, layoutOf } from "../layout.ts";
import { beforeDelete, beforeUpdate } from "../triggers/before_rows.ts";
import type { ChangedRows } from "./changed_rows.ts";
import type { LocatorSet } from "./locator_set.ts";
import { LockedInput } from "./recheck.ts";
import {
  changedSoFar,
  type ChangePlan,
  type ChangeRun,
  compileAssignments,
  newColumns,
  type NewValues,
  type RowChanger,
  type RowLayout,
  rowsBefore,
} from "./row_changer.ts";
import { obeyRules } from "./table_rules.ts";

/** A compiled UPDATE. */
export class UpdateRowsPlan implements ChangePlan {
  readonly #node: UpdateNode;
  readonly #rows: RowLayout;
  readonly #values: NewValues;
  readonly #locked: LockedInput;

  /** Compiles the node. */
  constructor(node: UpdateNode) {
    const layout = layoutOf(node.input);
    this.#node = node;
    this.#rows = rowLayoutOf(node.table, layout);
    this.#locked = new LockedInput(node, this.#rows);
    this.#values = compileAssignments(
      node.assignments,
      node.table.table,
      layout,
    );
  }

  /** Starts it. */
  open(change: ChangeRun): RowChanger {
    const { table: { table }, tracked } = this.#node;
    const seen = tracked ? changedSoFar(change.run, table) : undefined;
    return {
      change: (chunk: Chunk): MaybePromise<ChangedRows | undefined> => {
        const source = compact(firstTimes(chunk, this.#rows, seen));
        if (source.rowCount === 0) return undefined;
        return then(
          this.#locked.lock(source, change),
          (locked) => this.#update(locked, change),
        );
      },
    };
  }

  #update(
    source: Chunk,
    change: ChangeRun,
  ): MaybePromise<ChangedRows | undefined> {
    if (source.rowCount === 0) return undefined;
    const { table } = this.#node.table;
    const before = rowsBefore(this.#rows, source);
    const { columns } = before.chunk;
    const { run, triggers } = change;
    const wanted = newColumns(this.#values, columns, source, undefined, run);
    return then(
      beforeUpdate(triggers, table, columns, wanted),
      (after) => after && this.#write(source, before, after, change),
    );
  }

  #write(
    source: Chunk,
    before: LocatedChunk,
    columns: readonly Column[],
    change: ChangeRun,
  ): MaybePromise<ChangedRows | undefined> {
    const { placement } = change;
    if (placement === undefined) {
      return this.#replace(source, before, columns, change);
    }
    const { rowCount } = source;
    return then(
      placement.move(source, before, { columns, rowCount }),
      (done) =>
        done === "moved"
          ? undefined
          : this.#replace(source, before, columns, change),
    );
  }

  #replace(
    source: Chunk,
    before: LocatedChunk,
    columns: readonly Column[],
    { run, writer }: ChangeRun,
  ): MaybePromise<ChangedRows> {
    const { rowCount } = source;
    const { table } = this.#node.table;
    const after = obeyRules(table, { columns, rowCount }, run);
    return then(
      writer.update(before, after),
      (locators) => ({
        count: rowCount,
        selection: undefined,
        before: imageOf(before),
        after: { columns: after.columns, locators },
        source,
      }),
    );
  }
}

/** A compiled DELETE. */
export class DeleteRowsPlan implements ChangePlan {
  readonly #node: DeleteNode;
  readonly #rows: RowLayout;
  readonly #locked: LockedInput;

  /** Compiles the node. */
  constructor(node: DeleteNode) {
    this.#node = node;
    this.#rows = rowLayoutOf(node.table, layoutOf(node.input));
    this.#locked = new LockedInput(node, this.#rows);
  }

  /** Starts it. */
  open(change: ChangeRun): RowChanger {
    const { table: { table }, tracked } = this.#node;
    const seen = tracked ? changedSoFar(change.run, table) : undefined;
    return {
      change: (chunk: Chunk): MaybePromise<ChangedRows | undefined> => {
        const source = compact(firstTimes(chunk, this.#rows, seen));
        if (source.rowCount === 0) return undefined;
        return then(
          this.#locked.lock(source, change),
          (locked) => this.#delete(locked, change),
        );
      },
    };
  }

  #delete(
    source: Chunk,
    { writer, triggers }: ChangeRun,
  ): MaybePromise<ChangedRows | undefined> {
    if (source.rowCount === 0) return undefined;
    const before = rowsBefore(this.#rows, source);
    const remove = (): MaybePromise<ChangedRows> =>
      then(writer.delete(before), () => ({
        count: source.rowCount,
        selection: undefined,
        before: imageOf(before),
        after: undefined,
        source,
      }));
    return then(
      beforeDelete(triggers, before.chunk.columns),
      (goes) => goes ? remove() : undefined,
    );
  }
}

/** Where the input of a change has the rows of the table. */
export function rowLayoutOf(
  { relation, table }: TableRelation,
  layout: ColumnLayout,
): RowLayout {
  const position = (column: number): number => layout({ relation, column });
  return {
    columns: table.columns.map((_, column) => position(column)),
    locator: position(LOCATOR_COLUMN),
  };
}

function imageOf(
  { chunk, locators }: LocatedChunk,
): NonNullable<ChangedRows["before"]> {
  return { columns: chunk.columns, locators };
}

/** The rows of a chunk that are not in `seen`, which gets them. */
function firstTimes(
  chunk: Chunk,
  { locator }: RowLayout,
  seen: LocatorSet | undefined,
): Chunk {
  if (seen === undefined) return chunk;
  const locators = chunk.columns[locator]!.values as Float64Array;
  const count = selectedCount(chunk);
  const selection = new Uint32Array(count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = chunk.selection === undefined ? i : chunk.selection[i]!;
    if (seen.add(locators[row]!)) selection[kept++] = row;
  }
  return { ...chunk, selection: selection.subarray(0, kept) };
}
