/**
 * Operator: a statement that changes rows of a table and of those that inherit
 * from it, or rows of partitions.
 *
 * Rows of one chunk are done table by table: INSERT sends each to the partition
 * it belongs to, UPDATE, DELETE and MERGE find its table in `tableoid`. A row of
 * a partition that UPDATE gives another key moves: it is deleted where it was,
 * and inserted where it belongs.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import { TABLEOID_COLUMN } from "../../analyzer/bound_expression.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, isNull } from "../../chunk/chunk.ts";
import type { ChangeNode } from "../../planner/logical_plan.ts";
import { compact, rowsWhere } from "../column_tools.ts";
import { requirePartition } from "../inheritance/partition_keys.ts";
import { routedPlacement } from "../inheritance/row_placement.ts";
import { routeRows, rowsByTable } from "../inheritance/row_router.ts";
import { layoutOf } from "../layout.ts";
import type { Operator } from "../operator.ts";
import { openInput, type PhysicalPlan } from "../physical_plan.ts";
import type { RunState } from "../run_state.ts";
import type { CompilePlan } from "../subquery.ts";
import { TableTriggers } from "../triggers/table_triggers.ts";
import { eventsOf } from "./change_parts.ts";
import type { ChangedRows } from "./changed_rows.ts";
import { ProposedRows } from "./insert_rows.ts";
import { MergeInserts } from "./merge_inserts.ts";
import { bytesOfChunk } from "./modify_table.ts";
import { RowMover } from "./row_mover.ts";
import { namedTable } from "./tree_node.ts";
import { TreeTarget, TreeTargetPlan } from "./tree_target.ts";

/** A compiled change of a tree of tables. */
export class ModifyTreePlan implements PhysicalPlan {
  readonly node: ChangeNode;
  readonly input: PhysicalPlan;
  /** What an INSERT proposes. */
  readonly proposed: ProposedRows | undefined;
  /** What a MERGE inserts. */
  readonly inserts: MergeInserts | undefined;
  /** Where the ids of the rows' tables are. */
  readonly tableIdPosition: number;
  /** The tables that the input's rows are of. */
  readonly tables: ReadonlyMap<number, TableEntry>;
  readonly #targets = new WeakMap<TableEntry, TreeTargetPlan>();

  readonly #compile: CompilePlan;

  /** Compiles the statement over `input`. */
  constructor(node: ChangeNode, input: PhysicalPlan, compile: CompilePlan) {
    this.#compile = compile;
    const layout = layoutOf(node.input);
    this.node = node;
    this.input = input;
    this.proposed = node.kind === "insert"
      ? new ProposedRows(node, layout)
      : undefined;
    this.inserts = node.kind === "merge" ? new MergeInserts(node) : undefined;
    const tree = node.kind === "insert" ? [] : node.table.tree ?? [];
    this.tables = new Map(tree.map((table) => [table.id, table]));
    this.tableIdPosition = node.kind === "insert" ? -1 : layout({
      relation: node.table.relation,
      column: TABLEOID_COLUMN,
    });
  }

  /** The plan for one of the tables. */
  target(table: TableEntry, run: RunState): TreeTargetPlan {
    let target = this.#targets.get(table);
    if (target === undefined) {
      target = new TreeTargetPlan(this.node, table, {
        run,
        compile: this.#compile,
      });
      this.#targets.set(table, target);
    }
    return target;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new ModifyTree(this, openInput(this.input, run), run);
  }
}

class ModifyTree implements Operator {
  readonly #plan: ModifyTreePlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #named: TableEntry;
  /** The triggers of the statement, which are those of the named table. */
  readonly #triggers: TableTriggers | undefined;
  readonly #targets = new Map<number, TreeTarget>();
  readonly #mover: RowMover;
  readonly #results: Chunk[] = [];
  #next = 0;
  #isDone = false;
  #bytes = 0;

