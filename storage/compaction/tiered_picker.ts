/**
 * Size-tiered compaction: sorted runs, merged when several are of like size
 * (RocksDB's universal compaction).
 *
 * A run is a table of level 0, or all of a level below. From the newest:
 *
 * 1. If all runs but the oldest together have {@linkcode SPACE_RATIO_MAX} times
 *    the bytes of the oldest, everything is merged.
 * 2. Else the newest runs are merged, as far as each is no larger than those
 *    before it together.
 * 3. Else as many of the newest as are too many.
 *
 * The output stands in the lowest level above the next older run. Where that
 * is level 0 and the output is more than a table, the merge takes in the rest of
 * level 0, and level 1 if it has to.
 *
 * It writes less than leveled compaction, and reads more tables.
 *
 * @module
 */
import { LEVEL_COUNT, type TableMeta } from "../manifest/manifest.ts";
import {
  bytesOf,
  type CompactionInput,
  type CompactionPlan,
  type CompactionReason,
  type PickerOptions,
} from "./plan.ts";
import { pickGarbage } from "./leveled_picker.ts";

type Levels = readonly (readonly TableMeta[])[];
type Busy = ReadonlySet<string>;

/** The newer runs may have so many times the bytes of the oldest. */
const SPACE_RATIO_MAX = 2;
const BOTTOM = LEVEL_COUNT - 1;

interface Run extends CompactionInput {
  readonly bytes: number;
}

/** The runs, the newest first. */
function runsOf(levels: Levels): Run[] {
  return levels.flatMap((tables, level): Run[] => {
    if (level === 0) {
      return tables.map((table) => ({
        level,
        tables: [table],
        bytes: table.size,
      }));
    }
    return tables.length === 0
      ? []
      : [{ level, tables, bytes: bytesOf(tables) }];
  });
}

/** The next compaction, `undefined` if none is due. */
export function pickTiered(
  levels: Levels,
  options: PickerOptions,
  busy: Busy,
): CompactionPlan | undefined {
  const runs = runsOf(levels);
  const trigger = options.l0CompactionTrigger;
  if (runs.length < Math.max(2, trigger)) {
    return pickGarbage(levels, options, busy);
  }
  const [reason, count] = choose(runs, trigger);
  return planOf(runs, count, reason, options, busy);
}

/** Everything into one run, if more than that is not newer than `upTo`. */
export function pickAllRuns(
  levels: Levels,
  options: PickerOptions,
  busy: Busy,
  upTo: number,
): CompactionPlan | undefined {
  const runs = runsOf(levels);
  const above = runs.filter(({ level, tables }) =>
    level < BOTTOM && tables.some(({ sequenceMin }) => sequenceMin <= upTo)
  );
  if (above.length === 0) {
    return pickGarbage(levels, options, busy);
  }
  return planOf(runs, runs.length, "asked", options, busy);
}

/** How many of the newest runs are merged, and why. */
function choose(
  runs: readonly Run[],
  trigger: number,
): [CompactionReason, number] {
  const oldest = runs.at(-1)!.bytes;
  const newer = runs.reduce((sum, { bytes }) => sum + bytes, 0) - oldest;
  if (newer >= oldest * SPACE_RATIO_MAX) return ["space", runs.length];
  let bytes = 0;
  let count = 0;
  for (const run of runs) {
    if (count > 0 && run.bytes > bytes) break;
    bytes += run.bytes;
    count++;
  }
  if (count >= 2) return ["size-ratio", count];
  return ["run-count", Math.max(2, runs.length - trigger + 1)];
}

function planOf(
  runs: readonly Run[],
  count: number,
  reason: CompactionReason,
  options: PickerOptions,
  busy: Busy,
): CompactionPlan | undefined {
  let merged = count;
  const mergedBytes = (): number =>
    runs.slice(0, merged).reduce((sum, { bytes }) => sum + bytes, 0);
  // More than a table in level 0 would be more than a run.
  if (
    runs[merged]?.level === 0 && mergedBytes() > options.tableBytesMax
  ) {
    while (runs[merged]?.level === 0) merged++;
  }
  while (runs[merged]?.level === 1 && mergedBytes() > options.tableBytesMax) {
    merged++;
  }
  const taken = runs.slice(0, merged);
  if (taken.some(({ tables }) => tables.some(({ path }) => busy.has(path)))) {
    return undefined;
  }
  const next = runs[merged];
  const outputLevel = next === undefined ? BOTTOM : Math.max(0, next.level - 1);
  return {
    reason,
    inputs: byLevel(taken),
    outputLevel,
    move: taken.length === 1 && taken[0]!.tables.length === 1,
    grandparents: [],
  };
}

/** The tables of level 0 as one input. */
function byLevel(runs: readonly Run[]): CompactionInput[] {
  const level0 = runs.filter(({ level }) => level === 0);
  const deeper = runs.filter(({ level }) => level > 0)
    .map(({ level, tables }) => ({ level, tables }));
  return level0.length === 0 ? deeper : [
    { level: 0, tables: level0.flatMap(({ tables }) => tables) },
    ...deeper,
  ];
}
