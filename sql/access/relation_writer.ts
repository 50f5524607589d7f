/**
 * A table with all of its indexes, for writing: what INSERT, UPDATE and DELETE
 * call, so that no index is ever forgotten.
 *
 * @module
 */
import { then } from "../../base/maybe_promise.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { AccessRegistry } from "./access_registry.ts";
import type { IndexAccessMethod } from "./index_access.ts";
import type { LocatedChunk, TableAccessMethod } from "./table_access.ts";

/** Writes to one table and its indexes in one transaction. */
export class RelationWriter {
  readonly #table: TableEntry;
  readonly #transaction: TransactionHandle;
  readonly #method: TableAccessMethod;
  readonly #indexes: {
    readonly entry: IndexEntry;
    readonly method: IndexAccessMethod;
  }[];

  /** A writer of `table` and the indexes it has now. */
  constructor(
    registry: AccessRegistry,
    table: TableEntry,
    transaction: TransactionHandle,
  ) {
    this.#table = table;
    this.#transaction = transaction;
    this.#method = registry.table(table.accessMethod);
    this.#indexes = transaction.catalog.indexesOf(table.id).map((entry) => ({
      entry,
      method: registry.index(entry.accessMethod),
    }));
  }

  /** Adds the selected rows of `chunk`; resolves with their locators. */
  insert(chunk: Chunk): MaybePromise<Float64Array> {
    return then(
      this.#method.insert(this.#table, this.#transaction, chunk),
      (locators) =>
        then(
          this.#eachIndex((entry, method) =>
            method.insert(
              entry,
              this.#table,
              this.#transaction,
              locators,
              chunk,
            )
          ),
          () => locators,
        ),
    );
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
          this.#eachIndex((entry, method) =>
            method.update(entry, this.#table, this.#transaction, before, {
              locators,
              chunk,
            })
          ),
          () => locators,
        ),
    );
  }

  /** Removes the rows `before` (all of the table's columns). */
  delete(before: LocatedChunk): MaybePromise<void> {
    return then(
      this.#method.delete(this.#table, this.#transaction, before.locators),
      () =>
        this.#eachIndex((entry, method) =>
          method.delete(
            entry,
            this.#table,
            this.#transaction,
            before.locators,
            before.chunk,
          )
        ),
    );
  }

  #eachIndex(
    visit: (entry: IndexEntry, method: IndexAccessMethod) => MaybePromise<void>,
    from = 0,
  ): MaybePromise<void> {
    for (let i = from; i < this.#indexes.length; i++) {
      const { entry, method } = this.#indexes[i]!;
      const done = visit(entry, method);
      if (done instanceof Promise) {
        return done.then(() => this.#eachIndex(visit, i + 1));
      }
    }
  }
}
