/**
 * The partners that an index has for one row, whose values are in the slots of
 * the run: the plain form of `lookup_keys.ts`, for lookups of any kind.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { RangeCursor } from "../access/index_access.ts";
import type { IndexScanNode } from "../planner/logical_plan.ts";
import { viewOf } from "../transaction/transaction_view.ts";
import { keysOf } from "./index_lookup.ts";
import { type KeyRangeRequest, rangeRequests } from "./index_ranges.ts";
import type { Lookup } from "./lookup_keys.ts";
import type { RunState } from "./run_state.ts";

/** Bytes of a partner that was found. */
export const FOUND_BYTES = 16;

/** Partners that are gathered, each with the row it is for. */
export interface FoundRows {
  /** Their locators. */
  readonly locators: number[];
  /** The rows. */
  readonly rows: number[];
}

/** Adds the partners of `row` to `found`. */
export function findPartners(
  lookup: Lookup,
  run: RunState,
  row: number,
  found: FoundRows,
): MaybePromise<void> {
  const note = (locators: Float64Array): void => {
    run.account(FOUND_BYTES * locators.length);
    for (const locator of locators) {
      found.locators.push(locator);
      found.rows.push(row);
    }
  };
  if (lookup.kind === "index_scan") {
    const requests = rangeRequests(lookup.range, run);
    return readRanges(lookup, run, requests, 0, note);
  }
  const [key] = keysOf(lookup, run);
  if (key === undefined) return;
  const { index, table: { table } } = lookup;
  const { access, transaction } = run.context;
  const method = access.index(index.accessMethod);
  return then(method.lookup!(index, table, transaction, key), note);
}

/** Notes what is in the ranges from `first` on. */
function readRanges(
  lookup: IndexScanNode,
  run: RunState,
  requests: readonly KeyRangeRequest[],
  first: number,
  note: (locators: Float64Array) => void,
): MaybePromise<void> {
  const { range: { index }, table: { table } } = lookup;
  const { access, transaction } = run.context;
  const method = access.index(index.accessMethod);
  for (let i = first; i < requests.length; i++) {
    const cursor = method.openRange!(index, table, viewOf(transaction), {
      ...requests[i]!,
      backward: false,
      wantsKeys: false,
    });
    const read = drain(cursor, note);
    if (isPromise(read)) {
      return read.then(() => readRanges(lookup, run, requests, i + 1, note));
    }
  }
}

function drain(
  cursor: RangeCursor,
  note: (locators: Float64Array) => void,
): MaybePromise<void> {
  for (;;) {
    const batch = cursor.next();
    if (isPromise(batch)) {
      return batch.then((some) => {
        if (some === undefined) return cursor.close();
        note(some.locators);
        return drain(cursor, note);
      });
    }
    if (batch === undefined) return cursor.close();
    note(batch.locators);
  }
}
