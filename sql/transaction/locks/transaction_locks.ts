/**
 * What keeps transactions out of each other's way: their locks on rows and
 * unique keys.
 *
 * What a transaction has written it holds by having written it
 * (`active_writers.ts`); a lock in the lock table is kept for what it only
 * wants to hold (SELECT FOR UPDATE), and for who has had to wait. Who finds a
 * key written by another first takes its lock, so that those who come later
 * stand behind, and then waits for the other's end.
 *
 * | held | by | excludes |
 * | --- | --- | --- |
 * | a row that was written | its writer | all but KEY SHARE; a removed one, all |
 * | a key of a unique index that was written | its writer | who writes it, who refers to it |
 * | a key that a foreign key depends on | who refers to it | who takes it away |
 * | a lock | its owner | what its mode says |
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { ActiveWriters, Writer } from "./active_writers.ts";
import { ADVISORY_MODES, type LockMode } from "./lock_mode.ts";
import type {
  LockOwner,
  LockRequest,
  LockTable,
  LockTag,
  LockWait,
} from "./lock_table.ts";

/** The locks of a database. */
export interface LockSpace {
  /** Locks that are kept. */
  readonly table: LockTable;
  /** Transactions that have written. */
  readonly writers: ActiveWriters<TransactionLocks>;
}

/** What a transaction's locks ask of it. */
export interface LockingTransaction {
  /** The number of its snapshot. */
  readonly snapshotSequence: number;
  /** What is committed now. */
  readonly visibleSequence: number;
  /** What it has written of a key: nothing, a value, or that it is gone. */
  ownWrite(key: Uint8Array): "put" | "delete" | undefined;
  /** It holds a key, and counts on what is committed of it. */
  noteLocked(key: Uint8Array): void;
}

/** How a statement waits. */
export interface LockWaiter {
  /** Runs `work` with how long it may wait, and what stops it. */
  waitForLock<T>(work: (wait: LockWait) => MaybePromise<T>): Promise<T>;
}

/** A key that is to be locked. */
export interface LockTarget {
  /** As it is in the store. */
  readonly key: Uint8Array;
  /** As it is in the lock table. */
  readonly lockKey: string;
  /** What it is, for people. */
  readonly label: string;
  /** What it is, for `pg_locks`. */
  readonly tag: LockTag;
}

/** The locks of one transaction. */
export class TransactionLocks implements Writer {
  readonly #space: LockSpace;
  readonly #transaction: LockingTransaction;
  readonly #newOwner: () => LockOwner;
  #owner: LockOwner | undefined;
  #isWriter = false;
  /** Keys of unique indexes that it depends on. */
  #dependsOn: Set<string> | undefined;
  /** Rows whose keys it changed, by their lock keys. */
  #changedKeys: Set<string> | undefined;
  /** Its number among the transactions that were waited for. */
  #number = 0;
  /** Whether others can wait for its end. */
  #isWaitedFor = false;
  /** How the statement that runs waits. */
  waiter: LockWaiter | undefined;

  /** Of a transaction that holds none; `newOwner` says who it is to others. */
  constructor(
    space: LockSpace,
    transaction: LockingTransaction,
    newOwner: (() => LockOwner) | undefined,
  ) {
    this.#space = space;
    this.#transaction = transaction;
    this.#newOwner = newOwner ?? (() => space.table.newOwner());
  }

  /** Who it is in the lock table. */
  get owner(): LockOwner {
    return this.#owner ??= this.#newOwner();
  }

  /**
   * Whether nobody else holds anything, and nothing was committed since its
   * snapshot: then a write needs to ask for nothing.
   */
  get isUndisturbed(): boolean {
    return this.#space.table.count === 0 &&
      !this.#space.writers.hasOthers(this) &&
      this.#transaction.visibleSequence === this.#transaction.snapshotSequence;
  }

  /** A key is about to be written that others could write, too. */
  noteWrite(key: Uint8Array): void {
    const { writers } = this.#space;
    if (!this.#isWriter) {
      writers.add(this);
      this.#isWriter = true;
    }
    writers.note(this, key);
  }

