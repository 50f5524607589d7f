/**
 * Which sealed segments to merge: a pure function of their sizes.
 *
 * A search visits every segment, so few large ones are fast; a merge links
 * every row again, so merging seldom is cheap. Segments are put in tiers by
 * size, each `fanout` times the one below; once a tier is full its segments
 * become one of the next, and a row is linked again once per tier:
 * log_fanout(n / smallest) times in all.
 *
 * In this order:
 * 1. A segment with many dead versions is rewritten alone.
 * 2. The lowest full tier is merged, with all that is smaller.
 * 3. With more segments than `segmentsMax`, the smallest are merged.
 *
 * A merge never has more rows than a segment can hold.
 *
 * @module
 */

/** What the choice is made by. */
export interface SegmentFacts {
  /** Versions in the segment. */
  readonly entries: number;
  /** Those that a merge would drop. */
  readonly dead: number;
}

/** Limits of the choice. */
export interface MergePolicy {
  /** Segments that fill a tier (default 4). */
  readonly fanout?: number;
  /** Rows of the lowest tier, at most (default 4096). */
  readonly smallest?: number;
  /** Share of dead versions that is too much (default 0.3). */
  readonly deadShareMax?: number;
  /** Segments that are too many (default 12). */
  readonly segmentsMax?: number;
  /** Rows that a segment can hold (default: no limit). */
  readonly entriesMax?: number;
}

/**
 * The indexes of the segments to merge into one, ascending; `undefined` if
 * all is well.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pickMerge } from "./pick_merge.ts";
 *
 * const live = (entries: number) => ({ entries, dead: 0 });
 * assertEquals(pickMerge([live(1e6), live(5000), live(5000)]), undefined);
 * assertEquals(pickMerge([5e3, 1e6, 6e3, 7e3, 8e3].map(live)), [0, 2, 3, 4]);
 * ```
 */
export function pickMerge(
  segments: readonly SegmentFacts[],
  policy: MergePolicy = {},
): number[] | undefined {
  const { fanout = 4, smallest = 4096, segmentsMax = 12 } = policy;
  const { deadShareMax = 0.3, entriesMax = Infinity } = policy;
  const decayed = worstDecayed(segments, deadShareMax);
  if (decayed !== undefined) return [decayed];
  const bySize = segments.map((facts, index) => ({
    index,
    size: facts.entries - facts.dead,
  })).sort((a, b) => a.size - b.size || a.index - b.index);
  const tierOf = (size: number): number => {
    let tier = 0;
    for (let most = smallest; size > most; most *= fanout) tier++;
    return tier;
  };
  /** The smallest `count`, as many as fit into one; at least two. */
  const take = (count: number): number[] | undefined => {
    let rows = 0;
    const taken: number[] = [];
    for (const { index, size } of bySize.slice(0, count)) {
      rows += size;
      if (rows > entriesMax) break;
      taken.push(index);
    }
    return taken.length < 2 ? undefined : taken.sort((a, b) => a - b);
  };
  let inTier = 0;
  for (let i = 0; i < bySize.length; i++) {
    const tier = tierOf(bySize[i]!.size);
    inTier = i > 0 && tier === tierOf(bySize[i - 1]!.size) ? inTier + 1 : 1;
    const isTierEnd = i + 1 === bySize.length ||
      tierOf(bySize[i + 1]!.size) > tier;
    if (!isTierEnd || inTier < fanout) continue;
    const taken = take(i + 1);
    if (taken !== undefined) return taken;
  }
  const excess = segments.length - segmentsMax;
  return excess > 0 ? take(Math.max(fanout, excess + 1)) : undefined;
}

/** The segment with the largest share of dead versions, if that is too much. */
function worstDecayed(
  segments: readonly SegmentFacts[],
  deadShareMax: number,
): number | undefined {
  let worst: number | undefined;
  let worstShare = deadShareMax;
  segments.forEach(({ entries, dead }, index) => {
    const share = entries === 0 ? 1 : dead / entries;
    if (share <= worstShare) return;
    worst = index;
    worstShare = share;
  });
  return worst;
}
