/**
 * What running reads still need: their states of the tree, and the snapshots
 * they see.
 *
 * A read that waits holds a lease. The tables of its state stay in the store
 * and stay open until the lease is released, though compaction has replaced
 * them: a collector asks {@linkcode ReadLeases.tablesInUse} before it deletes.
 *
 * Reads that memory answers at once hold nothing.
 *
 * Invariants:
 * 1. A lease counts from the turn in which its state was taken.
 * 2. A released lease is gone; releasing it again does nothing.
 * 3. Whoever is forgotten by the collector of garbage without having released
 *    is released then: a net, since nobody knows when that is.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { Snapshot, SnapshotRegistry } from "../mvcc/snapshot.ts";
import type { OpenTable, TreeState } from "./tree_state.ts";

/** What one read needs. */
export interface ReadLease {
  /** Says that the read is over; may be called twice. */
  release(): void;
}

/** The leases of one store. */
export class ReadLeases {
  readonly #snapshots: SnapshotRegistry;
  /** How many leases each state has. */
  readonly #states = new Map<TreeState, number>();
  /** Tables that left the tree while they were read. */
  readonly #retired = new Set<OpenTable>();
  readonly #forgotten = new FinalizationRegistry<ReadLease>((lease) =>
    lease.release()
  );

  /** No leases; snapshots are held in `snapshots`. */
  constructor(snapshots: SnapshotRegistry) {
    this.#snapshots = snapshots;
  }

  /** How many states are held. */
  get stateCount(): number {
    return this.#states.size;
  }

  /** Holds `state`, and `sequence` as a snapshot. */
  hold(state: TreeState, sequence: number): ReadLease {
    const states = this.#states;
    states.set(state, (states.get(state) ?? 0) + 1);
    return new HeldState(this, state, this.#snapshots.hold(sequence));
  }

  /** Holds `state` until `reading` settles. */
  during<T>(
    state: TreeState,
    sequence: number,
    reading: Promise<T>,
  ): Promise<T> {
    const lease = this.hold(state, sequence);
    const release = (): void => lease.release();
    reading.then(release, release);
    return reading;
  }

  /** A value that was read from `state`: what waits for it holds the state. */
  reading<T>(
    state: TreeState,
    sequence: number,
    value: MaybePromise<T>,
  ): MaybePromise<T> {
    return isPromise(value) ? this.during(state, sequence, value) : value;
  }

  /** Releases `lease` when `owner`, which must not be its, is forgotten. */
  releaseWith(owner: object, lease: ReadLease): void {
    this.#forgotten.register(owner, lease, lease);
  }

  /** Takes back `releaseWith`. */
  forget(lease: ReadLease): void {
    this.#forgotten.unregister(lease);
  }

  /** The paths of the tables in `current` and in every state that is held. */
  tablesInUse(current: TreeState): Set<string> {
    const paths = new Set<string>();
    for (const state of [current, ...this.#states.keys()]) {
      for (const tables of state.levels) {
        for (const { meta } of tables) paths.add(meta.path);
      }
    }
    return paths;
  }

  /** Closes a table that left the tree, once no read needs it. */
  retire(table: OpenTable): void {
    this.#retired.add(table);
    this.#closeRetired();
  }

  /** @internal A lease of `state` is released. */
  dropState(state: TreeState): void {
    const states = this.#states;
    const count = states.get(state)!;
    if (count > 1) {
      states.set(state, count - 1);
      return;
    }
    states.delete(state);
    if (this.#retired.size > 0) this.#closeRetired();
  }

  #closeRetired(): void {
    const needed = new Set<OpenTable>();
    for (const state of this.#states.keys()) {
      for (const tables of state.levels) {
        for (const table of tables) needed.add(table);
      }
    }
    for (const table of this.#retired) {
      if (needed.has(table)) continue;
      this.#retired.delete(table);
      table.opened?.close();
    }
  }
}

class HeldState implements ReadLease {
  readonly #leases: ReadLeases;
  readonly #snapshot: Snapshot;
  #state: TreeState | undefined;

  constructor(leases: ReadLeases, state: TreeState, snapshot: Snapshot) {
    this.#leases = leases;
    this.#state = state;
    this.#snapshot = snapshot;
  }

  release(): void {
    const state = this.#state;
    if (state === undefined) return;
    this.#state = undefined;
    this.#snapshot.release();
    this.#leases.dropState(state);
  }
}
