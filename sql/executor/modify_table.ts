/**
 * Operators: INSERT, UPDATE, DELETE, with RETURNING.
 *
 * The first `next` does all of it and keeps what RETURNING gives, so that a
 * statement is done whether or not anybody reads its rows. Its scans see the
 * table as it was when they were opened: nothing is changed twice.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { RelationWriter } from "../access/relation_writer.ts";
import type { LocatedChunk } from "../access/table_access.ts";
import {
  type BoundExpression,
  CTID_COLUMN,
  TABLEOID_COLUMN,
} from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { type Chunk, type Column, selectedCount } from "../chunk/chunk.ts";
import type {
  DeleteNode,
  InsertNode,
  UpdateNode,
} from "../planner/logical_plan.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { bytesOf, compact } from "./column_tools.ts";
import { compileExpression, type Layout } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import { checkNotNull } from "./not_null.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { systemColumn } from "./table_columns.ts";

/** A statement that changes a table. */
type ModifyNode = InsertNode | UpdateNode | DeleteNode;

/** A compiled INSERT, UPDATE or DELETE. */
export class ModifyTablePlan implements PhysicalPlan {
  readonly node: ModifyNode;
  readonly table: TableEntry;
  readonly #input: PhysicalPlan;
  /** The new values: by table column, absent where the old one stays. */
  readonly values: readonly (ColumnExpression | undefined)[];
  readonly returning: Returning | undefined;

  /** Compiles the statement over `input`. */
  constructor(node: ModifyNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    this.table = node.kind === "insert" ? node.table : node.table.table;
    this.values = compileValues(node, this.table);
    this.returning = node.returning.length === 0
      ? undefined
      : new Returning(node.returning, this.table);
  }

  /** Opens it. */
  open(run: RunState): Operator & { readonly affectedRows: number } {
    return new ModifyTable(this, openInput(this.#input, run), run);
  }
}

function compileValues(
  node: ModifyNode,
  table: TableEntry,
): (ColumnExpression | undefined)[] {
  const layout = layoutOf(node.input);
  switch (node.kind) {
    case "insert":
      return node.assigned.map((expression) =>
        compileExpression(expression, layout)
      );
    case "update": {
      const { assignments } = node;
      return table.columns.map((_, position) => {
        const assigned = assignments.find(({ column }) => column === position);
        return assigned === undefined
          ? undefined
          : compileExpression(assigned.expression, layout);
      });
    }
    case "delete":
      return [];
  }
}

/** RETURNING: expressions over a row of the table. */
class Returning {
  readonly #expressions: readonly ColumnExpression[];
  readonly #table: TableEntry;
  readonly #usesTid: boolean;

  constructor(expressions: readonly BoundExpression[], table: TableEntry) {
    const width = table.columns.length;
    const layout: Layout = ({ column }) =>
      column >= 0 ? column : column === CTID_COLUMN ? width : width + 1;
    this.#table = table;
    this.#expressions = expressions.map((expression) =>
      compileExpression(expression, layout)
    );
    this.#usesTid = expressions.some((expression) =>
      someExpression(
        expression,
        (part) => part.kind === "column" && part.column < 0,
      )
    );
  }

  /** The result for rows without a selection. */
  apply({ chunk, locators }: LocatedChunk, run: RunState): Chunk {
    const { rowCount } = chunk;
    const columns: Column[] = [...chunk.columns];
    if (this.#usesTid) {
      for (const column of [CTID_COLUMN, TABLEOID_COLUMN]) {
        columns.push(
          systemColumn(column, locators, rowCount, this.#table.id),
        );
      }
    }
    const all: Chunk = { columns, rowCount };
    return {
      columns: this.#expressions.map((each) => each(all, undefined, run)),
      rowCount,
    };
  }
}

class ModifyTable implements Operator {
  readonly #plan: ModifyTablePlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #writer: RelationWriter;
  readonly #results: Chunk[] = [];
  #next = 0;
  #isDone = false;
  #bytes = 0;
  #affectedRows = 0;

  constructor(plan: ModifyTablePlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    const { access, transaction } = run.context;
    this.#writer = new RelationWriter(access, plan.table, transaction);
  }

  get affectedRows(): number {
    return this.#affectedRows;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#isDone) return this.#results[this.#next++];
    this.#isDone = true;
    const done = this.#modifyAll();
    return isPromise(done)
      ? done.then(() => this.#results[this.#next++])
      : this.#results[this.#next++];
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

  #modify(chunk: Chunk): MaybePromise<void> {
    switch (this.#plan.node.kind) {
      case "insert":
        return this.#insert(chunk);
      case "update":
        return this.#update(compact(chunk));
      case "delete":
        return this.#delete(compact(chunk));
    }
  }

  #insert(chunk: Chunk): MaybePromise<void> {
    const { table, values } = this.#plan;
    const { rowCount, selection } = chunk;
    const rows: Chunk = {
      columns: values.map((value) => value!(chunk, selection, this.#run)),
      rowCount,
      selection,
    };
    checkNotNull(table, rows);
    const locators = this.#writer.insert(rows);
    const note = (some: Float64Array): void =>
      this.#note({ chunk: rows, locators: some });
    return isPromise(locators) ? locators.then(note) : note(locators);
  }

  #update(chunk: Chunk): MaybePromise<void> {
    const { table, values } = this.#plan;
    const before = beforeOf(table, chunk);
    const rows: Chunk = {
      columns: values.map((value, position) =>
        value?.(chunk, undefined, this.#run) ?? chunk.columns[position]!
      ),
      rowCount: chunk.rowCount,
    };
    checkNotNull(table, rows);
    const locators = this.#writer.update(before, rows);
    const note = (some: Float64Array): void =>
      this.#note({ chunk: rows, locators: some });
    return isPromise(locators) ? locators.then(note) : note(locators);
  }

  #delete(chunk: Chunk): MaybePromise<void> {
    const before = beforeOf(this.#plan.table, chunk);
    // The result is computed first, as long as the rows are there.
    this.#note(before);
    return this.#writer.delete(before);
  }

  /** Counts rows, and keeps what RETURNING says about them. */
  #note({ chunk, locators }: LocatedChunk): void {
    const count = selectedCount(chunk);
    this.#affectedRows += count;
    const { returning } = this.#plan;
    if (returning === undefined || count === 0) return;
    const rows = { chunk: compact(chunk), locators };
    const result = returning.apply(rows, this.#run);
    this.#results.push(result);
    const bytes = bytesOfChunk(result);
    this.#bytes += bytes;
    this.#run.account(bytes);
  }

  close(): void {
    this.#input.close();
    this.#results.length = 0;
    this.#isDone = true;
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
  }
}

/** The rows that are changed: all columns of the table, then the locator. */
function beforeOf(table: TableEntry, chunk: Chunk): LocatedChunk {
  const width = table.columns.length;
  const { rowCount } = chunk;
  const locators = chunk.columns[width]!.values as Float64Array;
  return {
    chunk: { columns: chunk.columns.slice(0, width), rowCount },
    locators: locators.length === rowCount
      ? locators
      : locators.subarray(0, rowCount),
  };
}

function bytesOfChunk({ columns, rowCount }: Chunk): number {
  let bytes = 0;
  for (const { type, values } of columns) {
    if (type.storage !== "reference") {
      bytes += 8 * rowCount;
      continue;
    }
    for (let row = 0; row < rowCount; row++) {
      const value = values[row]!;
      bytes += bytesOf(value);
    }
  }
  return bytes;
}
