/**
 * A running transaction: what it sees, and what it has written so far.
 *
 * Its writes are in a write set of its own (`write_set.ts`), each with a number
 * of its own. A savepoint is the number of the last write, and going back to it
 * takes back what came after. Nothing of an open transaction reaches the log of
 * the store; COMMIT makes one batch of the newest version of every key, and of
 * what memory does not hold, tables that the log names.
 *
 * A scan sees the transaction's writes as they were when it was opened, so that
 * an UPDATE never meets its own results.
 *
 * What is temporary goes a way of its own: into the session's memory, see
 * `temporary/`.
 *
 * Invariants:
 * 1. Writes are numbered in rising order, from {@linkcode OVERLAY_SEQUENCE}.
 * 2. A key is `checked` in the batch if its newest write was: unchanged since
 *    the snapshot, or the commit fails with `40001` (first committer wins).
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { SortedWrites } from "../../storage/engine/sorted_writes.ts";
import {
  type BatchRange,
  WriteBatch,
} from "../../storage/engine/write_batch.ts";
import { KIND_DELETE, KIND_PUT } from "../../storage/mvcc/internal_key.ts";
import { OVERLAY_SEQUENCE } from "../../storage/mvcc/merging_scan.ts";
import type { CatalogChange, CatalogState } from "../catalog/catalog_state.ts";
import { isTemporaryId, isTemporaryKey } from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import { StatementRestart } from "./locks/statement_restart.ts";
import { TransactionLocks } from "./locks/transaction_locks.ts";
import { fillBatch, withOwnWrites } from "./newest_writes.ts";
import { PendingChanges } from "./pending_changes.ts";
import { PendingChecks } from "./pending_checks.ts";
import { readWriteConflict } from "./read_set.ts";
import {
  addRows,
  copyTallies,
  NO_TALLIES,
  type RowTallies,
  type RowTally,
} from "./row_tally.ts";
import { isTemporaryChange } from "./temporary/temporary_part.ts";
import { TransactionSnapshot } from "./transaction_snapshot.ts";
import { WriteSet } from "./write_set.ts";
import type {
  CommitHooks,
  Savepoint,
  TransactionOptions,
} from "./transaction_options.ts";

export type * from "./transaction_options.ts";

const NO_BYTES = new Uint8Array(0);

const NO_STORAGES: ReadonlySet<number> = new Set();

/** A running transaction. */
export class Transaction extends TransactionSnapshot {
  #checks: PendingChecks | undefined;
  /** What was visible when it first counted on it while a commit was in doubt. */
  #doubtedAt = Infinity;
  /** Whether a savepoint keeps the counts of rows. */
  #talliesAreMarked = false;
  readonly #options: Pick<
    TransactionOptions,
    "locks" | "newOwner" | "memory" | "spill"
  >;
  #locks: TransactionLocks | undefined;
  /** What is to be called when it ends. */
  #atEnd: (() => void)[] | undefined;

  /** Begins a transaction at what is committed now. */
  constructor(
    store: LsmStore,
    catalog: CatalogState,
    options: TransactionOptions,
  ) {
    super(store, catalog, options);
    this.#options = options;
  }

  /** What keeps others from what it writes; absent: it has no others. */
  get locks(): TransactionLocks | undefined {
    const { locks, newOwner } = this.#options;
    if (locks === undefined) return undefined;
    // Most only read.
    return this.#locks ??= new TransactionLocks(locks, this, newOwner);
  }

