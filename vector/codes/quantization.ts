/**
 * The kinds of codes that a walk can look at instead of rows.
 *
 * @module
 */
import type { Metric, VectorElement } from "../distance/metric.ts";

/**
 * What walks look at: the rows (`none`), a byte a component (`sq8`), or a bit
 * a component, as it is (`binary`) or of the rotated row (`rabitq`).
 */
export type Quantization = "none" | "sq8" | "binary" | "rabitq";

/** The kinds by their numbers in bytes. */
export const QUANTIZATIONS: readonly Quantization[] = [
  "none",
  "sq8",
  "binary",
  "rabitq",
];

/** What an index can be told: a kind, or to choose. */
export type QuantizationChoice = Quantization | "auto";

/**
 * Of how many of the nearest by codes the rows are looked at, when `reach` of
 * the nearest are asked for and a walk is `ef` wide. Bytes err little: the true
 * nearest 10 are among the nearest 11 by codes (`scalar_coder.ts`); where they
 * err more, in clusters that are tight for their distance, wider walks make up
 * for it. By bits the nearest are anywhere in what was found.
 */
export function rankedWindow(
  quantization: Quantization,
  { reach, ef }: { readonly reach: number; readonly ef: number },
): number {
  return quantization === "sq8"
    ? Math.max(reach + Math.max(4, reach >> 3), ef >> 3)
    : Math.max(reach, ef);
}

/** Whether rows of an element, compared by a metric, can have codes. */
export function canQuantize(element: VectorElement, metric: Metric): boolean {
  return (element === "float32" || element === "float16") && metric !== "l1";
}

/** Fewer rows are not walked: an exact scan is as fast. */
const CODED_MIN = 1000;

/** Dimensions from which a bit of each says enough where rows are elsewhere. */
const BITS_DIMS_MIN = 256;

/**
 * The codes that `auto` gives a segment: see decision 043; 054 where rows are
 * left in the bucket.
 */
export function chooseQuantization(
  { count, element, metric, dims, leavesRows }: {
    readonly count: number;
    readonly element: VectorElement;
    readonly metric: Metric;
    readonly dims: number;
    readonly leavesRows: boolean;
  },
): Quantization {
  if (!canQuantize(element, metric) || count < CODED_MIN) return "none";
  return leavesRows && dims >= BITS_DIMS_MIN ? "rabitq" : "sq8";
}
