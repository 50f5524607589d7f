/**
 * A running transaction: what it sees, and what it has written so far.
 *
 * Its writes are in a memtable of its own, each with a number of its own: that
 * memtable is the undo log. A savepoint is the number of the last write, and
 * going back to it takes writes back one by one, the newest first. Nothing of
 * an open transaction reaches the log of the store; COMMIT makes one batch of
 * the newest version of every key.
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
import { invariant } from "../../base/invariant.ts";
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { LsmStore, Scan } from "../../storage/engine/lsm_store.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import { Memtable, NOT_FOUND } from "../../storage/memtable/memtable.ts";
import type { KeyRange } from "../../storage/mvcc/entry_run.ts";
import { KIND_DELETE, KIND_PUT } from "../../storage/mvcc/internal_key.ts";
import { OVERLAY_SEQUENCE } from "../../storage/mvcc/merging_scan.ts";
import type { Snapshot } from "../../storage/mvcc/snapshot.ts";
import type { CatalogChange, CatalogState } from "../catalog/catalog_state.ts";
import { SqlError } from "../errors/sql_error.ts";
import { isTemporaryId, isTemporaryKey } from "../catalog/temporary_schema.ts";
import { fillBatch } from "./newest_writes.ts";
import { PendingChanges } from "./pending_changes.ts";
import { ReadSet } from "./read_set.ts";
import { PendingChecks } from "./pending_checks.ts";
import {
  isTemporaryChange,
  TemporaryPart,
} from "./temporary/temporary_part.ts";
import type { TemporarySnapshot } from "./temporary/temporary_snapshot.ts";
import type { TemporarySpace } from "./temporary/temporary_space.ts";
import type { TransactionHandle } from "./transaction_handle.ts";
import type {
  CommitHooks,
  Savepoint,
  TransactionOptions,
} from "./transaction_options.ts";

export type * from "./transaction_options.ts";

const NO_BYTES = new Uint8Array(0);
const LAST_KEY = new Uint8Array(8).fill(0xff);

const NO_DELTAS: ReadonlyMap<number, number> = new Map();
const NO_STORAGES: ReadonlySet<number> = new Set();

/** A running transaction. */
export class Transaction implements TransactionHandle {
  readonly #store: LsmStore;
  #snapshot: Snapshot;
  /** Whether it was begun to refuse writes, or shows the past. */
  isAskedReadOnly: boolean;
  #writes: Memtable | undefined;
  #pending: PendingChanges | undefined;
  /** What it has read, if it is serializable. */
  #reads: ReadSet | undefined;
  #checks: PendingChecks | undefined;
  readonly #space: TemporarySpace | undefined;
  #temporaryBase: TemporarySnapshot | undefined;
  #temporary: TemporaryPart | undefined;
  #catalog: CatalogState;
  /** What is to be called when it ends. */
  #atEnd: (() => void)[] | undefined;
  #sequence = OVERLAY_SEQUENCE;
  #ended = false;
  /** When it began: microseconds since 2000-01-01 UTC. */
  readonly startedAt: number;

  /** Begins a transaction at what is committed now. */
  constructor(
    store: LsmStore,
    catalog: CatalogState,
    options: TransactionOptions,
  ) {
    this.#store = store;
    this.#snapshot = store.snapshot();
    this.#catalog = catalog;
    this.startedAt = options.startedAt;
    this.isAskedReadOnly = options.readOnly ?? false;
    this.#space = options.temporary;
    this.#temporaryBase = this.#space?.snapshot;
    if (options.serializable) this.#reads = new ReadSet();
  }

  /** Its part in the session's temporary objects. */
  get #part(): TemporaryPart {
    if (this.#temporary === undefined) {
      invariant(this.#space !== undefined, "a session has temporary objects");
      this.#temporary = new TemporaryPart(this.#space, this.#temporaryBase!);
    }
    return this.#temporary;
  }

  /** Its changes of temporary objects, if there are any. */
  get temporary(): TemporaryPart | undefined {
    return this.#temporary;
  }

