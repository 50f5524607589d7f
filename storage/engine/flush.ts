/**
 * From a frozen memtable to a table of level 0.
 *
 * The build runs in slices, so that reads and commits go on in between.
 *
 * @module
 */
import { pause, SLICE_MS } from "../compaction/stored_tables.ts";
import type { Memtable } from "../memtable/memtable.ts";
import {
  type BuiltSstable,
  SstableBuilder,
} from "../sstable/sstable_builder.ts";
import type { LsmConfig } from "./options.ts";

/** Builds a table of everything in `memtable`. */
export async function buildTable(
  memtable: Memtable,
  config: LsmConfig,
): Promise<BuiltSstable> {
  const builder = new SstableBuilder({
    blockBytes: config.blockBytes,
    compression: config.compression,
    filterBitsPerKey: config.filterBitsPerKey,
    expectedBytes: Math.ceil(memtable.contentBytes * 1.1) + 4096,
  });
  const { environment } = config;
  let sliceStart = environment.monotonicMs();
  const source = memtable.runs({});
  for (
    let run = await source.nextRun();
    run !== undefined;
    run = await source.nextRun()
  ) {
    for (let i = 0; i < run.count; i++) builder.add(run, i);
    if (environment.monotonicMs() - sliceStart > SLICE_MS) {
      await pause(environment);
      sliceStart = environment.monotonicMs();
    }
  }
  for (const tombstone of memtable.tombstones) builder.addTombstone(tombstone);
  return builder.finish();
}