  constructor(plan: ModifyTreePlan, input: Operator, run: RunState) {
    const { node } = plan;
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    this.#named = namedTable(node);
    this.#triggers = TableTriggers.of({
      run,
      table: this.#named,
      ...eventsOf(node),
      level: "statement",
    });
    this.#mover = new RowMover(
      node,
      run,
      (table) => this.#target(table),
      (target, rows) => this.#note(target, rows),
    );
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#isDone) return this.#results[this.#next++];
    this.#isDone = true;
    return this.#modifyAll().then(() => this.#results[this.#next++]);
  }

  async #modifyAll(): Promise<void> {
    await this.#triggers?.beforeStatement();
    const { context: { access }, writes } = this.#run;
    // Which tables there are must stay so until the commit.
    access.table(this.#named.accessMethod).dependOn?.(this.#named, writes);
    for (;;) {
      this.#run.checkAborted();
      const next = this.#input.next();
      const chunk = isPromise(next) ? await next : next;
      if (chunk === undefined) break;
      if (this.#plan.node.kind === "insert") await this.#insert(chunk);
      else await this.#change(compact(chunk));
    }
    this.#triggers?.afterStatement();
  }

  get #inOrder(): boolean {
    return this.#plan.node.returning.length > 0;
  }

  async #insert(chunk: Chunk): Promise<void> {
    const proposed = this.#plan.proposed!.of(chunk, this.#run);
    const rows = compact(proposed);
    const source = compact({ ...chunk, selection: proposed.selection });
    await this.#insertRows(
      rows,
      source,
      (target, both, own) => target.change(both, own),
    );
  }

  /** Sends rows to where they belong; `source` is what they were made from. */
  async #insertRows(
    rows: Chunk,
    source: Chunk,
    insert: (
      target: TreeTarget,
      both: Chunk,
      rows: Uint32Array,
    ) => Promise<void>,
  ): Promise<void> {
    const { rowCount } = rows;
    if (rowCount === 0) return;
    const columns = [...source.columns, ...rows.columns];
    const named = this.#named;
    const run = this.#run;
    let tables: readonly TableEntry[] | undefined;
    if (named.partitionKey !== undefined) {
      if (named.partitionBound !== undefined) {
        requirePartition(named, rows, run);
      }
      tables = routeRows(named, rows, run);
    }
    const parts = rowsByTable(
      { rowCount },
      (row) => tables === undefined ? named : tables[row]!,
      this.#inOrder,
    );
    for (const { table, rows: own } of parts) {
      await insert(this.#target(table), { columns, rowCount }, own);
    }
  }

  async #change(source: Chunk): Promise<void> {
    const { tableIdPosition, tables, inserts } = this.#plan;
    const ids = source.columns[tableIdPosition]!;
    const { rowCount } = source;
    const there = rowsWhere(undefined, rowCount, (row) => !isNull(ids, row));
    const parts = rowsByTable(
      { rowCount, selection: there },
      (row) => tables.get(ids.values[row] as number)!,
      this.#inOrder,
    );
    for (const { table, rows } of parts) {
      await this.#target(table).change(source, rows);
    }
    if (inserts === undefined || there.length === rowCount) return;
    const missing = rowsWhere(undefined, rowCount, (row) => isNull(ids, row));
    for (const made of inserts.of(source, missing, this.#run)) {
      await this.#insertRows(
        made.rows,
        made.source,
        (target, both, own) =>
          made.insert(target, both, own, (rows) => this.#note(target, rows)),
      );
    }
  }

  #target(table: TableEntry): TreeTarget {
    let target = this.#targets.get(table.id);
    if (target !== undefined) return target;
    const plan = this.#plan.target(table, this.#run);
    const placement = routedPlacement(plan.table, this.#run, {
      hasTriggers: TableTriggers.of({
        run: this.#run,
        table: plan.table,
        ...eventsOf(plan.node),
        level: "row",
      })?.hasBeforeRow === true,
      move: (source, before, after) =>
        this.#mover.move(this.#target(table), source, before, after),
    });
    target = new TreeTarget(
      plan,
      this.#run,
      (target, rows) => this.#note(target, rows),
      placement,
    );
    this.#targets.set(table.id, target);
    return target;
  }

  /** Counts rows, and keeps what RETURNING says about them. */
  #note(target: TreeTarget, rows: ChangedRows): MaybePromise<void> {
    if (rows.count === 0) return;
    if (this.#plan.node.counted) this.#run.affectedRows += rows.count;
    if (this.#triggers !== undefined) {
      const count = this.#named.columns.length;
      const image = <T extends ChangedRows["before"]>(image: T): T =>
        image && { ...image, columns: image.columns.slice(0, count) };
      const { before, after } = rows;
      this.#triggers.note({
        ...rows,
        before: image(before),
        after: image(after),
      });
    }
    const { returning } = target.plan;
    if (returning === undefined) return;
    return then(
      returning.apply(rows, this.#run),
      (result) => this.#keep(result),
    );
  }

  #keep(result: Chunk): void {
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
