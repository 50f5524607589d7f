/**
 * A table with all of its indexes, for writing: what INSERT, UPDATE and DELETE
 * call, so that no index is ever forgotten.
 *
 * An index with a predicate has some of the rows: an update may bring a row into
 * it, or take it out.
 *
 * @module
 */
import { then } from "../../base/maybe_promise.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { Chunk } from "../chunk/chunk.ts";
import { StatementRestart } from "../transaction/locks/statement_restart.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { AccessRegistry } from "./access_registry.ts";
import type { IndexAccessMethod } from "./index_access.ts";
import {
  columnKeys,
  eachSelected,
  hasPlainKeys,
  type IndexKeys,
  locatorsOf,
} from "./index_keys.ts";
import type {
  LocatedChunk,
  LockedRow,
  TableAccessMethod,
} from "./table_access.ts";

/** @throws {StatementRestart} unless all rows are as the transaction sees them. */
export function requireSame(rows: readonly LockedRow[]): void {
  if (rows.includes("gone")) throw new StatementRestart("delete");
  if (rows.includes("changed")) throw new StatementRestart("update");
}

/** An index of the table, with what computes its keys. */
interface WrittenIndex {
  readonly entry: IndexEntry;
  readonly method: IndexAccessMethod;
  readonly keysOf: IndexKeys;
}

/** Writes to one table and its indexes in one transaction. */
export class RelationWriter {
  readonly #table: TableEntry;
  readonly #transaction: TransactionHandle;
  readonly #method: TableAccessMethod;
  readonly #indexes: readonly WrittenIndex[];

