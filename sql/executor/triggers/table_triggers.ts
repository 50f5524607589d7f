/**
 * The triggers of a table while a statement changes it.
 *
 * | when | what |
 * | --- | --- |
 * | before the first row | BEFORE … FOR EACH STATEMENT |
 * | before a row is written, one row after the other | BEFORE … FOR EACH ROW: gives the row another form, or leaves it out |
 * | instead of writing a row of a view | INSTEAD OF: does it, and says how it is then, or that it did not |
 * | at the end of the statement, with its checks | AFTER … FOR EACH ROW in the order of the rows, then FOR EACH STATEMENT |
 * | at COMMIT | constraint triggers that were put off |
 *
 * Those for one event fire in the order of their names.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import { invariant } from "../../../base/invariant.ts";
import { transactionOf } from "../../transaction/transaction_view.ts";
import { tableRowType } from "../../analyzer/table_row_type.ts";
import type { TableEntry, TriggerEntry } from "../../catalog/entries.ts";
import type { TriggerEvent } from "../../catalog/trigger_entry.ts";
import {
  type Chunk,
  type Column,
  ColumnBuilder,
  valueAt,
} from "../../chunk/chunk.ts";
import { constraintKey } from "../../transaction/pending_checks.ts";
import type { Nullable } from "../../types/data_type.ts";
import { SqlRow } from "../../types/row/row_value.ts";
import { bytesOf, gather } from "../column_tools.ts";
import type { ChangedRows } from "../modify/changed_rows.ts";
import type { RunState } from "../run_state.ts";
import type { TransitionRows, TriggerFiring } from "./trigger_firing.ts";

/** What triggers of a statement are asked for. */
export interface TriggersOf {
  readonly run: RunState;
  readonly table: TableEntry;
  /** What the statement does; MERGE does several. */
  readonly events: readonly TriggerEvent[];
  /** The numbers of the columns that UPDATE names; absent: any. */
  readonly assigned?: ReadonlySet<number> | undefined;
  /** Only those for rows, or for statements; absent: both. */
  readonly level?: "row" | "statement" | undefined;
}

/** The triggers of a table for one statement. */
export class TableTriggers {
  readonly #run: RunState;
  readonly #table: TableEntry;
  readonly #events: readonly TriggerEvent[];
  readonly #triggers: readonly TriggerEntry[];
  readonly #transition: TransitionRows | undefined;

  private constructor(
    { run, table, events }: TriggersOf,
    triggers: readonly TriggerEntry[],
  ) {
    this.#run = run;
    this.#table = table;
    this.#events = events;
    this.#triggers = triggers;
    const wantsRows = triggers.some(({ oldTable, newTable }) =>
      oldTable !== undefined || newTable !== undefined
    );
    this.#transition = wantsRows ? { table, before: [], after: [] } : undefined;
  }

  /** The triggers that may fire; `undefined` where there are none. */
  static of(asked: TriggersOf): TableTriggers | undefined {
    const { run, table, events, assigned, level } = asked;
    const all = run.writes.catalog.triggersOf(table.id);
    if (all.length === 0) return undefined;
    const triggers = all.filter((trigger) => {
      if (trigger.enabled === "disabled" || trigger.enabled === "replica") {
        return false;
      }
      if (level !== undefined && trigger.forEachRow !== (level === "row")) {
        return false;
      }
      const { columns } = trigger;
      return trigger.events.some((event) =>
        events.includes(event) &&
        (event !== "update" || columns === undefined ||
          assigned === undefined ||
          columns.some((number) => assigned.has(number)))
      );
    });
    if (triggers.length === 0) return undefined;
    return new TableTriggers(asked, triggers);
  }

