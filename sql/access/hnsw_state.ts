/**
 * One vector index in memory: opened from its segments and the newer entries
 * of the tree, kept in step with commits, sealed and merged in the background.
 *
 * Invariants:
 * 1. Once open, the index holds every commit that is visible: a commit is
 *    applied in the turn in which it becomes visible.
 * 2. The manifest names a segment only once its object is durable, together
 *    with logs of all ends up to the sequence it says is covered.
 * 3. One job and one publish at a time; a failed one is tried again when the
 *    next commit comes, and loses nothing.
 *
 * @module
 */
import type { Timer } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import type { ChangesHold } from "../../storage/engine/change_holds.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import { retainedFrom } from "../../storage/engine/retention_now.ts";
import type { Advance } from "../../storage/engine/replica.ts";
import type { StoreView } from "../../storage/engine/store_view.ts";
import type { Manifest } from "../../storage/manifest/manifest.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import type { SegmentJob } from "../../vector/segments/segment_job.ts";
import { VectorIndex } from "../../vector/segments/vector_index.ts";
import {
  applyChanges,
  type ChangeSource,
  lowestRead,
  readChanges,
  type SequencedChanges,
  type VectorChange,
} from "./hnsw_changes.ts";
import type { HnswDefinition } from "./hnsw_definition.ts";
import { FlushSchedule, SEAL_ROWS } from "./hnsw_flush.ts";
import { LaterWork } from "./hnsw_later_work.ts";
import { publishIndex } from "./hnsw_publish.ts";
import type { IndexRebuild } from "./hnsw_rebuild.ts";
import type { RebuildHelp } from "./index_access.ts";
import {
  leavesVectors,
  type ResidenceFacts,
  segmentRowsMaxOf,
} from "./hnsw_residence.ts";
import {
  closeRows,
  coveredToOf,
  isDamage,
  leaveVectors,
  loadSegments,
  runSliced,
  sealedRows,
  type StoredSegment,
  threadsFor,
} from "./hnsw_objects.ts";

/** Threads that build a segment in the background. */
const BACKGROUND_THREADS = 1;
/** Ms after a commit at which background work begins. */
const BACKGROUND_DELAY_MS = 20;

/** What an index in memory is made of. */
export interface HnswStateOptions {
  /** The index's storage id. */
  readonly storageId: number;
  /** What CREATE INDEX said. */
  readonly definition: HnswDefinition;
  /** The store. */
  readonly store: LsmStore;
  /** Where entries and rows are in it. */
  readonly changes: Omit<ChangeSource, "store">;
  /** The dimensions of all vectors. */
  readonly dims: number;
  /** Fills the index if its segments are damaged. */
  readonly rebuild: IndexRebuild;
}

/** One vector index in memory. */
export class HnswState {
  readonly #options: HnswStateOptions;
  readonly #store: LsmStore;
  #index: VectorIndex;
  /** The lowest snapshot that it answers: what ended before is forgotten. */
  #answersFrom = 0;
  /** Commits that became visible while it was opened. */
  #pending: SequencedChanges[] | undefined = [];
  #stored: StoredSegment[] = [];
  /** Whether the manifest names segments that are damaged. */
  #isDamaged = false;
  #damage: KriyaError | undefined;
  /** What was covered when it was opened. */
  #coveredTo = 0;
  /** Keeps the entries that are in no segment yet. */
  readonly #hold: ChangesHold;
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  readonly #stop = new AbortController();
  #backgroundError: unknown;
  readonly #codes: LaterWork;
  readonly #flushes: FlushSchedule;

