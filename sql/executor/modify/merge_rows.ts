/**
 * MERGE.
 *
 * The rows of a chunk are pairs of a source row and a row of the table, one of
 * which may be missing. Each WHEN in turn takes of its pairs those that none
 * before it took and for which its condition holds; then all rows of the chunk
 * that go are removed, those that change are changed, and new ones are added, so
 * that a new row may have the key of one that went.
 *
 * @module
 */
import { isPromise, then } from "../../../base/maybe_promise.ts";
import type { LocatedChunk } from "../../access/table_access.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import {
  type Chunk,
  type Column,
  columnOf,
  isNull,
} from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { MergeNode } from "../../planner/logical_plan.ts";
import { text } from "../../types/text_types.ts";
import { ColumnFiller, compact, gather, rowsWhere } from "../column_tools.ts";
import { layoutOf } from "../layout.ts";
import { columnsOfRow } from "../triggers/table_triggers.ts";
import type { ChangedRows, RowImage } from "./changed_rows.ts";
import type { LocatorSet } from "./locator_set.ts";
import {
  ACTION_NAMES,
  type ClausePlan,
  compileClause,
  decide,
  type Decided,
  type RowAction,
} from "./merge_decision.ts";
import {
  changedSoFar,
  type ChangePlan,
  type ChangeRun,
  type RowChanger,
  type RowLayout,
  rowsBefore,
} from "./row_changer.ts";
import { obeyRules } from "./table_rules.ts";
import { rowLayoutOf } from "./update_rows.ts";

/** A compiled MERGE. */
export class MergeRowsPlan implements ChangePlan {
  readonly table: TableEntry;
  readonly rows: RowLayout;
  /** Where the source's marker is. */
  readonly marker: number | undefined;
  readonly clauses: readonly ClausePlan[];
  /** The numbers of the columns that an UPDATE of it assigns. */
  readonly changed: ReadonlySet<number>;

  /** Compiles the node. */
  constructor(node: MergeNode) {
    const layout = layoutOf(node.input);
    const { table } = node.table;
    this.table = table;
    this.rows = rowLayoutOf(node.table, layout);
    this.marker = node.marker && layout(node.marker);
    this.changed = new Set(
      node.clauses.flatMap(({ action }) =>
        action.kind === "update"
          ? action.assignments.map(({ column }) =>
            table.columns[column]!.number
          )
          : []
      ),
    );
    this.clauses = node.clauses.map((clause) =>
      compileClause(clause, table, layout)
    );
  }

  /** Starts it. */
  open(change: ChangeRun): RowChanger {
    return new MergeRows(this, change);
  }
}

class MergeRows implements RowChanger {
  readonly #plan: MergeRowsPlan;
  readonly #change: ChangeRun;
  readonly #seen: LocatorSet;

  constructor(plan: MergeRowsPlan, change: ChangeRun) {
    this.#plan = plan;
    this.#change = change;
    this.#seen = changedSoFar(change.run, plan.table);
  }

  async change(chunk: Chunk): Promise<ChangedRows | undefined> {
    const { table } = this.#plan;
    const source = compact(chunk);
    const { rowCount } = source;
    const before = rowsBefore(this.#plan.rows, source);
    const wanted = await this.#asked(this.#decide(source, before), before);
    const decided = await this.#move(source, before, wanted);
    const { actions } = decided;
    const every = rowsWhere(undefined, rowCount, (row) => !!actions[row]);
    if (every.length === 0) return undefined;
    const of = (action: RowAction): Uint32Array =>
      rowsWhere(every, rowCount, (row) => actions[row] === action);
    const gone = of("delete");
    const changed = of("update");
    const added = of("insert");
    const written = rowsWhere(
      every,
      rowCount,
      (row) => actions[row] !== "delete",
    );
    const { columns: after } = obeyRules(
      table,
      { columns: decided.after, rowCount, selection: written },
      this.#change.run,
    );
    const { placement } = this.#change;
    placement?.requireOwn({ columns: after, rowCount, selection: added });
    const locators = await this.#write(
      before,
      { columns: after, rowCount },
      { gone, changed, added },
    );
    const told = { ...decided, after };
    return this.#changedRows(source, before, told, every, locators);
  }