  /** The key of a row is about to be changed. */
  noteChangedKey(lockKey: string): void {
    (this.#changedKeys ??= new Set()).add(lockKey);
  }

  /** Its commit depends on a key of a unique index. */
  noteDependence(key: string): void {
    if (!this.#isWriter) {
      this.#space.writers.add(this);
      this.#isWriter = true;
    }
    (this.#dependsOn ??= new Set()).add(key);
  }

  hasWritten(key: Uint8Array): boolean {
    return this.#transaction.ownWrite(key) !== undefined;
  }

  dependsOn(key: string): boolean {
    return this.#dependsOn?.has(key) ?? false;
  }

  /** Whether taking a lock would have to wait. */
  isBlocked(
    key: Uint8Array,
    lockKey: () => string,
    mode: LockMode,
  ): boolean {
    const { table, writers } = this.#space;
    if (writers.hasOthers(this) && this.#writerOf(key, lockKey, mode)) {
      return true;
    }
    return table.count > 0 && table.isBlocked(this.#owner, lockKey(), mode);
  }

  /**
   * Takes a lock, and waits for it; `wait` is false: not at all. Whether it is
   * held.
   *
   * @throws {SqlError} as {@linkcode LockTable.acquire}.
   */
  take(
    target: LockTarget,
    mode: LockMode,
    { wait = true }: { readonly wait?: boolean } = {},
  ): MaybePromise<boolean> {
    const { table } = this.#space;
    const request: LockRequest = {
      key: target.lockKey,
      label: target.label,
      tag: target.tag,
      mode,
      level: "transaction",
    };
    if (table.tryAcquire(this.owner, request)) {
      const { key, lockKey } = target;
      if (this.#writerOf(key, () => lockKey, mode) === undefined) {
        this.#transaction.noteLocked(key);
        return true;
      }
      if (wait) return this.#waitForWriters(target, mode);
      table.release(this.owner, request);
      return false;
    }
    if (!wait) return false;
    return this.#waiting((how) => table.acquire(this.owner, request, how))
      .then(() => this.#waitForWriters(target, mode));
  }

  /** Waits until nobody's commit depends on a key; whether it had to wait. */
  async waitForDependants(key: string): Promise<void> {
    const { writers } = this.#space;
    for (
      let other = writers.dependantOf(key, this);
      other !== undefined;
      other = writers.dependantOf(key, this)
    ) await this.#waitForEnd(other);
  }

  /** Whether the commit of another depends on a key. */
  hasDependants(key: string): boolean {
    const { writers } = this.#space;
    return writers.hasOthers(this) &&
      writers.dependantOf(key, this) !== undefined;
  }

  /** Another that has written a key of a unique index. */
  otherWriterOf(key: Uint8Array): TransactionLocks | undefined {
    return this.#space.writers.writerOf(key, this);
  }

  /** Waits for the end of another, or until it takes something back. */
  waitFor(other: TransactionLocks): Promise<void> {
    return this.#waitForEnd(other);
  }

  /** A mark for {@linkcode releaseSince}. */
  get mark(): number {
    return this.#space.table.mark;
  }

  /** Gives back what was taken after a mark: ROLLBACK TO SAVEPOINT. */
  releaseSince(mark: number): void {
    // Who waits for the end of the transaction goes on waiting.
    this.writesUndone();
    if (this.#owner !== undefined) {
      this.#space.table.releaseSince(this.#owner, mark);
    }
  }

  /** Some of its writes are gone: who waits for them looks again. */
  writesUndone(): void {
    if (!this.#isWaitedFor) return;
    const request = this.#endRequest();
    this.#isWaitedFor = false;
    this.#space.table.release(this.owner, request);
  }

  /** It has ended: gives everything back. */
  end(): void {
    if (this.#isWriter) this.#space.writers.remove(this);
    if (this.#owner !== undefined) {
      this.#space.table.releaseAll(this.#owner, "transaction");
    }
  }

  #writerOf(
    key: Uint8Array,
    lockKey: () => string,
    mode: LockMode,
  ): TransactionLocks | undefined {
    const other = this.#space.writers.writerOf(key, this);
    if (other === undefined) return undefined;
    return (mode.conflicts & other.#bitOf(key, lockKey)) === 0
      ? undefined
      : other;
  }

  /** The mode in which it holds a key by having written it. */
  #bitOf(key: Uint8Array, lockKey: () => string): number {
    const strong = this.#transaction.ownWrite(key) === "delete" ||
      (this.#changedKeys?.has(lockKey()) ?? false);
    return strong ? WRITTEN_STRONG : WRITTEN;
  }

  async #waitForWriters(target: LockTarget, mode: LockMode): Promise<boolean> {
    const lockKey = (): string => target.lockKey;
    for (
      let other = this.#writerOf(target.key, lockKey, mode);
      other !== undefined;
      other = this.#writerOf(target.key, lockKey, mode)
    ) await this.#waitForEnd(other);
    this.#transaction.noteLocked(target.key);
    return true;
  }

  async #waitForEnd(other: TransactionLocks): Promise<void> {
    const { table } = this.#space;
    const held = other.#endRequest();
    const request: LockRequest = { ...held, mode: ADVISORY_MODES.ShareLock };
    await this.#waiting((how) => table.acquire(this.owner, request, how));
    table.release(this.owner, request);
  }

  /** What it holds until it ends, for others to wait for. */
  #endRequest(): LockRequest {
    const { table } = this.#space;
    if (!this.#isWaitedFor) this.#number = table.newNumber();
    const request: LockRequest = {
      key: `x${this.#number}`,
      label: `transaction ${this.#number}`,
      tag: { locktype: "transactionid", transactionid: this.#number },
      mode: ADVISORY_MODES.ExclusiveLock,
      level: "transaction",
    };
    if (!this.#isWaitedFor) table.tryAcquire(this.owner, request);
    this.#isWaitedFor = true;
    return request;
  }

  #waiting<T>(work: (wait: LockWait) => MaybePromise<T>): Promise<T> {
    const { waiter } = this;
    return waiter === undefined
      ? Promise.resolve(work({}))
      : waiter.waitForLock(work);
  }
}

/** Bits of the row modes in which what was written is held. */
const WRITTEN = 4;
const WRITTEN_STRONG = 8;