  private constructor(options: HnswStateOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#hold = this.#store.holdChanges(options.storageId, 0);
    this.#index = this.#empty();
    const { environment } = this.#store.config;
    this.#codes = new LaterWork(environment, this.#stop.signal);
    this.#flushes = new FlushSchedule(
      environment,
      options.definition,
      () => this.#considerWork(),
    );
  }

  #empty(): VectorIndex {
    const { metric, element, m, efConstruction, quantization } =
      this.#options.definition;
    const { environment } = this.#store.config;
    const rows = sealedRows(this.#store.manifest, this.#options.storageId);
    return new VectorIndex({
      dims: this.#options.dims,
      leavesRows: () => this.#leaves(this.#index.count),
      segmentRowsMax: segmentRowsMaxOf(this.#residence(rows)),
      metric,
      element,
      m,
      efConstruction,
      quantization,
      environment,
      threads: threadsFor(this.#store, BACKGROUND_THREADS),
    });
  }

  /** What says where vectors are kept, if the index has so many rows. */
  #residence(rows: number): ResidenceFacts {
    const { definition, dims } = this.#options;
    const { memoryBytesMax } = this.#store.config;
    return { definition, dims, rows, memoryBytesMax };
  }

  /** Whether vectors are left in the bucket if the index has so many rows. */
  #leaves(rows: number): boolean {
    return leavesVectors(this.#residence(rows));
  }

  /**
   * Opens an index; `built` are segments made in this process, by path. The
   * state that `onCreated` gets takes commits from then on. If `damage` was found
   * in its segments, it is filled from the rows.
   *
   * @throws {KriyaError} `corrupt`.
   */
  static async open(
    options: HnswStateOptions,
    built: ReadonlyMap<string, SealedSegment>,
    onCreated: (state: HnswState) => void,
    help?: RebuildHelp,
    damage?: KriyaError,
  ): Promise<HnswState> {
    const state = new HnswState(options);
    const store = state.#store;
    const asOf = store.view();
    onCreated(state);
    try {
      const coveredTo = state.coveredBy(asOf.manifest);
      const loadedTo = damage === undefined
        ? await state.#load(asOf, built).catch((error) =>
          state.#rebuild(asOf, error, help)
        )
        : await state.#rebuild(asOf, damage, help);
      state.#coveredTo = coveredTo;
      state.#hold.advance(coveredTo);
      const missed = await state.#readChanges(
        asOf,
        loadedTo,
        retainedFrom(store),
      );
      state.#catchUp(missed, asOf.sequence);
    } catch (error) {
      state.#hold.release();
      throw error;
    } finally {
      asOf.release();
    }
    state.#considerWork();
    return state;
  }

  /** Takes the segments that the manifest names; gives what they cover. */
  async #load(
    { manifest }: StoreView,
    built: ReadonlyMap<string, SealedSegment>,
  ): Promise<number> {
    const { storageId } = this.#options;
    const leavesRows = this.#leaves(sealedRows(manifest, storageId));
    const loaded = await loadSegments(this.#store, manifest, storageId, built, {
      leavesRows,
    });
    for (const { segment, deletions } of loaded.stored) {
      this.index.addSealed(segment, deletions);
    }
    this.#stored = [...loaded.stored];
    this.#codes.start(this.index.sealed);
    this.#forgetTo(loaded.horizon);
    return loaded.coveredTo;
  }

  /**
   * Fills the index from the rows, if the segments are damaged; gives the
   * sequence that they were read at.
   */
  async #rebuild(
    view: StoreView,
    error: unknown,
    help: RebuildHelp | undefined,
  ): Promise<number> {
    if (!isDamage(error)) throw error;
    this.#index = this.#empty();
    this.#stored = [];
    const oldest = retainedFrom(this.#store);
    const lowest = lowestRead({ store: view }, oldest);
    const coveredTo = this.coveredBy(view.manifest);
    const sequence = Math.min(Math.max(coveredTo, lowest), view.sequence);
    const { rebuild } = this.#options;
    await rebuild(this.index, { view, sequence, help });
    this.index.advanceTo(sequence);
    this.#forgetTo(sequence);
    const at = this.#store.config.environment.now();
    const name = "vector index rebuilt";
    this.#store.events.tell({ name, at, failuresInRow: 0, error });
    this.#isDamaged = true;
    return sequence;
  }

  #catchUp(missed: readonly SequencedChanges[], asOf: number): void {
    const { index } = this;
    for (const changes of missed) applyChanges(index, changes);
    index.advanceTo(asOf);
    for (const changes of this.#pending!) {
      if (changes.sequence > asOf) applyChanges(index, changes);
    }
    this.#pending = undefined;
  }

  /** The index, once open. */
  get index(): VectorIndex {
    return this.#index;
  }

  /** Takes over a commit, in the turn in which it becomes visible. */
  apply(sequence: number, changes: readonly VectorChange[]): void {
    if (this.#pending !== undefined) {
      this.#pending.push({ sequence, changes });
      return;
    }
    applyChanges(this.index, { sequence, changes });
    this.#considerWork();
  }

  /**
   * Makes sure that the index answers a snapshot.
   *
   * @throws {KriyaError} `invalid` (`72000`) when that is older.
   */
  checkSnapshot(sequence: number): void {
    if (sequence >= this.#answersFrom) return;
    throw new KriyaError("invalid", "Cannot read: snapshot is too old", {
      code: "72000",
      detail: `Vectors can be searched from sequence ${this.#answersFrom} on.`,
    });
  }

  /** The lowest snapshot that it answers. */
  get answersFrom(): number {
    return this.#answersFrom;
  }

  /** Up to where the segments of a manifest cover the index. */
  coveredBy({ segments }: Manifest): number {
    return coveredToOf(segments, this.#options.storageId);
  }

  /**
   * What becomes visible to a reader, as changes; `undefined` when part of it
   * is in segments only, so that the index has to be opened anew.
   */
  async changesOf(
    { from, view }: Advance,
  ): Promise<SequencedChanges[] | undefined> {
    if (this.coveredBy(view.manifest) > from) return undefined;
    return await this.#readChanges(view, from, retainedFrom(this.#store));
  }

  /** The changes after `from` that `view` shows; below `oldest` no one looks. */
  async #readChanges(
    view: StoreView,
    from: number,
    oldest: number,
  ): Promise<SequencedChanges[]> {
    const source = { ...this.#options.changes, store: view };
    const changes = await readChanges(source, from, view.sequence, oldest);
    this.#forgetTo(lowestRead(source, oldest));
    return changes;
  }

  #forgetTo(horizon: number): void {
    this.#answersFrom = Math.max(this.#answersFrom, horizon);
  }

  /**
   * Whether a manifest has segments for much of what a reader, which makes none
   * of its own, still compares one by one.
   */
  isOutgrown(manifest: Manifest): boolean {
    return this.#pending === undefined &&
      this.index.liveCount >= SEAL_ROWS &&
      this.coveredBy(manifest) > this.#coveredTo;
  }

  /** Takes back commits above `sequence`, after which none follows. */
  cutBack(sequence: number): void {
    this.#timer?.cancel();
    this.#flushes.cancel();
    this.#stop.abort(
      new KriyaError("closed", "Cannot go on: writer is fenced"),
    );
    this.index.rollbackTo(sequence);
  }

  /** What was found to be damaged, so that it has to be opened anew. */
  get damage(): KriyaError | undefined {
    return this.#damage;
  }

  /** Says that vectors of its segments could not be read. */
  noteDamage(damage: KriyaError): void {
    this.#damage ??= damage;
  }

  /** Bytes of its objects. */
  get objectBytes(): number {
    return this.#stored.reduce(
      (sum, { meta, log }) => sum + meta.size + (log?.size ?? 0),
      0,
    );
  }

  /** The last failure of background work, `undefined` if it went well since. */
  get backgroundError(): unknown {
    return this.#backgroundError;
  }

  /** Resolves when no background work is left to do, or it fails. */
  async settle(): Promise<void> {
    this.#timer?.cancel();
    await this.#codes.finish();
    for (let again = true; again;) {
      again = this.#hasWork();
      await this.#work();
      if (this.#backgroundError !== undefined) throw this.#backgroundError;
    }
  }

  /** Resolves when all rows are in segments, however few and new they are. */
  async flush(): Promise<void> {
    if (this.index.liveCount > 0) this.#flushes.ask();
    await this.settle();
  }

  /** Stops background work; what it had not published is done again later. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#flushes.cancel();
    this.#stop.abort(new KriyaError("closed", "Cannot go on: index is closed"));
    await this.#working;
    await this.#codes.close();
    closeRows(this.#stored);
    this.#hold.release();
  }

  #hasWork(): boolean {
    return !this.#store.readOnly && (this.#isDamaged ||
      this.#flushes.isDue(this.index) ||
      this.index.pickMerge(retainedFrom(this.#store)) !== undefined);
  }

  #considerWork(): void {
    this.#flushes.note(this.index);
    if (
      this.#working !== undefined || this.#stop.signal.aborted ||
      !this.#hasWork()
    ) return;
    this.#timer?.cancel();
    this.#timer = this.#store.config.environment.setTimer(
      () => {
        void this.#work();
      },
      BACKGROUND_DELAY_MS,
      { background: true },
    );
  }

  /** Never rejects; failures stay in `backgroundError` until it goes well. */
  #work(): Promise<void> {
    return this.#working ??= this.#workAll().then(() => {
      this.#backgroundError = undefined;
    }, (error) => {
      this.#backgroundError = error;
    }).finally(() => {
      this.#working = undefined;
    });
  }

  async #workAll(): Promise<void> {
    for (;;) {
      if (this.#stop.signal.aborted || this.#store.readOnly) return;
      const job = this.#nextJob();
      if (job === undefined) {
        // Whatever it was made of is not to be read again.
        if (this.#isDamaged) await this.#persist();
        return;
      }
      try {
        await runSliced(
          job,
          this.#store.config.environment,
          this.#stop.signal,
        );
      } catch (error) {
        this.index.abandon(job);
        if (this.#stop.signal.aborted) return;
        if (isDamage(error)) this.noteDamage(error);
        throw error;
      }
      this.index.install(job);
      this.#flushes.end(this.index);
      this.#forgetTo(job.horizon);
      await this.#persist();
    }
  }

  #nextJob(): SegmentJob | undefined {
    const { index } = this;
    const horizon = retainedFrom(this.#store);
    if (this.#flushes.isDue(index) || this.#isDamaged) {
      const seal = index.startSeal({ horizon });
      if (seal !== undefined) {
        this.#flushes.begin();
        return seal;
      }
    }
    const picked = index.pickMerge(horizon);
    return picked && index.startMerge(picked, horizon);
  }

  /** Brings the segments as they are now into the store and the manifest. */
  async #persist(): Promise<void> {
    const { stored, coveredTo } = await publishIndex({
      store: this.#store,
      storageId: this.#options.storageId,
      index: this.index,
      known: this.#stored,
      horizon: this.#answersFrom,
    });
    this.#hold.advance(coveredTo);
    closeRows(this.#stored, stored);
    this.#stored = [...stored];
    this.#isDamaged = false;
    if (this.#leaves(this.index.count)) leaveVectors(this.#store, stored);
  }
}
