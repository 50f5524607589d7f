/**
 * A vector index: a live segment and sealed ones, as one.
 *
 * An entry stands for a version of a row: (locator, begin, end), in commit
 * sequences. It is visible to snapshot s if and only if begin <= s < end. The
 * index is kept in step with the log: begins and ends come in commit order,
 * and what a fenced writer could not make durable is taken back.
 *
 * ```text
 * insert -> active live segment --freeze--> frozen ones --seal--> sealed
 *                (searched exactly)                    (graphs) --merge--> sealed
 * ```
 *
 * Invariants (checked by index_check.ts):
 * 1. At most one version of a locator is visible to any snapshot.
 * 2. The one open version of a locator, if there is one, is in one segment.
 * 3. Begins in the active segment are at least those in all frozen ones.
 *
 * Nothing here waits: building is done in slices by whoever owns the thread,
 * and rows being built are searched in their old segments until the new one
 * is installed. Cursors keep the segments they were opened over.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import type { AnyVector, Metric } from "../distance/metric.ts";
import { type AnyVectorLike, RowForm } from "../hnsw/row_form.ts";
import {
  type BatchedSearch,
  checkRecall,
  type ResolvedOptions,
  resolveOptions,
  type VectorIndexOptions,
} from "./index_options.ts";
import { LiveSegment } from "./live_segment.ts";
import type { DeletionLog } from "./deletion_log.ts";
import {
  type MergePolicy,
  pickMerge,
  type SegmentFacts,
} from "./pick_merge.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import type { BuildOptions } from "./segment_builder.ts";
import type { PricedPlan } from "./search_cost.ts";
import { type EstimateOptions, estimateSearch } from "./search_estimate.ts";
import type { SearchableSegment } from "./segment_cursor.ts";
import { SegmentJob } from "./segment_job.ts";
import { openSegment } from "./stored_cursor.ts";
import { takenBack, VectorCursor } from "./vector_cursor.ts";

/** A locator is below 2^48. */
const LOCATOR_END = 2 ** 48;

/** A version of a row, without its vector. */
export interface VectorEntry {
  /** The row. */
  readonly locator: number;
  /** The sequence that began it. */
  readonly begin: number;
  /** The sequence that ended it; Infinity while it is open. */
  readonly end: number;
}

/**
 * A vector index: see the module.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { VectorIndex } from "./vector_index.ts";
 *
 * const index = new VectorIndex({ dims: 2 });
 * index.insert(7, new Float32Array([0, 1]), 1);
 * index.insert(8, new Float32Array([5, 5]), 1);
 * index.end(7, 2);
 * const query = new Float32Array([0, 0]);
 * assertEquals([...index.search(query).next(10).locators], [8]);
 * const before = index.search(query, { snapshot: 1 }).next(10);
 * assertEquals([...before.locators], [7, 8]);
 * assertEquals(before.distances[0], 1);
 * ```
 */
export class VectorIndex {
  /** What vectors are, and how they are compared. */
  readonly form: RowForm;
  readonly #build: Omit<BuildOptions, "seed"> & ResolvedOptions;
  readonly #minRecall: number;
  readonly #leavesRows: () => boolean;
  #seed: number;
  #active: LiveSegment | undefined;
  #frozen: LiveSegment[] = [];
  #sealed: SealedSegment[] = [];
  #lastSeq = 0;
  /** Begins below this sequence are not in the active segment. */
  #frozenTo = 0;
  /** Begins up to this sequence were loaded with segments. */
  #loadedTo = 0;
  /** Ends up to this sequence were loaded with segments. */
  #replayFrom = Infinity;
  /** Jobs that are neither installed nor abandoned. */
  readonly #jobs = new Set<SegmentJob>();
  /** Where each rollback went, in order. */
  readonly #rollbacks: number[] = [];

  /**
   * Creates an empty index.
   *
   * @throws {KriyaError} of kind `invalid` for options out of range.
   */
  constructor(options: VectorIndexOptions) {
    const resolved = resolveOptions(options);
    const { element, metric, dims, minRecall, environment } = resolved;
    this.form = new RowForm(element, metric, dims);
    this.#minRecall = minRecall;
    this.#leavesRows = options.leavesRows ?? (() => false);
    this.#build = resolved;
    this.#seed = options.seed ??
      Math.floor(environment.random() * 0x1_0000_0000);
  }

