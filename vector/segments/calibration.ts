/**
 * Calibration: which search width gives which recall, measured on the segment
 * itself, so that a recall can be asked for instead of a width.
 *
 * Before the last rows of a segment are linked, they serve as queries: their
 * nearest 10 and 100 among the linked rows are found exactly, and then with
 * wider and wider searches. Each measured recall is kept as a lower bound, the
 * mean over the queries minus its standard error, so that chance in a small
 * sample does not promise too much.
 *
 * Where rows will not be in memory, it counts how many of them a search has to
 * look at: then a point also says how many of the nearest by codes give that
 * recall, almost as if all that the walk found were looked at.
 *
 * Real queries may be unlike the rows; then the bound is a guess, as any
 * setting of a width by hand is.
 *
 * @module
 */

/** What a width gave. */
export interface CalibrationPoint {
  /** The search width. */
  readonly ef: number;
  /** Lower bound of the recall of the nearest 10. */
  readonly recall10: number;
  /** Lower bound of the recall of the nearest 100. */
  readonly recall100: number;
  /** Of how many of the nearest by codes rows were looked at, for 10 … */
  readonly window10?: number | undefined;
  /** … and for 100; absent: as `rankedWindow` says. */
  readonly window100?: number | undefined;
}

/** Points of rising width. */
export type Calibration = readonly CalibrationPoint[];

/** Widths that are tried, each about a root of two times the one before. */
export const EF_LADDER: readonly number[] = [
  50,
  71,
  100,
  141,
  200,
  283,
  400,
  566,
  800,
  1131,
  1600,
  2263,
  3200,
  4525,
  6400,
  9051,
  12_800,
];

/** The recall that most ask for: the default. */
export const RECALL_USUAL = 0.95;

/** A recall no point has to pass: the search is as good as exact. */
export const RECALL_ENOUGH = 0.995;

/**
 * The width that gives `minRecall` of the nearest `k`; Infinity if no width
 * that was measured does, and an exact scan has to.
 */
export function efFor(
  calibration: Calibration,
  options: { readonly k: number; readonly minRecall: number },
): number {
  const { k, minRecall } = options;
  // All of the nearest is a promise that no measurement makes.
  if (minRecall >= 1) return Infinity;
  const ten = widthAt(calibration, minRecall, (point) => point.recall10);
  if (k <= 10) return Math.max(k, ten);
  const hundred = widthAt(calibration, minRecall, (point) => point.recall100);
  // Between 10 and 100 along the logarithm; beyond, in proportion.
  const ef = k >= 100
    ? hundred * k / 100
    : ten + (hundred - ten) * Math.log10(k / 10);
  return Math.max(k, Math.ceil(ef));
}

/** Whether it was measured how many rows have to be looked at. */
export function hasWindows(calibration: Calibration): boolean {
  return calibration.length > 0 &&
    calibration.every(({ window10, window100 }) =>
      window10 !== undefined && window100 !== undefined
    );
}

/**
 * Of how many of the nearest by codes the rows have to be looked at, for the
 * nearest `k` of a search `ef` wide. REQUIRES: {@linkcode hasWindows}.
 */
export function windowFor(
  calibration: Calibration,
  { k, ef }: { readonly k: number; readonly ef: number },
): number {
  const point = calibration.find((each) => each.ef >= ef) ??
    calibration.at(-1)!;
  const ten = point.window10!;
  const hundred = Math.max(ten, point.window100!);
  const window = k <= 10
    ? ten
    : k >= 100
    ? hundred * k / 100
    : ten + (hundred - ten) * Math.log10(k / 10);
  return Math.max(k, Math.ceil(window));
}

/** Where the measured recall, drawn through its points, reaches `recall`. */
function widthAt(
  calibration: Calibration,
  recall: number,
  measured: (point: CalibrationPoint) => number,
): number {
  let before: CalibrationPoint | undefined;
  for (const point of calibration) {
    const reached = measured(point);
    if (reached >= recall) {
      if (before === undefined) return point.ef;
      const share = (recall - measured(before)) / (reached - measured(before));
      return Math.ceil(before.ef + share * (point.ef - before.ef));
    }
    before = point;
  }
  return Infinity;
}

/** The mean of `shares` less its standard error, at least 0. */
export function lowerBound(shares: readonly number[]): number {
  const count = shares.length;
  const mean = shares.reduce((sum, share) => sum + share, 0) / count;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) /
    Math.max(1, count - 1);
  return Math.max(0, mean - Math.sqrt(variance / count));
}
