/**
 * What reads look at when a store has opened.
 *
 * @module
 */
import type { TableMeta } from "../manifest/manifest.ts";
import type { ReplayedLog } from "./log_replay.ts";
import { type OpenTable, TreeState } from "./tree_state.ts";

/** The state that was found; every table that it cannot be without is open. */
export async function recoveredState(
  { manifest, memtable, frozen }: ReplayedLog,
  openTable: (meta: TableMeta) => OpenTable,
): Promise<TreeState> {
  const levels = manifest.levels.map((tables) => tables.map(openTable));
  const pending = frozen.flatMap(({ ingested = [] }) => ingested)
    .map(openTable);
  for (const table of pending) {
    table.pending = true;
    await table.reader();
  }
  const [level0 = [], ...others] = levels;
  const state = new TreeState(
    memtable,
    frozen.map(({ memtable }) => memtable)
      .filter((memtable) => !memtable.isEmpty).toReversed(),
    [[...pending, ...level0], ...others],
  );
  await state.openTombstoneTables();
  return state;
}
