/**
 * Options of indexes and searches, and their bounds: pgvector's, with its
 * messages.
 *
 * @module
 */
import type { SharedRows } from "./row_set.ts";
import { type Environment, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { canQuantize, type QuantizationChoice } from "../codes/quantization.ts";
import {
  type Metric,
  metricsOf,
  type VectorElement,
} from "../distance/metric.ts";
import { dimsMaxOf } from "../hnsw/row_form.ts";
import { segmentEntriesMax } from "../hnsw/segment_layout.ts";
import { RECALL_USUAL } from "./calibration.ts";
import type { KernelVariant } from "../kernels/kernels.ts";
import type { SealedSegment } from "./sealed_segment.ts";
import type { SearchCounters } from "./search_counters.ts";
import {
  EF_CONSTRUCTION_MAX,
  EF_CONSTRUCTION_MIN,
  M_MAX,
  M_MIN,
} from "./segment_format.ts";

/** What an index is like. */
export interface VectorIndexOptions {
  /**
   * Dimensions of every vector: 1 to 16000; to 64000 of bits, to 1000000000 of
   * sparse ones.
   */
  readonly dims: number;
  /** The metric (default `l2`, of bits `hamming`). */
  readonly metric?: Metric | undefined;
  /** What vectors are made of (default `float32`). */
  readonly element?: VectorElement | undefined;
  /** Links per node above layer 0, 2 to 100; twice as many there (default 16). */
  readonly m?: number | undefined;
  /** Search width while building, 4 to 1000, at least 2m (default 200). */
  readonly efConstruction?: number | undefined;
  /** What walks look at (default `auto`: by size; see decision 043). */
  readonly quantization?: QuantizationChoice | undefined;
  /**
   * Whether the rows of a segment that is made now will be left where it is
   * stored (default: never), see `SealedSegment.leaveRows`.
   */
  readonly leavesRows?: (() => boolean) | undefined;
  /** The recall that search widths are chosen for (default 0.95). */
  readonly minRecall?: number | undefined;
  /** Rows of a segment, at most (default: what 4 GiB hold). */
  readonly segmentRowsMax?: number | undefined;
  /** Where chance comes from (default: drawn from the environment). */
  readonly seed?: number | undefined;
  /** Clock and chance (default: the system's). */
  readonly environment?: Environment | undefined;
  /** Who computes (default: the best that runs here). */
  readonly variant?: KernelVariant | undefined;
  /**
   * Threads that build large segments, besides the caller's, which only waits
   * then (default 0). The same seed gives another graph each time.
   */
  readonly threads?: number | undefined;
}

/** Options of a search. */
export interface SearchOptions {
  /** How many rows will be asked for, about (default 10). */
  readonly k?: number | undefined;
  /** Search width; by default the one that gives `minRecall`. */
  readonly ef?: number | undefined;
  /** Recall to aim at, instead of the index's. */
  readonly minRecall?: number | undefined;
  /** Whose versions are visible (default: the newest). */
  readonly snapshot?: number | undefined;
  /** The only locators that may be found: sorted, each once. */
  readonly allowed?: Float64Array | undefined;
  /**
   * `auto` (the default) walks a segment's graph where that is cheaper than an
   * exact scan; `graph` always, `exact` never. A graph that leads nowhere is
   * left for an exact scan in any case.
   */
  readonly plan?: "auto" | "graph" | "exact" | undefined;
  /** What is done is added here; absent: nobody counts. */
  readonly counters?: SearchCounters | undefined;
}

/** {@linkcode SearchOptions} of one of many searches. */
export interface BatchedSearch extends SearchOptions {
  /** What searches of the same snapshot and locators have found out. */
  readonly shared?: SharedRows | undefined;
  /** The only segment that is searched; absent: all are. */
  readonly only?: SealedSegment | undefined;
}

/** {@linkcode VectorIndexOptions} with the defaults filled in. */
export interface ResolvedOptions {
  readonly dims: number;
  readonly metric: Metric;
  readonly element: VectorElement;
  readonly m: number;
  readonly efConstruction: number;
  readonly quantization: QuantizationChoice;
  readonly minRecall: number;
  readonly segmentRowsMax: number;
  readonly environment: Environment;
  readonly variant: KernelVariant | undefined;
  readonly threads: number;
}

/**
 * Fills in the defaults.
 *
 * @throws {KriyaError} of kind `invalid` (22023) for options out of range.
 */
export function resolveOptions(options: VectorIndexOptions): ResolvedOptions {
  const { dims, element = "float32", minRecall = RECALL_USUAL, variant } =
    options;
  const { metric = metricsOf(element)[0]! } = options;
  const { m = 16, efConstruction = 200, quantization = "auto" } = options;
  const { environment = systemEnvironment, threads = 0 } = options;
  checkRange("dimensions", dims, [1, dimsMaxOf(element)]);
  if (!metricsOf(element).includes(metric)) {
    throw new KriyaError(
      "invalid",
      `Cannot order vectors of ${element} by ${metric}`,
      { code: "22023" },
    );
  }
  checkRange("m", m, [M_MIN, M_MAX]);
  checkRange("threads", threads, [0, 1024]);
  const efRange = [EF_CONSTRUCTION_MIN, EF_CONSTRUCTION_MAX] as const;
  checkRange("ef_construction", efConstruction, efRange);
  checkRecall(minRecall);
  if (efConstruction < 2 * m) {
    throw new KriyaError(
      "invalid",
      "ef_construction must be greater than or equal to 2 * m",
      { code: "22023" },
    );
  }
  checkQuantization(quantization, element, metric);
  const most = segmentEntriesMax(dims, m, element, quantization);
  const segmentRowsMax = Math.min(most, options.segmentRowsMax ?? most);
  checkRange("segment_rows_max", segmentRowsMax, [1, most]);
  return {
    dims,
    metric,
    element,
    m,
    efConstruction,
    quantization,
    minRecall,
    segmentRowsMax,
    environment,
    variant,
    threads,
  };
}

function checkQuantization(
  quantization: QuantizationChoice,
  element: VectorElement,
  metric: Metric,
): void {
  if (quantization === "auto" || quantization === "none") return;
  if (canQuantize(element, metric)) return;
  throw new KriyaError(
    "invalid",
    `Cannot quantize vectors of ${element} compared by ${metric}`,
    { code: "22023" },
  );
}

function checkRange(
  name: string,
  value: number,
  [low, high]: readonly [number, number],
): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new KriyaError(
    "invalid",
    `value ${value} out of bounds for option "${name}"`,
    {
      code: "22023",
      detail: `Valid values are between "${low}" and "${high}".`,
    },
  );
}

/** Fails (22023) unless `value` can be a recall to aim at. */
export function checkRecall(value: number): void {
  if (value > 0 && value <= 1) return;
  throw new KriyaError(
    "invalid",
    `value ${value} out of bounds for option "min_recall"`,
    { code: "22023", detail: 'Valid values are between "0" and "1".' },
  );
}
