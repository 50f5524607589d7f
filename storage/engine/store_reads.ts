/**
 * What reads ask of a store: keys, ranges, snapshots.
 *
 * A read takes the state of the tree as it is when it begins, and keeps it.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { BlockCache } from "../cache/block_cache.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { KeyRange, RunSource } from "../mvcc/entry_run.ts";
import { type Snapshot, SnapshotRegistry } from "../mvcc/snapshot.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import {
  type ChangePoint,
  type ChangeWindow,
  readWindow,
  type WindowOptions,
} from "./change_log.ts";
import { CommitWatch } from "./commit_watch.ts";
import type { Damage } from "./damage.ts";
import { findEach, type ValueTaker, type WantedKeys } from "./find_each.ts";
import { getMany } from "./multi_get.ts";
import { ReadLeases } from "./read_leases.ts";
import { type RangeTaker, scanEach, type WantedRanges } from "./scan_each.ts";
import { Residencies, type Residency } from "./residency.ts";
import { SnapshotBounds } from "./snapshot_bounds.ts";
import { storeClosed } from "./store_errors.ts";
import { StoreView } from "./store_view.ts";
import {
  changesOf,
  type Scan,
  type ScanOptions,
  scanState,
} from "./store_scan.ts";
import { checkTree, type TreeCheckOptions } from "./tree_check.ts";
import type { TreeState } from "./tree_state.ts";

/** The reading half of {@linkcode LsmStore}. */
export abstract class StoreReads {
  /** What reads look at now. */
  protected state: TreeState;
  /** The snapshots that are held. */
  protected readonly snapshots: SnapshotRegistry = new SnapshotRegistry();
  /** The states that are read. */
  protected readonly leases: ReadLeases = new ReadLeases(this.snapshots);
  /** Which snapshots can be asked for. */
  protected readonly bounds: SnapshotBounds = new SnapshotBounds();
  /** Who waits for more to read. */
  readonly commits: CommitWatch = new CommitWatch();
  #residencies: Residencies | undefined;
  /** Whether nothing can be read any more. */
  protected closed = false;

  /** Reads of `state`. */
  constructor(state: TreeState) {
    this.state = state;
  }

  /** What is in memory of tables. */
  abstract readonly cache: BlockCache;

  /** The objects behind the store. */
  abstract get objects(): ObjectStore;

  /** The version of the tree that the last publish made. */
  abstract get manifest(): Manifest;

  /** The highest sequence that reads see. */
  abstract get visibleSequence(): number;

  /** The highest sequence that is known to be durable. */
  abstract get durableSequence(): number;

  /**
   * The value of `key`, `undefined` if there is none; at once when it is in
   * memory. The bytes are a view: do not change them. The key is not kept: it
   * may be another once this has returned, even if the value has to be waited
   * for.
   *
   * @throws {KriyaError} `closed`, `corrupt`, `unavailable`.
   */
  get(
    key: Uint8Array,
    snapshot?: Snapshot | number,
  ): MaybePromise<Uint8Array | undefined> {
    this.checkOpen();
    const state = this.state;
    const sequence = this.#sequenceOf(snapshot);
    return this.leases.reading(state, sequence, state.get(key, sequence));
  }

  /**
   * The values of `keys`, in their order, as `get` gives them: blocks that lie
   * side by side are read in one request, others at the same time.
   *
   * @throws {KriyaError} as `get`.
   */
  getMany(
    keys: readonly Uint8Array[],
    snapshot?: Snapshot | number,
  ): MaybePromise<(Uint8Array | undefined)[]> {
    this.checkOpen();
    const state = this.state;
    const sequence = this.#sequenceOf(snapshot);
    const values = getMany(state, keys, sequence);
    return this.leases.reading(state, sequence, values);
  }

  /**
   * Shows the values of keys as they are found, without a view of each: at once
   * where memory can tell. Keys in order are found faster.
   *
   * @throws {KriyaError} as `get`.
   */
  findEach(
    wanted: WantedKeys,
    take: ValueTaker,
    snapshot?: Snapshot | number,
  ): MaybePromise<void> {
    this.checkOpen();
    const state = this.state;
    const sequence = this.#sequenceOf(snapshot);
    const finding = findEach(state, wanted, sequence, take);
    return this.leases.reading(state, sequence, finding);
  }

