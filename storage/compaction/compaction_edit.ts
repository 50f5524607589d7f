/**
 * From a compaction's outputs to an edit of the manifest.
 *
 * The manifest may have changed while the job ran: tables came into level 0,
 * another compaction took its inputs, an index came to need older entries. The
 * edit is made from the manifest as it is now, or not at all (rules R21 and R22
 * of `docs/decisions/001`).
 *
 * The horizon rises in the edit that drops versions, so that whoever reads this
 * manifest knows what it can answer.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import {
  LEVEL_COUNT,
  type Manifest,
  type ManifestEdit,
  type TableMeta,
} from "../manifest/manifest.ts";
import { overlapsOthers } from "./compaction_job.ts";
import { type CompactionPlan, inputTables } from "./plan.ts";
import { floorsHold, type Retention, segmentFloors } from "./retention.ts";

/** The edit, or `undefined` if the manifest does not allow it any more. */
export function compactionEdit(
  manifest: Manifest,
  plan: CompactionPlan,
  outputs: readonly TableMeta[],
  retention: Retention,
): ManifestEdit | undefined {
  // A publish whose answer was lost is made again on what it made.
  if (isApplied(manifest, plan, outputs)) return {};
  if (!hasInputs(manifest, plan)) return undefined;
  if (!plan.move && !floorsHold(retention, segmentFloors(manifest.segments))) {
    return undefined;
  }
  const inputs = new Set(inputTables(plan).map(({ path }) => path));
  const levels: (readonly TableMeta[])[] = [];
  for (let level = 0; level < LEVEL_COUNT; level++) {
    const tables = manifest.levels[level]!;
    const kept = tables.filter(({ path }) => !inputs.has(path));
    if (level !== plan.outputLevel) levels.push(kept);
    else if (level === 0) levels.push(inPlace(tables, inputs, outputs));
    else {
      if (overlapsOthers(kept, outputs)) return undefined;
      levels.push(
        [...kept, ...outputs].sort((a, b) =>
          compareBytes(a.firstKey, b.firstKey)
        ),
      );
    }
  }
  if (plan.move) return { levels };
  const horizon = Math.min(retention.horizon, manifest.sequence);
  return { levels, horizon: Math.max(manifest.horizon, horizon) };
}

/** Whether every input still is in its level. */
export function hasInputs(manifest: Manifest, plan: CompactionPlan): boolean {
  return plan.inputs.every(({ level, tables }) => {
    const there = new Set(manifest.levels[level]!.map(({ path }) => path));
    return tables.every(({ path }) => there.has(path));
  });
}

function isApplied(
  manifest: Manifest,
  plan: CompactionPlan,
  outputs: readonly TableMeta[],
): boolean {
  if (outputs.length === 0) return false;
  const there = new Set(
    manifest.levels[plan.outputLevel]!.map(({ path }) => path),
  );
  return outputs.every(({ path }) => there.has(path));
}

/** Level 0 with outputs where the oldest input stood. */
function inPlace(
  tables: readonly TableMeta[],
  inputs: ReadonlySet<string>,
  outputs: readonly TableMeta[],
): TableMeta[] {
  const oldest = tables.findLastIndex(({ path }) => inputs.has(path));
  return tables.flatMap((table, at) => [
    ...(inputs.has(table.path) ? [] : [table]),
    ...(at === oldest ? outputs : []),
  ]);
}
