/**
 * One collection: from roots and candidates to objects that are gone.
 *
 * | step | request |
 * | --- | --- |
 * | judge | none: candidates are garbage or stay |
 * | move | PUT `gc/boundary`, number and plan, if it is as it was read |
 * | pins | LIST `pins/`; what they hold is taken from the plan |
 * | delete | DELETE the plan, some at a time |
 *
 * These are the steps of `tests/model/collecting.ts` from `listObjects` on; how
 * the roots come about is in `roots.ts`. A collection that ends early leaves
 * garbage, which the next one finds: what was garbage once always is, so the
 * rest of a plan is finished by whoever comes next and lists the objects.
 *
 * REQUIRES: the boundary was read before the roots were, or the roots are a
 * manifest that is known to count.
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import { moveBoundary, type StoredBoundary } from "../manifest/boundary.ts";
import { ATTEMPT_BYTES, PLAN_PATHS_MAX } from "../manifest/boundary_codec.ts";
import type { ManifestStore } from "../manifest/manifest_store.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { deleteAll } from "./deletion.ts";
import type { Candidate, GarbageJudge } from "./garbage.ts";
import { readPins } from "./pins.ts";

/** What a collection works on. */
export interface CollectionContext {
  /** The objects. */
  readonly objects: ObjectStore;
  /** The manifests among them. */
  readonly manifests: ManifestStore;
  /** Clock and chance. */
  readonly environment: Environment;
  /** Attempts at each deletion. */
  readonly attemptsMax: number;
  /** Paths that this process still reads: they wait for a later collection. */
  readonly inUse: ReadonlySet<string>;
  /** Gives up when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** How a collection ended. */
export type CollectionOutcome =
  /** No candidate was garbage, or none may go yet. */
  | { readonly kind: "nothing" }
  /** Somebody else moved the boundary, or may have: read it again. */
  | { readonly kind: "overtaken" }
  /** The plan was carried out. */
  | {
    readonly kind: "collected";
    /** The boundary as it is now. */
    readonly boundary: StoredBoundary;
    /** Objects that are gone. */
    readonly deleted: number;
    /** Paths that pins hold. */
    readonly pinned: readonly string[];
    /** Whether there was more garbage than a plan takes. */
    readonly more: boolean;
  };

/**
 * Collects what is garbage of `candidates`.
 *
 * @throws {KriyaError} `unavailable` when the store does not answer; what was
 * deleted by then was told to `onDeleted`.
 */
export async function collect(
  context: CollectionContext,
  read: StoredBoundary,
  judge: GarbageJudge,
  candidates: Iterable<Candidate>,
  onDeleted: (path: string) => void = () => {},
): Promise<CollectionOutcome> {
  const { objects, manifests, environment, signal } = context;
  if (judge.boundary < read.boundary.number) return { kind: "overtaken" };
  const plan: string[] = [];
  let more = false;
  for (const candidate of candidates) {
    if (!judge.isGarbage(candidate)) continue;
    if (context.inUse.has(candidate.path)) continue;
    more = plan.length === PLAN_PATHS_MAX;
    if (more) break;
    plan.push(candidate.path);
  }
  if (plan.length === 0) return { kind: "nothing" };
  const attempt = environment.randomBytes(new Uint8Array(ATTEMPT_BYTES));
  const next = { number: judge.boundary, attempt, plan };
  const boundary = await moveBoundary(objects, read, next, { signal });
  if (boundary === undefined) return { kind: "overtaken" };
  const pins = await readPins(objects, manifests, { signal });
  const unpinned = plan.filter((path) => !pins.holds(path));
  let deleted = 0;
  await deleteAll(
    objects,
    [...unpinned, ...pins.expired],
    context,
    (path) => {
      deleted++;
      onDeleted(path);
    },
  );
  const pinned = plan.filter(pins.holds);
  return { kind: "collected", boundary, deleted, pinned, more };
}
