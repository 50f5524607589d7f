/**
 * Building a sealed segment: rows are added, then ordered, linked and
 * calibrated, in slices of time.
 *
 * 1. Rows are put in an order in which near ones lie together (row_order.ts).
 * 2. They get codes, if they are to have any (codes/).
 * 3. They are linked in a random order, but for the last 1 % (50 to 400). Links
 *    are chosen by the rows, not by their codes.
 * 4. Those serve as queries: recall is measured (calibration.ts).
 * 5. They are linked too.
 *
 * All chance comes from the seed: the same rows and seed give the same bytes,
 * unless several threads link (`../threads/link_threads.ts`).
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import {
  chooseQuantization,
  type Quantization,
  type QuantizationChoice,
} from "../codes/quantization.ts";
import type { AnyVector, Metric, VectorElement } from "../distance/metric.ts";
import { drawLevels, drawOrder, SeededRandom } from "../hnsw/seeded_random.ts";
import { efMaxFor, segmentEntriesMax } from "../hnsw/segment_layout.ts";
import { permuteRows } from "../hnsw/row_permutation.ts";
import { SegmentMemory } from "../hnsw/segment_memory.ts";
import type { KernelVariant } from "../kernels/kernels.ts";
import { type Calibration, efFor, RECALL_USUAL } from "./calibration.ts";
import { measureRecall } from "./measure_recall.ts";
import { orderRows } from "./row_order.ts";
import { linkInThreads, wantsThreads } from "../threads/link_threads.ts";
import { SealedSegment } from "./sealed_segment.ts";
import type { SearchableSegment } from "./segment_cursor.ts";
import { SlicedTask, type SlicedWork } from "./sliced_task.ts";
import { VersionTable } from "./version_table.ts";

/** How segments are built. */
export interface BuildOptions {
  /** Dimensions of every vector. */
  readonly dims: number;
  /** The metric. */
  readonly metric: Metric;
  /** What vectors are made of (default `float32`). */
  readonly element?: VectorElement | undefined;
  /** Most links per node above layer 0; twice as many on layer 0. */
  readonly m: number;
  /** Search width while building. */
  readonly efConstruction: number;
  /** What walks look at (default `none`). */
  readonly quantization?: QuantizationChoice | undefined;
  /** Whether rows will be left where the segment is stored (default false). */
  readonly leavesRows?: boolean | undefined;
  /** Where chance comes from. */
  readonly seed: number;
  /** Who computes (default: the best that runs here). */
  readonly variant?: KernelVariant | undefined;
  /** Threads that link, besides this one, which then does not (default 0). */
  readonly threads?: number | undefined;
  /** The clock that slices are measured by. */
  readonly environment: Environment;
}

/** The sequences whose rows a segment has. */
export interface CoveredRange {
  /** The lowest. */
  readonly from: number;
  /** The highest. */
  readonly to: number;
}

/** A segment, and where its rows came from. */
export interface BuiltSegment {
  /** The segment. */
  readonly segment: SealedSegment;
  /** Ordinal p is the row that was added as number `order[p]`. */
  readonly order: Uint32Array;
}

/** Fewer rows are not calibrated: an exact scan is as fast. */
const CALIBRATED_MIN = 1000;

/** Rows that serve as queries: 1 %, within these bounds. */
const SAMPLE_MIN = 50;
const SAMPLE_MAX = 400;

/** Rows that are added, and then built into a segment. */
export class SegmentBuilder {
  readonly #options: BuildOptions;
  readonly #memory: SegmentMemory;
  #locators = new Float64Array(64);
  #begins = new Float64Array(64);
  #ends = new Float64Array(64);
  #count = 0;
  #capacity = 0;
  #isBuilding = false;

