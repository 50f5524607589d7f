/**
 * Sstables of entries as tests write them: built, stored, opened.
 *
 * @module
 */
import { BlockCache } from "../../storage/cache/block_cache.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { MeteredStore } from "../../storage/object_store/metered_store.ts";
import {
  type BuiltSstable,
  SstableBuilder,
  type SstableOptions,
} from "../../storage/sstable/sstable_builder.ts";
import { SstableReader } from "../../storage/sstable/sstable_reader.ts";
import { bytes, type PlainEntry } from "./lsm_contents.ts";
import { type PlainTombstone, runOf } from "./plain_runs.ts";

/** Where test tables lie. */
export const TABLE_PATH = "sst/table";

/** Builds a table of entries, which must be in order. */
export function buildTable(
  entries: readonly PlainEntry[],
  options: SstableOptions = {},
  tombstones: readonly PlainTombstone[] = [],
): BuiltSstable {
  const builder = new SstableBuilder(options);
  const run = runOf(entries);
  for (let i = 0; i < run.count; i++) builder.add(run, i);
  for (const { start, end, sequence } of tombstones) {
    builder.addTombstone({ start: bytes(start), end: bytes(end), sequence });
  }
  return builder.finish();
}

/** An open table, and the store that counts what is asked of it. */
export interface TestTable {
  readonly reader: SstableReader;
  readonly store: MeteredStore;
  readonly cache: BlockCache;
}

/** Opens a table of these bytes as if the manifest had said so. */
export async function openBytes(
  table: Uint8Array,
  location: {
    readonly size: number;
    readonly metaOffset: number;
    readonly commitSequence?: number;
  },
  cacheBytes = 2 ** 24,
): Promise<TestTable> {
  const bucket = new MemoryBucket();
  bucket.set(TABLE_PATH, table, 0);
  const store = new MeteredStore(new MemoryStore({ bucket }));
  const cache = new BlockCache(cacheBytes);
  const reader = await SstableReader.open(
    store,
    { path: TABLE_PATH, ...location },
    cache,
  );
  return { reader, store, cache };
}

/** Opens a table that was built. */
export function openTable(
  built: BuiltSstable,
  options: { readonly commitSequence?: number; readonly cacheBytes?: number } =
    {},
): Promise<TestTable> {
  const { cacheBytes, ...override } = options;
  const location = {
    size: built.bytes.length,
    metaOffset: built.metaOffset,
    ...override,
  };
  return openBytes(built.bytes, location, cacheBytes);
}
