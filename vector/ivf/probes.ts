/**
 * How many clusters have to be read for a recall, as measured.
 *
 * @module
 */

/** What a number of clusters gave. */
export interface ProbePoint {
  /** Clusters read. */
  readonly probes: number;
  /** Lower bound of the recall of the nearest 10. */
  readonly recall10: number;
  /** Lower bound of the recall of the nearest 100. */
  readonly recall100: number;
}

/** Points of rising numbers. */
export type ProbeCalibration = readonly ProbePoint[];

/** Numbers of clusters that are tried. */
export const PROBE_LADDER: readonly number[] = [
  1,
  2,
  3,
  4,
  6,
  8,
  11,
  16,
  23,
  32,
  45,
  64,
  91,
  128,
];

/** The recall that clusters are read for. */
export const MIN_RECALL = 0.95;

/** Clusters that are read at least: what is measured is a mean of all places. */
const PROBES_MIN = 8;

/** Of an index that was not measured: so many clusters … */
const UNKNOWN_MIN = 16;
/** … or this share of them. */
const UNKNOWN_SHARE = 0.1;

/**
 * How many of `clusters` to read for the nearest `k`; all of them, where no
 * number that was measured gives the recall.
 */
export function probesFor(
  calibration: ProbeCalibration,
  options: { readonly k: number; readonly clusters: number },
): number {
  const { k, clusters } = options;
  if (calibration.length === 0) {
    const share = Math.ceil(clusters * UNKNOWN_SHARE);
    return Math.min(clusters, Math.max(UNKNOWN_MIN, share));
  }
  const ten = reaching(calibration, (point) => point.recall10);
  const hundred = k <= 10
    ? ten
    : Math.max(ten, reaching(calibration, (point) => point.recall100));
  // Between 10 and 100 along the logarithm; beyond, in proportion.
  const probes = k <= 10
    ? ten
    : k <= 100
    ? ten + (hundred - ten) * Math.log10(k / 10)
    : hundred * k / 100;
  return Number.isNaN(probes)
    ? clusters
    : Math.min(clusters, Math.max(PROBES_MIN, Math.ceil(probes)));
}

function reaching(
  calibration: ProbeCalibration,
  recallOf: (point: ProbePoint) => number,
): number {
  for (const point of calibration) {
    if (recallOf(point) >= MIN_RECALL) return point.probes;
  }
  return Infinity;
}
