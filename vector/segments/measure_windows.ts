/**
 * Measuring of how many of the nearest by codes the rows have to be looked at:
 * see calibration.ts.
 *
 * A walk gives what it found in order of codes; the exact distances of all of
 * it tell at once what any number of the first gives. The least number is taken
 * whose recall is almost that of all.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { SegmentMemory } from "../hnsw/segment_memory.ts";
import { BATCH_MAX } from "../kernels/kernels.ts";
import { type CalibrationPoint, lowerBound } from "./calibration.ts";

/** The exact distance to the 10th and 100th nearest of a query. */
export interface Truth {
  /** The row that is the query. */
  readonly row: number;
  /** Its distance to the 10th. */
  readonly tenth: number;
  /** Its distance to the 100th. */
  readonly hundredth: number;
}

/** How much recall may be lost by looking at fewer rows. */
const LOSS_MAX = 0.004;

/** How much larger each number is that is tried. */
const STEP = 1.25;

/** The share of the nearest 10, or 100, by how many rows are looked at. */
interface Curve {
  readonly k: number;
  readonly windows: readonly number[];
  /** Per number in `windows`, the share of each query. */
  readonly shares: readonly number[][];
}

/** What a width gives, and of how many rows. */
export function* measureWindows(
  memory: SegmentMemory,
  ef: number,
  truths: readonly Truth[],
): Generator<void, CalibrationPoint> {
  const ten = newCurve(10, ef);
  const hundred = newCurve(100, ef);
  for (const truth of truths) {
    memory.setQueryToRow(truth.row);
    const distances = walkByCodes(memory, ef);
    note(ten, distances, truth.tenth);
    note(hundred, distances, truth.hundredth);
    yield;
  }
  const [recall10, window10] = leastOf(ten);
  const [recall100, window100] = leastOf(hundred);
  return { ef, recall10, recall100, window10, window100 };
}

function newCurve(k: number, ef: number): Curve {
  const windows: number[] = [];
  for (let size = k; size < ef; size = Math.ceil(size * STEP)) {
    windows.push(size);
  }
  windows.push(Math.max(k, ef));
  return { k, windows, shares: windows.map(() => []) };
}

/** Exact distances of what a walk finds, in order of codes. */
function walkByCodes(memory: SegmentMemory, ef: number): Float32Array {
  const { kernels } = memory;
  const found = kernels.search(ef, 0);
  const ids = memory.outIds(found).slice();
  // Without codes of the query a walk looks at rows.
  if (!memory.hasCodeQuery) return memory.outDistances(found).slice();
  const distances = new Float32Array(found);
  for (let from = 0; from < found; from += BATCH_MAX) {
    const size = Math.min(BATCH_MAX, found - from);
    memory.ids.set(ids.subarray(from, from + size));
    kernels.distanceBatch(size);
    distances.set(memory.distances.subarray(0, size), from);
  }
  return distances;
}

/** Notes how many of the nearest are among the first, for each number. */
function note(
  { k, windows, shares }: Curve,
  found: Float32Array,
  kth: number,
): void {
  let hits = 0;
  let at = 0;
  windows.forEach((window, i) => {
    for (; at < window && at < found.length; at++) {
      if (!(found[at]! > kth)) hits++;
    }
    shares[i]!.push(Math.min(hits, k) / k);
  });
}

/** The least number that is almost as good as all, and its recall. */
function leastOf({ windows, shares }: Curve): readonly [number, number] {
  const bounds = shares.map((each) => Math.fround(lowerBound(each)));
  const best = bounds.at(-1)!;
  const least = bounds.findIndex((bound) => bound >= best - LOSS_MAX);
  invariant(least >= 0, "no number of rows is as good as itself");
  return [bounds[least]!, windows[least]!];
}
