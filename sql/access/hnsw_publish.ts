/**
 * Brings the segments of a vector index, as they are now, into the store and
 * the manifest.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { VectorIndex } from "../../vector/segments/vector_index.ts";
import {
  abandonSegments,
  publishSegments,
  storeDeletions,
  type StoredSegment,
  storeSegment,
} from "./hnsw_objects.ts";

/** What is published. */
export interface Publication {
  readonly store: LsmStore;
  readonly storageId: number;
  readonly index: VectorIndex;
  /** What of it is in the store already. */
  readonly known: readonly StoredSegment[];
  /** The lowest snapshot that it answers. */
  readonly horizon: number;
}

/** What was published. */
export interface Published {
  readonly stored: readonly StoredSegment[];
  /** Up to where the segments cover the index. */
  readonly coveredTo: number;
}

/** Stores what is not stored yet, and names it all in the manifest. */
export async function publishIndex(
  publication: Publication,
): Promise<Published> {
  const uploaded: StoredSegment[] = [];
  try {
    return await publish(publication, uploaded);
  } catch (error) {
    // The next attempt uploads anew.
    const { store, known } = publication;
    abandonSegments(store, uploaded, known);
    throw error;
  }
}

/** Notes in `uploaded` what is in the store, published or not. */
async function publish(
  { store, storageId, index, known, horizon }: Publication,
  uploaded: StoredSegment[],
): Promise<Published> {
  const segments = index.sealed;
  const stored: StoredSegment[] = [];
  for (const segment of segments) {
    const each = known.find((each) => each.segment === segment) ??
      await storeSegment(store, storageId, segment);
    stored.push(each);
    uploaded.push(each);
  }
  invariant(index.sealed === segments, "segments changed in a publish");
  const coveredTo = index.sealedTo;
  // All of them end before an error is told: what is under way is known.
  const logs = await Promise.allSettled(
    stored.map(async (each) => {
      if (each.segment.versions.endedCount === each.loggedEnds) return each;
      const next = await storeDeletions(store, storageId, each, coveredTo);
      uploaded.push(next);
      return next;
    }),
  );
  const logged = logs.map((log) => {
    if (log.status === "rejected") throw log.reason;
    return log.value;
  });
  await publishSegments(store, storageId, logged, { coveredTo, horizon });
  return { stored: logged, coveredTo };
}
