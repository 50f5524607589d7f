/**
 * A store as it was, or is about to be, at one sequence: its tree, and the
 * manifest that goes with it.
 *
 * What follows the log in memory, as vector indexes do, reads it in many steps:
 * the view keeps tree and manifest together, though both move on meanwhile.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { KeyRange, RunSource } from "../mvcc/entry_run.ts";
import type { ReadLease, ReadLeases } from "./read_leases.ts";
import type { SnapshotBounds } from "./snapshot_bounds.ts";
import {
  changesOf,
  type Scan,
  type ScanOptions,
  scanState,
} from "./store_scan.ts";
import type { TreeState } from "./tree_state.ts";

/** What a view shows. */
export interface ViewOf {
  /** The tree. */
  readonly state: TreeState;
  /** The manifest whose tables it has. */
  readonly manifest: Manifest;
  /** What is seen where a read does not say it. */
  readonly sequence: number;
}

/** Reads of one moment; to be released. */
export class StoreView {
  /** The manifest. */
  readonly manifest: Manifest;
  /** The sequence it is for; higher ones are not visible yet. */
  readonly sequence: number;
  readonly #state: TreeState;
  readonly #leases: ReadLeases;
  readonly #lease: ReadLease;
  readonly #bounds: SnapshotBounds;

  /** A view that holds its tree until it is released. */
  constructor(
    { state, manifest, sequence }: ViewOf,
    leases: ReadLeases,
    bounds: SnapshotBounds,
  ) {
    this.#bounds = bounds;
    this.manifest = manifest;
    this.sequence = sequence;
    this.#state = state;
    this.#leases = leases;
    this.#lease = leases.hold(state, sequence);
  }

  /** The value of `key`; see {@linkcode LsmStore.get}. */
  get(
    key: Uint8Array,
    sequence: number = this.sequence,
  ): MaybePromise<Uint8Array | undefined> {
    this.#bounds.check(sequence, this.manifest.horizon);
    return this.#state.get(key, sequence);
  }

  /** Scans a range of keys; see {@linkcode LsmStore.scan}. */
  scan(options: ScanOptions = {}): Scan {
    const sequence = this.#bounds.sequenceOf(
      options.snapshot ?? this.sequence,
      this.manifest.horizon,
    );
    const leases = this.#leases;
    return scanState(this.#state, sequence, options, leases, this.#bounds);
  }

  /** Every version newer than `sequence`; see {@linkcode LsmStore.changesSince}. */
  changesSince(range: KeyRange, sequence: number): MaybePromise<RunSource>[] {
    return changesOf(this.#state, range, sequence, this.#leases);
  }

  /** Says that the view is not needed any more; may be called twice. */
  release(): void {
    this.#lease.release();
  }
}

/** The reads that a view and a store have in common. */
export type ViewReads = Pick<
  StoreView,
  "manifest" | "get" | "scan" | "changesSince"
>;