  /** Creates a builder; `expectedCount` rows will be added, if it is known. */
  constructor(options: BuildOptions, expectedCount?: number) {
    this.#options = options;
    const efMax = efMaxFor(expectedCount ?? 100_000);
    const { dims, metric, element, variant, m } = options;
    this.#memory = new SegmentMemory({
      dims,
      metric,
      element,
      variant,
      m,
      efMax,
      isShared: wantsThreads(options.threads ?? 0, expectedCount ?? Infinity),
    });
    if (expectedCount === undefined) return;
    if (expectedCount > this.#entriesMax) throw this.#full();
    this.#reserve(expectedCount);
  }

  get #entriesMax(): number {
    const { dims, m, element, quantization } = this.#options;
    return segmentEntriesMax(dims, m, element, quantization);
  }

  /** How many rows were added. */
  get count(): number {
    return this.#count;
  }

  /** Bytes held, about; the graph comes on top, see `estimateGraphBytes`. */
  get byteLength(): number {
    return this.#memory.byteLength + 24 * this.#locators.length;
  }

  /**
   * Adds a version of a row. REQUIRES: `build` was not called.
   *
   * @throws {KriyaError} of kind `invalid`: 22000 for other dimensions, 54000
   * when the segment is full (see `segmentEntriesMax`).
   */
  add(
    locator: number,
    vector: AnyVector,
    begin: number,
    end: number = Infinity,
  ): void {
    this.#memory.form.check(vector);
    this.#memory.setRow(this.#push(locator, begin, end), vector);
  }

  /** Adds a version that is in another segment. */
  copy(source: SearchableSegment, ordinal: number): void {
    const { versions, memory } = source;
    const at = this.#push(
      versions.locatorOf(ordinal),
      versions.beginOf(ordinal),
      versions.endOf(ordinal),
    );
    this.#memory.copyRow(at, memory, ordinal);
  }

  /** Adds a version that is in another segment, whose row was read. */
  copyStored(
    { versions }: SearchableSegment,
    ordinal: number,
    row: Uint8Array,
  ): void {
    const at = this.#push(
      versions.locatorOf(ordinal),
      versions.beginOf(ordinal),
      versions.endOf(ordinal),
    );
    this.#memory.setStoredRow(at, row);
  }

  #push(locator: number, begin: number, end: number): number {
    invariant(!this.#isBuilding, "row added to a segment being built");
    const at = this.#count;
    if (at === this.#capacity) this.#reserve(Math.ceil(at * 1.25) + 1024);
    if (at === this.#locators.length) this.#enlarge();
    this.#locators[at] = locator;
    this.#begins[at] = begin;
    this.#ends[at] = end;
    this.#count++;
    return at;
  }

  #reserve(wanted: number): void {
    const most = this.#entriesMax;
    if (this.#count >= most) throw this.#full();
    this.#capacity = Math.min(wanted, most);
    this.#memory.reserveRows(this.#capacity);
  }

  #full(): KriyaError {
    return new KriyaError(
      "invalid",
      `Cannot build a vector segment of more than ${this.#entriesMax} rows`,
      { code: "54000" },
    );
  }

  #enlarge(): void {
    const length = 2 * this.#locators.length;
    const grow = (
      old: Float64Array<ArrayBuffer>,
    ): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(length);
      grown.set(old);
      return grown;
    };
    this.#locators = grow(this.#locators);
    this.#begins = grow(this.#begins);
    this.#ends = grow(this.#ends);
  }

  /** Builds the segment of the rows that were added; ends additions. */
  build(covered: CoveredRange): SlicedTask<BuiltSegment> {
    return new SlicedTask(this.work(covered), this.#options.environment);
  }

  /** The work of {@linkcode build}. */
  *work(covered: CoveredRange): SlicedWork<BuiltSegment> {
    invariant(!this.#isBuilding, "segment built twice");
    this.#isBuilding = true;
    const memory = this.#memory;
    const { m, efConstruction, seed } = this.#options;
    const random = new SeededRandom(seed);
    const ordering = orderRows(memory, this.#count, random);
    let ordered = ordering.next();
    for (; ordered.done !== true; ordered = ordering.next()) yield 0;
    const order = ordered.value;
    const permuting = permuteRows(memory, order);
    while (permuting.next().done !== true) yield 0.01;
    memory.trimRows(this.#count);
    const levels = drawLevels(random, { count: this.#count, m });
    memory.addGraph(levels, m);
    const coding = memory.addCodes(this.#chosen());
    while (coding.next().done !== true) yield 0.01;
    const calibration = yield* this.#link(levels, random);
    const pick = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const picked = new Float64Array(order.length);
      for (let i = 0; i < order.length; i++) picked[i] = column[order[i]!]!;
      return picked;
    };
    yield 0.98;
    const ends = pick(this.#ends);
    const versions = VersionTable.of({
      locators: pick(this.#locators),
      begins: pick(this.#begins),
      ends: ends.some((end) => end !== Infinity) ? ends : undefined,
    });
    yield 0.99;
    versions.prepare();
    const segment = new SealedSegment({
      memory,
      levels,
      versions,
      calibration,
      efConstruction,
      coveredFrom: covered.from,
      coveredTo: covered.to,
    });
    return { segment, order };
  }

  /** Measures recall; codes that `auto` chose are left if they are no good. */
  *#measure(sample: Uint32Array): Generator<void, Calibration> {
    const memory = this.#memory;
    const options = { windows: this.#options.leavesRows === true };
    const calibration = yield* measureRecall(memory, sample, options);
    const isChosen = this.#options.quantization === "auto";
    if (!isChosen || memory.quantization === "none") return calibration;
    const width = efFor(calibration, { k: 10, minRecall: RECALL_USUAL });
    if (width !== Infinity) return calibration;
    memory.dropCodes();
    return yield* measureRecall(memory, sample);
  }

  /** The codes that the segment gets. */
  #chosen(): Quantization {
    const { quantization = "none" } = this.#options;
    if (quantization !== "auto") return quantization;
    const { element, metric, dims } = this.#memory.form;
    const { leavesRows = false } = this.#options;
    const { count } = this;
    return chooseQuantization({ count, element, metric, dims, leavesRows });
  }

  /** How far the work is when `linked` rows are linked. */
  #progress(linked: number): number {
    return 0.01 + 0.97 * linked / this.#count;
  }

  /** Links all rows; measures before the last. */
  *#link(
    levels: Uint8Array,
    random: SeededRandom,
  ): SlicedWork<Calibration> {
    const { kernels } = this.#memory;
    const { efConstruction } = this.#options;
    const count = levels.length;
    const order = drawOrder(random, count);
    const sample = count < CALIBRATED_MIN
      ? 0
      : Math.min(SAMPLE_MAX, Math.max(SAMPLE_MIN, Math.ceil(count / 100)));
    let calibration: Calibration = [];
    const isLinked = yield* linkInThreads(this.#memory, {
      order: order.subarray(0, count - sample),
      levels,
      efConstruction,
      threads: this.#options.threads ?? 0,
      progressAt: (linked) => this.#progress(linked),
    });
    for (let i = isLinked ? count - sample : 0; i < count; i++) {
      if (sample > 0 && i === count - sample) {
        const measuring = this.#measure(order.subarray(i));
        let measured = measuring.next();
        for (; measured.done !== true; measured = measuring.next()) {
          yield this.#progress(i);
        }
        calibration = measured.value;
      }
      kernels.insert(order[i]!, levels[order[i]!]!, efConstruction);
      yield this.#progress(i);
    }
    return calibration;
  }
}
