/**
 * Whether what a batch that is larger than memory depends on has changed: as for
 * other batches (`commit_checks.ts`), some hundred keys at a time.
 *
 * @module
 */
import { isPromise } from "../../base/maybe_promise.ts";
import { conflict } from "./commit_checks.ts";
import type { SortedWrites } from "./sorted_writes.ts";
import { TreeState } from "./tree_state.ts";

/** Keys that are looked for at once. */
const KEYS_AT_ONCE = 256;

/** What a check of many keys needs. */
export interface SortedCheck {
  /** The tree. */
  readonly state: TreeState;
  /** Since when keys must be unchanged. */
  readonly since: number;
  /** Lets others run; throws when it was aborted. */
  readonly pause: () => Promise<void>;
}

/**
 * Checks that no checked key of `writes` was changed in a state.
 *
 * @throws {KriyaError} `conflict`.
 */
export async function checkSortedWrites(
  writes: SortedWrites,
  { state, since, pause }: SortedCheck,
): Promise<void> {
  const newer = changedSince(state, since);
  if (newer === undefined) return;
  const check = (newest: number): void => {
    if (newest > since) throw conflict();
  };
  const cursor = writes.read();
  let reads: Promise<void>[] = [];
  for (let count = 1; cursor.next(); count++) {
    if (count % KEYS_AT_ONCE === 0) {
      await Promise.all(reads);
      await pause();
      reads = [];
    }
    if (!cursor.checked) continue;
    const { run, index } = cursor;
    const key = run.keys.subarray(run.keyStarts[index], run.keyEnds[index]);
    const newest = newer.newestSequence(key, since);
    if (!isPromise(newest)) check(newest);
    else {
      const read = newest.then(check);
      read.catch(() => {}); // Another check may fail first.
      reads.push(read);
    }
  }
  await Promise.all(reads);
}

/** What of a state may be newer than `since`; nothing: `undefined`. */
function changedSince(
  { memtable, frozen, levels }: TreeState,
  since: number,
): TreeState | undefined {
  const newer = levels.map((tables) =>
    tables.filter(({ meta }) => meta.sequenceMax > since)
  );
  const isNewer =
    [memtable, ...frozen].some((each) =>
      !each.isEmpty && each.sequenceMax > since
    ) || newer.some(({ length }) => length > 0);
  return isNewer ? new TreeState(memtable, frozen, newer) : undefined;
}
