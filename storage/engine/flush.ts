/**
 * From a frozen memtable to a table of level 0.
 *
 * The build runs in slices, so that reads and commits go on in between.
 *
 * @module
 */
import { delay, type Environment } from "../../base/environment.ts";
import { invariant } from "../../base/invariant.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import type { Memtable } from "../memtable/memtable.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { createOnce } from "../../fence/create_once.ts";
import {
  type BuiltSstable,
  SstableBuilder,
} from "../sstable/sstable_builder.ts";
import type { LsmConfig } from "./options.ts";

/** How long a slice of background work may hold the thread, in ms. */
const SLICE_MS = 8;

/** Builds a table of everything in `memtable`. */
export async function buildTable(
  memtable: Memtable,
  config: LsmConfig,
): Promise<BuiltSstable> {
  const builder = new SstableBuilder({
    blockBytes: config.blockBytes,
    compression: config.compression,
    filterBitsPerKey: config.filterBitsPerKey,
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

/** Lets everything else run that is ready. */
export function pause(environment: Environment): Promise<void> {
  return delay(environment, 0);
}

/**
 * Stores a built table at `path`; resolves with what the manifest says of it.
 *
 * @throws {KriyaError} `internal` when another object is at the path, which is
 * this writer's alone; `unavailable`.
 */
export async function storeTable(
  store: ObjectStore,
  path: string,
  built: BuiltSstable,
  config: LsmConfig,
): Promise<TableMeta> {
  const outcome = await createOnce(store, path, built.bytes, config);
  invariant(outcome.kind === "created", `another object is at "${path}"`);
  return tableMeta(path, built);
}

/** What the manifest says of a built table. */
export function tableMeta(path: string, built: BuiltSstable): TableMeta {
  const { properties } = built;
  return {
    path,
    size: built.bytes.length,
    metaOffset: built.metaOffset,
    entryCount: built.entryCount,
    deletionCount: properties.deletionCount,
    tombstoneCount: built.tombstoneCount,
    firstKey: properties.firstKey,
    lastKey: properties.lastKey,
    sequenceMin: properties.sequenceMin,
    sequenceMax: properties.sequenceMax,
    prefixes: properties.prefixes,
  };
}
