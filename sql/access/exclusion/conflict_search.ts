/**
 * Finds an entry of an exclusion constraint that a row conflicts with, and makes
 * the commit depend on there being no other.
 *
 * Sessions do not see each other's entries. So the commit fails if, since the
 * snapshot, an entry came or went in the part of the index where one could
 * conflict: the later of two that conflict runs again, and finds the other.
 *
 * Where ranges must not overlap, that part is small. Entries under equal values
 * lie in the order of their ranges, and these do not overlap: of those that
 * begin before the row's range only the last can reach into it, of those that
 * begin after it only the first can be reached.
 *
 * ```text
 *      [--- before ---)   [ row )    [--- after ---)
 *      ^ guarded from here           ^ to here
 * ```
 *
 * Who adds a range that begins before `before` and reaches into the row's would
 * overlap `before`, too, and is refused for that; unless `before` goes, which the
 * guard notices. While the check is put off, entries may overlap: then, and for
 * all other operators, every entry under equal values is looked at, and guarded.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { Scan } from "../../../storage/engine/lsm_store.ts";
import { prefixEnd } from "../../../storage/mvcc/internal_key.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { Nullable } from "../../types/data_type.ts";
import { compareBytes } from "../../../base/bytes.ts";
import { readTid, STORAGE_ID_BYTES, TID_BYTES } from "../row_key.ts";
import type { ExclusionLayout } from "./exclusion_layout.ts";

/** An entry that is in the way. */
export interface Conflict {
  /** Its row. */
  readonly tid: number;
  /** Its values, as they lie. */
  readonly values: readonly Nullable[];
}

/** What a look at an entry says: it conflicts, enough was seen, or neither. */
type Verdict = Conflict | "enough" | undefined;

/** Searches for rows of one statement's chunk. */
export class ConflictSearch {
  readonly #layout: ExclusionLayout;
  readonly #transaction: Transaction;
  /** Whether entries that are there may conflict with each other. */
  readonly #isLoose: boolean;
  /** What was looked at so far: from where, and to where. */
  #start: Uint8Array | undefined;
  #end: Uint8Array | undefined;

  /** A search as `transaction` sees the entries. */
  constructor(
    layout: ExclusionLayout,
    transaction: Transaction,
    isLoose: boolean,
  ) {
    this.#layout = layout;
    this.#transaction = transaction;
    this.#isLoose = isLoose;
  }

  /** Makes the commit depend on all that was looked at. */
  guard(): void {
    if (this.#start === undefined) return;
    this.#transaction.guardRange(this.#start, this.#end!, { unlocked: true });
    this.#start = undefined;
  }

  /** An entry, not that of row `self`, that conflicts with `values`. */
  find(
    values: readonly Nullable[],
    self: number,
  ): MaybePromise<Conflict | undefined> {
    if (values.includes(null)) return undefined;
    const { encoder, equalCount, isOverlap } = this.#layout;
    const group = encoder.lookupKey(values.slice(0, equalCount));
    const end = prefixEnd(group)!;
    const look = (run: EntryRun, i: number): Verdict =>
      this.#look(run, i, values, self);
    if (!isOverlap || this.#isLoose) {
      this.#note(group, end);
      const scan = this.#transaction.scan({ start: group, end });
      return search(scan, look);
    }
    const at = encoder.lookupKey(values);
    // An empty range overlaps none, nor itself.
    if (!this.#layout.tests[0]!(values[equalCount]!, values[equalCount]!)) {
      return undefined;
    }
    let from = group;
    let to = end;
    const before = search(
      this.#transaction.scan({ start: group, end: at, reverse: true }),
      (run, i) => {
        from = keyOf(run, i);
        return look(run, i) ?? "enough";
      },
    );
    return then(before, (conflict) => {
      if (conflict !== undefined) return conflict;
      const after = search(
        this.#transaction.scan({ start: at, end }),
        (run, i) => {
          const verdict = look(run, i);
          if (verdict !== undefined) return verdict;
          to = keyOf(run, i);
          return "enough";
        },
      );
      return then(after, (conflict) => {
        this.#note(from, to);
        return conflict;
      });
    });
  }

  #look(
    run: EntryRun,
    i: number,
    values: readonly Nullable[],
    self: number,
  ): Verdict {
    const { encoder, equalCount, tests } = this.#layout;
    const end = run.keyEnds[i]!;
    const tid = readTid(run.keys, end - TID_BYTES);
    if (tid === self) return undefined;
    const other: Nullable[] = [];
    const start = run.keyStarts[i]! + STORAGE_ID_BYTES;
    encoder.codec.decodePrefix(run.keys, start, end - TID_BYTES, other);
    const conflicts = tests.every((test, n) =>
      test(values[equalCount + n]!, other[equalCount + n]!)
    );
    return conflicts ? { tid, values: other } : undefined;
  }

  #note(start: Uint8Array, end: Uint8Array): void {
    if (this.#start === undefined) {
      this.#start = start;
      this.#end = end;
      return;
    }
    if (compareBytes(start, this.#start) < 0) this.#start = start;
    if (compareBytes(end, this.#end!) > 0) this.#end = end;
  }
}

function keyOf({ keys, keyStarts, keyEnds }: EntryRun, i: number): Uint8Array {
  return keys.slice(keyStarts[i]!, keyEnds[i]!);
}

/** The first conflict that `look` finds, before it has seen enough. */
function search(
  scan: Scan,
  look: (run: EntryRun, i: number) => Verdict,
): MaybePromise<Conflict | undefined> {
  for (;;) {
    const run = scan.next();
    if (run instanceof Promise) {
      return run.then((run) => {
        const verdict = lookAt(run, look);
        if (verdict === undefined) return search(scan, look);
        scan.close();
        return verdict === "enough" ? undefined : verdict;
      });
    }
    const verdict = lookAt(run, look);
    if (verdict === undefined) continue;
    scan.close();
    return verdict === "enough" ? undefined : verdict;
  }
}

function lookAt(
  run: EntryRun | undefined,
  look: (run: EntryRun, i: number) => Verdict,
): Verdict {
  if (run === undefined) return "enough";
  for (let i = 0; i < run.count; i++) {
    const verdict = look(run, i);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}