  /** Moves updated rows that belong elsewhere; what is left to be done. */
  async #move(
    source: Chunk,
    before: LocatedChunk,
    decided: Decided,
  ): Promise<Decided> {
    const { placement, writer } = this.#change;
    const { actions, after: columns } = decided;
    if (placement === undefined || !actions.includes("update")) return decided;
    const { rowCount } = source;
    const selection = rowsWhere(
      undefined,
      rowCount,
      (row) => actions[row] === "update",
    );
    const rows = placement.leaving({ columns, rowCount, selection });
    if (rows.length === 0) return decided;
    const leaving = located(before, rows);
    const locked = writer.lockSame(leaving.locators, undefined);
    if (isPromise(locked)) await locked;
    await placement.move(
      compact({ ...source, selection: rows }),
      leaving,
      compact({ columns, rowCount, selection: rows }),
    );
    const left = [...actions];
    for (const row of rows) left[row] = undefined;
    return { ...decided, actions: left };
  }

  /** What triggers make of what is done with the one row of a chunk. */
  async #asked(decided: Decided, before: LocatedChunk): Promise<Decided> {
    const { triggers } = this.#change;
    const [action] = decided.actions;
    if (triggers?.hasBeforeRow !== true || action === undefined) return decided;
    const { columns } = before.chunk;
    const row = await triggers.beforeRow(
      action,
      action === "insert" ? undefined : columns,
      action === "delete" ? undefined : decided.after,
      0,
    );
    if (row === undefined) return { ...decided, actions: [undefined] };
    if (action === "delete") return decided;
    return { ...decided, after: columnsOfRow(this.#plan.table, row) };
  }

  /** What is done with each row, and the new columns. */
  #decide(source: Chunk, before: LocatedChunk): Decided {
    const { clauses, rows, marker } = this.#plan;
    const locators = source.columns[rows.locator]!;
    return decide({
      clauses,
      source,
      before: before.chunk.columns,
      marker,
      hasTarget: (row) => !isNull(locators, row),
      changes: (row) => {
        if (!this.#seen.add(before.locators[row]!)) throw secondTime();
      },
    }, this.#change.run);
  }

  /** Writes; the locators that rows have then, by row. */
  async #write(
    before: LocatedChunk,
    after: Chunk,
    { gone, changed, added }: {
      readonly gone: Uint32Array;
      readonly changed: Uint32Array;
      readonly added: Uint32Array;
    },
  ): Promise<Float64Array> {
    const { writer } = this.#change;
    const now = new Float64Array(after.rowCount).fill(NaN);
    if (gone.length > 0) {
      const rows = located(before, gone);
      await then(
        writer.lockSame(rows.locators, undefined),
        () => writer.delete(rows),
      );
    }
    const write = async (
      rows: Uint32Array,
      locators: ReturnType<typeof writer.insert>,
    ): Promise<void> => {
      (await locators).forEach((locator, i) => now[rows[i]!] = locator);
    };
    if (changed.length > 0) {
      const rows = located(before, changed);
      await write(
        changed,
        then(
          writer.lockSame(rows.locators, this.#plan.changed),
          () => writer.update(rows, { ...after, selection: changed }),
        ),
      );
    }
    if (added.length > 0) {
      await write(added, writer.insert({ ...after, selection: added }));
      for (const row of added) this.#seen.add(now[row]!);
    }
    return now;
  }

  #changedRows(
    source: Chunk,
    before: LocatedChunk,
    { actions, after }: Decided,
    every: Uint32Array,
    now: Float64Array,
  ): ChangedRows {
    const { rowCount } = source;
    const by = (test: (action: RowAction) => boolean): Uint32Array =>
      rowsWhere(every, rowCount, (row) => test(actions[row]!));
    const gone = by((action) => action === "delete");
    const there = by((action) => action !== "delete");
    const old = before.chunk.columns;
    const fill = (column: Column, deleted?: Column): Column => {
      const filler = new ColumnFiller(column.type, rowCount);
      filler.copy(column, there, rowCount);
      if (deleted !== undefined) filler.copy(deleted, gone, rowCount);
      else for (const row of gone) filler.set(row, null);
      return filler.finish();
    };
    const locators = Float64Array.from(
      every,
      (row) => actions[row] === "insert" ? NaN : before.locators[row]!,
    );
    const nowLocators = Float64Array.from(every, (row) => now[row]!);
    const image = (columns: Column[], locators: Float64Array): RowImage => ({
      columns,
      locators,
    });
    return {
      count: every.length,
      selection: every.length === rowCount ? undefined : every,
      before: image([...old], locators),
      after: image(after.map((column) => fill(column)), nowLocators),
      current: image(
        after.map((column, i) => fill(column, old[i]!)),
        nowLocators.map((locator, i) =>
          Number.isNaN(locator) ? locators[i]! : locator
        ),
      ),
      actions: columnOf(
        text,
        Array.from(every, (row) => ACTION_NAMES[actions[row]!]),
      ),
      source,
    };
  }
}

/** Some of the rows before. */
function located(
  { chunk, locators }: LocatedChunk,
  rows: Uint32Array,
): LocatedChunk {
  return {
    chunk: {
      columns: chunk.columns.map((column) => gather(column, rows)),
      rowCount: rows.length,
    },
    locators: Float64Array.from(rows, (row) => locators[row]!),
  };
}

function secondTime(): SqlError {
  return new SqlError(
    "21000",
    "MERGE command cannot affect row a second time",
    {
      hint:
        "Ensure that not more than one source row matches any one target row.",
    },
  );
}
