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
import type { MeasuredShares } from "./measured_shares.ts";

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

/** What things cost, as settings say: `cpu_tuple_cost` and the like. */
export interface CostSettings {
  /** A page that is read in order. */
  readonly seqPage: number;
  /** A page that is looked for. */
  readonly randomPage: number;
  /** A row. */
  readonly tuple: number;
  /** An entry of an index. */
  readonly indexTuple: number;
  /** An operator. */
  readonly operator: number;
}

/** What PostgreSQL's settings are where nobody sets them. */
export const DEFAULT_COSTS: CostSettings = {
  seqPage: 1,
  randomPage: 4,
  tuple: 0.01,
  indexTuple: 0.005,
  operator: 0.0025,
};

/** Where what is stored of a table or an index is now. */
export interface Residence {
  /** The stored bytes. */
  readonly bytes: number;
  /** The share of them that is behind the network. */
  readonly far: number;
  /** The share of them that a cache on disk has. */
  readonly near: number;
}

/** When plans run in several threads, as PostgreSQL's settings say it. */
export interface ParallelSettings {
  /** Threads that help one node, at most; 0: none. */
  readonly workersMax: number;
  /** Pages of a table from which on threads help. */
  readonly pagesMin: number;
  /** What starting them costs. */
  readonly setupCost: number;
  /** What a row costs that comes of another thread. */
  readonly tupleCost: number;
  /** Whether they help wherever they can. */
  readonly forced: boolean;
}

/** What costs depend on besides the plan. */
export interface CostFacts {
  /** The transaction: its catalog has the indexes. */
  readonly transaction: TransactionHandle;
  /** The access methods: row counts, operator classes, costs. */
  readonly access: AccessRegistry;
  /** Which ways a plan may go; absent: all. */
  readonly ways?: PlanSettings | undefined;
  /** What things cost; absent: what they cost by default. */
  readonly costs?: CostSettings | undefined;
  /** Where things are, by storage id; absent or `undefined`: in memory. */
  readonly residence?:
    | ((storageId: number) => Residence | undefined)
    | undefined;
  /** What conditions were seen to leave; absent: nothing was measured. */
  readonly measured?: Pick<MeasuredShares, "shareOf"> | undefined;
}

/** Where passes look things up. */
export interface PlanFacts extends CostFacts {
  /** Binds the keys of an index; absent: all of them are columns. */
  readonly indexKeys?: IndexKeyBinder | undefined;
  /** The names of passes that are left out; absent: none. */
  readonly without?: ReadonlySet<string> | undefined;
  /** The values of parameters, for a plan that runs once; absent: any. */
  readonly parameters?: readonly Nullable[] | undefined;
  /** When plans run in several threads; absent: never. */
  readonly parallel?: ParallelSettings | undefined;
  /** Who supplies rows of tables, in the order they were added; absent: nobody. */
  readonly scanProviders?: readonly ScanProvider[] | undefined;
}
