/**
 * INSERT … ON CONFLICT.
 *
 * For each chunk the unique indexes are asked once for all its keys; then the
 * rows are gone through in order, since a row can also conflict with one before
 * it:
 *
 * | the key is | DO NOTHING | DO UPDATE |
 * | --- | --- | --- |
 * | free | insert | insert |
 * | that of a row from before the statement | leave it | update it |
 * | that of a row that the statement inserted or updated | leave it | `21000` |
 *
 * Rows are written together where the order does not matter. It does where DO
 * UPDATE assigns a column of a unique index: then a row may free or take the key
 * of a later one, and each is done alone.
 *
 * A key that was free when it was asked for is written under the condition that
 * it still is at COMMIT (`access/btree/btree_index.ts`), and a row that is updated
 * under the condition that it is unchanged; so whatever another transaction does
 * meanwhile, the decision was right, or COMMIT fails with `40001`.
 *
 * @module
 */
import { invariant } from "../../../base/invariant.ts";
import { then } from "../../../base/maybe_promise.ts";
import type { KeyProbe } from "../../access/index_access.ts";
import { requireSame } from "../../access/relation_writer.ts";
import type { LocatedChunk } from "../../access/table_access.ts";
import { StatementRestart } from "../../transaction/locks/statement_restart.ts";
import { Transaction } from "../../transaction/transaction.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import { newestOf } from "../../transaction/transaction_view.ts";
import type {
  BoundConflict,
  BoundConflictUpdate,
} from "../../analyzer/bound_tree.ts";
import { CTID_COLUMN } from "../../analyzer/bound_expression.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, type Column, isNull } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { InsertNode } from "../../planner/logical_plan.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { compact, gather } from "../column_tools.ts";
import { compileExpression } from "../expression_compiler.ts";
import { outputOf } from "../../planner/plan_tree.ts";
import { layoutOf, layoutOfIds } from "../layout.ts";
import type { RunState } from "../run_state.ts";
import { type ChangedRows, scatter } from "./changed_rows.ts";
import { indexKeysIn, probeOfAll } from "./index_keys.ts";
import { ProposedRows } from "./insert_rows.ts";
import type { LocatorSet } from "./locator_set.ts";
import { beforeInsert, beforeUpdate } from "../triggers/before_rows.ts";
import {
  changedSoFar,
  type ChangePlan,
  type ChangeRun,
  compileAssignments,
  newColumns,
  type NewValues,
  type RowChanger,
} from "./row_changer.ts";
import type { LateRowsPlan } from "./late_rows.ts";
import { changedRows, joined, type Updated } from "./upsert_result.ts";
import { systemColumn } from "../table_columns.ts";
import { obeyRules } from "./table_rules.ts";

/** Compiled DO UPDATE, over the row that is there and then the proposed one. */
interface UpdatePlan {
  readonly values: NewValues;
  /** Where the columns are that queries take. */
  readonly asked: readonly number[];
  readonly where: ColumnExpression | undefined;
  /** The columns that it assigns. */
  readonly assigned: ReadonlySet<number>;
}

/** A compiled INSERT … ON CONFLICT. */
export class UpsertRowsPlan implements ChangePlan {
  readonly table: TableEntry;
  readonly arbiters: readonly IndexEntry[];
  readonly proposed: ProposedRows;
  readonly update: UpdatePlan | undefined;
  /** Queries over both rows. */
  readonly late: LateRowsPlan | undefined;
  /** Whether what was changed must be known. */
  readonly tracked: boolean;

  /** Compiles the node. */
  constructor(
    node: InsertNode,
    conflict: BoundConflict,
    late: LateRowsPlan | undefined,
  ) {
    this.late = late;
    this.table = node.table;
    this.arbiters = conflict.arbiters;
    this.tracked = node.tracked || conflict.update !== undefined;
    this.proposed = new ProposedRows(node, layoutOf(node.input));
    this.update = conflict.update === undefined
      ? undefined
      : compileUpdate(node, conflict.update, late);
  }

  /** Starts it. */
  open(change: ChangeRun): RowChanger {
    return new UpsertRows(this, change);
  }
}

function compileUpdate(
  { table, newRelation, input }: InsertNode,
  { excluded, assignments, where }: BoundConflictUpdate,
  late: LateRowsPlan | undefined,
): UpdatePlan {
  const rows = [newRelation, excluded].flatMap((relation) =>
    table.columns.map((_, column) => ({ relation, column }))
  );
  const places = [newRelation, excluded].map((relation) => ({
    relation,
    column: CTID_COLUMN,
  }));
  const known = [...rows, ...places, ...outputOf(input)];
  const layout = layoutOfIds([...known, ...late?.output ?? []]);
  return {
    asked: late?.columns.map(layout) ?? [],
    values: compileAssignments(assignments, table, layout),
    where: where && compileExpression(where, layout),
    assigned: new Set(
      assignments.map(({ column }) => table.columns[column]!.number),
    ),
  };
}

/** What is done with the rows of a chunk. */
interface Decisions {
  /** The rows whose keys are free. */
  readonly inserted: Uint32Array;
  /** The rows that conflict with one from before the statement. */
  readonly conflicting: Uint32Array;
  /** The rows that they conflict with. */
  readonly locators: Float64Array;
}

