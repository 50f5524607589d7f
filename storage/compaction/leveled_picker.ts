/**
 * Leveled compaction: which tables to merge next.
 *
 * Level 0 is due when it has `l0CompactionTrigger` tables; level n when it has
 * more than `levelBaseBytes` × `levelSizeRatio`^(n - 1) bytes. The level that is
 * furthest over its limit goes first (LevelDB's score). From a level below 0 the
 * table goes that overlaps the fewest bytes below for its size, which is what
 * writes least again.
 *
 * Where level 1 is many times larger than level 0, its tables would be written
 * again and again for little: then the newest tables of level 0 are merged among
 * themselves first.
 *
 * Tables that hold mostly what may go (deletions, old versions, range
 * tombstones) move down early, or are rewritten in place where nothing lies
 * below them.
 *
 * @module
 */
import { LEVEL_COUNT, type TableMeta } from "../manifest/manifest.ts";
import {
  bytesOf,
  type CompactionPlan,
  type CompactionReason,
  type PickerOptions,
} from "./plan.ts";
import { hullOf, overlapClosure, overlapping } from "./table_ranges.ts";

type Levels = readonly (readonly TableMeta[])[];
type Busy = ReadonlySet<string>;

/** Level 1 is at most so many times the bytes of level 0 that goes into it. */
const L0_REWRITE_RATIO_MAX = 8;
/** Fewer tables of level 0 are not merged among themselves. */
const L0_MERGE_TABLES_MIN = 3;
/** An output, or a table that is moved, overlaps so many tables' bytes below. */
export const GRANDPARENT_TABLES_MAX = 10;
/** Part of a table's entries that may go at which it is rewritten for it. */
const GARBAGE_PART = 0.5;
const BOTTOM = LEVEL_COUNT - 1;

/** The bytes that a level below 0 may have. */
export function levelBytesMax(level: number, options: PickerOptions): number {
  return options.levelBaseBytes * options.levelSizeRatio ** (level - 1);
}

/** The most pressing compaction, `undefined` if none is due. */
export function pickLeveled(
  levels: Levels,
  options: PickerOptions,
  busy: Busy,
): CompactionPlan | undefined {
  const due = dueLevels(levels, options);
  for (const level of due) {
    const plan = level === 0
      ? pickLevel0(levels, options, busy, "level-0")
      : pickFromLevel(levels, level, options, busy, "level-size");
    if (plan !== undefined) return plan;
  }
  return pickGarbage(levels, options, busy);
}

