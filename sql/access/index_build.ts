/**
 * Filling a new index from the rows of its table, chunk by chunk.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { AccessRegistry } from "./access_registry.ts";
import type { BuildOptions } from "./index_access.ts";
import { locatorsOf } from "./index_keys.ts";

/** What is built, and where. */
export interface IndexBuild {
  /** The table's access method is found here. */
  readonly access: AccessRegistry;
  /** The index. */
  readonly index: IndexEntry;
  /** Its table. */
  readonly table: TableEntry;
  /** The transaction that makes it. */
  readonly handle: TransactionHandle;
}

/** Gives `insert` the keys of all rows, and says how far it is. */
export async function buildFromRows(
  { access, index, table, handle }: IndexBuild,
  options: BuildOptions,
  insert: (locators: Float64Array, keys: Chunk) => MaybePromise<void>,
): Promise<void> {
  const method = access.table(table.accessMethod);
  const rowsTotal = method.estimateRows(table, handle);
  const scan = method.scan(table, handle, {
    columns: table.columns.map((_, position) => position),
    signal: options.signal,
  });
  let rowsDone = 0;
  try {
    for (let next = await scan.next(); next; next = await scan.next()) {
      const keys = options.keysOf(index, table, next.chunk);
      await insert(locatorsOf(next.chunk, keys, next.locators), keys);
      rowsDone += next.locators.length;
      const progress = { phase: "scanning table", rowsDone, rowsTotal };
      options.onProgress?.(progress, index);
    }
  } finally {
    scan.close();
  }
}