  /**
   * Reads many short ranges, see `scan_each.ts`; ranges in order are read faster.
   *
   * @throws {KriyaError} as `get`.
   */
  scanEach(
    ranges: WantedRanges,
    taker: RangeTaker,
    options: Pick<ScanOptions, "snapshot" | "overlay"> = {},
  ): MaybePromise<void> {
    this.checkOpen();
    const state = this.state;
    const snapshot = this.#sequenceOf(options.snapshot);
    const { overlay } = options;
    const open = (start: Uint8Array, end: Uint8Array): Scan =>
      scanState(
        state,
        snapshot,
        { start, end, overlay },
        this.leases,
        this.bounds,
      );
    const reading = scanEach(state, ranges, { snapshot, overlay }, taker, open);
    return this.leases.reading(state, snapshot, reading);
  }

  /**
   * Scans a range of keys in order, or backward. Read it to its end or close
   * it: until then it holds what it reads.
   */
  scan(options: ScanOptions = {}): Scan {
    this.checkOpen();
    const snapshot = this.#sequenceOf(options.snapshot);
    const leases = this.leases;
    return scanState(this.state, snapshot, options, leases, this.bounds);
  }

  /**
   * Every version of the keys in a range that is newer than `sequence`: sources
   * of runs, for indexes that follow the log. Tables that are older as a whole
   * are left out. What is read is held until every source has come to its end.
   */
  changesSince(range: KeyRange, sequence: number): MaybePromise<RunSource>[] {
    this.checkOpen();
    return changesOf(this.state, range, sequence, this.leases);
  }

  /**
   * Whether what is visible of `key` is newer than `sequence`; at once while
   * memory can tell. Changes whose commit is under way count, too.
   */
  changedSince(key: Uint8Array, sequence: number): MaybePromise<boolean> {
    this.checkOpen();
    if (this.visibleSequence <= sequence) return false;
    const { state } = this;
    const newest = this.leases.reading(
      state,
      sequence,
      state.newestSequence(key, sequence),
    );
    return then(newest, (newest) => newest > sequence);
  }

  /**
   * What was committed after a point, in the order of commits.
   *
   * REQUIRES: a snapshot at the point is held, or before it if it is in a commit.
   *
   * @throws {KriyaError} `invalid` (`72000`) when the horizon passed it.
   */
  committedAfter(
    after: ChangePoint,
    options: WindowOptions,
  ): Promise<ChangeWindow> {
    this.checkOpen();
    const { state, leases } = this;
    const { sequence, key } = after;
    const seen = key === undefined ? sequence : sequence - 1;
    this.bounds.check(seen, this.manifest.horizon);
    const reads = {
      state,
      changes: (from: number) => changesOf(state, {}, from, leases),
    };
    return readWindow(reads, after, options);
  }

  /** The paths of the tables that reads need: those of the tree, and others. */
  tablesInUse(): ReadonlySet<string> {
    return this.leases.tablesInUse(this.state);
  }

  /** The lowest sequence that a snapshot holds, or the newest durable one. */
  get oldestSnapshot(): number {
    return this.snapshots.oldest(this.durableSequence);
  }

  /** Holds what is committed now for reading. */
  snapshot(): Snapshot {
    this.checkOpen();
    return this.snapshots.hold(this.visibleSequence);
  }

  /**
   * Holds an earlier moment for reading, if it can still be read.
   *
   * @throws {KriyaError} `invalid` (`72000`) below the horizon.
   */
  snapshotAt(sequence: number): Snapshot {
    this.checkOpen();
    this.bounds.check(sequence, this.manifest.horizon);
    return this.snapshots.hold(Math.min(sequence, this.visibleSequence));
  }

  /** What is committed now, as a whole; release it. */
  view(): StoreView {
    this.checkOpen();
    const { state, manifest, visibleSequence: sequence } = this;
    const { leases, bounds } = this;
    return new StoreView({ state, manifest, sequence }, leases, bounds);
  }

  /** About how many keys begin with this 4-byte prefix; at once. */
  estimateKeys(prefix: number): number {
    return this.state.estimateKeys(prefix);
  }

  /** Where the bytes under a 4-byte prefix are; absent: nothing is far. */
  residencyOf(prefix: number): Residency | undefined {
    this.#residencies ??= new Residencies(this.objects);
    const { reads } = this.cache.counts();
    return this.#residencies.of(this.state, prefix, reads);
  }

  /** What is wrong with the tree: nothing, if all is well (`tree_check.ts`). */
  check(options?: TreeCheckOptions): Promise<readonly Damage[]> {
    this.checkOpen();
    const checking = checkTree(this.state, this.manifest, options);
    return this.leases.during(this.state, this.visibleSequence, checking);
  }

  #sequenceOf(snapshot: Snapshot | number | undefined): number {
    return snapshot === undefined
      ? this.visibleSequence
      : this.bounds.sequenceOf(snapshot, this.manifest.horizon);
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Throws if the store is closed. */
  protected checkOpen(): void {
    if (this.closed) throw storeClosed(this.objects.address);
  }
}