class UpsertRows implements RowChanger {
  readonly #plan: UpsertRowsPlan;
  readonly #change: ChangeRun;
  readonly #run: RunState;
  readonly #seen: LocatorSet | undefined;
  readonly #oneByOne: boolean;

  constructor(plan: UpsertRowsPlan, change: ChangeRun) {
    const { run } = change;
    const transaction = run.writes;
    const { table, update } = plan;
    this.#plan = plan;
    this.#change = change;
    this.#run = run;
    this.#seen = plan.tracked ? changedSoFar(run, table) : undefined;
    // What rows of one statement exclude each other shows once they are there.
    this.#oneByOne =
      plan.arbiters.some(({ exclusion }) => exclusion !== undefined) ||
      update !== undefined &&
        transaction.catalog.indexesOf(table.id).some((
          { unique, columns, usedColumns = [] },
        ) =>
          unique &&
          [...usedColumns, ...columns.map(({ columnNumber }) => columnNumber)]
            .some((number) => update.assigned.has(number))
        );
  }

  async change(chunk: Chunk): Promise<ChangedRows | undefined> {
    const { table } = this.#plan;
    const rows = this.#plan.proposed.of(chunk, this.#run);
    const wanted = await beforeInsert(this.#change.triggers, table, rows);
    const proposed = obeyRules(table, compact(wanted), this.#run);
    this.#change.placement?.requireOwn(proposed);
    const { columns: source } = compact(chunk);
    if (!this.#oneByOne || proposed.rowCount === 1) {
      return await this.#upsert(proposed, source);
    }
    const all: ChangedRows[] = [];
    for (let row = 0; row < proposed.rowCount; row++) {
      const rows = Uint32Array.of(row);
      const pick = (column: Column): Column => gather(column, rows);
      const columns = proposed.columns.map(pick);
      const one = await this.#upsert(
        { columns, rowCount: 1 },
        source.map(pick),
      );
      if (one.count > 0) all.push(one);
    }
    return joined(this.#plan.table, all);
  }

  /** Inserts or updates; `source` is what the rows were made from. */
  async #upsert(
    proposed: Chunk,
    source: readonly Column[],
  ): Promise<ChangedRows> {
    const { writer } = this.#change;
    const probes: KeyProbe[] = [];
    for (const index of this.#plan.arbiters) {
      probes.push(await this.#probe(index, proposed));
    }
    const decisions = this.#decide(proposed.rowCount, probes);
    const { inserted } = decisions;
    const isKept = await this.#lock(probes, decisions);
    const updated = await this.#update(proposed, source, decisions);
    const locators = await this.#insert({ ...proposed, selection: inserted });
    for (const locator of this.#seen === undefined ? [] : locators) {
      this.#seen!.add(locator);
    }
    if (updated !== undefined) {
      const { rows, after } = updated;
      const { rowCount } = proposed;
      const before = {
        chunk: {
          columns: updated.before.map((column) => gather(column, rows)),
          rowCount: rows.length,
        },
        locators: updated.locators,
      };
      const changed = this.#plan.update!.assigned;
      await then(
        isKept ? undefined : writer.lockSame(updated.locators, changed),
        () =>
          writer.update(before, { columns: after, rowCount, selection: rows }),
      );
    }
    return changedRows(proposed, { rows: inserted, locators }, updated);
  }

  /**
   * Locks the rows to be updated. But in READ COMMITTED, all rows that are in the
   * way have to be as the transaction sees them. Whether the locks are kept: not
   * where nobody else was there to keep them from.
   */
  async #lock(
    probes: readonly KeyProbe[],
    { locators }: Decisions,
  ): Promise<boolean> {
    const { access } = this.#run.context;
    const { table, update } = this.#plan;
    const { writes } = this.#run;
    const { readCommitted = false, locks } = transactionState(writes);
    if (locks === undefined || locks.isUndisturbed) return false;
    const there = update === undefined && !readCommitted
      ? Float64Array.from(
        new Set(probes.flatMap(({ locators }) => [...locators])),
      ).filter((locator) => locator >= 0)
      : locators;
    if (there.length === 0) return true;
    const locked = await access.table(table.accessMethod).lock?.(
      table,
      writes,
      there,
      {
        strength: update === undefined ? "key share" : "no key update",
        keep: true,
      },
    );
    if (locked === undefined) return false;
    if (!readCommitted || locked.includes("gone")) requireSame(locked);
    return true;
  }

  /** Inserts; a key that somebody else was first with asks for a new decision. */
  async #insert(rows: Chunk): Promise<Float64Array> {
    try {
      return await this.#change.writer.insert(rows);
    } catch (error) {
      const isArbiter = error instanceof SqlError && error.code === "23505" &&
        this.#plan.arbiters.some(({ name }) => name === error.constraint);
      if (isArbiter) throw new StatementRestart();
      throw error;
    }
  }

