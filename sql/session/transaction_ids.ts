/**
 * Numbers of transactions, given to those that ask: `pg_current_xact_id()`.
 *
 * They rise, and begin where the database stands, so that those of a later
 * opening are not less.
 *
 * @module
 */
import type { Transaction } from "../transaction/transaction.ts";

/** The numbers of an open database's transactions. */
export class TransactionIds {
  readonly #ids = new WeakMap<Transaction, number>();
  #last = 0;

  /** The number of a transaction; it gets one if it has none. */
  of(transaction: Transaction): number {
    let id = this.#ids.get(transaction);
    if (id === undefined) {
      id = this.#last = Math.max(
        this.#last + 1,
        transaction.snapshotSequence + 1,
      );
      this.#ids.set(transaction, id);
    }
    return id;
  }

  /** The least number that no transaction has yet. */
  next(transaction: Transaction): number {
    return Math.max(this.#last, transaction.snapshotSequence) + 1;
  }

  /** The number of a transaction, if it has one. */
  assigned(transaction: Transaction): number | undefined {
    return this.#ids.get(transaction);
  }
}
