/**
 * Operator: a statement that changes a table, with RETURNING.
 *
 * The first `next` does all of it and keeps what RETURNING gives, so that a
 * statement is done whether or not anybody reads its rows. Its scans see the
 * table as it was when they were opened: nothing is changed twice. What is done
 * with a chunk of the input is in the files beside this one.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import { RelationWriter } from "../../access/relation_writer.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import type { ChangeNode } from "../../planner/logical_plan.ts";
import { bytesOf, compact } from "../column_tools.ts";
import { noteChanges } from "../foreign_keys/note_changes.ts";
import type { Operator } from "../operator.ts";
import { openInput, type PhysicalPlan } from "../physical_plan.ts";
import type { RunState } from "../run_state.ts";
import type { CompilePlan } from "../subquery.ts";
import { rowAlone, TableTriggers } from "../triggers/table_triggers.ts";
import { compileParts, eventsOf, targetOf } from "./change_parts.ts";
import type { ChangedRows } from "./changed_rows.ts";
import { indexKeysIn } from "./index_keys.ts";
import { ownPlacement } from "../inheritance/row_placement.ts";
import type { Returning } from "./returning.ts";
import type { ChangePlan, RowChanger } from "./row_changer.ts";

/** A compiled change of a table. */
export class ModifyTablePlan implements PhysicalPlan {
  readonly node: ChangeNode;
  readonly #table: TableEntry;
  readonly #input: PhysicalPlan;
  readonly #change: ChangePlan;
  readonly #returning: Returning | undefined;

  /** Compiles the statement over `input`. */
  constructor(node: ChangeNode, input: PhysicalPlan, compile: CompilePlan) {
    const { change, returning } = compileParts(node, compile);
    this.node = node;
    this.#input = input;
    this.#table = targetOf(node).table;
    this.#change = change;
    this.#returning = returning;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const { access } = run.context;
    const writer = new RelationWriter(
      access,
      this.#table,
      run.writes,
      indexKeysIn(run),
    );
    const triggers = TableTriggers.of({
      run,
      table: this.#table,
      ...eventsOf(this.node),
    });
    return new ModifyTable(
      { run, counted: this.node.counted, table: this.#table, triggers },
      openInput(this.#input, run),
      this.#change.open({
        run,
        writer,
        triggers,
        placement: ownPlacement(this.#table, run),
      }),
      this.#returning,
    );
  }
}

/** Runs a statement that changes a table, or a view by its triggers. */
export class ModifyTable implements Operator {
  readonly #run: RunState;
  readonly #input: Operator;
  readonly #changer: RowChanger;
  readonly #returning: Returning | undefined;
  readonly #results: Chunk[] = [];
  #next = 0;
  #isDone = false;
  readonly #counted: boolean;
  readonly #table: TableEntry;
  readonly #triggers: TableTriggers | undefined;
  #bytes = 0;

  /** Opens it over `input`. */
  constructor(
    { run, counted, table, triggers }: {
      readonly run: RunState;
      readonly counted: boolean;
      readonly table: TableEntry;
      readonly triggers: TableTriggers | undefined;
    },
    input: Operator,
    changer: RowChanger,
    returning: Returning | undefined,
  ) {
    this.#run = run;
    this.#counted = counted;
    this.#table = table;
    this.#triggers = triggers;
    this.#input = input;
    this.#changer = changer;
    this.#returning = returning;
  }

  /** The next chunk of RETURNING; the first does all there is to do. */
  next(): MaybePromise<Chunk | undefined> {
    if (this.#isDone) return this.#results[this.#next++];
    this.#isDone = true;
    const done = this.#triggers === undefined
      ? this.#modifyAll()
      : this.#modifyWith(this.#triggers);
    return isPromise(done)
      ? done.then(() => this.#results[this.#next++])
      : this.#results[this.#next++];
  }

  async #modifyWith(triggers: TableTriggers): Promise<void> {
    await triggers.beforeStatement();
    await this.#modifyAll();
    triggers.afterStatement();
  }

  #modifyAll(): MaybePromise<void> {
    for (;;) {
      this.#run.checkAborted();
      const chunk = this.#input.next();
      if (isPromise(chunk)) {
        return chunk.then((some) => {
          if (some === undefined) return;
          const done = this.#modify(some);
          return isPromise(done)
            ? done.then(() => this.#modifyAll())
            : this.#modifyAll();
        });
      }
      if (chunk === undefined) return;
      const done = this.#modify(chunk);
      if (isPromise(done)) return done.then(() => this.#modifyAll());
    }
  }

  /** Each row by itself: a trigger sees what was done with those before it. */
  async #modifyRows(chunk: Chunk): Promise<void> {
    const { columns, rowCount } = compact(chunk);
    for (let row = 0; row < rowCount; row++) {
      const alone = rowAlone({ columns, rowCount }, row);
      await this.#note(await this.#changer.change(alone));
    }
  }

  #modify(chunk: Chunk): MaybePromise<void> {
    if (this.#triggers?.hasBeforeRow === true) return this.#modifyRows(chunk);
    const changed = this.#changer.change(chunk);
    return isPromise(changed)
      ? changed.then((rows) => this.#note(rows))
      : this.#note(changed);
  }

  /** Counts rows, and keeps what RETURNING says about them. */
  #note(rows: ChangedRows | undefined): MaybePromise<void> {
    if (rows === undefined || rows.count === 0) return;
    if (this.#counted) this.#run.affectedRows += rows.count;
    noteChanges(this.#run, this.#table, rows);
    this.#triggers?.note(rows);
    if (this.#returning === undefined) return;
    const result = this.#returning.apply(rows, this.#run);
    return isPromise(result)
      ? result.then((some) => this.#keep(some))
      : this.#keep(result);
  }

  #keep(result: Chunk): void {
    this.#results.push(result);
    const bytes = bytesOfChunk(result);
    this.#bytes += bytes;
    this.#run.account(bytes);
  }

  /** Ends it. */
  close(): void {
    this.#input.close();
    this.#results.length = 0;
    this.#isDone = true;
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
  }
}

/** About how many bytes the rows of a chunk hold. */
export function bytesOfChunk({ columns, rowCount }: Chunk): number {
  let bytes = 0;
  for (const { type, values } of columns) {
    if (type.storage !== "reference") {
      bytes += 8 * rowCount;
      continue;
    }
    for (let row = 0; row < rowCount; row++) bytes += bytesOf(values[row]!);
  }
  return bytes;
}
