/**
 * A table of a tree while a statement changes rows of the tree.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import { RelationWriter } from "../../access/relation_writer.ts";
import { LOCATOR_COLUMN } from "../../planner/table_rows.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { asParent } from "../../catalog/inheritance/table_tree.ts";
import type { Chunk, Column } from "../../chunk/chunk.ts";
import { compact, gather } from "../column_tools.ts";
import type { ChangeNode } from "../../planner/logical_plan.ts";
import { layoutOf } from "../layout.ts";
import type { RunState } from "../run_state.ts";
import { rowAlone, TableTriggers } from "../triggers/table_triggers.ts";
import { noteChanges } from "../foreign_keys/note_changes.ts";
import type { ChangedRows } from "./changed_rows.ts";
import type { CompilePlan } from "../subquery.ts";
import { compileParts, eventsOf } from "./change_parts.ts";
import { indexKeysIn } from "./index_keys.ts";
import type { Returning } from "./returning.ts";
import type { ChangePlan, RowChanger, RowPlacement } from "./row_changer.ts";
import { changeOfTable, namedTable } from "./tree_node.ts";

/** A change of one table of a tree, compiled. */
export class TreeTargetPlan {
  readonly node: ChangeNode;
  readonly table: TableEntry;
  readonly change: ChangePlan;
  readonly returning: Returning | undefined;
  /** The positions of the columns that only the table has. */
  readonly others: readonly number[];

  /** Compiles `node` for a table whose columns begin as those of its own. */
  constructor(
    node: ChangeNode,
    table: TableEntry,
    { run, compile }: {
      readonly run: RunState;
      readonly compile: CompilePlan;
    },
  ) {
    const named = namedTable(node);
    const ordered = asParent(table, named);
    const own = changeOfTable(node, ordered, run.writes.catalog);
    this.node = own;
    this.table = ordered;
    const { change, returning } = compileParts(own, compile);
    this.change = change;
    this.returning = returning;
    this.others = ordered.columns.map((_, position) => position)
      .slice(named.columns.length);
  }
}

/** Who is told of the rows that were changed. */
export type TellChanged = (
  target: TreeTarget,
  rows: ChangedRows,
) => MaybePromise<void>;

/** A table of a tree in one run. */
export class TreeTarget {
  readonly plan: TreeTargetPlan;
  readonly writer: RelationWriter;
  readonly triggers: TableTriggers | undefined;
  readonly #changer: RowChanger;
  readonly #run: RunState;
  readonly #tell: TellChanged;

  /** Opens a plan. */
  constructor(
    plan: TreeTargetPlan,
    run: RunState,
    tell: TellChanged,
    placement: RowPlacement | undefined,
  ) {
    const { table } = plan;
    this.plan = plan;
    this.#run = run;
    this.#tell = tell;
    this.writer = new RelationWriter(
      run.context.access,
      table,
      run.writes,
      indexKeysIn(run),
    );
    const events = eventsOf(plan.node);
    this.triggers = TableTriggers.of({ run, table, ...events, level: "row" });
    const { writer, triggers } = this;
    this.#changer = plan.change.open({ run, writer, triggers, placement });
  }

  /** The table. */
  get table(): TableEntry {
    return this.plan.table;
  }

  /** Changes the rows `rows` of a chunk without selection. */
  async change(chunk: Chunk, rows: Uint32Array): Promise<void> {
    const own = await this.#withOthers(pick(chunk, rows));
    if (this.triggers?.hasBeforeRow !== true) {
      await this.tell(await this.#changer.change(own));
      return;
    }
    for (let row = 0; row < own.rowCount; row++) {
      await this.tell(await this.#changer.change(rowAlone(own, row)));
    }
  }

  /** Tells of changed rows. */
  tell(rows: ChangedRows | undefined): MaybePromise<void> {
    if (rows === undefined || rows.count === 0) return;
    this.noteOnly(rows);
    return this.#tell(this, rows);
  }

  /** Notes what changed rows make it necessary to check and to fire. */
  noteOnly(rows: ChangedRows): void {
    noteChanges(this.#run, this.table, rows);
    this.triggers?.note(rows);
  }

  /** The rows with the columns that the statement's table does not have. */
  async #withOthers(chunk: Chunk): Promise<Chunk> {
    const { others, node } = this.plan;
    if (others.length === 0 || node.kind === "insert") return chunk;
    const { access, transaction, signal } = this.#run.context;
    const position = layoutOf(node.input)({
      relation: node.table.relation,
      column: LOCATOR_COLUMN,
    });
    const all = chunk.columns[position]!.values as Float64Array;
    const locators = all.subarray(0, chunk.rowCount);
    const { table } = this;
    const there = await access.table(table.accessMethod).fetch(
      table,
      transaction,
      locators,
      { columns: others, signal },
    );
    const rowOf = new Map(
      Array.from(there.locators, (locator, row) => [locator, row]),
    );
    const rows = Uint32Array.from(locators, (each) => rowOf.get(each) ?? 0);
    const columns: Column[] = there.chunk.columns.map((column) =>
      gather(column, rows)
    );
    return { ...chunk, columns: [...chunk.columns, ...columns] };
  }
}

/** Some rows of a chunk, by themselves. */
function pick(chunk: Chunk, rows: Uint32Array): Chunk {
  return rows.length === chunk.rowCount
    ? chunk
    : compact({ ...chunk, selection: rows });
}
