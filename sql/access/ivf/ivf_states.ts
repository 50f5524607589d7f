/**
 * The clustered indexes that are open in memory: opened when they are asked, or a
 * little after they were written to; kept in step with what becomes visible, and
 * in order in the background.
 *
 * @module
 */
import type { Timer } from "../../../base/environment.ts";
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import type { Advance } from "../../../storage/engine/replica.ts";
import type { IndexEntry } from "../../catalog/entries.ts";
import { changesAfter, type FollowedChanges } from "./ivf_changes.ts";
import type { IvfHost } from "./ivf_host.ts";
import { IvfMaintenance } from "./ivf_maintenance.ts";
import { IvfState, type IvfStateOptions } from "./ivf_state.ts";

/** Ms after a commit at which an index that it wrote to is opened. */
const OPEN_DELAY_MS = 50;

interface Opened {
  readonly state: IvfState;
  readonly maintenance: IvfMaintenance | undefined;
}

/** The open indexes of a database. */
export class IvfStates {
  readonly #store: LsmStore;
  readonly #host: IvfHost;
  /** Those that are open, and those that are being opened. */
  readonly #states = new Map<number, Opened>();
  readonly #opening = new Map<number, Promise<IvfState>>();
  /** Indexes that were written to and will be opened. */
  readonly #timers = new Map<
    number,
    { readonly timer: Timer; readonly opening: () => Promise<unknown> }
  >();

  /** None. */
  constructor(store: LsmStore, host: IvfHost) {
    this.#store = store;
    this.#host = host;
  }

  /** The open indexes by storage id. */
  get open(): ReadonlyMap<number, IvfState> {
    return new Map(
      [...this.#states].filter(([id]) => !this.#opening.has(id))
        .map(([id, { state }]) => [id, state]),
    );
  }

  /** An open index. */
  get(storageId: number): IvfState | undefined {
    return this.#opening.has(storageId)
      ? undefined
      : this.#states.get(storageId)?.state;
  }

  /** An index that is open or is being opened: it is told of commits. */
  tracked(storageId: number): IvfState | undefined {
    return this.#states.get(storageId)?.state;
  }

  /** An index, opened if it is not open. */
  openState(
    { storageId }: IndexEntry,
    options: () => IvfStateOptions,
  ): MaybePromise<IvfState> {
    const opening = this.#opening.get(storageId);
    if (opening !== undefined) return opening;
    const known = this.#states.get(storageId);
    if (known !== undefined) return known.state;
    const asked = options();
    const state = new IvfState(asked);
    const maintenance = this.#store.readOnly
      ? undefined
      : new IvfMaintenance(this.#store, this.#host, state, asked.definition);
    this.#states.set(storageId, { state, maintenance });
    const promise: Promise<IvfState> = state.open().then(() => {
      maintenance?.consider();
      return state;
    }, (error) => {
      if (this.tracked(storageId) === state) this.forget(storageId);
      throw error;
    }).finally(() => {
      if (this.#opening.get(storageId) === promise) {
        this.#opening.delete(storageId);
      }
    });
    this.#opening.set(storageId, promise);
    return promise;
  }

  /** Opens an index a little later. A failure is met again by who asks. */
  later(storageId: number, opening: () => Promise<unknown>): void {
    if (this.#timers.has(storageId) || this.#store.readOnly) return;
    const timer = this.#store.config.environment.setTimer(
      () => {
        this.#timers.delete(storageId);
        void opening().catch(() => {});
      },
      OPEN_DELAY_MS,
      { background: true },
    );
    this.#timers.set(storageId, { timer, opening });
  }

  /**
   * Reads what becomes visible to a reader; what it returns applies it, in the
   * turn in which it does.
   */
  async prepare({ from, view }: Advance): Promise<() => void> {
    const changes = new Map<IvfState, FollowedChanges[]>();
    for (const { state } of [...this.#states.values()]) {
      const followed = await changesAfter(view, state.entries, from);
      if (followed !== undefined) changes.set(state, followed);
    }
    return () => {
      for (const [storageId, { state }] of this.#states) {
        const commits = changes.get(state);
        // Opened meanwhile, or too far behind: whoever asks opens it anew.
        if (commits === undefined) this.forget(storageId);
        for (const { sequence, changes } of commits ?? []) {
          state.apply(sequence, changes);
        }
      }
    };
  }

  /** Forgets indexes that do not count any more. */
  keep(counts: (storageId: number) => boolean): void {
    for (const storageId of [...this.#states.keys()]) {
      if (!counts(storageId)) this.forget(storageId);
    }
  }

  /** Lets whoever asks next open an index anew. */
  forget(storageId: number): void {
    this.#timers.get(storageId)?.timer.cancel();
    this.#timers.delete(storageId);
    void this.#states.get(storageId)?.maintenance?.close();
    this.#states.delete(storageId);
    this.#opening.delete(storageId);
  }

  /** {@linkcode forget} all. */
  forgetAll(): void {
    for (const storageId of [...this.#states.keys()]) this.forget(storageId);
  }

  /** Resolves when background work is done. */
  async settle(): Promise<void> {
    for (const [storageId, { timer, opening }] of [...this.#timers]) {
      timer.cancel();
      this.#timers.delete(storageId);
      await opening().catch(() => {});
    }
    for (const { maintenance } of [...this.#states.values()]) {
      await maintenance?.settle();
    }
  }

  /** Stops background work. */
  async close(): Promise<void> {
    for (const { timer } of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    await Promise.allSettled(this.#opening.values());
    for (const { maintenance } of this.#states.values()) {
      await maintenance?.close();
    }
    this.#states.clear();
  }
}
