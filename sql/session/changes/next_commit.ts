/**
 * Waiting for a commit: by being told, where commits are made or followed in
 * this process; a reader that follows asks from time to time, too.
 *
 * @module
 */
import type { Timer } from "../../../base/environment.ts";
import { KriyaError } from "../../../base/errors.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";

/** How often a reader asks that need not show less than all, in ms. */
const POLL_MS = 1000;

/**
 * Resolves with true once `isReady` may hold, with false when the store was
 * closed.
 *
 * @throws the signal's reason; what keeps a reader from following.
 */
export async function nextCommit(
  store: LsmStore,
  isReady: () => boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { environment, consistency } = store.config;
  let timer: Timer | undefined;
  let remove = (): void => {};
  let aborted = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      remove = store.commits.add(() => {
        if (store.isClosed || isReady()) resolve();
      });
      aborted = () => reject(signal!.reason);
      signal?.addEventListener("abort", aborted);
      if (store.isClosed) resolve();
      if (!store.follows || consistency === "snapshot") return;
      const wait = typeof consistency === "object"
        ? Math.max(1, consistency.boundedMs)
        : POLL_MS;
      timer = environment.setTimer(resolve, wait);
    });
  } finally {
    timer?.cancel();
    remove();
    signal?.removeEventListener("abort", aborted);
  }
  if (store.isClosed) return false;
  try {
    if (store.follows && !isReady()) await store.refresh();
    return true;
  } catch (error) {
    if (isClosed(error)) return false;
    // It asks again; a reader is told of what lasts by its statements.
    if (error instanceof KriyaError && error.kind === "unavailable") {
      return true;
    }
    throw error;
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof KriyaError && error.kind === "closed";
}
