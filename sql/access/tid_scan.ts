/**
 * The tuple ids of all entries whose keys begin with a prefix: their values, or,
 * where those are empty, at the ends of the keys.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { EntryRun } from "../../storage/mvcc/entry_run.ts";
import type { Scan } from "../../storage/engine/lsm_store.ts";
import { prefixEnd } from "../../storage/mvcc/internal_key.ts";
import type { TransactionReads } from "../transaction/transaction_view.ts";
import { readTid, TID_BYTES } from "./row_key.ts";

/** The tuple ids, in the order of the keys; at once where memory can tell. */
export function scanTids(
  transaction: TransactionReads,
  prefix: Uint8Array,
): MaybePromise<Float64Array> {
  const end = prefixEnd(prefix)!;
  const scan = transaction.scan({ start: prefix, end });
  return then(pull(scan, []), (tids) => Float64Array.from(tids));
}

function pull(scan: Scan, tids: number[]): MaybePromise<number[]> {
  for (;;) {
    const next = scan.next();
    if (next instanceof Promise) {
      return next.then((run) => {
        if (run === undefined) return tids;
        take(run, tids);
        return pull(scan, tids);
      });
    }
    if (next === undefined) return tids;
    take(next, tids);
  }
}

function take(run: EntryRun, tids: number[]): void {
  for (let i = 0; i < run.count; i++) {
    tids.push(
      run.valueEnds[i]! > run.valueStarts[i]!
        ? readTid(run.values, run.valueStarts[i]!)
        : readTid(run.keys, run.keyEnds[i]! - TID_BYTES),
    );
  }
}
