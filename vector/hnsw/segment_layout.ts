/**
 * Where the parts of a segment's memory lie, and how large they are.
 *
 * | part | bytes | |
 * | --- | --- | --- |
 * | reserved | 1024 | for the compiler's static data |
 * | query | the longest stride | laid out as a row |
 * | ids, distances | 4 (1024 + 4) each | a batch |
 * | pool, results | 8 (efMax + 2) each | sorted keys of a search |
 * | outIds, outDistances | 4 efMax each | what a search gives back |
 * | scratch | see `assembly/link.ts` | used while linking |
 * | rows | stride (capacity + 3) | see `row_form.ts` |
 * | bits | capacity / 8, up | a bitmap of rows: who may be in a result |
 * | level0 | 8 m count | 2m neighbours of each node, `NONE` after the last |
 * | upper | 4 upperCount | m neighbours per node and layer above 0 |
 * | upperAt | 4 count | where a node's lists in `upper` begin, in numbers |
 * | duplicates | 4 count | the next node with the same vector, or `NONE` |
 * | visited | count | the epoch that saw the node last |
 * | codes | see `codes/row_codes.ts` | codes of the query and of rows, if there are |
 *
 * The parts from `bits` on move when rows are added beyond the capacity, so a
 * memory has a graph only once its rows are complete. Three rows past the
 * last are there because rows are read four at a time.
 *
 * @module
 */
import { canQuantize, type QuantizationChoice } from "../codes/quantization.ts";
import { codeBytes } from "../codes/row_codes.ts";
import {
  type Metric,
  metricsOf,
  type VectorElement,
} from "../distance/metric.ts";
import {
  BATCH_MAX,
  type KernelFunctions,
  LEVEL_MAX,
  PAGE_BYTES,
  PAGES_MAX,
} from "../kernels/kernels.ts";
import { RowForm } from "./row_form.ts";

/** Where the graph lies. */
export interface GraphPlace {
  /** Nodes. */
  readonly count: number;
  /** Most links per node above layer 0; twice as many on layer 0. */
  readonly m: number;
  /** Offset of the lists of layer 0. */
  readonly level0: number;
  /** Offset of the lists above layer 0. */
  readonly upper: number;
  /** Numbers in `upper`. */
  readonly upperCount: number;
  /** Offset of where each node's lists in `upper` begin. */
  readonly upperAt: number;
  /** Offset of the chains of duplicates. */
  readonly duplicates: number;
  /** Offset of the visited marks. */
  readonly visited: number;
}

/** Bytes up to the rows, and the offsets there. */
export interface HeadPlace {
  /** See the table. */
  readonly query: number;
  /** See the table. */
  readonly ids: number;
  /** See the table. */
  readonly distances: number;
  /** See the table. */
  readonly pool: number;
  /** See the table. */
  readonly results: number;
  /** See the table. */
  readonly outIds: number;
  /** See the table. */
  readonly outDistances: number;
  /** See the table. */
  readonly scratch: number;
  /** See the table. */
  readonly rows: number;
}

/** `offset`, or the next multiple of `to`. */
export const align = (offset: number, to: number): number =>
  Math.ceil(offset / to) * to;

/**
 * Places what comes before rows, at `begin` on; `stride` is that of the longest
 * there may be.
 */
export function placeHead(
  stride: number,
  efMax: number,
  m: number,
  begin = 1024,
): HeadPlace {
  let at = begin;
  const take = (bytes: number): number => {
    const offset = at;
    at = align(at + bytes, 16);
    return offset;
  };
  return {
    query: take(stride),
    ids: take(4 * (BATCH_MAX + 4)),
    distances: take(4 * (BATCH_MAX + 4)),
    pool: take(8 * (efMax + 2)),
    results: take(8 * (efMax + 2)),
    outIds: take(4 * efMax),
    outDistances: take(4 * efMax),
    scratch: take(12 * (2 * m + 4) + 8 * (LEVEL_MAX + 1) * (m + 3)),
    rows: align(at, 64),
  };
}

/** How large a graph is. */
export interface GraphSize {
  /** Nodes. */
  readonly count: number;
  /** Most links of a node above layer 0. */
  readonly m: number;
  /** Numbers in the lists above layer 0. */
  readonly upperCount: number;
}

/** Places a graph of this size at `begin` and above. */
export function placeGraph(
  { count, m, upperCount }: GraphSize,
  begin: number,
): { readonly place: GraphPlace; readonly end: number } {
  let end = begin;
  const take = (bytes: number): number => {
    const offset = align(end, 64);
    end = offset + bytes;
    return offset;
  };
  const place = {
    count,
    m,
    level0: take(8 * m * count),
    upper: take(4 * upperCount),
    upperCount,
    upperAt: take(4 * count),
    duplicates: take(4 * count),
    visited: take(count),
  };
  return { place, end };
}

/** What the kernels' `setup` is called with; rows of `stride` bytes. */
export function setupArguments(
  form: RowForm,
  stride: number,
  head: HeadPlace,
  efMax: number,
): Parameters<KernelFunctions["setup"]> {
  return [
    form.code,
    head.rows,
    stride,
    form.componentBytes / 16,
    head.query,
    head.ids,
    head.distances,
    head.pool,
    head.results,
    efMax,
    head.outIds,
    head.outDistances,
    head.scratch,
  ];
}

/** How wide a search of so many nodes may be asked to be. */
export function efMaxFor(count: number): number {
  let ef = 1024;
  while (ef < 16_384 && ef < count / 32) ef *= 2;
  return ef;
}

/**
 * About how many bytes of memory a graph over `count` vectors takes; exact but
 * for the layers above 0, whose size is drawn.
 */
export function estimateGraphBytes(
  options: {
    readonly count: number;
    readonly dims: number;
    readonly m: number;
    /** What vectors are made of, and their metric; default `float32`, `l2`. */
    readonly element?: VectorElement | undefined;
    readonly metric?: Metric | undefined;
    /** What walks look at (default `none`). */
    readonly quantization?: QuantizationChoice | undefined;
  },
): number {
  const { count, m, quantization } = options;
  const form = formOf(options);
  const stride = form.strideMax + codeStrideOf(form, quantization);
  const upper = 4 * m * count / (m - 1);
  return placeHead(stride, efMaxFor(count), m).rows +
    stride * (count + 3) + count * (8 * m + 9.125) + upper + PAGE_BYTES;
}

/** The form of rows that options say. */
export function formOf(
  { dims, element = "float32", metric }: {
    readonly dims: number;
    readonly element?: VectorElement | undefined;
    readonly metric?: Metric | undefined;
  },
): RowForm {
  return new RowForm(element, metric ?? metricsOf(element)[0]!, dims);
}

/** Bytes of a row's codes, at most. */
function codeStrideOf(
  { dims, element, metric }: RowForm,
  quantization: QuantizationChoice = "none",
): number {
  if (!canQuantize(element, metric)) return 0;
  return codeBytes(quantization === "auto" ? "sq8" : quantization, dims).stride;
}

/** The most vectors that one segment can hold: its memory ends at 4 GiB. */
export function segmentEntriesMax(
  dims: number,
  m: number,
  element?: VectorElement,
  quantization?: QuantizationChoice,
): number {
  const form = formOf({ dims, element });
  const stride = form.strideMax + 16 + codeStrideOf(form, quantization);
  const perEntry = stride + 8 * m + 9.125 + 4 * m / (m - 1);
  // A tenth and 16 MiB are left for layers drawn larger, and for the head.
  return Math.floor((PAGES_MAX * PAGE_BYTES - 2 ** 24) / perEntry * 0.9);
}
