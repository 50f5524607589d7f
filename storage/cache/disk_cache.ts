/**
 * The disk cache: a folder before a bucket.
 *
 * @module
 */
import { FileStore } from "../object_store/file_store.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { CachedStore, type CachedStoreOptions } from "./cached_store.ts";

/** Where a disk cache is, and how large it may get. */
export interface DiskCacheOptions extends CachedStoreOptions {
  /** The folder; made if it is not there. Nothing else may be in it. */
  readonly path: string | URL;
}

/**
 * A disk cache in a folder before `inner`.
 *
 * @throws {KriyaError} `unavailable` when the folder cannot be used.
 */
export async function openDiskCache(
  inner: ObjectStore,
  options: DiskCacheOptions,
): Promise<CachedStore> {
  const local = await FileStore.open(options.path);
  try {
    return await CachedStore.open(inner, local, options);
  } catch (error) {
    await local.close();
    throw error;
  }
}
