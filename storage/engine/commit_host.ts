/**
 * What the commit pipeline needs of the store around it.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { LogPosition } from "./commit_queue.ts";
import type { LsmConfig } from "./options.ts";
import type { OpenTable, TreeState } from "./tree_state.ts";
import type { WriteBreaker } from "./write_breaker.ts";

/** What the pipeline needs of the store. */
export interface CommitHost {
  /** The settings. */
  config(): LsmConfig;
  /** Refuses commits while the store does not take the log. */
  readonly breaker: WriteBreaker;
  /** What reads look at now. */
  state(): TreeState;
  /** Keeps the tables of `state` until `reading` settles. */
  holding<T>(state: TreeState, reading: Promise<T>): Promise<T>;
  /** The lowest sequence that tables answer exactly. */
  horizon(): number;
  /** Waits while memtables are over their limit; mostly there is room. */
  waitForRoom(): MaybePromise<void>;
  /** Makes every memtable a table that a manifest names. */
  flushAll(): Promise<void>;
  /** Tables were committed: everything before them is in tables. */
  onIngested(tables: readonly OpenTable[], log: LogPosition): void;
  /** Batches were applied, or became durable. */
  onApplied(): void;
  /** The pipeline stopped for good. */
  onHalted(error: unknown): void;
  /** Everything above `sequence` is taken back. */
  onCutBack(sequence: number): void;
}
