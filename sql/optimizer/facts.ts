/**
 * What the optimizer knows besides the plan.
 *
 * @module
 */
import type { AccessRegistry } from "../access/access_registry.ts";
import type { IndexKeyBinder } from "../analyzer/indexes/index_keys.ts";
import type { ScanProvider } from "../planner/custom_scan.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { Nullable } from "../types/data_type.ts";

/** Which ways a plan may go. */
export interface PlanSettings {
  /** Whether tables may be scanned where an index could be used. */
  readonly seqScans: boolean;
  /** Whether indexes may be used. */
  readonly indexScans: boolean;
  /** Whether indexes may be combined, and searched by parts of values. */
  readonly bitmapScans: boolean;
  /** Whether joins may keep one side in a hash table. */
  readonly hashJoins: boolean;
  /** Whether joins may merge two sides that come in order. */
  readonly mergeJoins: boolean;
  /** Whether joins with equal keys may look at one side for each row. */
  readonly nestedLoops: boolean;
  /** Whether partitions are left out that have no row that is wanted. */
  readonly partitionPruning: boolean;
}

/** What costs depend on besides the plan. */
export interface CostFacts {
  /** The transaction: its catalog has the indexes. */
  readonly transaction: TransactionHandle;
  /** The access methods: row counts, operator classes, costs. */
  readonly access: AccessRegistry;
  /** Which ways a plan may go; absent: all. */
  readonly ways?: PlanSettings | undefined;
}

/** Where passes look things up. */
export interface PlanFacts extends CostFacts {
  /** Binds the keys of an index; absent: all of them are columns. */
  readonly indexKeys?: IndexKeyBinder | undefined;
  /** The names of passes that are left out; absent: none. */
  readonly without?: ReadonlySet<string> | undefined;
  /** The values of parameters, for a plan that runs once; absent: any. */
  readonly parameters?: readonly Nullable[] | undefined;
  /** Who supplies rows of tables, in the order they were added; absent: nobody. */
  readonly scanProviders?: readonly ScanProvider[] | undefined;
}