  /** Whether rows have to be written one after the other. */
  get hasBeforeRow(): boolean {
    return this.#triggers.some(({ timing, forEachRow }) =>
      timing === "before" && forEachRow
    );
  }

  #for(
    timing: TriggerEntry["timing"],
    forEachRow: boolean,
    event: TriggerEvent,
  ): TriggerEntry[] {
    return this.#triggers.filter((each) =>
      each.timing === timing && each.forEachRow === forEachRow &&
      each.events.includes(event)
    );
  }

  #fire(
    firing: Omit<TriggerFiring, "table" | "transition">,
  ): MaybePromise<SqlRow | null | "skipped"> {
    const { fireTrigger } = this.#run.context;
    invariant(fireTrigger !== undefined, "nobody fires triggers");
    const transition = this.#transition;
    return fireTrigger({ ...firing, table: this.#table, transition });
  }

  /** BEFORE … FOR EACH STATEMENT. */
  beforeStatement(): MaybePromise<void> {
    return this.#statement("before");
  }

  #statement(timing: "before" | "after"): MaybePromise<void> {
    const firings = this.#events.flatMap((event) =>
      this.#for(timing, false, event).map((trigger) => ({
        trigger,
        event,
        before: undefined,
        after: undefined,
      }))
    );
    const next = (index: number): MaybePromise<void> => {
      for (let i = index; i < firings.length; i++) {
        const done = this.#fire(firings[i]!);
        if (isPromise(done)) return done.then(() => next(i + 1));
      }
    };
    return next(0);
  }

  /**
   * The row `row` as it is to be written; `undefined` where it is left out.
   * `before` and `after` are the table's columns. INSTEAD OF: the row as it has
   * been written; `undefined` where it was not.
   */
  beforeRow(
    event: TriggerEvent,
    before: readonly Column[] | undefined,
    after: readonly Column[] | undefined,
    row: number,
    timing: "before" | "instead" = "before",
  ): MaybePromise<SqlRow | undefined> {
    const triggers = this.#for(timing, true, event);
    const old = before && this.#row(before, row);
    const next = (
      index: number,
      current: SqlRow | undefined,
    ): MaybePromise<SqlRow | undefined> => {
      if (index === triggers.length) return current ?? old;
      const result = this.#fire({
        trigger: triggers[index]!,
        event,
        before: old,
        after: current,
      });
      return then(result, (given) => {
        if (given === null) return undefined;
        const goesOn = given === "skipped" || event === "delete";
        return next(index + 1, goesOn ? current : given);
      });
    };
    return next(0, after && this.#row(after, row));
  }

  #row(columns: readonly Column[], row: number): SqlRow {
    const { fields } = tableRowType(this.#table);
    return new SqlRow(fields!, columns.map((column) => valueAt(column, row)));
  }

  /** Notes what AFTER triggers have to be told of changed rows. */
  note({ before, after, selection, count }: ChangedRows): void {
    for (let i = 0; i < count; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const isThere = (image: typeof before): boolean =>
        image !== undefined && !Number.isNaN(image.locators[i]);
      const old = isThere(before) ? this.#row(before!.columns, row) : undefined;
      const now = isThere(after) ? this.#row(after!.columns, row) : undefined;
      this.#keep(old, now);
      const event = old === undefined
        ? "insert"
        : now === undefined
        ? "delete"
        : "update";
      for (const trigger of this.#for("after", true, event)) {
        this.#later({ trigger, event, before: old, after: now });
      }
    }
  }

  #keep(before: SqlRow | undefined, after: SqlRow | undefined): void {
    const kept = this.#transition;
    if (kept === undefined) return;
    let bytes = 0;
    for (const row of [before, after]) {
      for (const value of row?.values ?? []) bytes += 16 + bytesOf(value);
    }
    this.#run.account(bytes);
    if (before !== undefined) kept.before.push(before.values);
    if (after !== undefined) kept.after.push(after.values);
  }

  /** Fires a trigger at the end of the statement, or at COMMIT. */
  #later(firing: Omit<TriggerFiring, "table" | "transition">): void {
    const { checks } = transactionOf(this.#run.writes);
    const { trigger } = firing;
    const key = constraintKey(this.#table.id, trigger.name);
    const isDeferred = trigger.constraint !== undefined &&
      checks.isDeferred({ ...trigger.constraint, key });
    checks.add({
      constraint: key,
      run: async () => void await this.#fire(firing),
    }, isDeferred);
  }

  /** AFTER … FOR EACH STATEMENT, once all rows were told about. */
  afterStatement(): void {
    const { checks } = transactionOf(this.#run.writes);
    const isWanted = this.#events.some((event) =>
      this.#for("after", false, event).length > 0
    );
    if (!isWanted) return;
    checks.add({
      constraint: "",
      run: async () => void await this.#statement("after"),
    }, false);
  }
}

/** The one row of a chunk, by itself. */
export function rowAlone(chunk: Chunk, row: number): Chunk {
  const rows = Uint32Array.of(row);
  return {
    columns: chunk.columns.map((column) => gather(column, rows)),
    rowCount: 1,
  };
}

/** A row as columns of one row. */
export function columnsOfRow(table: TableEntry, row: SqlRow): Column[] {
  return table.columns.map(({ type }, i) => {
    const builder = new ColumnBuilder(type.type, 1);
    const value: Nullable = row.values[i] ?? null;
    if (value === null) builder.appendNull();
    else builder.append(value);
    return builder.finish();
  });
}
