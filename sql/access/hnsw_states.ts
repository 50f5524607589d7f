/**
 * The vector indexes that are open in memory: opened when they are searched, or
 * a little after they were written to; kept in step with what becomes visible.
 *
 * A reader that follows a writer gets its changes in advance (`prepare`), and
 * makes no segments: when the writer has some for what is compared one by one
 * here, the index is opened anew beside the old one, which answers until then.
 *
 * @module
 */
import type { Timer } from "../../base/environment.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { Advance } from "../../storage/engine/replica.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import type { CatalogEntry } from "../catalog/entries.ts";
import type { SequencedChanges } from "./hnsw_changes.ts";
import type { RebuildHelp } from "./index_access.ts";
import { HnswState, type HnswStateOptions } from "./hnsw_state.ts";

/** Ms after a commit at which an index that it wrote to is opened. */
const OPEN_DELAY_MS = 50;

/** What an index is opened with. */
export interface OpenRequest {
  /** The entries of the catalog that this was read from. */
  readonly entries: readonly CatalogEntry[];
  /** What the state is made of. */
  readonly options: HnswStateOptions;
  /** If it has to be rebuilt. */
  readonly help?: RebuildHelp | undefined;
}

/** An index that will be opened. */
interface LaterOpening {
  readonly timer: Timer;
  readonly opening: () => Promise<void>;
}

/** The open indexes of a database. */
export class HnswStates {
  readonly #store: LsmStore;
  readonly #takeBuilt: (
    storageId: number,
  ) => ReadonlyMap<string, SealedSegment>;
  /** Open indexes, and those being opened, by storage id. */
  readonly #states = new Map<number, HnswState>();
  readonly #opening = new Map<number, Promise<HnswState>>();
  readonly #requests = new Map<number, OpenRequest>();
  /** States that will take the place of others once they are open. */
  readonly #successors = new Map<number, HnswState>();
  /** Indexes that were written to and will be opened. */
  readonly #timers = new Map<number, LaterOpening>();

  /** None; `takeBuilt` gives the segments that were made here, by path. */
  constructor(
    store: LsmStore,
    takeBuilt: (storageId: number) => ReadonlyMap<string, SealedSegment>,
  ) {
    this.#store = store;
    this.#takeBuilt = takeBuilt;
  }

  /** The open indexes by storage id. */
  get open(): ReadonlyMap<number, HnswState> {
    return this.#states;
  }

  /** The state of an index, if it is open or being opened. */
  get(storageId: number): HnswState | undefined {
    return this.#states.get(storageId);
  }

  /** The state of an index, opened with `request` if it is not open. */
  openState(
    storageId: number,
    request: () => OpenRequest,
  ): MaybePromise<HnswState> {
    const opening = this.#opening.get(storageId);
    if (opening !== undefined) return opening;
    const state = this.#states.get(storageId);
    const damage = state?.damage;
    if (state !== undefined && damage === undefined) return state;
    const { help, ...asked } = request();
    if (state !== undefined) this.forget(storageId);
    this.#requests.set(storageId, asked);
    const promise: Promise<HnswState> = HnswState.open(
      asked.options,
      this.#takeBuilt(storageId),
      (state) => this.#states.set(storageId, state),
      help,
      damage,
    ).catch((error) => {
      this.forget(storageId);
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
  later(storageId: number, opening: () => Promise<void>): void {
    if (this.#timers.has(storageId)) return;
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
  async prepare(advance: Advance): Promise<() => void> {
    const states = [...this.#states, ...this.#successors];
    const changes = new Map<HnswState, SequencedChanges[] | undefined>();
    for (const [, state] of states) {
      changes.set(state, await state.changesOf(advance));
    }
    return () => {
      for (const [storageId, state] of this.#successors) {
        if (changes.get(state) === undefined) this.#dropSuccessor(storageId);
        else this.#apply(state, changes.get(state)!, advance);
      }
      for (const [storageId, state] of this.#states) {
        // Opened meanwhile, or in need of segments: the next search opens it.
        if (changes.get(state) === undefined) this.forget(storageId);
        else this.#apply(state, changes.get(state)!, advance);
      }
      this.#considerSuccessors(advance);
    };
  }

  #apply(
    state: HnswState,
    changes: readonly SequencedChanges[],
    { view }: Advance,
  ): void {
    for (const { sequence, changes: rows } of changes) {
      state.apply(sequence, rows);
    }
    state.apply(view.sequence, []);
  }

  #considerSuccessors({ view }: Advance): void {
    for (const [storageId, state] of this.#states) {
      if (this.#successors.has(storageId)) continue;
      if (!state.isOutgrown(view.manifest)) continue;
      const { options } = this.#requests.get(storageId)!;
      let successor: HnswState | undefined;
      const opening = HnswState.open(options, new Map(), (created) => {
        successor = created;
        this.#successors.set(storageId, created);
      });
      void opening.then((opened) => {
        if (this.#successors.get(storageId) !== opened) return;
        this.#successors.delete(storageId);
        if (this.#states.get(storageId) !== state) return void opened.close();
        this.#states.set(storageId, opened);
        void state.close();
      }, () => {
        // The next advance tries again.
        if (this.#successors.get(storageId) !== successor) return;
        this.#successors.delete(storageId);
      });
    }
  }

  #dropSuccessor(storageId: number): void {
    const state = this.#successors.get(storageId);
    this.#successors.delete(storageId);
    void state?.close();
  }

  /** Takes back commits above `sequence`, after which none follows. */
  cutBack(sequence: number): void {
    for (const storageId of [...this.#opening.keys()]) this.forget(storageId);
    for (const state of this.#states.values()) state.cutBack(sequence);
  }

  /** Forgets indexes that do not count any more, by what opened them. */
  keep(
    counts: (storageId: number, entries: readonly CatalogEntry[]) => boolean,
  ): void {
    for (const [storageId, { entries }] of this.#requests) {
      if (!counts(storageId, entries)) this.forget(storageId);
    }
  }

  /** Lets the next search open the index anew. */
  forget(storageId: number): void {
    this.#timers.get(storageId)?.timer.cancel();
    this.#timers.delete(storageId);
    this.#dropSuccessor(storageId);
    const state = this.#states.get(storageId);
    this.#states.delete(storageId);
    this.#opening.delete(storageId);
    this.#requests.delete(storageId);
    void state?.close();
  }

  /** Resolves when all rows of indexes that were used are in segments. */
  async flush(): Promise<void> {
    for (const { timer, opening } of this.#timers.values()) {
      timer.cancel();
      await opening();
    }
    this.#timers.clear();
    await Promise.all(this.#opening.values());
    for (const state of this.#states.values()) await state.flush();
  }

  /** Resolves when background work is done; see `HnswState.settle`. */
  async settle(): Promise<void> {
    for (const state of this.#states.values()) await state.settle();
  }

  /** Stops background work. */
  async close(): Promise<void> {
    for (const { timer } of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    await Promise.allSettled(this.#opening.values());
    const states = [...this.#states.values(), ...this.#successors.values()];
    for (const state of states) await state.close();
    this.#states.clear();
    this.#successors.clear();
  }
}
