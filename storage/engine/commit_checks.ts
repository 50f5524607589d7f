/**
 * Whether the conditions of a batch hold: against the tree, the memtables, and
 * every batch that has joined and is in neither.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { CommitConditions } from "./commit_conditions.ts";
import type { Joined } from "./commit_queue.ts";
import type { TreeState } from "./tree_state.ts";
import { batchWrites, batchWritesIn, type SealedBatch } from "./write_batch.ts";

/**
 * Checks that nothing that a batch depends on has changed since `since`; at
 * once where no block has to be read.
 *
 * @throws {KriyaError} `conflict`.
 */
export function checkConditions(
  batch: SealedBatch,
  conditions: CommitConditions,
  since: number,
  state: TreeState,
  unapplied: readonly Joined[],
): MaybePromise<void> {
  const reads: Promise<void>[] = [];
  const wait = (read: Promise<void>): void => {
    read.catch(() => {}); // Another check may fail first.
    reads.push(read);
  };
  const lockedSince = Math.max(since, conditions.lockedSince ?? 0);
  const checkKey = (key: Uint8Array, since: number): void => {
    const check = (newest: number): void => {
      if (newest > since) throw conflict();
    };
    for (const { batch, sequence } of unapplied) {
      if (sequence > since && batchWrites(batch, key, 0, key.length)) {
        throw conflict();
      }
    }
    const newest = state.newestSequence(key, since);
    if (isPromise(newest)) wait(newest.then(check));
    else check(newest);
  };
  for (let row = 0; row < batch.count; row++) {
    if (batch.checked[row] !== 1) continue;
    checkKey(
      batch.payload.subarray(batch.keyStarts[row], batch.keyEnds[row]),
      lockedSince,
    );
  }
  for (const key of conditions.unchangedKeys ?? []) checkKey(key, since);
  for (const range of conditions.unchangedRanges ?? []) {
    const { start, end, since = lockedSince } = range;
    for (const { batch, sequence } of unapplied) {
      if (sequence > since && batchWritesIn(batch, start, end)) {
        throw conflict();
      }
    }
    const changed = state.rangeChangedSince(start, end, since);
    if (isPromise(changed)) {
      wait(changed.then((changed) => {
        if (changed) throw conflict();
      }));
    } else if (changed) throw conflict();
  }
  if (reads.length > 0) return Promise.all(reads).then(() => {});
}

/**
 * Checks that tables still know what happened since the snapshot: below the
 * horizon a deletion may have gone without a trace.
 *
 * @throws {KriyaError} `conflict`.
 */
export function checkHorizon(
  batch: SealedBatch,
  conditions: CommitConditions,
  horizon: number,
): void {
  const { snapshot, unchangedKeys = [], unchangedRanges = [] } = conditions;
  if (snapshot === undefined || snapshot >= horizon) return;
  const checks = unchangedKeys.length + unchangedRanges.length;
  if (checks > 0 || batch.checked.includes(1)) throw conflict();
}

/** Somebody was first. */
export function conflict(): KriyaError {
  return new KriyaError(
    "conflict",
    "could not serialize access due to concurrent update",
    { hint: "Run the transaction again" },
  );
}