  /** Dimensions of every vector. */
  get dims(): number {
    return this.form.dims;
  }

  /** The metric. */
  get metric(): Metric {
    return this.form.metric;
  }

  /** The newest sequence that was applied. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** The sealed segments. */
  get sealed(): readonly SealedSegment[] {
    return this.#sealed;
  }

  /** Versions that are in no sealed segment yet. */
  get liveCount(): number {
    return this.#live().reduce((sum, live) => sum + live.versions.count, 0);
  }

  /** Bytes of those, about. */
  get liveBytes(): number {
    return this.#live().reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Versions in all, ended ones with them. */
  get count(): number {
    return this.#sealed.reduce((sum, { count }) => sum + count, this.liveCount);
  }

  /** Every begin up to this sequence is in a sealed segment. */
  get sealedTo(): number {
    for (const live of this.#live()) {
      if (live.versions.count > 0) return live.coveredFrom;
    }
    return this.#lastSeq;
  }

  /** Bytes held, about; those of jobs are not. */
  get byteLength(): number {
    return this.#segments().reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
  }

  #live(): LiveSegment[] {
    return this.#active === undefined
      ? this.#frozen
      : [...this.#frozen, this.#active];
  }

  #segments(): (LiveSegment | SealedSegment)[] {
    return [...this.#live(), ...this.#sealed];
  }

  /** What must be replayed: begins and ends at this sequence and above. */
  get replayFrom(): number {
    return Math.min(this.#replayFrom, this.#loadedTo);
  }

  /**
   * Adds a sealed segment that was loaded, with the ends of its versions.
   *
   * Once all segments are there, the log from `replayFrom` on is replayed by
   * `insert` and `end`, in commit order; what the segments have already is
   * recognised and left.
   *
   * @throws {KriyaError} of kind `invalid` if it is of another form, `corrupt`
   * if the deletion log is not its own.
   */
  addSealed(segment: SealedSegment, deletions?: DeletionLog): void {
    const { form } = segment.memory;
    if (form.dims !== this.dims || form.code !== this.form.code) {
      throw new KriyaError(
        "invalid",
        `Cannot add a segment of ${form.dims} dimensions by ${form.metric} to an index of ${this.dims} by ${this.metric}`,
      );
    }
    if (deletions !== undefined) segment.applyDeletions(deletions);
    const { coveredTo } = segment;
    this.#sealed = [...this.#sealed, segment];
    this.#loadedTo = Math.max(this.#loadedTo, coveredTo);
    this.#frozenTo = Math.max(this.#frozenTo, coveredTo);
    const endsTo = deletions?.coveredTo ?? coveredTo;
    this.#replayFrom = Math.min(this.#replayFrom, endsTo);
    this.advanceTo(Math.max(coveredTo, endsTo));
  }

  /** Says that all commits up to `seq` were applied. */
  advanceTo(seq: number): void {
    if (seq > this.#lastSeq) this.#lastSeq = seq;
  }

  /**
   * Adds an open version of a row; gives false if a loaded segment has it
   * already. The vector is copied.
   *
   * REQUIRES: calls come in commit order; the locator has no open version.
   *
   * @throws {KriyaError} of kind `invalid` for other dimensions.
   */
  insert(locator: number, vector: AnyVector, begin: number): boolean {
    this.form.check(vector);
    invariant(
      Number.isInteger(locator) && locator >= 0 && locator < LOCATOR_END,
      `locator ${locator}`,
    );
    if (begin <= this.#loadedTo && this.#isLoaded(locator, begin)) {
      return false;
    }
    invariant(
      this.#openSegment(locator) === undefined,
      `two open versions of locator ${locator}`,
    );
    if ((this.#active?.versions.count ?? 0) >= this.#build.segmentRowsMax) {
      // Perhaps within a commit: the next segment may have rows of it too.
      this.#freeze(begin - 1);
    }
    this.#active ??= new LiveSegment(this.#build, this.#frozenTo);
    this.#active.insert(locator, vector, begin);
    this.advanceTo(begin);
    return true;
  }

  /**
   * Whether a version that is replayed came with a segment. Below the highest
   * sequence covered all did, or were dropped as dead; at it, a segment may
   * end within a commit.
   */
  #isLoaded(locator: number, begin: number): boolean {
    return begin < this.#loadedTo ||
      this.#sealed.some(({ versions }) => versions.hasVersion(locator, begin));
  }

  /**
   * Ends the open version of a row that began before `end`; gives whether
   * there was one. REQUIRES: calls come in commit order.
   */
  end(locator: number, end: number): boolean {
    this.advanceTo(end);
    const versions = this.#openSegment(locator)?.versions;
    if (versions === undefined) return false;
    const ordinal = versions.openOrdinal(locator);
    if (versions.beginOf(ordinal) >= end) return false;
    versions.end(ordinal, end);
    return true;
  }

  /** The segment of a locator's open version; of several, the oldest. */
  #openSegment(locator: number): LiveSegment | SealedSegment | undefined {
    let oldest: LiveSegment | SealedSegment | undefined;
    let oldestBegin = Infinity;
    for (const segment of this.#segments()) {
      const ordinal = segment.versions.openOrdinal(locator);
      if (ordinal < 0) continue;
      const begin = segment.versions.beginOf(ordinal);
      if (begin >= oldestBegin) continue;
      oldest = segment;
      oldestBegin = begin;
    }
    return oldest;
  }

  /**
   * Takes back every begin and end after `seq`, and abandons all jobs. Cursors
   * at later snapshots fail from here on. REQUIRES: `seq` is at least every
   * horizon given.
   */
  rollbackTo(seq: number): void {
    if (seq >= this.#lastSeq) return;
    for (const job of this.#jobs) this.abandon(job);
    for (const live of this.#live()) live.rollbackTo(seq);
    for (const segment of this.#sealed) segment.rollbackTo(seq);
    this.#lastSeq = seq;
    this.#frozenTo = Math.min(this.#frozenTo, seq);
    this.#loadedTo = Math.min(this.#loadedTo, seq);
    this.#rollbacks.push(seq);
  }

  /**
   * The visible rows nearest to `query`, as a cursor.
   *
   * @throws {KriyaError} of kind `invalid` for other dimensions, or numbers
   * that are not finite.
   */
  search(query: AnyVectorLike, options: BatchedSearch = {}): VectorCursor {
    const { k = 10, plan = "auto", only } = options;
    const { minRecall = this.#minRecall, snapshot = this.#lastSeq } = options;
    const vector = this.form.queryOf(query);
    checkRecall(minRecall);
    const segmentQuery = { ...options, vector, snapshot, minRecall, k, plan };
    const segments = only === undefined ? this.#segments() : [only];
    const sources = segments
      .filter(({ versions }) => versions.count > 0)
      .map((segment) => openSegment(segment, segmentQuery));
    const rollbacks = this.#rollbacks.length;
    return new VectorCursor(sources, this.metric, () => {
      for (let i = rollbacks; i < this.#rollbacks.length; i++) {
        if (this.#rollbacks[i]! < snapshot) throw takenBack(snapshot);
      }
    });
  }

  /**
   * What a search for `k` rows would cost if `share` of all rows may be found
   * (default 1): segment by segment, in rows of an exact scan.
   */
  estimate(options: EstimateOptions): PricedPlan[] {
    const { minRecall = this.#minRecall } = options;
    return this.#segments().map((segment) =>
      estimateSearch(segment, { ...options, minRecall })
    );
  }

  /** Ends the active segment; the next has begins above `to`. */
  #freeze(to: number): void {
    const active = this.#active;
    if (active === undefined) return;
    active.freeze(this.#lastSeq);
    this.#frozenTo = Math.min(to, this.#lastSeq);
    this.#frozen = [...this.#frozen, active];
    this.#active = undefined;
  }

  #nextSeed(): number {
    const seed = this.#seed;
    this.#seed = (seed + 1) >>> 0;
    return seed;
  }

  /**
   * Begins to seal all rows that came so far; `undefined` if there are none,
   * or a seal is under way. New rows go into another live segment.
   *
   * REQUIRES: no snapshot below `horizon` will be asked for.
   */
  startSeal(
    options: { readonly horizon?: number } = {},
  ): SegmentJob | undefined {
    if (this.#frozen.some((live) => this.#isSource(live))) return undefined;
    if ((this.#active?.versions.count ?? 0) > 0) this.#freeze(this.#lastSeq);
    const most = this.#build.segmentRowsMax;
    const sources: LiveSegment[] = [];
    let rows = 0;
    for (const live of this.#frozen) {
      rows += live.versions.count;
      if (rows > most && sources.length > 0) break;
      sources.push(live);
    }
    const last = sources.at(-1);
    if (last?.coveredTo === undefined) return undefined;
    const covered = { from: sources[0]!.coveredFrom, to: last.coveredTo };
    return this.#start(sources, covered, options.horizon ?? 0);
  }

  /**
   * Begins to merge sealed segments of this index into one, without the
   * versions that no snapshot from `horizon` on sees.
   *
   * REQUIRES: none is in another job; no snapshot below `horizon` will be
   * asked for.
   */
  startMerge(
    segments: readonly SealedSegment[],
    horizon: number,
  ): SegmentJob {
    invariant(segments.length > 0, "merge of no segment");
    for (const segment of segments) {
      invariant(this.#sealed.includes(segment), "merge of a foreign segment");
      invariant(!this.#isSource(segment), "segment in two jobs");
    }
    const covered = {
      from: Math.min(...segments.map(({ coveredFrom }) => coveredFrom)),
      to: Math.max(...segments.map(({ coveredTo }) => coveredTo)),
    };
    return this.#start(segments, covered, horizon);
  }

  #start(
    sources: readonly SearchableSegment[],
    covered: { readonly from: number; readonly to: number },
    horizon: number,
  ): SegmentJob {
    const seed = this.#nextSeed();
    const job = new SegmentJob(sources, {
      ...this.#build,
      leavesRows: this.#leavesRows(),
      seed,
      covered,
      horizon,
    });
    this.#jobs.add(job);
    return job;
  }

  /** Whether a segment is a source of a job under way. */
  isBusy(segment: SealedSegment): boolean {
    return this.#isSource(segment);
  }

  #isSource(segment: SearchableSegment): boolean {
    for (const { sources } of this.#jobs) {
      if (sources.includes(segment)) return true;
    }
    return false;
  }

  /**
   * Puts a finished job's segment in the place of its sources.
   *
   * @throws {KriyaError} of kind `closed` if the job was abandoned.
   */
  install(job: SegmentJob): void {
    if (!this.#jobs.delete(job)) {
      throw new KriyaError("closed", "Cannot install an abandoned job");
    }
    job.carryEnds();
    const isSource = (segment: SearchableSegment): boolean =>
      job.sources.includes(segment);
    this.#frozen = this.#frozen.filter((live) => !isSource(live));
    const sealed = this.#sealed.filter((segment) => !isSource(segment));
    this.#sealed = job.segment === undefined
      ? sealed
      : [...sealed, job.segment];
  }

  /** Gives up a job, if it is under way: others can take its sources. */
  abandon(job: SegmentJob): void {
    if (this.#jobs.delete(job)) job.abort();
  }

  /** Every version, in no order. */
  *entries(): Generator<VectorEntry> {
    for (const { versions } of this.#segments()) {
      for (let i = 0; i < versions.count; i++) {
        yield {
          locator: versions.locatorOf(i),
          begin: versions.beginOf(i),
          end: versions.endOf(i),
        };
      }
    }
  }

  /**
   * The sealed segments to merge now, by {@linkcode pickMerge}; `undefined` if
   * all is well. Those of jobs under way are left out, and no more rows than a
   * segment can hold are taken.
   */
  pickMerge(
    horizon: number,
    policy: MergePolicy = {},
  ): SealedSegment[] | undefined {
    const idle = this.#sealed.filter((segment) => !this.#isSource(segment));
    const { segmentRowsMax } = this.#build;
    const picked = pickMerge(idle.map((segment) => factsOf(segment, horizon)), {
      ...policy,
      entriesMax: Math.min(policy.entriesMax ?? Infinity, segmentRowsMax),
    });
    return picked?.map((position) => idle[position]!);
  }

  /** Sizes of the sealed segments, for {@linkcode pickMerge}. */
  facts(horizon: number): SegmentFacts[] {
    return this.#sealed.map((segment) => factsOf(segment, horizon));
  }
}

function factsOf({ versions }: SealedSegment, horizon: number): SegmentFacts {
  return { entries: versions.count, dead: versions.deadCount(horizon) };
}
