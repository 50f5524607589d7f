/**
 * What every vector index promises, as a random program run against the
 * definition (`vector/search/flat_search.ts`).
 *
 * One seed is one program: rows are inserted, updated and deleted in commit
 * order, sealed and merged in slices, taken back, and the whole is closed and
 * opened again from its bytes, while searches go on at old and new snapshots.
 *
 * Checked, after every step:
 * 1. A search at s gives the rows with begin <= s < end, each once, and all of
 *    them in the end; fewer than asked for only when none is left.
 * 2. Distances are the reference's, and each batch is in their order.
 * 3. The nearest k are the nearest k: exactly where nothing walks a graph,
 *    else with a recall that the caller of the suite asks for.
 * 4. A cursor sees the same rows whatever happens between its batches.
 * 5. At most one version of a row is visible to any snapshot.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Environment } from "../../base/environment.ts";
import { systemEnvironment } from "../../base/environment.ts";
import type { QuantizationChoice } from "../../vector/codes/quantization.ts";
import type {
  AnyVector,
  Metric,
  VectorElement,
} from "../../vector/distance/metric.ts";
import { graphProblem } from "../../vector/hnsw/graph_check.ts";
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";
import type { KernelVariant } from "../../vector/kernels/kernels.ts";
import { FlatIndex } from "../../vector/search/flat_search.ts";
import {
  decodeDeletions,
  encodeDeletions,
} from "../../vector/segments/deletion_log.ts";
import { indexProblem } from "../../vector/segments/index_check.ts";
import { encodeSegment } from "../../vector/segments/segment_encoder.ts";
import type { SegmentJob } from "../../vector/segments/segment_job.ts";
import { decodeSegment } from "../../vector/segments/segment_loader.ts";
import type { VectorCursor } from "../../vector/segments/vector_cursor.ts";
import { VectorIndex } from "../../vector/segments/vector_index.ts";
import { asElement, dimsAs } from "../support/vector_elements.ts";

/** What a run is about. */
export interface VectorIndexRun {
  /** The seed that everything follows from. */
  readonly seed: number;
  /** Steps of the program. */
  readonly steps: number;
  /** The metric. */
  readonly metric: Metric;
  /** What vectors are made of. */
  readonly element: VectorElement;
  /** Who computes. */
  readonly variant: KernelVariant;
  /** What walks look at. */
  readonly quantization: QuantizationChoice;
  /** Whether searches walk graphs wherever there is one. */
  readonly plan: "auto" | "graph";
}

/** What a run saw. */
export interface VectorIndexReport {
  /** Of the rows that should have been nearest, those that were given. */
  readonly hits: number;
  /** The rows that should have been nearest. */
  readonly wanted: number;
  /** Segments that were made by seals and merges. */
  readonly sealed: number;
  /** Times that the index was opened again. */
  readonly reopened: number;
}

/** A cursor that is kept over several steps. */
interface KeptCursor {
  readonly cursor: VectorCursor;
  readonly snapshot: number;
  readonly left: Set<number>;
}

const DIMS = 6;

/** A clock that goes on by a millisecond whenever it is read. */
function tickingEnvironment(): Environment {
  let now = 0;
  return { ...systemEnvironment, monotonicMs: () => ++now };
}

/** Runs one program; throws where a promise is broken. */
export function runVectorIndexSuite(run: VectorIndexRun): VectorIndexReport {
  const program = new Program(run);
  for (let i = 0; i < run.steps; i++) program.step();
  program.finish();
  return program.report();
}

class Program {
  readonly #run: VectorIndexRun;
  readonly #random: SeededRandom;
  readonly #environment = tickingEnvironment();
  #index: VectorIndex;
  readonly #model: FlatIndex;
  #seq = 0;
  #horizon = 0;
  #job: SegmentJob | undefined;
  #cursors: KeptCursor[] = [];
  #hits = 0;
  #wanted = 0;
  #sealed = 0;
  #reopened = 0;
  readonly #centres: Float32Array[];

  constructor(run: VectorIndexRun) {
    this.#run = run;
    this.#random = new SeededRandom(run.seed);
    this.#index = this.#create();
    this.#model = new FlatIndex(run.metric, run.element);
    this.#centres = Array.from({ length: 5 }, () => this.#noise(1));
  }

