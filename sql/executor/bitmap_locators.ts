/**
 * The locators that ranges and searches of indexes find together: ascending, and
 * of every row that a condition may be true of.
 *
 * @module
 */
import type { SearchCondition } from "../access/index_access.ts";
import { intersection, union } from "../access/locator_sets.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { BitmapSource, IndexRange } from "../planner/logical_plan.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { rangeRequests } from "./index_ranges.ts";
import type { RunState } from "./run_state.ts";

const NONE = new Float64Array(0);

/** Finds the locators of a source. */
export async function locatorsOf(
  source: BitmapSource,
  table: TableEntry,
  transaction: TransactionHandle,
  run: RunState,
): Promise<Float64Array> {
  run.checkAborted();
  switch (source.kind) {
    case "search": {
      const { index, terms } = source;
      const { access } = run.context;
      const conditions: SearchCondition[] = [];
      for (const { key, operator, value } of terms) {
        const wanted = evaluate(value, run);
        if (wanted === null) return NONE;
        conditions.push({ key, operator, value: wanted });
      }
      const method = access.index(index.accessMethod);
      return await method.search!(index, table, transaction, conditions);
    }
    case "range":
      return await inRange(source.range, table, transaction, run);
    case "and": {
      let all: Float64Array | undefined;
      for (const input of source.inputs) {
        const found = await locatorsOf(input, table, transaction, run);
        all = all === undefined ? found : intersection(all, found);
        if (all.length === 0) break;
      }
      return all!;
    }
    case "or": {
      let any: Float64Array = NONE;
      for (const input of source.inputs) {
        any = union(any, await locatorsOf(input, table, transaction, run));
      }
      return any;
    }
  }
}

async function inRange(
  range: IndexRange,
  table: TableEntry,
  transaction: TransactionHandle,
  run: RunState,
): Promise<Float64Array> {
  const method = run.context.access.index(range.index.accessMethod);
  const parts: Float64Array[] = [];
  for (const request of rangeRequests(range, run)) {
    run.checkAborted();
    const cursor = method.openRange!(range.index, table, transaction, {
      ...request,
      backward: false,
      wantsKeys: false,
    });
    try {
      for (
        let batch = await cursor.next();
        batch;
        batch = await cursor.next()
      ) {
        parts.push(batch.locators);
      }
    } finally {
      cursor.close();
    }
  }
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.sort();
}
