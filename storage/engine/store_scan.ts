/**
 * Scans over the tree as it was when they were opened.
 *
 * A scan holds its state and its snapshot until it has come to its end, fails,
 * or is closed.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { Memtable } from "../memtable/memtable.ts";
import type { EntryRun, KeyRange, RunSource } from "../mvcc/entry_run.ts";
import { MergingScan } from "../mvcc/merging_scan.ts";
import type { SpilledWrites } from "../spill/spilled_writes.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import type { ReadLease, ReadLeases } from "./read_leases.ts";
import type { SnapshotBounds } from "./snapshot_bounds.ts";
import { TreeState } from "./tree_state.ts";

/** What a scan covers. */
export interface ScanOptions extends KeyRange {
  /** The last keys first (default false). */
  readonly reverse?: boolean | undefined;
  /** What to see (default: everything committed so far). */
  readonly snapshot?: Snapshot | number | undefined;
  /** Writes that lie over what is committed: an open transaction's own. */
  readonly overlay?: ScanOverlay | undefined;
}

/** Writes that lie over what is committed. */
export interface ScanOverlay {
  /**
   * The writes, with sequences from {@linkcode OVERLAY_SEQUENCE} up; their
   * range tombstones are not regarded.
   */
  readonly memtable: Memtable;
  /** Those that are in files. */
  readonly spilled?: SpilledWrites | undefined;
  /** The highest of those sequences to see. */
  readonly snapshot: number;
}

/** A running scan. */
export interface Scan {
  /**
   * The next entries, at least one, or `undefined` at the end and once it was
   * closed. Valid until the next call.
   */
  next(): MaybePromise<EntryRun | undefined>;
  /**
   * Lets go of what the scan holds: needed where it is not read to its end. May
   * be called at any time, and twice.
   */
  close(): void;
}

/** Opens a scan of `state` at `snapshot`. */
export function scanState(
  state: TreeState,
  snapshot: number,
  options: ScanOptions,
  leases: ReadLeases,
  bounds: SnapshotBounds,
): Scan {
  const { start, end, overlay } = options;
  const reverse = options.reverse ?? false;
  const range = { start, end };
  const lease = leases.hold(state, snapshot);
  let sources: MaybePromise<RunSource>[];
  try {
    sources = state.sources(range, reverse);
  } catch (error) {
    lease.release();
    throw error;
  }
  if (overlay !== undefined && overlay.memtable.count > 0) {
    sources.unshift(overlay.memtable.runs(range, reverse));
  }
  if (overlay?.spilled !== undefined) {
    sources.push(...overlay.spilled.sources(range, reverse));
  }
  const open = (sources: RunSource[]): MergingScan =>
    new MergingScan({
      sources,
      range,
      snapshot,
      overlaySnapshot: overlay?.snapshot,
      tombstones: state.tombstones().tombstones,
      reverse,
    });
  const merging = sources.some(isPromise)
    ? Promise.all(sources).then(open)
    : open(sources as RunSource[]);
  // Whoever closes it before the first look gets no unhandled rejection.
  if (isPromise(merging)) merging.catch(() => {});
  return new StateScan(merging, lease, leases, bounds, snapshot);
}

class StateScan implements Scan {
  #merging: MaybePromise<MergingScan> | undefined;
  readonly #lease: ReadLease;
  readonly #leases: ReadLeases;
  readonly #bounds: SnapshotBounds;
  readonly #snapshot: number;

  constructor(
    merging: MaybePromise<MergingScan>,
    lease: ReadLease,
    leases: ReadLeases,
    bounds: SnapshotBounds,
    snapshot: number,
  ) {
    this.#merging = merging;
    this.#lease = lease;
    this.#leases = leases;
    this.#bounds = bounds;
    this.#snapshot = snapshot;
    leases.releaseWith(this, lease);
  }

  next(): MaybePromise<EntryRun | undefined> {
    const merging = this.#merging;
    if (merging === undefined) return undefined;
    if (isPromise(merging)) return this.#nextLater(merging);
    let run: MaybePromise<EntryRun | undefined>;
    try {
      this.#bounds.check(this.#snapshot);
      run = merging.next();
    } catch (error) {
      this.close();
      throw error;
    }
    if (run === undefined) this.close();
    return isPromise(run) ? this.#settle(run) : run;
  }

  close(): void {
    if (this.#merging === undefined) return;
    this.#merging = undefined;
    this.#leases.forget(this.#lease);
    this.#lease.release();
  }

  async #nextLater(
    opening: Promise<MergingScan>,
  ): Promise<EntryRun | undefined> {
    try {
      const merging = await opening;
      if (this.#merging === undefined) return undefined;
      this.#merging = merging;
    } catch (error) {
      this.close();
      throw error;
    }
    return await this.next();
  }

  async #settle(
    reading: Promise<EntryRun | undefined>,
  ): Promise<EntryRun | undefined> {
    try {
      const run = await reading;
      if (run === undefined) this.close();
      return this.#merging === undefined ? undefined : run;
    } catch (error) {
      this.close();
      throw error;
    }
  }
}

/**
 * Sources of every version in `range` that may be newer than `sequence`: the
 * memtables and tables that hold such. The state is held until all of them have
 * come to their ends.
 */
export function changesOf(
  state: TreeState,
  range: KeyRange,
  sequence: number,
  leases: ReadLeases,
): MaybePromise<RunSource>[] {
  const { memtable, frozen, levels } = state;
  const newer = new TreeState(
    memtable,
    frozen,
    levels.map((tables) =>
      tables.filter(({ meta }) => meta.sequenceMax > sequence)
    ),
  );
  const lease = leases.hold(newer, sequence);
  const sources = newer.sources(range, false);
  let running = sources.length;
  const done = (): void => {
    if (--running <= 0) lease.release();
  };
  if (running === 0) done();
  // All sources have this one, so that it lives as long as any of them.
  const owner = {};
  leases.releaseWith(owner, lease);
  const held = (source: RunSource): RunSource =>
    new HeldSource(source, done, owner);
  return sources.map((source) =>
    isPromise(source) ? source.then(held) : held(source)
  );
}

class HeldSource implements RunSource {
  readonly #source: RunSource;
  readonly #done: () => void;
  /** Is kept for being kept, see above. */
  readonly owner: object;
  #ended = false;

  constructor(source: RunSource, done: () => void, owner: object) {
    this.#source = source;
    this.#done = done;
    this.owner = owner;
  }

  nextRun(): MaybePromise<EntryRun | undefined> {
    const run = this.#source.nextRun();
    if (isPromise(run)) {
      return run.then((run) => {
        if (run === undefined) this.#end();
        return run;
      });
    }
    if (run === undefined) this.#end();
    return run;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#done();
  }
}
