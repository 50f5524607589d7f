/**
 * Storage on its own: an ordered, transactional key-value store on objects.
 *
 * Here belongs what knows bytes, order and versions. What knows rows, types and
 * vectors does not.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LsmStore, MemoryStore, WriteBatch } from "@kriyadb/kriyadb/storage";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const store = await LsmStore.open(new MemoryStore());
 * const batch = new WriteBatch();
 * batch.put(bytes("fruit/apple"), bytes("red"));
 * batch.put(bytes("fruit/lemon"), bytes("yellow"));
 * await store.write(batch);
 *
 * const scan = store.scan({ start: bytes("fruit/"), end: bytes("fruit0") });
 * let count = 0;
 * for (let run = await scan.next(); run; run = await scan.next()) {
 *   count += run.count;
 * }
 * assertEquals(count, 2);
 * await store.close();
 * ```
 *
 * @module
 */
export { KriyaError } from "../base/errors.ts";
export type { ErrorKind, KriyaErrorOptions } from "../base/errors.ts";
export type { Environment, Timer, TimerOptions } from "../base/environment.ts";
export { type MaybePromise } from "../base/maybe_promise.ts";
export {
  CachedStore,
  type CachedStoreOptions,
  type CachedStoreStatistics,
} from "./cache/cached_store.ts";
export { type DiskCacheOptions, openDiskCache } from "./cache/disk_cache.ts";
export type { ChunkStatistics, KeptChunks } from "./cache/kept_chunks.ts";
export {
  SharedCache,
  type SharedCacheOptions,
  type SharedCacheStatistics,
} from "./cache/shared/shared_cache.ts";
export { openSharedCache } from "./cache/shared/shared_chunks.ts";
export {
  backup,
  type BackupOptions,
  type BackupProgress,
  type BackupReport,
} from "./backup/backup.ts";
export type { CommitConditions } from "./engine/commit_pipeline.ts";
export type { SortedEntries } from "./engine/ingester.ts";
export {
  compactExternally,
  type ExternalCompactionOptions,
  type ExternalCompactionProgress,
  type ExternalCompactionReport,
} from "./engine/external_compaction.ts";
export { fsck, type FsckOptions, type FsckReport } from "./engine/fsck.ts";
export type { Damage } from "./engine/damage.ts";
export type { CollectionReport, CollectOptions } from "./engine/collector.ts";
export { LsmStore, type Scan, type ScanOptions } from "./engine/lsm_store.ts";
export { ColumnFamilies } from "./families/column_families.ts";
export type { ColumnFamily } from "./families/column_family.ts";
export { FamilyBatch } from "./families/family_batch.ts";
export {
  type Consistency,
  LSM_DEFAULTS,
  type LsmConfig,
  lsmConfig,
  type LsmOptions,
  type WalMode,
} from "./engine/options.ts";
export type { TtlRule } from "./compaction/retention.ts";
export type { CompactionStatus } from "./engine/compaction_status.ts";
export type { CompactOptions } from "./engine/compactor.ts";
export type { LevelStatus, StoreStatus } from "./engine/status.ts";
export { type BatchRange, WriteBatch } from "./engine/write_batch.ts";
export type { SealedBatch } from "./engine/write_batch.ts";
export type { EntryRun, KeyRange } from "./mvcc/entry_run.ts";
export type { Snapshot } from "./mvcc/snapshot.ts";
export { FileStore } from "./object_store/file_store.ts";
export { MemoryBucket, MemoryStore } from "./object_store/memory_store.ts";
export type { S3Credentials, S3Options } from "./object_store/s3/s3_options.ts";
export { S3Store } from "./object_store/s3/s3_store.ts";
export type * from "./object_store/object_store.ts";
