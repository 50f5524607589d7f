/**
 * Operator: rows with locks on the rows of tables that they come from: SELECT
 * FOR UPDATE and its kin.
 *
 * Under a LIMIT no more rows are locked than it can give: the rows of a chunk
 * are locked in parts, each as long as what is missing. With SKIP LOCKED those
 * that others hold are left out, and further ones take their places.
 *
 * A row that was changed since the snapshot asks for the statement to run again
 * (`StatementRestart`), which then finds it as it is. A cursor cannot run again:
 * such a row is an error there, and one that is gone is left out.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { requireSame } from "../access/relation_writer.ts";
import type { LockedRow, TableAccessMethod } from "../access/table_access.ts";
import {
  type BoundLock,
  TABLEOID_COLUMN,
} from "../analyzer/bound_expression.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { type Chunk, isNull, selectedCount } from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { LockRowsNode } from "../planner/logical_plan.ts";
import { LOCATOR_COLUMN } from "../planner/table_rows.ts";
import { layoutOf } from "./layout.ts";
import { rowWindow } from "./limits.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** A table whose rows are locked. */
interface LockedTable {
  readonly lock: BoundLock;
  /** Where the locators are. */
  readonly position: number;
  /** Where the ids of the tables are, if the rows are of several. */
  readonly tableIdPosition: number | undefined;
}

/** A compiled FOR UPDATE. */
export class LockRowsPlan implements PhysicalPlan {
  readonly node: LockRowsNode;
  readonly tables: readonly LockedTable[];
  readonly #input: PhysicalPlan;

  /** Compiles the node over `input`. */
  constructor(node: LockRowsNode, input: PhysicalPlan) {
    const layout = layoutOf(node.input);
    this.node = node;
    this.#input = input;
    this.tables = node.locks.map((lock) => {
      const { relation, tree } = lock.table;
      return {
        lock,
        position: layout({ relation, column: LOCATOR_COLUMN }),
        tableIdPosition: tree &&
          layout({ relation, column: TABLEOID_COLUMN }),
      };
    });
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new LockRows(this, openInput(this.#input, run), run);
  }
}

class LockRows implements Operator {
  readonly #plan: LockRowsPlan;
  readonly #input: Operator;
  readonly #run: RunState;
  /** How many rows are wanted yet. */
  #wanted: number;
  /** The chunk whose rows are being locked, and how many were. */
  #chunk: Chunk | undefined;
  #done = 0;

  constructor(plan: LockRowsPlan, input: Operator, run: RunState) {
    const { limit, offset } = rowWindow(plan.node, run);
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    // A cursor locks the rows that are fetched, and none ahead.
    this.#wanted = run.context.cursorLocks === undefined ? limit + offset : 0;
  }

  async next(): Promise<Chunk | undefined> {
    for (;;) {
      this.#run.checkAborted();
      const chunk = this.#chunk ?? await this.#input.next();
      if (chunk === undefined) return undefined;
      if (this.#chunk === undefined) this.#done = 0;
      this.#chunk = chunk;
      const rows = this.#nextRows(chunk);
      if (this.#done === selectedCount(chunk)) this.#chunk = undefined;
      const selection = await this.#lock(chunk, rows);
      if (selection.length === 0) continue;
      this.#wanted -= selection.length;
      return { ...chunk, selection };
    }
  }

  /** The rows of the chunk that are to be locked now. */
  #nextRows(chunk: Chunk): Uint32Array {
    const { selection } = chunk;
    const from = this.#done;
    // Equals of the last row come one by one.
    const most = this.#wanted > 0 ? this.#wanted : 1;
    this.#done = Math.min(selectedCount(chunk), from + most);
    return selection === undefined
      ? Uint32Array.from({ length: this.#done - from }, (_, i) => from + i)
      : selection.slice(from, this.#done);
  }

  /** Locks rows; those that are held. */
  async #lock(chunk: Chunk, rows: Uint32Array): Promise<Uint32Array> {
    let held = rows;
    for (const locked of this.#plan.tables) {
      const { lock, position, tableIdPosition } = locked;
      const locators = chunk.columns[position]!;
      const there = held.filter((row) => !isNull(locators, row));
      if (tableIdPosition === undefined) {
        const { table } = lock.table;
        held = await this.#lockIn(table, held, { chunk, there, locked });
        continue;
      }
      const ids = chunk.columns[tableIdPosition]!.values;
      for (const table of lock.table.tree!) {
        const own = there.filter((row) => ids[row] === table.id);
        if (own.length === 0) continue;
        held = await this.#lockIn(table, held, { chunk, there: own, locked });
      }
    }
    return held;
  }

  /** Locks the rows `there` of one table; those of `held` that still are. */
  async #lockIn(
    table: TableEntry,
    held: Uint32Array,
    { chunk, there, locked: { lock, position } }: {
      readonly chunk: Chunk;
      readonly there: Uint32Array;
      readonly locked: LockedTable;
    },
  ): Promise<Uint32Array> {
    const values = chunk.columns[position]!.values as Float64Array;
    const method = this.#run.context.access.table(table.accessMethod);
    const locators = Float64Array.from(there, (row) => values[row]!);
    const states = await this.#ask(method, table, lock, locators);
    if (states === undefined) return held;
    if (this.#run.context.cursorLocks === undefined) requireSame(states);
    else if (states.includes("changed")) throw changedBehindCursor();
    const skipped = new Set(
      there.filter((_, i) => states[i] === "skipped" || states[i] === "gone"),
    );
    return skipped.size === 0 ? held : held.filter((row) => !skipped.has(row));
  }

  #ask(
    method: TableAccessMethod,
    table: TableEntry,
    { strength, policy }: BoundLock,
    locators: Float64Array,
  ): MaybePromise<readonly LockedRow[] | undefined> {
    const { context, writes } = this.#run;
    return method.lock?.(table, writes, locators, {
      strength,
      policy,
      keep: true,
      ...context.cursorLocks && { readBy: context.transaction },
    });
  }

  close(): void {
    this.#chunk = undefined;
    this.#input.close();
  }
}

/** PostgreSQL's words where a snapshot stays. */
function changedBehindCursor(): SqlError {
  return new SqlError(
    "40001",
    "could not serialize access due to concurrent update",
    {
      hint: "A row was changed after its cursor was declared: declare it anew.",
    },
  );
}
