/**
 * A collection by a process that is not the writer: everything it goes by it
 * reads, and it may run beside a writer and other collectors.
 *
 * | step | request |
 * | --- | --- |
 * | boundary | GET `gc/boundary`, before everything else (rule 16) |
 * | roots | LIST and GET of manifests, see `roots.ts` |
 * | candidates | LIST of every prefix, see `candidates.ts` |
 * | the rest | see `collection.ts` |
 *
 * @module
 */
import { readBoundary } from "../manifest/boundary.ts";
import { PLAN_PATHS_MAX } from "../manifest/boundary_codec.ts";
import { listGarbage } from "./candidates.ts";
import {
  collect,
  type CollectionContext,
  type CollectionOutcome,
} from "./collection.ts";
import { GarbageJudge } from "./garbage.ts";
import { readRoots } from "./roots.ts";

/**
 * Collects one plan's worth of garbage.
 *
 * @throws {KriyaError} `unavailable`, `corrupt`.
 */
export async function collectStore(
  context: CollectionContext,
): Promise<CollectionOutcome> {
  const { objects, manifests, signal } = context;
  const read = await readBoundary(objects, { signal });
  const roots = await readRoots(manifests);
  if (roots === undefined) return { kind: "nothing" };
  const judge = new GarbageJudge(roots);
  const max = PLAN_PATHS_MAX + 1;
  const candidates = await listGarbage(objects, judge, max, signal);
  return await collect(context, read, judge, candidates);
}
