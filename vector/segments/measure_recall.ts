/**
 * Measuring what recall a graph's search widths give: see calibration.ts.
 *
 * @module
 */
import { rankedWindow } from "../codes/quantization.ts";
import type { SegmentMemory } from "../hnsw/segment_memory.ts";
import {
  type Calibration,
  type CalibrationPoint,
  EF_LADDER,
  lowerBound,
  RECALL_ENOUGH,
} from "./calibration.ts";
import { measureWindows, type Truth } from "./measure_windows.ts";
import { clearBit, makeBits, nextStamp, setBit } from "./row_set.ts";

/** Above this recall of the nearest 10, fewer queries are measured. */
const RECALL_HIGH = 0.97;

/** How many then. */
const HIGH_SAMPLE = 100;

/**
 * Measures the recall of searches for the rows of `sample`, which are not yet
 * linked, among all others, which are; with `windows` also how many rows have
 * to be looked at.
 */
export function* measureRecall(
  memory: SegmentMemory,
  sample: Uint32Array,
  options: { readonly windows?: boolean } = {},
): Generator<void, Calibration> {
  const { kernels } = memory;
  const { count } = memory.graph;
  const bits = makeBits(count);
  for (let i = 0; i < count; i++) setBit(bits, i);
  for (const row of sample) clearBit(bits, row);
  const stamp = nextStamp();
  const truths: Truth[] = [];
  for (const row of sample) {
    if (memory.isNowhere(row)) continue;
    memory.setQueryToRow(row);
    const offset = memory.loadBits(bits, stamp);
    kernels.scanBits(100, offset, bits.length / 8);
    const [tenth, hundredth] = [
      memory.outDistances(100)[9]!,
      memory.outDistances(100)[99]!,
    ];
    truths.push({ row, tenth, hundredth });
    yield;
  }
  const points: CalibrationPoint[] = [];
  for (const ef of EF_LADDER) {
    if (ef > memory.efMax || truths.length === 0) break;
    // Widths beyond what most ask for cost the most and matter least.
    const isHigh = (points.at(-1)?.recall10 ?? 0) >= RECALL_HIGH;
    const asked = isHigh ? truths.slice(0, HIGH_SAMPLE) : truths;
    const measured = options.windows === true && memory.quantization !== "none"
      ? yield* measureWindows(memory, ef, asked)
      : yield* measureWidth(memory, ef, asked);
    points.push(measured);
    const worst = Math.min(measured.recall10, measured.recall100);
    if (worst >= RECALL_ENOUGH) break;
  }
  return points;
}

/** What a width gives if it is looked at as many rows as ever. */
function* measureWidth(
  memory: SegmentMemory,
  ef: number,
  truths: readonly Truth[],
): Generator<void, CalibrationPoint> {
  const { kernels } = memory;
  const tens: number[] = [];
  const hundreds: number[] = [];
  for (const truth of truths) {
    memory.setQueryToRow(truth.row);
    const nearest = (reach: number): Float32Array => {
      const window = rankedWindow(memory.quantization, { reach, ef });
      return memory.outDistances(kernels.search(ef, window));
    };
    const wide = nearest(100);
    hundreds.push(share(wide, truth.hundredth, 100));
    // Who asks for ten has fewer rows looked at.
    const found = memory.quantization === "sq8" ? nearest(10) : wide;
    tens.push(share(found, truth.tenth, 10));
    yield;
  }
  return {
    ef,
    recall10: Math.fround(lowerBound(tens)),
    recall100: Math.fround(lowerBound(hundreds)),
  };
}

/** The share of the nearest `k` that were found; equals count as found. */
function share(found: Float32Array, kth: number, k: number): number {
  let hits = 0;
  while (hits < k && hits < found.length && !(found[hits]! > kth)) hits++;
  return hits / k;
}
