/**
 * A statement that changes rows of a view: for each, the view's INSTEAD OF
 * triggers are fired, which do what there is to do.
 *
 * A row of which a trigger gives NULL was left alone: it is not counted, and
 * RETURNING does not tell of it.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import {
  type Chunk,
  type Column,
  ColumnBuilder,
  columnOf,
  isNull,
} from "../../chunk/chunk.ts";
import type { ChangeNode } from "../../planner/logical_plan.ts";
import type { SqlRow } from "../../types/row/row_value.ts";
import { text } from "../../types/text_types.ts";
import { compact, gather } from "../column_tools.ts";
import { layoutOf } from "../layout.ts";
import type { Operator } from "../operator.ts";
import { openInput, type PhysicalPlan } from "../physical_plan.ts";
import type { RunState } from "../run_state.ts";
import type { CompilePlan } from "../subquery.ts";
import { TableTriggers } from "../triggers/table_triggers.ts";
import { compileReturning, eventsOf } from "./change_parts.ts";
import type { ChangedRows, RowImage } from "./changed_rows.ts";
import { ProposedRows } from "./insert_rows.ts";
import {
  ACTION_NAMES,
  compileClause,
  decide,
  type Decided,
  type RowAction,
} from "./merge_decision.ts";
import { ModifyTable } from "./modify_table.ts";
import type { Returning } from "./returning.ts";
import { compileAssignments, newColumns } from "./row_changer.ts";
import { namedTable } from "./tree_node.ts";

/** What is wanted for the rows of a chunk without selection. */
interface Wanted extends Decided {
  /** The rows of the view; absent: there are none. */
  readonly before: readonly Column[] | undefined;
}

type Decide = (source: Chunk, run: RunState) => Wanted;

/** A compiled change of a view. */
export class ModifyViewPlan implements PhysicalPlan {
  readonly node: ChangeNode;
  readonly #input: PhysicalPlan;
  readonly #decide: Decide;
  readonly #returning: Returning | undefined;

  /** Compiles the statement over `input`. */
  constructor(node: ChangeNode, input: PhysicalPlan, compile: CompilePlan) {
    this.node = node;
    this.#input = input;
    this.#decide = compileDecision(node);
    this.#returning = compileReturning(node, compile);
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const { node } = this;
    const table = namedTable(node);
    const triggers = TableTriggers.of({ run, table, ...eventsOf(node) });
    const change = (chunk: Chunk): MaybePromise<ChangedRows | undefined> => {
      const source = compact(chunk);
      const wanted = this.#decide(source, run);
      const rows = new InsteadRows(source, wanted, triggers);
      return rows.write(0);
    };
    return new ModifyTable(
      { run, counted: node.counted, table, triggers },
      openInput(this.#input, run),
      { change },
      this.#returning,
    );
  }
}

/** What a statement wants, over chunks of its input. */
function compileDecision(node: ChangeNode): Decide {
  const layout = layoutOf(node.input);
  const all = (count: number, action: RowAction): RowAction[] =>
    new Array(count).fill(action);
  if (node.kind === "insert") {
    const proposed = new ProposedRows(node, layout);
    return (source, run) => {
      const { columns, selection } = proposed.of(source, run);
      const actions: (RowAction | undefined)[] = selection === undefined
        ? all(source.rowCount, "insert")
        : new Array(source.rowCount);
      for (const row of selection ?? []) actions[row] = "insert";
      return { actions, before: undefined, after: columns };
    };
  }
  const { relation, table } = node.table;
  const positions = table.columns.map((_, column) =>
    layout({ relation, column })
  );
  const rowsOf = ({ columns }: Chunk): Column[] =>
    positions.map((position) => columns[position]!);
  if (node.kind === "merge") {
    const clauses = node.clauses.map((each) =>
      compileClause(each, table, layout)
    );
    const marker = node.marker && layout(node.marker);
    const there = layout(node.there!);
    return (source, run) => {
      const before = rowsOf(source);
      const hasTarget = (row: number): boolean =>
        !isNull(source.columns[there]!, row);
      const changes = (): void => {};
      const pairs = { clauses, source, before, marker, hasTarget, changes };
      return { ...decide(pairs, run), before };
    };
  }
  const values = compileAssignments(
    node.kind === "update" ? node.assignments : [],
    table,
    layout,
  );
  return (source, run) => {
    const before = rowsOf(source);
    const after = newColumns(values, before, source, undefined, run);
    return { actions: all(source.rowCount, node.kind), before, after };
  };
}

/** The rows of a chunk, one after the other. */
class InsteadRows {
  readonly #source: Chunk;
  readonly #wanted: Wanted;
  readonly #triggers: TableTriggers | undefined;
  readonly #rows: number[] = [];
  readonly #written: SqlRow[] = [];

  constructor(
    source: Chunk,
    wanted: Wanted,
    triggers: TableTriggers | undefined,
  ) {
    this.#source = source;
    this.#wanted = wanted;
    this.#triggers = triggers;
  }

  /** Writes those from `first` on, and tells of all. */
  write(first: number): MaybePromise<ChangedRows | undefined> {
    const { actions } = this.#wanted;
    for (let row = first; row < this.#source.rowCount; row++) {
      const action = actions[row];
      if (action === undefined) continue;
      const done = this.#fire(action, row);
      if (isPromise(done)) {
        return done.then((written) => {
          this.#note(row, written);
          return this.write(row + 1);
        });
      }
      this.#note(row, done);
    }
    return this.#changed();
  }

  #fire(action: RowAction, row: number): MaybePromise<SqlRow | undefined> {
    const { before, after } = this.#wanted;
    return this.#triggers?.beforeRow(
      action,
      action === "insert" ? undefined : before,
      action === "delete" ? undefined : after,
      row,
      "instead",
    );
  }

  #note(row: number, written: SqlRow | undefined): void {
    if (written === undefined) return;
    this.#rows.push(row);
    this.#written.push(written);
  }

  #changed(): ChangedRows | undefined {
    const rows = this.#rows;
    const count = rows.length;
    if (count === 0) return undefined;
    const { actions, before, after } = this.#wanted;
    const done = rows.map((row) => actions[row]!);
    const isThere = (not: RowAction): Float64Array =>
      Float64Array.from(done, (action) => action === not ? NaN : 0);
    const written = (withDeleted: boolean): Column[] =>
      after.map(({ type }, column) => {
        const builder = new ColumnBuilder(type, count);
        this.#written.forEach(({ values }, i) => {
          const value = done[i] === "delete" && !withDeleted
            ? null
            : values[column] ?? null;
          if (value === null) builder.appendNull();
          else builder.append(value);
        });
        return builder.finish();
      });
    const selection = Uint32Array.from(rows);
    const old: RowImage | undefined = before && {
      columns: before.map((column) => gather(column, selection)),
      locators: isThere("insert"),
    };
    const now = { columns: written(false), locators: isThere("delete") };
    return {
      count,
      selection: undefined,
      before: old,
      after: now,
      current: { ...now, columns: written(true) },
      actions: columnOf(text, done.map((action) => ACTION_NAMES[action])),
      source: compact({ ...this.#source, selection }),
    };
  }
}
