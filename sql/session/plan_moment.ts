/**
 * When a plan was made, where things can be far: a plan over a cold bucket is not
 * the plan over the same rows once they were read.
 *
 * @module
 */
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { PlanFacts, Residence } from "../optimizer/facts.ts";

/** When a plan was made, as the cache of blocks counts. */
export interface PlanMoment {
  /** How many blocks had been read. */
  readonly reads: number;
  /** Whether something that it asked for was far. */
  readonly isFar: boolean;
}

/** The share that makes a table or an index one that is far. */
const FAR_SHARE = 0.1;
/** After how many reads a plan is made anew, of things that were near. */
const READS_MAX = 1000;

/**
 * Facts that note whether a plan was made for something far: then it is another
 * plan once that was read. Nothing is noted where nothing can be far.
 */
export function notingFar(
  store: LsmStore,
  facts: PlanFacts,
): {
  readonly facts: PlanFacts;
  readonly moment: () => PlanMoment | undefined;
} {
  const { reads } = store.cache.counts();
  let isAsked = false;
  let isFar = false;
  const residence = (storageId: number): Residence | undefined => {
    const found = facts.residence?.(storageId);
    if (found === undefined) return undefined;
    isAsked = true;
    if (found.far > FAR_SHARE) isFar = true;
    return found;
  };
  return {
    facts: { ...facts, residence },
    moment: () => isAsked ? { reads, isFar } : undefined,
  };
}

/** Whether so much was read since then that another plan may be better. */
export function isOver(store: LsmStore, moment: PlanMoment): boolean {
  const since = store.cache.counts().reads - moment.reads;
  return since >= (moment.isFar ? 1 : READS_MAX);
}
