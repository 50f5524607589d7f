/**
 * Deleting many objects: a few at a time, each tried again when the store does
 * not answer. A deletion whose answer was lost is simply repeated.
 *
 * @module
 */
import { delay, type Environment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import type { ObjectStore } from "../object_store/object_store.ts";

/** Deletions under way at once. */
const PARALLEL = 16;
/** … in a folder, where each syncs beside commits that sync: more delay them. */
const PARALLEL_LOCAL = 4;

/** The first wait before another try, in ms; each is twice the one before. */
const BACKOFF_MS = 25;
const BACKOFF_MS_MAX = 2000;

/** How deletions are made. */
export interface DeletionOptions {
  /** Clock and chance for the waits. */
  readonly environment: Environment;
  /** Attempts at each object. */
  readonly attemptsMax: number;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Deletes the objects at `paths`; `onDeleted` is told of each that is gone.
 *
 * @throws {KriyaError} `unavailable` when one could not be deleted; the others
 * that were under way have ended then.
 */
export async function deleteAll(
  store: ObjectStore,
  paths: readonly string[],
  options: DeletionOptions,
  onDeleted: (path: string) => void,
): Promise<void> {
  const local = /^(file|memory):/.test(store.address);
  const parallel = local ? PARALLEL_LOCAL : PARALLEL;
  let next = 0;
  let failed: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (next < paths.length && failed === undefined) {
      const path = paths[next++]!;
      try {
        await deleteOne(store, path, options);
        onDeleted(path);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(
    Array.from({ length: Math.min(parallel, paths.length) }, work),
  );
  if (failed !== undefined) throw failed.error;
}

async function deleteOne(
  store: ObjectStore,
  path: string,
  { environment, attemptsMax, signal }: DeletionOptions,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await store.delete(path, { signal });
    } catch (error) {
      const again = error instanceof KriyaError &&
        error.kind === "unavailable" && attempt < attemptsMax;
      if (!again) throw error;
      const longest = Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** (attempt - 1));
      const waitMs = longest * (0.5 + environment.random() / 2);
      await delay(environment, waitMs, { signal });
    }
  }
}
