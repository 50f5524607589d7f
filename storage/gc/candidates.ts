/**
 * Everything in a store that may be garbage, by listing.
 *
 * Only what lies before the replay point and behind the boundary is listed of
 * the log and the manifests; of tables and segments, all. So a listing costs a
 * request for a thousand objects, and is for openings and rare occasions: a
 * writer knows its own garbage.
 *
 * @module
 */
import {
  MANIFEST_PREFIX,
  manifestPath,
  SST_PREFIX,
  VEC_PREFIX,
  WAL_PREFIX,
  walPath,
} from "../object_store/object_path.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { Candidate, GarbageJudge } from "./garbage.ts";

/**
 * Lists what the judge calls garbage, at most `max` of it.
 *
 * @throws {KriyaError} `unavailable`.
 */
export async function listGarbage(
  store: ObjectStore,
  judge: GarbageJudge,
  max: number,
  signal?: AbortSignal,
): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const walEnd = walPath(judge.replayFrom);
  const prefixes = [
    // Manifests count down: the old ones come last.
    { prefix: MANIFEST_PREFIX, startAfter: manifestPath(judge.boundary + 1) },
    { prefix: WAL_PREFIX, end: walEnd },
    { prefix: SST_PREFIX },
    { prefix: VEC_PREFIX },
  ];
  for (const { prefix, startAfter, end } of prefixes) {
    let after = startAfter;
    for (;;) {
      const page = await store.list(prefix, { startAfter: after, signal });
      for (const meta of page.objects) {
        if (!judge.isGarbage(meta)) continue;
        if (found.length === max) return found;
        found.push({ path: meta.path, size: meta.size });
      }
      after = page.objects.at(-1)?.path;
      if (!page.truncated || after === undefined) break;
      if (end !== undefined && after >= end) break;
    }
  }
  return found;
}
