/**
 * What a running transaction sees: what was committed at its snapshot, under
 * what it has written itself.
 *
 * Its snapshot stays for the whole transaction, but in READ COMMITTED, where
 * each statement has a new one, and for a transaction of one statement, which
 * can run again on a new one (`locks/statement_restart.ts`).
 *
 * @module
 */
import { equalBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { LsmStore, Scan } from "../../storage/engine/lsm_store.ts";
import type { ValueTaker, WantedKeys } from "../../storage/engine/find_each.ts";
import {
  type RangeTaker,
  scanRest,
  type WantedRanges,
} from "../../storage/engine/scan_each.ts";
import type { KeyRange } from "../../storage/mvcc/entry_run.ts";
import { OVERLAY_SEQUENCE } from "../../storage/mvcc/merging_scan.ts";
import type { Snapshot } from "../../storage/mvcc/snapshot.ts";
import type { CatalogChange, CatalogState } from "../catalog/catalog_state.ts";
import { isTemporaryKey } from "../catalog/temporary_schema.ts";
import type { PendingChanges } from "./pending_changes.ts";
import { ReadSet } from "./read_set.ts";
import { TemporaryPart } from "./temporary/temporary_part.ts";
import type { TemporarySnapshot } from "./temporary/temporary_snapshot.ts";
import type { TemporarySpace } from "./temporary/temporary_space.ts";
import type { TransactionHandle } from "./transaction_handle.ts";
import type { WriteSet } from "./write_set.ts";
import type { TransactionOptions } from "./transaction_options.ts";

const NO_BYTES = new Uint8Array(0);
/** After every key. */
const LAST_KEY = new Uint8Array(8).fill(0xff);

/** The reading half of a transaction. */
export abstract class TransactionSnapshot implements TransactionHandle {
  /** The store under it. */
  readonly store: LsmStore;
  /** When the transaction began: microseconds since 2000-01-01 UTC. */
  startedAt: number;
  /** Whether it has ended before, and went on: it cannot run again. */
  hasContinued = false;
  /** Whether each of its statements has a snapshot of its own. */
  readCommitted: boolean;
  /** Whether it is one statement, which can run again on a new snapshot. */
  readonly single: boolean;
  /** Whether it was begun to refuse writes, or shows the past. */
  isAskedReadOnly: boolean;
  /** Whether it was committed or rolled back. */
  ended = false;
  /** What it sees of what others committed. */
  protected snapshot: Snapshot;
  /** The snapshot at which it began to depend on definitions. */
  protected guardSnapshot: Snapshot | undefined;
  /** What was committed when it last met a newer version of a row. */
  protected checkedAt = 0;
  /** What it has read, if it is serializable. */
  protected reads: ReadSet | undefined;
  /** What it has written. */
  protected ownWrites: WriteSet | undefined;
  /** What it will change besides. */
  protected pending: PendingChanges | undefined;
  /** The number of its newest write. */
  protected writeSequence = OVERLAY_SEQUENCE;
  /** The catalog with its changes. */
  protected catalogState: CatalogState;
  /** The temporary objects of its session. */
  protected readonly space: TemporarySpace | undefined;
  /** Its part in them. */
  protected ownTemporary: TemporaryPart | undefined;
  #temporaryBase: TemporarySnapshot | undefined;
  /** Whether something goes on reading at its snapshot. */
  #isKept = false;
  /** Snapshots from before, at which something goes on reading. */
  #kept: Snapshot[] | undefined;

  /** Of a transaction that begins at what is committed now. */
  constructor(
    store: LsmStore,
    catalog: CatalogState,
    options: TransactionOptions,
  ) {
    this.store = store;
    this.snapshot = store.snapshot();
    this.catalogState = catalog;
    this.startedAt = options.startedAt;
    this.readCommitted = options.readCommitted ?? false;
    this.single = options.single ?? false;
    this.isAskedReadOnly = options.readOnly ?? false;
    this.space = options.temporary;
    this.#temporaryBase = this.space?.snapshot;
    if (options.serializable) this.reads = new ReadSet();
  }

  /** The catalog as this transaction sees it. */
  get catalog(): CatalogState {
    return this.catalogState;
  }

  /** The sequence of what was committed when it began. */
  get snapshotSequence(): number {
    return this.snapshot.sequence;
  }

  /** The sequence of what is committed now. */
  get visibleSequence(): number {
    return this.store.visibleSequence;
  }

  /** What it has written of a key: nothing, a value, or that it is gone. */
  ownWrite(key: Uint8Array): "put" | "delete" | undefined {
    const writes = this.ownWrites;
    if (writes === undefined) return undefined;
    const value = writes.get(key, this.writeSequence);
    if (value === undefined) return undefined;
    return value === null ? "delete" : "put";
  }

  /** Whether it has changed a key after that write of its own. */
  hasChangedSince(key: Uint8Array, writeSequence: number): boolean {
    const writes = this.ownWrites;
    const now = writes?.get(key, this.writeSequence);
    const then = writes?.get(key, writeSequence);
    return now && then ? !equalBytes(now, then) : now !== then;
  }

  /**
   * Whether others have changed a key, which it has not, since its snapshot, or
   * an older one.
   */
  changedSince(
    key: Uint8Array,
    sequence: number = this.snapshot.sequence,
  ): MaybePromise<boolean> {
    if (isTemporaryKey(key)) return false;
    if (this.store.visibleSequence <= sequence) return false;
    if (this.ownWrite(key) !== undefined) return false;
    return this.store.changedSince(key, sequence);
  }

  /** Its part in the session's temporary objects. */
  protected get part(): TemporaryPart {
    if (this.ownTemporary === undefined) {
      invariant(this.space !== undefined, "a session has temporary objects");
      this.ownTemporary = new TemporaryPart(this.space, this.#temporaryBase!);
    }
    return this.ownTemporary;
  }

  /** Its changes of temporary objects, if there are any. */
  get temporary(): TemporaryPart | undefined {
    return this.ownTemporary;
  }

  /** Whether it has written nothing. */
  get isClean(): boolean {
    return this.temporary?.hasChanged !== true && this.isDurablyClean;
  }

  /** Whether it has written nothing that lasts. */
  protected get isDurablyClean(): boolean {
    if ((this.ownWrites?.count ?? 0) > 0) return false;
    const pending = this.pending;
    return pending === undefined ||
      (pending.ranges.length === 0 && pending.catalogChanges.length === 0);
  }

  /** The changes of the catalog so far that last. */
  get catalogChanges(): readonly CatalogChange[] {
    return this.pending?.catalogChanges ?? [];
  }

  /**
   * Takes its snapshot anew, with its catalog; `past` is only for reading.
   * REQUIRES: it has neither read nor written, and nobody has a mark on it.
   */
  startAgain(catalog: CatalogState, past?: Snapshot): void {
    invariant(this.isClean && !this.ended, "the transaction has begun");
    this.snapshot.release();
    this.snapshot = past ?? this.store.snapshot();
    this.isAskedReadOnly ||= past !== undefined;
    this.ownTemporary = undefined;
    this.#temporaryBase = this.space?.snapshot;
    this.catalogState = catalog;
  }

  /** Begins once more, after its end, with nothing written. */
  protected beginAnew(catalog: CatalogState, startedAt: number): void {
    invariant(this.ended, "the transaction has not ended");
    this.ended = false;
    this.hasContinued = true;
    this.startedAt = startedAt;
    this.snapshot = this.store.snapshot();
    this.guardSnapshot = undefined;
    this.checkedAt = 0;
    if (this.reads !== undefined) this.reads = new ReadSet();
    this.ownWrites = undefined;
    this.pending = undefined;
    this.writeSequence = OVERLAY_SEQUENCE;
    this.catalogState = catalog;
    this.ownTemporary = undefined;
    this.#temporaryBase = this.space?.snapshot;
    this.#isKept = false;
    this.#kept = undefined;
  }

  /**
   * Takes a new snapshot, and keeps what it has written: before a statement in
   * READ COMMITTED, and before one runs again. `catalog`: what is committed;
   * absent: it keeps its.
   */
  moveSnapshot(catalog?: CatalogState): void {
    if (this.ended) return;
    if (catalog !== undefined) {
      const { catalogChanges: changes, ownTemporary } = this;
      this.catalogState = changes.length === 0 && ownTemporary === undefined
        ? catalog
        : catalog.with([...ownTemporary?.changes ?? [], ...changes]);
    }
    if (this.store.visibleSequence === this.snapshot.sequence) return;
    const before = this.snapshot;
    this.snapshot = this.store.snapshot();
    // What is read again counts as read anew.
    if (this.reads !== undefined) this.reads = new ReadSet();
    const depends = this.pending !== undefined && !this.single &&
      this.guardSnapshot === undefined;
    if (depends) this.guardSnapshot = before;
    else if (this.#isKept) (this.#kept ??= []).push(before);
    else before.release();
    this.#isKept = false;
  }

  /** Keeps the snapshot readable to its end: a cursor, or a stream, reads on. */
  keepSnapshot(): void {
    this.#isKept = true;
  }

  /** Lets go of what it reads at. */
  protected releaseSnapshots(): void {
    this.snapshot.release();
    this.guardSnapshot?.release();
    for (const kept of this.#kept ?? []) kept.release();
  }

  /** It goes on with the newest version of a row that it has locked. */
  noteNewest(): void {
    this.checkedAt = this.store.visibleSequence;
  }

  /** Whether its reads count for its commit, see {@linkcode ReadSet}. */
  get serializable(): boolean {
    return this.reads !== undefined;
  }

  /** Sets whether they do. REQUIRES: it has read nothing yet. */
  set serializable(on: boolean) {
    if (on === this.serializable) return;
    this.reads = on ? new ReadSet() : undefined;
  }

  /** What it has read, if that counts. */
  get readSet(): ReadSet | undefined {
    return this.reads;
  }

  /** Notes a range that was read otherwise than through `get` and `scan`. */
  noteRead(range: KeyRange): void {
    this.reads?.addRange(range.start ?? NO_BYTES, range.end ?? LAST_KEY);
  }

  /** Its own writes, for indexes that look at them; see `readSequence`. */
  get writes(): WriteSet | undefined {
    return this.ownWrites;
  }

  /** The number of the newest write: what a scan opened now sees. */
  get readSequence(): number {
    return this.writeSequence;
  }

  /**
   * The value of `key`: its own write, or what the snapshot sees. The key is
   * not kept.
   */
  get(
    key: Uint8Array,
    readSequence: number = this.writeSequence,
    sequence: number = this.snapshot.sequence,
  ): MaybePromise<Uint8Array | undefined> {
    if (isTemporaryKey(key)) return this.part.get(key, readSequence);
    const writes = this.ownWrites;
    if (writes !== undefined) {
      const own = writes.get(key, readSequence);
      if (own !== undefined) return own ?? undefined;
    }
    this.reads?.addKey(key);
    return this.store.get(key, sequence);
  }

  /** The value of `key`: its own write, or what is committed now. */
  getNewest(key: Uint8Array): MaybePromise<Uint8Array | undefined> {
    return this.get(key, this.writeSequence, this.store.visibleSequence);
  }

  /** The values of `keys`, in their order, as `get` gives them. */
  getMany(
    keys: readonly Uint8Array[],
    readSequence: number = this.writeSequence,
    sequence: number = this.snapshot.sequence,
  ): MaybePromise<(Uint8Array | undefined)[]> {
    if (keys.length > 0 && isTemporaryKey(keys[0]!)) {
      return keys.map((key) => this.part.get(key, readSequence));
    }
    const writes = this.ownWrites;
    if (this.reads !== undefined) {
      for (const key of keys) this.reads.addKey(key);
    }
    if (writes === undefined) return this.store.getMany(keys, sequence);
    const own = keys.map((key) => writes.get(key, readSequence));
    const rest = keys.filter((_, i) => own[i] === undefined);
    return then(this.store.getMany(rest, sequence), (found) => {
      let next = 0;
      return own.map((value) =>
        value === undefined ? found[next++] : value ?? undefined
      );
    });
  }

  /** Scans what it sees of a range, as it is now. */
  scan(
    range: KeyRange & { readonly reverse?: boolean },
    readSequence: number = this.writeSequence,
    sequence: number = this.snapshot.sequence,
  ): Scan {
    if (range.start !== undefined && isTemporaryKey(range.start)) {
      return this.part.scan(range, readSequence);
    }
    this.noteRead(range);
    return this.store.scan({
      ...range,
      snapshot: sequence,
      overlay: this.ownWrites?.overlay(readSequence),
    });
  }

  /** Shows the values of keys, as `get` gives them; see the store's. */
  findEach(
    wanted: WantedKeys,
    take: ValueTaker,
    readSequence: number = this.writeSequence,
    sequence: number = this.snapshot.sequence,
  ): MaybePromise<void> {
    const { count } = wanted;
    if (count > 0 && isTemporaryKey(wanted.key(0))) {
      for (let i = 0; i < count; i++) {
        const value = this.part.get(wanted.key(i), readSequence);
        if (value !== undefined) take(i, value, 0, value.length);
      }
      return;
    }
    if (this.reads !== undefined) {
      for (let i = 0; i < count; i++) this.reads.addKey(wanted.key(i));
    }
    const writes = this.ownWrites;
    if (writes === undefined || writes.count === 0) {
      return this.store.findEach(wanted, take, sequence);
    }
    const rest: number[] = [];
    for (let i = 0; i < count; i++) {
      const own = writes.get(wanted.key(i), readSequence);
      if (own === undefined) rest.push(i);
      else if (own !== null) take(i, own, 0, own.length);
    }
    return this.store.findEach(
      { count: rest.length, key: (i) => wanted.key(rest[i]!) },
      (i, bytes, start, end) => take(rest[i]!, bytes, start, end),
      sequence,
    );
  }

  /** Reads many short ranges, as `scan` does; see the store's. */
  scanEach(
    ranges: WantedRanges,
    taker: RangeTaker,
    readSequence: number = this.writeSequence,
    sequence: number = this.snapshot.sequence,
  ): MaybePromise<void> {
    const { count } = ranges;
    if (count > 0 && isTemporaryKey(ranges.start(0))) {
      const all = Array.from({ length: count }, (_, index) => index);
      return scanRest(
        ranges,
        all,
        taker,
        (start, end) => this.part.scan({ start, end }, readSequence),
      );
    }
    if (this.reads !== undefined) {
      for (let i = 0; i < count; i++) {
        this.reads.addRange(ranges.start(i).slice(), ranges.end(i).slice());
      }
    }
    return this.store.scanEach(ranges, taker, {
      snapshot: sequence,
      overlay: this.ownWrites?.overlay(readSequence),
    });
  }
}
