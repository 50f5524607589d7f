/**
 * The locks of one session, as its statements ask for them.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type {
  LockOwner,
  LockRequest,
  LockTable,
  LockWait,
} from "../transaction/locks/lock_table.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** The locks of a session. */
export class SessionLocks {
  readonly #table: LockTable;
  readonly #owner: LockOwner;
  /** Transactions at whose end their locks are given back. */
  readonly #transactions = new WeakSet<Transaction>();

  /** Of a session that holds none yet. */
  constructor(table: LockTable, processId: number) {
    this.#table = table;
    this.#owner = table.newOwner(processId);
  }

  /** Who holds them. */
  get owner(): LockOwner {
    return this.#owner;
  }

  /**
   * Takes a lock, and waits for it as `wait` says; `undefined`: not at all.
   * Whether it is held.
   *
   * @throws {SqlError} as {@linkcode LockTable.acquire}.
   */
  acquire(
    request: LockRequest,
    transaction: Transaction,
    wait: LockWait | undefined,
  ): MaybePromise<boolean> {
    if (request.level === "transaction") this.#follow(transaction);
    return wait === undefined
      ? this.#table.tryAcquire(this.#owner, request)
      : then(this.#table.acquire(this.#owner, request, wait), () => true);
  }

  /** Gives back one asking for a lock; whether it was held. */
  release(request: LockRequest): boolean {
    return this.#table.release(this.#owner, request);
  }

  /** Gives back what is held beyond the end of transactions. */
  releaseSession(): void {
    this.#table.releaseAll(this.#owner, "session");
  }

  #follow(transaction: Transaction): void {
    if (this.#transactions.has(transaction)) return;
    this.#transactions.add(transaction);
    transaction.onEnd(() => this.#table.releaseAll(this.#owner, "transaction"));
  }
}