  get #changes(): PendingChanges {
    return this.#pending ??= new PendingChanges();
  }

  /** Rows added less rows removed, by storage id: for estimates. */
  get rowDeltas(): ReadonlyMap<number, number> {
    return this.#pending?.rowDeltas ?? NO_DELTAS;
  }

  /** Counts rows added (or, negative, removed) under a storage id. */
  countRows(storageId: number, delta: number): void {
    const { rowDeltas } = this.#changes;
    rowDeltas.set(storageId, (rowDeltas.get(storageId) ?? 0) + delta);
  }

  /** The tables of which it took tuple ids, by storage id. */
  get tidStorages(): ReadonlySet<number> {
    return this.#pending?.tidStorages ?? NO_STORAGES;
  }

  /** Notes that it took tuple ids of a table. */
  noteTids(storageId: number): void {
    this.#changes.tidStorages.add(storageId);
  }

  /** The catalog as this transaction sees it. */
  get catalog(): CatalogState {
    return this.#catalog;
  }

  /** The sequence of what was committed when it began. */
  get snapshotSequence(): number {
    return this.#snapshot.sequence;
  }

  /**
   * Takes its snapshot anew, with its catalog; `past` is only for reading.
   * REQUIRES: it has neither read nor written, and nobody has a mark on it.
   */
  startAgain(catalog: CatalogState, past?: Snapshot): void {
    invariant(this.isClean && !this.#ended, "the transaction has begun");
    this.#snapshot.release();
    this.#snapshot = past ?? this.#store.snapshot();
    this.isAskedReadOnly ||= past !== undefined;
    this.#temporary = undefined;
    this.#temporaryBase = this.#space?.snapshot;
    this.#catalog = catalog;
  }

  /** Whether it was committed or rolled back. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it refuses writes that last. */
  get readOnly(): boolean {
    return this.isAskedReadOnly || this.#store.config.readOnly;
  }

  /** Whether its reads count for its commit, see {@linkcode ReadSet}. */
  get serializable(): boolean {
    return this.#reads !== undefined;
  }

  /** Sets whether they do. REQUIRES: it has read nothing yet. */
  set serializable(on: boolean) {
    if (on === this.serializable) return;
    this.#reads = on ? new ReadSet() : undefined;
  }

  /** Notes a range that was read otherwise than through `get` and `scan`. */
  noteRead(range: KeyRange): void {
    this.#reads?.addRange(range.start ?? NO_BYTES, range.end ?? LAST_KEY);
  }

  /** Whether it has written nothing. */
  get isClean(): boolean {
    return this.temporary?.hasChanged !== true && this.#isDurablyClean;
  }

  /** Whether it has written nothing that lasts. */
  get #isDurablyClean(): boolean {
    if ((this.#writes?.count ?? 0) > 0) return false;
    const pending = this.#pending;
    return pending === undefined ||
      (pending.ranges.length === 0 && pending.catalogChanges.length === 0);
  }

  /** Bytes of keys and values it has written. */
  get writtenBytes(): number {
    return this.#writes?.contentBytes ?? 0;
  }

  /** The store under it. */
  get store(): LsmStore {
    return this.#store;
  }

  /** Its own writes, for indexes that look at them; see `readSequence`. */
  get writes(): Memtable | undefined {
    return this.#writes;
  }

  /** The number of the newest write: what a scan opened now sees. */
  get readSequence(): number {
    return this.#sequence;
  }

  /** The value of `key`: its own write, or what the snapshot sees. */
  get(
    key: Uint8Array,
    readSequence: number = this.#sequence,
  ): MaybePromise<Uint8Array | undefined> {
    if (isTemporaryKey(key)) return this.#part.get(key, readSequence);
    const writes = this.#writes;
    if (writes !== undefined) {
      const entry = writes.find(key, readSequence);
      if (entry !== NOT_FOUND) {
        return writes.kindOf(entry) === KIND_DELETE
          ? undefined
          : writes.valueOf(entry);
      }
    }
    this.#reads?.addKey(key);
    return this.#store.get(key, this.#snapshot.sequence);
  }

  /** The values of `keys`, in their order, as `get` gives them. */
  getMany(
    keys: readonly Uint8Array[],
    readSequence: number = this.#sequence,
  ): MaybePromise<(Uint8Array | undefined)[]> {
    if (keys.length > 0 && isTemporaryKey(keys[0]!)) {
      return keys.map((key) => this.#part.get(key, readSequence));
    }
    const writes = this.#writes;
    const { sequence } = this.#snapshot;
    if (this.#reads !== undefined) {
      for (const key of keys) this.#reads.addKey(key);
    }
    if (writes === undefined) return this.#store.getMany(keys, sequence);
    const own = keys.map((key) => writes.find(key, readSequence));
    const rest = keys.filter((_, i) => own[i] === NOT_FOUND);
    return then(this.#store.getMany(rest, sequence), (found) => {
      let next = 0;
      return own.map((entry) =>
        entry === NOT_FOUND
          ? found[next++]
          : writes.kindOf(entry) === KIND_DELETE
          ? undefined
          : writes.valueOf(entry)
      );
    });
  }

  /** Scans what it sees of a range, as it is now. */
  scan(
    range: KeyRange & { readonly reverse?: boolean },
    readSequence: number = this.#sequence,
  ): Scan {
    if (range.start !== undefined && isTemporaryKey(range.start)) {
      return this.#part.scan(range, readSequence);
    }
    this.noteRead(range);
    return this.#store.scan({
      ...range,
      snapshot: this.#snapshot,
      overlay: this.#writes &&
        { memtable: this.#writes, snapshot: readSequence },
    });
  }

  /**
   * Sets a key. `checked`: the commit fails if somebody changed it since the
   * snapshot; not needed for keys that nobody else can know.
   *
   * @throws {SqlError} `25006` in a read-only transaction.
   */
  put(key: Uint8Array, value: Uint8Array, checked: boolean): void {
    if (isTemporaryKey(key)) {
      return this.#part.write(key, value, this.#number(checked));
    }
    this.#writable().insert(key, value, this.#number(checked), KIND_PUT);
  }

  /** Removes a key. `checked` as in `put`. */
  delete(key: Uint8Array, checked: boolean): void {
    if (isTemporaryKey(key)) {
      return this.#part.write(key, undefined, this.#number(checked));
    }
    const sequence = this.#number(checked);
    this.#writable().insert(key, NO_BYTES, sequence, KIND_DELETE);
  }

  /**
   * Removes a range of committed keys when it commits. The transaction itself
   * goes on seeing them: what it drops, it does not name any more.
   */
  deleteRange(start: Uint8Array, end: Uint8Array): void {
    const range = { start, end, sequence: this.#sequence };
    if (isTemporaryKey(start)) return void this.#part.ranges.push(range);
    this.#checkWritable();
    this.#changes.ranges.push(range);
  }

  /**
   * Makes the commit fail if the row of relation `id` in the catalog, at `key`,
   * was changed since the snapshot: what every writer to a table asks.
   */
  guardRelation(id: number, key: Uint8Array): void {
    if (isTemporaryId(id)) return void this.#part.guardedIds.add(id);
    const { guarded, guards } = this.#changes;
    if (guarded.has(id)) return;
    guarded.add(id);
    guards.push(key);
  }

  /** Makes the commit fail if a key was changed since the snapshot. */
  guardKey(key: Uint8Array): void {
    if (isTemporaryKey(key)) this.#part.guards.push(key);
    else this.#changes.guards.push(key);
  }

  /** What is yet to be checked. */
  get checks(): PendingChecks {
    return this.#checks ??= new PendingChecks();
  }

  /** Whether it says something when it commits. */
  get hasNotifications(): boolean {
    return (this.#checks?.notifications.pending.length ?? 0) > 0;
  }

  /** Whether something is to be checked at the end of the statement. */
  get hasChecks(): boolean {
    return this.#checks?.hasImmediate ?? false;
  }

  /** Checks everything that was put off to COMMIT. */
  async runChecks(): Promise<void> {
    await this.#checks?.runAll();
  }

  /** Makes the commit fail if anything in a range was changed meanwhile. */
  guardRange(start: Uint8Array, end: Uint8Array): void {
    const { guardedRanges } = isTemporaryKey(start)
      ? this.#part
      : this.#changes;
    guardedRanges.push({ start, end });
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
      : this.#part.changeCatalog(temporary, this.#catalog);
    this.#catalog = this.#catalog.with([...made, ...lasting]);
  }

  /** The changes of the catalog so far that last. */
  get catalogChanges(): readonly CatalogChange[] {
    return this.#pending?.catalogChanges ?? [];
  }

  /** A mark to go back to. */
  savepoint(): Savepoint {
    return {
      sequence: this.#sequence,
      rangeCount: this.#pending?.ranges.length ?? 0,
      guardCount: this.#pending?.guardedRanges.length ?? 0,
      changeCount: this.#pending?.catalogChanges.length ?? 0,
      rowDeltas: new Map(this.rowDeltas),
      catalog: this.#catalog,
      checks: this.#checks?.mark(),
      temporary: this.#temporary?.mark(),
    };
  }

  /** Takes back everything after `savepoint`, the newest first. */
  rollbackTo(savepoint: Savepoint): void {
    this.#writes?.cutBack(savepoint.sequence);
    this.#temporary?.returnTo(savepoint.temporary, savepoint.sequence);
    this.#sequence = savepoint.sequence;
    const pending = this.#pending;
    if (pending !== undefined) {
      pending.ranges.length = savepoint.rangeCount;
      pending.guardedRanges.length = savepoint.guardCount;
      pending.catalogChanges.length = savepoint.changeCount;
      pending.rowDeltas = new Map(savepoint.rowDeltas);
    }
    this.#catalog = savepoint.catalog;
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
    invariant(!this.#ended, "transaction has ended");
    try {
      await this.#checks?.runAll();
      const part = this.#temporary;
      if (part?.hasChanged !== true) await this.#commitDurable(hooks);
      else await this.#space!.commit(part, () => this.#commitDurable(hooks));
    } finally {
      this.#end();
    }
  }

  async #commitDurable(hooks: CommitHooks): Promise<void> {
    if (this.#isDurablyClean) return;
    const batch = new WriteBatch();
    hooks.firstWrites?.(batch);
    fillBatch(batch, this.#writes, this.#changes);
    const { beforeJoin } = hooks;
    const { guards, guardedRanges } = this.#changes;
    const reads = this.#reads;
    await this.#store.write(batch, {
      snapshot: this.#snapshot.sequence,
      unchangedKeys: reads === undefined ? guards : [...guards, ...reads.keys],
      unchangedRanges: reads === undefined
        ? guardedRanges
        : [...guardedRanges, ...reads.ranges],
      beforeJoin: beforeJoin && (() => beforeJoin(batch)),
      onVisible: hooks.onVisible,
      durability: hooks.durability,
    });
  }

  /** Forgets everything it has written. */
  rollback(): void {
    if (!this.#ended) this.#end();
  }

  /** Calls `callback` once it has ended, either way: what it held is free. */
  onEnd(callback: () => void): void {
    invariant(!this.#ended, "transaction has ended");
    (this.#atEnd ??= []).push(callback);
  }

  #end(): void {
    this.#ended = true;
    this.#snapshot.release();
    for (const callback of this.#atEnd ?? []) callback();
  }

  /** @throws {SqlError} `25006`. */
  #checkWritable(): void {
    invariant(!this.#ended, "transaction has ended");
    if (this.readOnly) {
      throw new SqlError(
        "25006",
        "cannot execute a writing statement in a read-only transaction",
      );
    }
  }

  #writable(): Memtable {
    this.#checkWritable();
    return this.#writes ??= new Memtable();
  }

  /** The number of the next write. */
  #number(checked: boolean): number {
    const sequence = ++this.#sequence;
    const row = sequence - OVERLAY_SEQUENCE;
    const changes = this.#changes;
    if (row >= changes.checked.length) {
      const grown = new Uint8Array(row * 2);
      grown.set(changes.checked);
      changes.checked = grown;
    }
    changes.checked[row] = checked ? 1 : 0;
    return sequence;
  }
}
