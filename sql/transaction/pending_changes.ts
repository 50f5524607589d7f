/**
 * What a transaction will change besides the keys in its write set.
 *
 * @module
 */
import type { UnchangedRange } from "../../storage/engine/commit_conditions.ts";
import type { CatalogChange } from "../catalog/catalog_state.ts";
import type { RemovedRange } from "./removed_range.ts";
import type { RowTally } from "./row_tally.ts";

/** What a transaction will change. Most only read, and have none. */
export class PendingChanges {
  /** Ranges removed, with the number of the last write before each. */
  readonly ranges: RemovedRange[] = [];
  /** Keys that must be unchanged, though they are not written. */
  readonly guards: Uint8Array[] = [];
  /** Keys of unique indexes that must be, because foreign keys refer to them. */
  readonly keyGuards: Uint8Array[] = [];
  /** The relations whose keys are among the guards. */
  readonly guarded: Set<number> = new Set();
  /** Ranges that must be unchanged. */
  readonly guardedRanges: UnchangedRange[] = [];
  readonly catalogChanges: CatalogChange[] = [];
  rowTallies: Map<number, RowTally> = new Map();
  readonly tidStorages: Set<number> = new Set();
}