  get #changes(): PendingChanges {
    return this.pending ??= new PendingChanges();
  }

  /** What it did to rows, by storage id: for estimates. */
  get rowTallies(): RowTallies {
    return this.pending?.rowTallies ?? NO_TALLIES;
  }

  /** Counts rows under a storage id, by what was done to them. */
  countRows(storageId: number, kind: keyof RowTally, count: number): void {
    const changes = this.#changes;
    if (this.#talliesAreMarked) {
      changes.rowTallies = copyTallies(changes.rowTallies);
      this.#talliesAreMarked = false;
    }
    addRows(changes.rowTallies, storageId, kind, count);
  }

  /** The tables of which it took tuple ids, by storage id. */
  get tidStorages(): ReadonlySet<number> {
    return this.pending?.tidStorages ?? NO_STORAGES;
  }

  /** Notes that it took tuple ids of a table. */
  noteTids(storageId: number): void {
    this.#changes.tidStorages.add(storageId);
  }

  /** Whether it refuses writes that last. */
  get readOnly(): boolean {
    return this.isAskedReadOnly || this.store.config.readOnly;
  }

  /** Bytes of keys and values it has written. */
  get writtenBytes(): number {
    return this.ownWrites?.contentBytes ?? 0;
  }

  /**
   * Sets a key; neither is kept. `checked`: the commit fails if somebody
   * changed it since the snapshot; not needed for keys that nobody else can
   * know.
   *
   * @throws {SqlError} `25006` in a read-only transaction; `53200` when open
   * transactions have written more than memory is to hold.
   */
  put(key: Uint8Array, value: Uint8Array, checked: boolean): void {
    if (isTemporaryKey(key)) {
      return this.part.write(key, value, ++this.writeSequence);
    }
    if (checked) this.#noteWrite(key);
    const writes = this.#writable();
    writes.insert(key, value, this.writeSequence + 1, KIND_PUT, checked);
    this.writeSequence++;
  }

  /** Removes a key. `checked` as in `put`. */
  delete(key: Uint8Array, checked: boolean): void {
    if (isTemporaryKey(key)) {
      return this.part.write(key, undefined, ++this.writeSequence);
    }
    if (checked) this.#noteWrite(key);
    const writes = this.#writable();
    writes.insert(key, NO_BYTES, this.writeSequence + 1, KIND_DELETE, checked);
    this.writeSequence++;
  }

  /**
   * Removes a range of committed keys when it commits. The transaction itself
   * goes on seeing them: what it drops, it does not name any more.
   */
  deleteRange(start: Uint8Array, end: Uint8Array): void {
    const range = { start, end, sequence: this.writeSequence };
    if (isTemporaryKey(start)) return void this.part.ranges.push(range);
    this.#checkWritable();
    this.#changes.ranges.push(range);
  }

  /**
   * Makes the commit fail if the row of relation `id` in the catalog, at `key`,
   * was changed since the snapshot: what every writer to a table asks.
   */
  guardRelation(id: number, key: Uint8Array): void {
    if (isTemporaryId(id)) return void this.part.guardedIds.add(id);
    const { guarded, guards } = this.#changes;
    if (guarded.has(id)) return;
    guarded.add(id);
    guards.push(key);
  }

  /** The lasting relations that it has written to, by their ids. */
  get writtenRelations(): ReadonlySet<number> {
    return this.pending?.guarded ?? NO_STORAGES;
  }

  /** Makes the commit fail if a key was changed since the snapshot. */
  guardKey(key: Uint8Array): void {
    if (isTemporaryKey(key)) return void this.part.guards.push(key);
    this.#noteDoubt();
    this.#changes.keyGuards.push(key);
  }

  /**
   * It holds the lock of a key. Where that may hide a commit in doubt, its own
   * depends on the key even if it does not write it.
   */
  noteLocked(key: Uint8Array): void {
    if (this.store.inDoubt) this.guardKey(key);
  }

  #noteWrite(key: Uint8Array): void {
    this.#noteDoubt();
    this.locks?.noteWrite(key);
  }

  /**
   * A commit whose outcome is unknown has given its locks back and is not
   * visible: who counts on what is committed now has to look again.
   */
  #noteDoubt(): void {
    if (this.store.inDoubt) {
      this.#doubtedAt = Math.min(this.#doubtedAt, this.visibleSequence);
    }
  }

  /** What is yet to be checked. */
  get checks(): PendingChecks {
    return this.#checks ??= new PendingChecks();
  }

  /** Whether it says something when it commits. */
  get hasNotifications(): boolean {
    return (this.#checks?.notifications.pending.length ?? 0) > 0;
  }

  /** Whether COMMIT would do nothing. */
  get isIdle(): boolean {
    return this.#checks === undefined && this.isClean;
  }

  /** Whether something is to be checked at the end of the statement. */
  get hasChecks(): boolean {
    return this.#checks?.hasImmediate ?? false;
  }

  /** Checks everything that was put off to COMMIT. */
  async runChecks(): Promise<void> {
    const checks = this.#checks;
    if (checks === undefined) return;
    if (this.#locks !== undefined) this.#locks.waiter = undefined;
    for (;;) {
      // What it has waited for shows in a newer snapshot only.
      if (this.readCommitted) this.moveSnapshot();
      try {
        return await checks.runAll();
      } catch (error) {
        const again = this.readCommitted && error instanceof StatementRestart;
        if (!again) throw error;
      }
    }
  }

  /**
   * Makes the commit fail if anything in a range was changed meanwhile; what it
   * has waited for since is not looked at, unless no lock keeps others out:
   * `unlocked`.
   */
  guardRange(
    start: Uint8Array,
    end: Uint8Array,
    { unlocked = false }: { readonly unlocked?: boolean } = {},
  ): void {
    if (isTemporaryKey(start)) {
      this.part.guardedRanges.push({ start, end });
      return;
    }
    const since = unlocked ? this.snapshot.sequence : undefined;
    this.#changes.guardedRanges.push({ start, end, since });
  }

  /** Changes the catalog, for this transaction and with its commit. */
  changeCatalog(changes: readonly CatalogChange[]): void {
    const lasting = changes.filter((change) => !isTemporaryChange(change));
    const temporary = changes.filter(isTemporaryChange);
    if (temporary.length === 0 || lasting.length > 0) {
      this.#checkWritable();
      this.#changes.catalogChanges.push(...lasting);
    }
    const made = temporary.length === 0
      ? []
      : this.part.changeCatalog(temporary, this.catalogState);
    this.catalogState = this.catalogState.with([...made, ...lasting]);
  }

  /** A mark to go back to. */
  savepoint(): Savepoint {
    return {
      sequence: this.writeSequence,
      rangeCount: this.pending?.ranges.length ?? 0,
      guardCount: this.pending?.guardedRanges.length ?? 0,
      changeCount: this.pending?.catalogChanges.length ?? 0,
      rowTallies: this.#markedTallies(),
      catalog: this.catalogState,
      checks: this.#checks?.mark(),
      temporary: this.ownTemporary?.mark(),
    };
  }

  /** The rows counted so far, not to be changed any more. */
  #markedTallies(): RowTallies {
    this.#talliesAreMarked = true;
    return this.rowTallies;
  }

  /** Takes back everything. */
  undo(): void {
    this.#doubtedAt = Infinity;
    this.rollbackTo({
      sequence: OVERLAY_SEQUENCE,
      rangeCount: 0,
      guardCount: 0,
      changeCount: 0,
      rowTallies: NO_TALLIES,
      catalog: this.catalogState,
      checks: undefined,
      temporary: undefined,
    });
  }

  /** Takes back everything after `savepoint`, the newest first. */
  rollbackTo(savepoint: Savepoint): void {
    this.ownWrites?.cutBack(savepoint.sequence);
    this.#locks?.writesUndone();
    this.ownTemporary?.returnTo(savepoint.temporary, savepoint.sequence);
    this.writeSequence = savepoint.sequence;
    const pending = this.pending;
    if (pending !== undefined) {
      pending.ranges.length = savepoint.rangeCount;
      pending.guardedRanges.length = savepoint.guardCount;
      pending.catalogChanges.length = savepoint.changeCount;
      pending.rowTallies = copyTallies(savepoint.rowTallies);
      this.#talliesAreMarked = false;
    }
    this.catalogState = savepoint.catalog;
    if (savepoint.checks !== undefined) {
      this.#checks?.returnTo(savepoint.checks);
    } else this.#checks = undefined;
  }

  /**
   * Commits; resolves once it is visible, and durable unless the hooks say
   * otherwise.
   *
   * @throws {SqlError} `40001` when somebody was first; {@linkcode KriyaError}
   * of the store.
   */
  async commit(hooks: CommitHooks = {}): Promise<void> {
    invariant(!this.ended, "transaction has ended");
    try {
      await this.runChecks();
      const part = this.ownTemporary;
      if (part?.hasChanged !== true) await this.#commitDurable(hooks);
      else await this.space!.commit(part, () => this.#commitDurable(hooks));
    } finally {
      this.#end();
    }
  }

  async #commitDurable(hooks: CommitHooks): Promise<void> {
    if (this.isDurablyClean) return;
    const { batch, sorted } = this.#toCommit(hooks);
    const { beforeJoin } = hooks;
    const { guards, keyGuards, guardedRanges } = this.#changes;
    const { reads } = this;
    const lockedSince = this.#lockedSince;
    try {
      await this.store.write(batch, {
        snapshot: (this.guardSnapshot ?? this.snapshot).sequence,
        lockedSince,
        unchangedKeys: [
          ...guards,
          ...lockedSince === undefined ? keyGuards : [],
          ...reads?.keys ?? [],
        ],
        unchangedRanges: [
          ...guardedRanges,
          ...lockedSince === undefined ? [] : keyGuards.map(rangeOfKey),
          ...reads?.ranges ?? [],
        ],
        sorted,
        beforeJoin: beforeJoin && (() => beforeJoin(batch)),
        onVisible: hooks.onVisible,
        durability: hooks.durability,
      });
    } catch (error) {
      const isConflict = error instanceof KriyaError &&
        error.kind === "conflict";
      throw isConflict && reads !== undefined ? readWriteConflict() : error;
    }
  }

  /** What is committed: a batch, and what memory does not hold. */
  #toCommit(
    { firstWrites }: CommitHooks,
  ): { readonly batch: WriteBatch; readonly sorted?: SortedWrites } {
    const writes = this.ownWrites;
    const isLarge = writes?.hasSpilled === true;
    const batch = new WriteBatch(isLarge ? undefined : batchBytes(writes));
    firstWrites?.(batch);
    if (isLarge) {
      return {
        batch: withOwnWrites(batch.seal(), writes),
        sorted: writes.sorted(this.#changes.ranges),
      };
    }
    fillBatch(batch, writes, this.#changes);
    return { batch };
  }

  /**
   * Since when nobody else can have changed what it has written. Definitions
   * have no locks: who changes some depends on its first snapshot. Who had its
   * locks from a commit in doubt depends on what was visible then.
   */
  get #lockedSince(): number | undefined {
    const moves = this.readCommitted || this.single;
    return moves && this.catalogChanges.length === 0
      ? Math.min(
        Math.max(this.snapshot.sequence, this.checkedAt),
        this.#doubtedAt,
      )
      : undefined;
  }

  /** Forgets everything it has written. */
  rollback(): void {
    if (!this.ended) this.#end();
  }

  /**
   * Goes on as a transaction of its own, from what is committed now: `catalog`.
   * REQUIRES: it has ended.
   */
  continueAnew(catalog: CatalogState, startedAt: number): void {
    this.beginAnew(catalog, startedAt);
    this.#checks = undefined;
    this.#doubtedAt = Infinity;
    this.#talliesAreMarked = false;
    this.#locks = undefined;
    this.#atEnd = undefined;
  }

  /** Calls `callback` once it has ended, either way: what it held is free. */
  onEnd(callback: () => void): void {
    invariant(!this.ended, "transaction has ended");
    (this.#atEnd ??= []).push(callback);
  }

  #end(): void {
    this.ended = true;
    this.releaseSnapshots();
    this.#locks?.end();
    this.ownWrites?.close();
    for (const callback of this.#atEnd ?? []) callback();
  }

  /** @throws {SqlError} `25006`. */
  #checkWritable(): void {
    invariant(!this.ended, "transaction has ended");
    if (this.readOnly) {
      throw new SqlError(
        "25006",
        "cannot execute a writing statement in a read-only transaction",
      );
    }
  }

  /** Where writes go. */
  #writable(): WriteSet {
    this.#checkWritable();
    const { memory, spill } = this.#options;
    return this.ownWrites ??= new WriteSet(memory, spill);
  }
}

/** About how long the batch of a write set is. */
function batchBytes(writes: WriteSet | undefined): number {
  if (writes === undefined) return 128;
  return 256 + writes.contentBytes + writes.count * 8;
}

/** The range that has one key only. */
function rangeOfKey(key: Uint8Array): BatchRange {
  const end = new Uint8Array(key.length + 1);
  end.set(key);
  return { start: key, end };
}
