/**
 * Making one sealed segment of several sources, live or sealed, in slices of
 * time, while they go on being searched and their versions go on ending.
 *
 * Versions that no snapshot from the horizon on can see are left out. When
 * the job is installed, ends that came meanwhile are taken over from the
 * sources.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import {
  type BuildOptions,
  type CoveredRange,
  SegmentBuilder,
} from "./segment_builder.ts";
import type { SearchableSegment } from "./segment_cursor.ts";
import { SlicedTask, type SlicedWork, waitFor } from "./sliced_task.ts";

/** Rows copied between two looks at the clock. */
const COPY_SLICE = 512;

/** A source: a live segment that is frozen, or a sealed one. */
export type JobSource = SearchableSegment;

/** What a job makes. */
interface JobResult {
  /** The segment; `undefined` if no version was left. */
  readonly segment: SealedSegment | undefined;
  /** Per ordinal of it, which source it came from … */
  readonly sources: Uint32Array;
  /** … and its ordinal there. */
  readonly ordinals: Uint32Array;
}

/** What a job is to do. */
export interface JobOptions extends BuildOptions {
  /** The sequences that the sources cover. */
  readonly covered: CoveredRange;
  /** No snapshot below it will be asked for. */
  readonly horizon: number;
}

/** A seal or a merge: see the module. */
export class SegmentJob {
  /** What the segment is made of. */
  readonly sources: readonly JobSource[];
  /** Of what had ended at or below it the segment has nothing. */
  readonly horizon: number;
  readonly #task: SlicedTask<JobResult>;

  /** Creates a job; nothing runs before the first step. */
  constructor(sources: readonly JobSource[], options: JobOptions) {
    this.sources = sources;
    this.horizon = options.horizon;
    this.#task = new SlicedTask(work(sources, options), options.environment);
  }

  /** How far the job is: 0 to 1. */
  get progress(): number {
    return this.#task.progress;
  }

  /** Whether other threads work: see {@linkcode SlicedTask.isWaiting}. */
  get isWaiting(): boolean {
    return this.#task.isWaiting;
  }

  /** Whether the segment is made. */
  get isDone(): boolean {
    return this.#task.isDone;
  }

  /**
   * The segment; `undefined` if the sources had nothing left to keep.
   * REQUIRES: `isDone`.
   */
  get segment(): SealedSegment | undefined {
    return this.#task.result.segment;
  }

  /** Works for about `budgetMs`; gives whether the job is done. */
  step(budgetMs: number): boolean {
    return this.#task.step(budgetMs);
  }

  /** Releases what was made; the job cannot be installed. */
  abort(): void {
    this.#task.abort();
  }

  /** Gives the segment's versions the ends that the sources have now. */
  carryEnds(): void {
    const { segment, sources, ordinals } = this.#task.result;
    if (segment === undefined) return;
    const ends = new Float64Array(segment.count);
    for (let i = 0; i < ends.length; i++) {
      const source = this.sources[sources[i]!];
      invariant(source !== undefined, "row of no source");
      ends[i] = source.versions.endOf(ordinals[i]!);
    }
    segment.versions.setEnds(ends);
  }
}

function* work(
  sources: readonly JobSource[],
  options: JobOptions,
): SlicedWork<JobResult> {
  const { horizon } = options;
  let kept = 0;
  for (const { versions } of sources) {
    kept += versions.count - versions.deadCount(horizon);
    yield 0;
  }
  const none = new Uint32Array(0);
  if (kept === 0) return { segment: undefined, sources: none, ordinals: none };
  const builder = new SegmentBuilder(options, kept);
  const fromSource: number[] = [];
  const fromOrdinal: number[] = [];
  for (const [index, source] of sources.entries()) {
    for (let from = 0; from < source.versions.count; from += COPY_SLICE) {
      yield 0;
      const ordinals = keptOf(source, from, horizon);
      yield* copyRows(builder, source, ordinals);
      for (const ordinal of ordinals) {
        fromSource.push(index);
        fromOrdinal.push(ordinal);
      }
    }
  }
  const { segment, order } = yield* builder.work(options.covered);
  const sourceOf = new Uint32Array(order.length);
  const ordinalOf = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    sourceOf[i] = fromSource[order[i]!]!;
    ordinalOf[i] = fromOrdinal[order[i]!]!;
  }
  return { segment, sources: sourceOf, ordinals: ordinalOf };
}

/** The ordinals of the next slice that are kept. */
function keptOf(
  { versions }: JobSource,
  from: number,
  horizon: number,
): Uint32Array {
  const ordinals = new Uint32Array(COPY_SLICE);
  let count = 0;
  const end = Math.min(versions.count, from + COPY_SLICE);
  for (let i = from; i < end; i++) {
    if (!versions.isDead(i, horizon)) ordinals[count++] = i;
  }
  return ordinals.subarray(0, count);
}

/** Copies rows, which may have to be read first. */
function* copyRows(
  builder: SegmentBuilder,
  source: JobSource,
  ordinals: Uint32Array,
): SlicedWork<void> {
  const { stored } = source;
  if (stored === undefined) {
    for (const ordinal of ordinals) builder.copy(source, ordinal);
    return;
  }
  const rows = yield* waitFor(stored.read(ordinals), 0);
  ordinals.forEach((ordinal, i) => {
    builder.copyStored(source, ordinal, rows[i]!);
  });
}