  async #probe(index: IndexEntry, proposed: Chunk): Promise<KeyProbe> {
    const { access } = this.#run.context;
    const transaction = this.#run.writes;
    const method = access.index(index.accessMethod);
    if (method.probe === undefined) {
      throw new SqlError(
        "0A000",
        `access method "${index.accessMethod}" does not support ON CONFLICT`,
      );
    }
    const { table } = this.#plan;
    const keys = indexKeysIn(this.#run)(index, table, proposed);
    // What others have committed meanwhile is there, too.
    const newest = index.exclusion === undefined
      ? newestOf(transaction)
      : transaction;
    for (;;) {
      const probe = await method.probe(index, table, newest, keys);
      const settled = method.settleKeys?.(index, transaction, probe.keys);
      if (settled === undefined) {
        return probeOfAll(proposed.rowCount, keys.selection, probe);
      }
      await settled;
    }
  }

  #decide(rowCount: number, probes: readonly KeyProbe[]): Decisions {
    const taken = probes.map(() => new Set<string>());
    const inserted: number[] = [];
    const conflicting: number[] = [];
    const locators: number[] = [];
    for (let row = 0; row < rowCount; row++) {
      let found = -1;
      let isTaken = false;
      probes.forEach(({ keys, locators }, i) => {
        const key = keys[row];
        if (found < 0) found = locators[row]!;
        if (key !== undefined && taken[i]!.has(key)) isTaken = true;
      });
      if (found < 0 && !isTaken) {
        inserted.push(row);
        probes.forEach(({ keys }, i) => {
          const key = keys[row];
          if (key !== undefined) taken[i]!.add(key);
        });
      } else if (this.#plan.update !== undefined) {
        if (isTaken || this.#seen!.has(found)) throw secondTime();
        conflicting.push(row);
        locators.push(found);
      }
    }
    return {
      inserted: Uint32Array.from(inserted),
      conflicting: Uint32Array.from(conflicting),
      locators: Float64Array.from(locators),
    };
  }

  /** What DO UPDATE makes of the rows that are there. */
  async #update(
    proposed: Chunk,
    source: readonly Column[],
    { conflicting, locators }: Decisions,
  ): Promise<Updated | undefined> {
    const { update, table } = this.#plan;
    if (update === undefined || conflicting.length === 0) return undefined;
    const { rowCount } = proposed;
    const there = await this.#fetch(locators);
    const before = there.chunk.columns.map((column) =>
      scatter(column, conflicting, rowCount)
    );
    const places = scatter(
      systemColumn(CTID_COLUMN, there.locators, there.locators.length, 0),
      conflicting,
      rowCount,
    );
    const known: Chunk = {
      columns: [...before, ...proposed.columns, places, places, ...source],
      rowCount,
    };
    const both = await this.#answered(known, conflicting);
    const where = update.where?.(both, conflicting, this.#run);
    const rows: number[] = [];
    const changed: number[] = [];
    conflicting.forEach((row, i) => {
      if (this.#seen!.has(locators[i]!)) throw secondTime();
      if (where !== undefined && (isNull(where, row) || !where.values[row])) {
        return;
      }
      this.#seen!.add(locators[i]!);
      rows.push(row);
      changed.push(locators[i]!);
    });
    if (rows.length === 0) return undefined;
    const selection = Uint32Array.from(rows);
    const run = this.#run;
    const { triggers } = this.#change;
    const made = newColumns(update.values, before, both, selection, run);
    const columns = await beforeUpdate(triggers, table, before, made, rows[0]!);
    if (columns === undefined) return undefined;
    const { columns: after } = obeyRules(
      table,
      { columns, rowCount, selection },
      this.#run,
    );
    this.#change.placement?.requireStay({
      columns: after,
      rowCount,
      selection,
    });
    return {
      rows: selection,
      locators: Float64Array.from(changed),
      before,
      after,
    };
  }

  /** The rows with what queries say about the chosen ones. */
  async #answered(known: Chunk, rows: Uint32Array): Promise<Chunk> {
    const { late, update } = this.#plan;
    if (late === undefined) return known;
    const answers = await late.values(
      update!.asked.map((position) => gather(known.columns[position]!, rows)),
      rows.length,
      this.#run,
    );
    const { columns, rowCount } = known;
    const further = answers.map((each) => scatter(each, rows, rowCount));
    return { columns: [...columns, ...further], rowCount };
  }

  async #fetch(locators: Float64Array): Promise<LocatedChunk> {
    const { access, signal } = this.#run.context;
    const { table } = this.#plan;
    const rows = await access.table(table.accessMethod).fetch(
      table,
      newestOf(this.#run.writes),
      locators,
      { columns: table.columns.map((_, position) => position), signal },
    );
    invariant(
      rows.locators.length === locators.length,
      "a unique index names a row that is not there",
    );
    return rows;
  }
}

/** What counts of a transaction, if it is one of ours. */
function transactionState(
  handle: TransactionHandle,
): Partial<Pick<Transaction, "locks" | "readCommitted">> {
  return handle instanceof Transaction ? handle : {};
}

function secondTime(): SqlError {
  return new SqlError(
    "21000",
    "ON CONFLICT DO UPDATE command cannot affect row a second time",
    {
      hint:
        "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    },
  );
}