  /**
   * A writer of `table` and the indexes it has now; `keysOf` computes keys that
   * are not just columns.
   */
  constructor(
    registry: AccessRegistry,
    table: TableEntry,
    transaction: TransactionHandle,
    keysOf: IndexKeys,
  ) {
    this.#table = table;
    this.#transaction = transaction;
    this.#method = registry.table(table.accessMethod);
    this.#indexes = transaction.catalog.indexesOf(table.id).map((entry) => ({
      entry,
      method: registry.index(entry.accessMethod),
      keysOf: hasPlainKeys(entry) ? columnKeys : keysOf,
    }));
  }

  /** Adds the selected rows of `chunk`; resolves with their locators. */
  insert(chunk: Chunk): MaybePromise<Float64Array> {
    return then(
      this.#method.insert(this.#table, this.#transaction, chunk),
      (locators) =>
        then(
          this.#eachIndex(({ entry, method, keysOf }) => {
            const keys = keysOf(entry, this.#table, chunk);
            return method.insert(
              entry,
              this.#table,
              this.#transaction,
              locatorsOf(chunk, keys, locators),
              keys,
            );
          }),
          () => locators,
        ),
    );
  }

  /**
   * Locks rows that are about to be removed, or changed in the columns with
   * these numbers; see {@linkcode TableAccessMethod.lock}.
   */
  lock(
    locators: Float64Array,
    changed: ReadonlySet<number> | undefined,
  ): MaybePromise<readonly LockedRow[] | undefined> {
    const changesKey = changed !== undefined && this.#changesKey(changed);
    return this.#method.lock?.(this.#table, this.#transaction, locators, {
      strength: changed === undefined || changesKey
        ? "update"
        : "no key update",
      changesKey,
    });
  }

  /**
   * As `lock`, where all rows have to be as the transaction sees them.
   *
   * @throws {StatementRestart} where one is not.
   */
  lockSame(
    locators: Float64Array,
    changed: ReadonlySet<number> | undefined,
  ): MaybePromise<void> {
    return then(this.lock(locators, changed), (rows) => {
      if (rows !== undefined) requireSame(rows);
    });
  }

  /**
   * Replaces the rows `before` (all of the table's columns) by the selected
   * rows of `chunk`; resolves with the locators they have now.
   */
  update(before: LocatedChunk, chunk: Chunk): MaybePromise<Float64Array> {
    return then(
      this.#method.update(
        this.#table,
        this.#transaction,
        before.locators,
        chunk,
      ),
      (locators) =>
        then(
          this.#eachIndex((index) =>
            this.#updateIndex(index, before, { locators, chunk })
          ),
          () => locators,
        ),
    );
  }

  #updateIndex(
    { entry, method, keysOf }: WrittenIndex,
    before: LocatedChunk,
    after: LocatedChunk,
  ): MaybePromise<void> {
    const old = keysOf(entry, this.#table, before.chunk);
    const now = keysOf(entry, this.#table, after.chunk);
    if (entry.predicate === undefined) {
      return method.update(
        entry,
        this.#table,
        this.#transaction,
        { locators: before.locators, chunk: old },
        { locators: after.locators, chunk: now },
      );
    }
    const { gone, stayed, come } = moves(old, now, before, after);
    return then(
      this.#remove(entry, method, gone),
      () =>
        then(
          method.update(
            entry,
            this.#table,
            this.#transaction,
            stayed.before,
            stayed.after,
          ),
          () =>
            method.insert(
              entry,
              this.#table,
              this.#transaction,
              come.locators,
              come.chunk,
            ),
        ),
    );
  }

  #remove(
    entry: IndexEntry,
    method: IndexAccessMethod,
    { locators, chunk }: LocatedChunk,
  ): MaybePromise<void> {
    return method.delete(
      entry,
      this.#table,
      this.#transaction,
      locators,
      chunk,
    );
  }

  /** Removes the rows `before` (all of the table's columns). */
  delete(before: LocatedChunk): MaybePromise<void> {
    return then(
      this.#method.delete(this.#table, this.#transaction, before.locators),
      () =>
        this.#eachIndex(({ entry, method, keysOf }) => {
          const keys = keysOf(entry, this.#table, before.chunk);
          const locators = locatorsOf(before.chunk, keys, before.locators);
          return this.#remove(entry, method, { locators, chunk: keys });
        }),
    );
  }

  /** Whether a column with one of these numbers is in a unique index. */
  #changesKey(changed: ReadonlySet<number>): boolean {
    return this.#indexes.some(({ entry }) =>
      entry.unique && entry.predicate === undefined &&
      entry.columns.some(({ columnNumber }) => changed.has(columnNumber))
    );
  }

  #eachIndex(
    visit: (index: WrittenIndex) => MaybePromise<void>,
    from = 0,
  ): MaybePromise<void> {
    for (let i = from; i < this.#indexes.length; i++) {
      const done = visit(this.#indexes[i]!);
      if (done instanceof Promise) {
        return done.then(() => this.#eachIndex(visit, i + 1));
      }
    }
  }
}

/** Rows that an index loses, keeps and gets. */
interface Moves {
  readonly gone: LocatedChunk;
  readonly stayed: {
    readonly before: LocatedChunk;
    readonly after: LocatedChunk;
  };
  readonly come: LocatedChunk;
}

/** What an update does to an index that has some of the rows. */
function moves(
  old: Chunk,
  now: Chunk,
  before: LocatedChunk,
  after: LocatedChunk,
): Moves {
  const wasIn = rowSet(old);
  const isIn = rowSet(now);
  const gone: number[] = [];
  const stayedBefore: number[] = [];
  const stayedAfter: number[] = [];
  const come: number[] = [];
  // The n-th selected row replaces the n-th row.
  const places: number[] = [];
  eachSelected(after.chunk, (row, i) => {
    places[row] = i;
    if (!wasIn.has(i)) {
      if (isIn.has(row)) come.push(row);
    } else if (isIn.has(row)) {
      stayedBefore.push(i);
      stayedAfter.push(row);
    } else gone.push(i);
  });
  const located = (
    chunk: Chunk,
    rows: readonly number[],
    locatorOf: (row: number) => number,
  ): LocatedChunk => ({
    chunk: { ...chunk, selection: Uint32Array.from(rows) },
    locators: Float64Array.from(rows, locatorOf),
  });
  const oldLocator = (row: number): number => before.locators[row]!;
  const newLocator = (row: number): number => after.locators[places[row]!]!;
  return {
    gone: located(old, gone, oldLocator),
    stayed: {
      before: located(old, stayedBefore, oldLocator),
      after: located(now, stayedAfter, newLocator),
    },
    come: located(now, come, newLocator),
  };
}

function rowSet(chunk: Chunk): Set<number> {
  const rows = new Set<number>();
  eachSelected(chunk, (row) => rows.add(row));
  return rows;
}