/** The levels that are over their limits, the furthest over first. */
function dueLevels(levels: Levels, options: PickerOptions): number[] {
  const scores = levels.slice(0, BOTTOM).map((tables, level) =>
    level === 0
      ? Math.max(
        tables.length / options.l0CompactionTrigger,
        bytesOf(tables) / Math.max(options.levelBaseBytes, 1),
      )
      : bytesOf(tables) / Math.max(levelBytesMax(level, options), 1)
  );
  return scores.flatMap((score, level) =>
    score >= 1 && levels[level]!.length > 0 ? [level] : []
  )
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** Level 0 into level 1, or within itself. */
function pickLevel0(
  levels: Levels,
  options: PickerOptions,
  busy: Busy,
  reason: CompactionReason,
): CompactionPlan | undefined {
  const level0 = levels[0]!;
  const oldest = level0.at(-1);
  if (oldest === undefined || level0.some(({ path }) => busy.has(path))) {
    return undefined;
  }
  let tables = overlapClosure(level0, oldest);
  // Small tables are not worth a table each below.
  if (bytesOf(tables) < options.tableBytesMax / 4) tables = level0;
  const below = overlapping(levels[1]!, hullOf(tables));
  if (
    reason === "level-0" &&
    bytesOf(below) > L0_REWRITE_RATIO_MAX * bytesOf(tables)
  ) {
    const merge = pickMergeOfLevel0(level0, options);
    if (merge !== undefined) return merge;
  }
  return planInto(levels, 0, tables, options, busy, reason);
}

/** The newest tables of level 0, as far as each is no larger than those before. */
function pickMergeOfLevel0(
  level0: readonly TableMeta[],
  options: PickerOptions,
): CompactionPlan | undefined {
  let bytes = 0;
  let count = 0;
  for (const { size } of level0) {
    if (count >= 2 && size > bytes) break;
    if (bytes + size > options.tableBytesMax) break;
    bytes += size;
    count++;
  }
  if (count < L0_MERGE_TABLES_MIN) return undefined;
  return {
    reason: "level-0-merge",
    inputs: [{ level: 0, tables: level0.slice(0, count) }],
    outputLevel: 0,
    move: false,
    grandparents: [],
  };
}

/** The table of a level that is cheapest to move down. */
function pickFromLevel(
  levels: Levels,
  level: number,
  options: PickerOptions,
  busy: Busy,
  reason: CompactionReason,
): CompactionPlan | undefined {
  let best: CompactionPlan | undefined;
  let bestRatio = Infinity;
  for (const table of levels[level]!) {
    const ratio = bytesOf(overlapping(levels[level + 1]!, table)) /
      Math.max(table.size, 1);
    if (ratio >= bestRatio) continue;
    const plan = planInto(levels, level, [table], options, busy, reason);
    if (plan === undefined) continue;
    best = plan;
    bestRatio = ratio;
  }
  return best;
}

/** `tables` of `level` into the level below; `undefined` if one is busy. */
export function planInto(
  levels: Levels,
  level: number,
  tables: readonly TableMeta[],
  options: PickerOptions,
  busy: Busy,
  reason: CompactionReason,
): CompactionPlan | undefined {
  const below = overlapping(levels[level + 1]!, hullOf(tables));
  if ([...tables, ...below].some(({ path }) => busy.has(path))) {
    return undefined;
  }
  const hull = hullOf([...tables, ...below]);
  const grandparents = level + 2 < LEVEL_COUNT
    ? overlapping(levels[level + 2]!, hull)
    : [];
  const move = tables.length === 1 && below.length === 0 &&
    bytesOf(grandparents) <= GRANDPARENT_TABLES_MAX * options.tableBytesMax &&
    !isGarbage(tables[0]!, options);
  return {
    reason,
    inputs: below.length === 0
      ? [{ level, tables }]
      : [{ level, tables }, { level: level + 1, tables: below }],
    outputLevel: level + 1,
    move,
    grandparents,
  };
}

/** Whether much of a table may go. */
function isGarbage(table: TableMeta, options: PickerOptions): boolean {
  if (options.isExpired(table)) return true;
  const { entryCount, deletionCount, shadowedCount = 0 } = table;
  const garbage = table.tombstoneCount > 0 ||
    (entryCount > 0 &&
      deletionCount + shadowedCount >= entryCount * GARBAGE_PART);
  return garbage && table.sequenceMax <= options.droppableTo(table);
}

/** A table that is rewritten for what may go. */
export function pickGarbage(
  levels: Levels,
  options: PickerOptions,
  busy: Busy,
): CompactionPlan | undefined {
  for (let level = 0; level < LEVEL_COUNT; level++) {
    for (const table of levels[level]!) {
      if (busy.has(table.path) || !isGarbage(table, options)) continue;
      const reason = options.isExpired(table) ? "expired" : "deletions";
      const plan = planGarbage(levels, level, table, options, busy, reason);
      if (plan !== undefined) return plan;
    }
  }
  return undefined;
}

function planGarbage(
  levels: Levels,
  level: number,
  table: TableMeta,
  options: PickerOptions,
  busy: Busy,
  reason: CompactionReason,
): CompactionPlan | undefined {
  // Its turn comes soon, unless it hides much of what lies below.
  if (level === 0) {
    return table.tombstoneCount > 0
      ? pickLevel0(levels, options, busy, reason)
      : undefined;
  }
  const deeper = levels.slice(level + 1).some((tables) =>
    overlapping(tables, table).length > 0
  );
  if (deeper) return planInto(levels, level, [table], options, busy, reason);
  return {
    reason,
    inputs: [{ level, tables: [table] }],
    outputLevel: level,
    move: false,
    grandparents: [],
  };
}

/**
 * The next step towards having everything in the lowest level: the highest
 * table that is not there yet, unless all of it is newer than `upTo`; else one
 * with garbage.
 */
export function pickTowardsBottom(
  levels: Levels,
  options: PickerOptions,
  busy: Busy,
  upTo: number,
): CompactionPlan | undefined {
  for (let level = 0; level < BOTTOM; level++) {
    const table = levels[level]!.find(({ sequenceMin }) => sequenceMin <= upTo);
    if (table === undefined) continue;
    const plan = level === 0
      ? pickLevel0(levels, options, busy, "asked")
      : planInto(levels, level, [table], options, busy, "asked");
    if (plan !== undefined) return plan;
  }
  return pickGarbage(levels, options, busy);
}
