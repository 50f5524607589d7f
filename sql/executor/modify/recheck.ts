/**
 * The rows of UPDATE and DELETE, once they are locked.
 *
 * In READ COMMITTED a row that was changed since the statement began is taken
 * as it is now, if the statement's condition holds for it; what it was joined
 * with stays as it was (PostgreSQL, chapter 13.2.1). Where that cannot be said
 * of the row alone, and at the other levels, the statement is asked to run
 * again.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import { requireSame } from "../../access/relation_writer.ts";
import type { LockedRow } from "../../access/table_access.ts";
import {
  type Chunk,
  type Column,
  columnOf,
  isNull,
  valueAt,
} from "../../chunk/chunk.ts";
import type { DeleteNode, UpdateNode } from "../../planner/logical_plan.ts";
import { Transaction } from "../../transaction/transaction.ts";
import { newestOf } from "../../transaction/transaction_view.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { gather } from "../column_tools.ts";
import { compileExpression } from "../expression_compiler.ts";
import { layoutOf } from "../layout.ts";
import type { RunState } from "../run_state.ts";
import type { ChangeRun, RowLayout } from "./row_changer.ts";

/** Locks the rows of a chunk, and leaves those out that are not meant any more. */
export class LockedInput {
  readonly #node: UpdateNode | DeleteNode;
  readonly #rows: RowLayout;
  readonly #condition: ColumnExpression | undefined;
  /** The numbers of the columns that change; absent: the rows go. */
  readonly #changed: ReadonlySet<number> | undefined;

  /** Compiles the condition of a node whose rows are laid out as `rows`. */
  constructor(node: UpdateNode | DeleteNode, rows: RowLayout) {
    const { recheck } = node;
    const { columns } = node.table.table;
    this.#node = node;
    this.#rows = rows;
    this.#condition = typeof recheck === "string"
      ? undefined
      : compileExpression(recheck, layoutOf(node.input));
    this.#changed = node.kind === "update"
      ? new Set(node.assignments.map(({ column }) => columns[column]!.number))
      : undefined;
  }

  /**
   * The rows of a chunk without selection, locked and as they are now. They
   * have to be written in the turn in which it answers.
   *
   * @throws {StatementRestart}
   */
  lock(source: Chunk, { run, writer }: ChangeRun): MaybePromise<Chunk> {
    const locators = this.#locatorsOf(source);
    return then(
      writer.lock(locators, this.#changed),
      (locked) =>
        locked === undefined || locked.every((row) => row === "same")
          ? source
          : this.#now(source, locators, locked, run),
    );
  }

  #locatorsOf({ columns, rowCount }: Chunk): Float64Array {
    const all = columns[this.#rows.locator]!.values as Float64Array;
    return all.length === rowCount ? all : all.subarray(0, rowCount);
  }

  async #now(
    source: Chunk,
    locators: Float64Array,
    locked: readonly LockedRow[],
    run: RunState,
  ): Promise<Chunk> {
    const { recheck, table: { table } } = this.#node;
    const transaction = run.writes;
    const goesOn = transaction instanceof Transaction &&
      transaction.readCommitted && recheck !== "restart";
    if (!goesOn) requireSame(locked);
    const { access, signal } = run.context;
    const newest = await access.table(table.accessMethod).fetch(
      table,
      newestOf(transaction),
      locators.filter((_, row) => locked[row] === "changed"),
      { columns: table.columns.map((_, position) => position), signal },
    );
    (transaction as Transaction).noteNewest();
    const newestOfRow = new Map<number, number>();
    const rowOf = new Map(
      Array.from(newest.locators, (locator, i) => [locator, i]),
    );
    locators.forEach((locator, row) => {
      const there = rowOf.get(locator);
      if (locked[row] === "changed" && there !== undefined) {
        newestOfRow.set(row, there);
      }
    });
    const rows = Array.from(locked.keys()).filter((row) =>
      locked[row] === "same" || newestOfRow.has(row)
    );
    const replaced = this.#replace(source, rows, newest.chunk, newestOfRow);
    return this.#meant(replaced, rows, newestOfRow, run);
  }

  /** Rows with what they are now. */
  #replace(
    source: Chunk,
    rows: readonly number[],
    newest: Chunk,
    newestOfRow: ReadonlyMap<number, number>,
  ): Chunk {
    const places = new Map(
      this.#rows.columns.map((place, column) => [place, column]),
    );
    const columns = source.columns.map((column, place): Column => {
      const own = places.get(place);
      if (own === undefined) return gather(column, Uint32Array.from(rows));
      const now = newest.columns[own]!;
      return columnOf(
        column.type,
        rows.map((row): Nullable => {
          const there = newestOfRow.get(row);
          return there === undefined
            ? valueAt(column, row)
            : valueAt(now, there);
        }),
      );
    });
    return { columns, rowCount: rows.length };
  }

  /** Those that were not changed, or for which the condition still holds. */
  #meant(
    replaced: Chunk,
    rows: readonly number[],
    newestOfRow: ReadonlyMap<number, number>,
    run: RunState,
  ): Chunk {
    const condition = this.#condition;
    if (condition === undefined) return replaced;
    const changed = Uint32Array.from(
      rows.keys().filter((i) => newestOfRow.has(rows[i]!)),
    );
    const holds = condition(replaced, changed, run);
    const kept = Uint32Array.from(
      rows.keys().filter((i) =>
        !newestOfRow.has(rows[i]!) || (!isNull(holds, i) && !!holds.values[i])
      ),
    );
    if (kept.length === rows.length) return replaced;
    return {
      columns: replaced.columns.map((column) => gather(column, kept)),
      rowCount: kept.length,
    };
  }
}