  #create(): VectorIndex {
    const { metric, element, variant, seed, quantization } = this.#run;
    return new VectorIndex({
      dims: dimsAs(element, DIMS),
      metric,
      element,
      variant,
      seed,
      quantization,
      m: 6,
      efConstruction: 40,
      environment: this.#environment,
    });
  }

  report(): VectorIndexReport {
    return {
      hits: this.#hits,
      wanted: this.#wanted,
      sealed: this.#sealed,
      reopened: this.#reopened,
    };
  }

  /** One random step, and the checks after it. */
  step(): void {
    const kind = this.#random.below(100);
    if (kind < 45) this.#commit();
    else if (kind < 53) this.#startJob();
    else if (kind < 70) this.#stepJob();
    else if (kind < 72) this.#rollback();
    else if (kind < 76) {
      const ahead = this.#seq - this.#horizon + 1;
      this.#horizon += this.#random.below(ahead);
      // A snapshot below the horizon is no longer served.
      this.#cursors = this.#cursors.filter((kept) =>
        kept.snapshot >= this.#horizon
      );
    } else if (kind < 79) this.#reopen();
    else if (kind < 84) this.#openCursor();
    else if (kind < 90) this.#useCursor();
    else this.#search();
    assertEquals(indexProblem(this.#index), undefined);
  }

  /** Finishes what is under way and checks everything once more. */
  finish(): void {
    while (this.#job !== undefined) this.#stepJob();
    while (this.#cursors.length > 0) this.#useCursor();
    for (let i = 0; i < 5; i++) this.#search();
  }

  #noise(scale: number): Float32Array {
    return Float32Array.from(
      { length: DIMS },
      () => scale * (this.#random.next() / 2 ** 31 - 1),
    );
  }

  #vector(): AnyVector {
    return asElement(this.#run.element, this.#dense());
  }

  #dense(): Float32Array {
    const kind = this.#random.below(12);
    if (kind === 0) return new Float32Array(DIMS);
    const centre = this.#centres[this.#random.below(5)]!;
    if (kind === 1) return centre.slice();
    const noise = this.#noise(0.3);
    return centre.map((value, i) => value + noise[i]!);
  }

  #locator(): number {
    const small = this.#random.below(250);
    return small % 3 === 0 ? small * 2 ** 39 : small;
  }

  /** One commit: a few rows inserted, updated or deleted at one sequence. */
  #commit(): void {
    this.#seq++;
    const open = new Set(
      this.#model.search(this.#vector()).map(({ locator }) => locator),
    );
    const touched = new Set<number>();
    const changes = 1 + this.#random.below(12);
    for (let i = 0; i < changes; i++) {
      const locator = this.#locator();
      if (touched.has(locator)) continue;
      touched.add(locator);
      const isOpen = open.has(locator);
      if (isOpen) {
        assertEquals(this.#index.end(locator, this.#seq), true);
        assertEquals(this.#model.end(locator, this.#seq), true);
      } else if (this.#random.below(20) === 0) {
        assertEquals(this.#index.end(locator, this.#seq), false);
      }
      if (isOpen && this.#random.below(3) === 0) continue;
      const vector = this.#vector();
      assertEquals(this.#index.insert(locator, vector, this.#seq), true);
      this.#model.insert(locator, vector, this.#seq);
    }
    this.#index.advanceTo(this.#seq);
  }

  #startJob(): void {
    if (this.#job !== undefined) return;
    const sealed = this.#index.sealed;
    if (sealed.length > 0 && this.#random.below(2) === 0) {
      const some = sealed.filter(() => this.#random.below(2) === 0);
      if (some.length > 0) {
        this.#job = this.#index.startMerge(some, this.#horizon);
      }
      return;
    }
    this.#job = this.#index.startSeal({ horizon: this.#horizon });
  }

  #stepJob(): void {
    const job = this.#job;
    if (job === undefined) return;
    if (!job.step(this.#random.below(400))) {
      if (this.#random.below(30) > 0) return;
      this.#index.abandon(job);
      this.#job = undefined;
      return;
    }
    this.#index.install(job);
    this.#job = undefined;
    this.#sealed++;
    const { segment } = job;
    if (segment === undefined) return;
    const options = { built: true };
    const { quantization } = this.#run;
    if (quantization !== "auto") {
      assertEquals(segment.quantization, quantization);
    }
    const problem = graphProblem(segment.memory, segment.levels, options);
    assertEquals(problem, undefined);
  }

  #rollback(): void {
    const back = this.#random.below(
      Math.min(5, this.#seq - this.#horizon + 1),
    );
    const seq = this.#seq - back;
    this.#index.rollbackTo(seq);
    this.#model.rollbackTo(seq);
    if (back > 0) this.#job = undefined;
    for (const { cursor, snapshot } of this.#cursors) {
      if (snapshot <= seq) continue;
      let kind: unknown;
      try {
        cursor.next(1);
      } catch (error) {
        kind = (error as { kind: unknown }).kind;
      }
      assertEquals(kind, "fenced");
    }
    this.#cursors = this.#cursors.filter(({ snapshot }) => snapshot <= seq);
    this.#seq = seq;
    assertEquals(this.#index.lastSeq, seq);
  }

  /** Closes the index and opens it from its segments' bytes and the log. */
  #reopen(): void {
    const { sealed } = this.#index;
    const isTakenBack = sealed.some(({ versions }) => {
      for (let i = 0; i < versions.count; i++) {
        if (versions.endOf(i) === versions.beginOf(i)) return true;
      }
      return false;
    });
    // A writer that took something back is fenced: it publishes nothing.
    if (isTakenBack) return;
    const reopened = this.#create();
    for (const segment of sealed) {
      const ahead = this.#seq - segment.coveredTo + 1;
      const endsTo = segment.coveredTo + this.#random.below(ahead);
      const log = encodeDeletions(segment, endsTo);
      reopened.addSealed(
        decodeSegment(encodeSegment(segment), "segment", {
          variant: this.#run.variant,
        }),
        decodeDeletions(log, "deletions"),
      );
    }
    this.#replay(reopened);
    if (this.#job !== undefined) this.#index.abandon(this.#job);
    this.#job = undefined;
    this.#cursors = [];
    this.#index = reopened;
    this.#reopened++;
  }

  #replay(index: VectorIndex): void {
    const from = index.replayFrom;
    const events: { seq: number; order: number; apply: () => void }[] = [];
    for (const { locator, vector, begin, end } of this.#model.entries) {
      if (begin >= from) {
        const apply = (): void => void index.insert(locator, vector, begin);
        events.push({ seq: begin, order: 1, apply });
      }
      if (end >= from && end !== Infinity) {
        const apply = (): void => void index.end(locator, end);
        events.push({ seq: end, order: 0, apply });
      }
    }
    events.sort((a, b) => a.seq - b.seq || a.order - b.order);
    for (const { apply } of events) apply();
    index.advanceTo(this.#seq);
  }

  #snapshot(): number {
    const isNewest = this.#random.below(2) === 0;
    const span = this.#seq - this.#horizon + 1;
    return isNewest ? this.#seq : this.#horizon + this.#random.below(span);
  }

  #allowed(): Float64Array | undefined {
    if (this.#random.below(2) === 0) return undefined;
    const share = 1 + this.#random.below(4);
    const locators = new Set<number>();
    for (let i = 0; i < 250; i++) {
      if (this.#random.below(share) === 0) locators.add(this.#locator());
    }
    return Float64Array.from(locators).sort();
  }

  #openCursor(): void {
    const snapshot = this.#snapshot();
    const query = this.#vector();
    const visible = this.#model.search(query, { snapshot });
    this.#cursors.push({
      cursor: this.#index.search(query, {
        snapshot,
        k: 1 + this.#random.below(20),
        plan: this.#run.plan,
        ef: 10,
      }),
      snapshot,
      left: new Set(visible.map(({ locator }) => locator)),
    });
  }

  /** Takes a batch of a kept cursor; the last one, to the end. */
  #useCursor(): void {
    const at = this.#random.below(this.#cursors.length);
    const kept = this.#cursors[at];
    if (kept === undefined) return;
    const count = 1 + this.#random.below(40);
    const before = kept.left.size;
    const batch = kept.cursor.next(count);
    for (const locator of batch.locators) {
      assert(kept.left.delete(locator), `row ${locator} given wrongly`);
    }
    assertEquals(batch.count, Math.min(count, before));
    if (kept.left.size === 0) {
      assertEquals(kept.cursor.next(3).count, 0);
      this.#cursors.splice(at, 1);
    }
  }

  #search(): void {
    const query = this.#vector();
    const snapshot = this.#snapshot();
    const allowed = this.#allowed();
    const k = 1 + this.#random.below(12);
    const { plan } = this.#run;
    const options = plan === "graph" ? { plan, ef: 24 } : { plan };
    const cursor = this.#index.search(query, {
      ...options,
      snapshot,
      allowed,
      k,
    });
    const want = this.#model.search(query, {
      snapshot,
      ...(allowed === undefined ? {} : { allowed: new Set(allowed) }),
    });
    this.#checkNearest(cursor, want, k);
  }

  #checkNearest(
    cursor: VectorCursor,
    want: readonly { locator: number; distance: number }[],
    k: number,
  ): void {
    const distances = new Map(want.map((row) => [row.locator, row.distance]));
    const seen = new Set<number>();
    for (let size = k; seen.size < want.length; size = 1 + 3 * seen.size) {
      const batch = cursor.next(size);
      assertEquals(batch.count, Math.min(size, want.length - seen.size));
      for (let i = 0; i < batch.count; i++) {
        const locator = batch.locators[i]!;
        const true_ = distances.get(locator);
        assert(true_ !== undefined, `row ${locator} is not visible`);
        assert(!seen.has(locator), `row ${locator} given twice`);
        seen.add(locator);
        assertAlmostEquals(batch.distances[i]!, true_, 1e-3);
        const before = batch.distances[i - 1] ?? -Infinity;
        assert(!(batch.distances[i]! < before), "batch out of order");
        assert(!Number.isNaN(before) || Number.isNaN(true_), "NaN not last");
      }
      if (size === k) this.#countHits(batch.distances, want, batch.count);
    }
    assertEquals(cursor.next(1).count, 0);
  }

  #countHits(
    distances: Float64Array,
    want: readonly { distance: number }[],
    count: number,
  ): void {
    const kth = want[count - 1]?.distance ?? 0;
    for (let i = 0; i < count; i++) {
      if (Number.isNaN(kth) || distances[i]! <= kth + 1e-4) this.#hits++;
    }
    this.#wanted += count;
  }
}
