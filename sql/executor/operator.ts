/**
 * What a running plan is made of.
 *
 * A plan is immutable and shared by all who run it; what a run knows is in its
 * operators and in the {@linkcode ExecutionContext}. Operators pull: `next`
 * asks the operator below for a chunk. Everything answers at once while memory
 * can; whoever gets a promise passes it on, and nobody awaits per row.
 *
 * @module
 */
import type { Cancellation } from "../../base/cancellation.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { AccessRegistry } from "../access/access_registry.ts";
import type { SpillFiles } from "../access/temporary_files.ts";
import type { BoundTableRules } from "../analyzer/constraints/bound_constraint.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { IndexKeyBinder } from "../analyzer/indexes/index_keys.ts";
import type { ColumnEntry, TableEntry } from "../catalog/entries.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { FunctionContext } from "../functions/registry.ts";
import type { CostFacts, CostSettings } from "../optimizer/facts.ts";
import type { KnnChoice, KnnWay } from "../optimizer/knn/cost.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { Nullable } from "../types/data_type.ts";
import type { WorkerPool } from "./parallel/worker_pool.ts";
import type { PlanHooks } from "./plan_hooks.ts";
import type { FireTrigger } from "./triggers/trigger_firing.ts";

/** Settings that operators follow. */
export interface ExecutionSettings {
  /**
   * How much memory a statement may hold in sorts, groups and other state, in
   * bytes; beyond it, it fails with `53200`.
   */
  readonly memoryBytesMax: number;
  /**
   * Whether scans of whole tables may be chosen over an index (default true):
   * PostgreSQL's `enable_seqscan`.
   */
  readonly scansEnabled?: boolean | undefined;
  /** The width of KNN searches set by hand; absent: the index's own. */
  readonly searchWidth?: number | undefined;
  /** How many clusters KNN searches read, if it was set by hand. */
  readonly probes?: number | undefined;
  /** How KNN queries find their rows, if it was set by hand. */
  readonly knnWay?: KnnWay | undefined;
  /** After how many rows a KNN search ends, whatever it has found. */
  readonly searchRowsMax?: number | undefined;
  /** Whether a KNN search that found too little goes on (default true). */
  readonly searchesGoOn?: boolean | undefined;
}

/** What a run gets from the session. */
export interface ExecutionContext {
  /** The transaction it runs in. */
  readonly transaction: TransactionHandle;
  /**
   * The transaction that locks go to, where rows are fetched by a cursor, and no
   * row is to be locked before it is fetched.
   */
  readonly cursorLocks?: TransactionHandle;
  /** The access methods. */
  readonly access: AccessRegistry;
  /** The values of the parameters, in the forms of the plan's types. */
  readonly parameters: readonly Nullable[];
  /** What things cost, and where they are: for what EXPLAIN shows. */
  readonly costs?: CostSettings | undefined;
  readonly residence?: CostFacts["residence"];
  readonly measured?: CostFacts["measured"];
  /** What functions may ask. */
  readonly functions: FunctionContext;
  /** Stops the run between chunks when aborted. */
  readonly signal: Cancellation | undefined;
  /** Binds what holds in a table. Absent: no table has CHECKs and the like. */
  readonly bindRules?: ((table: TableEntry) => BoundTableRules) | undefined;
  /** Binds the DEFAULT of a column. Absent: as for `bindRules`. */
  readonly bindDefault?:
    | ((column: ColumnEntry) => BoundExpression)
    | undefined;
  /** Binds the keys of an index. Absent: they are columns. */
  readonly bindIndex?: IndexKeyBinder | undefined;
  /** Fires triggers. Absent: no table has any. */
  readonly fireTrigger?: FireTrigger | undefined;
  /** Tells the client something. Absent: nobody listens. */
  readonly warn?: ((message: string) => void) | undefined;
  /** Settings. */
  readonly settings: ExecutionSettings;
  /** Where operators put what memory is not to hold. Absent: nowhere. */
  readonly temporaryFiles?: SpillFiles | undefined;
  /** Threads that may help. Absent: there are none. */
  readonly workers?: ParallelContext | undefined;
  /** Called around the run of the plan. Absent: nobody wants to know. */
  readonly hooks?: PlanHooks | undefined;
  /** Counts the rows of its nodes. Absent: nobody does. */
  readonly tally?: OperatorTally | undefined;
  /** The rows from outside, for a plan that takes some. */
  readonly external?: Operator | undefined;
}

/** Counts the rows that nodes give, beside an ordinary run. */
export interface OperatorTally {
  /** Wraps an operator. */
  observe(node: LogicalPlan, operator: Operator): Operator;
}

/** What plans that run in several threads ask of the session. */
export interface ParallelContext {
  /** The threads. */
  readonly pool: WorkerPool;
  /** Whether they are used however few rows there are (`debug_parallel_query`). */
  readonly forced: boolean;
  /** Whether EXPLAIN keeps quiet about them (`regress`). */
  readonly hidden: boolean;
  /** Whether this thread does a part itself, where another does one. */
  readonly leads: boolean;
  /** A clock that never goes back, in milliseconds. */
  nowMs(): number;
}

/** What an operator says of what it did. */
export interface OperatorReport {
  /** How a KNN scan decided to go. */
  readonly choice: KnnChoice;
  /** Names and values. */
  readonly facts: readonly (readonly [string, string])[];
}

/** What an operator says of its work besides its rows. */
export interface OperatorUsage {
  /** The most bytes that it held in memory at once. */
  readonly memoryBytes: number;
  /** The bytes that it wrote into temporary files. */
  readonly spilledBytes: number;
  /** In how many parts it took its rows, where that says something. */
  readonly batches?: number | undefined;
}

/** A running operator. */
export interface Operator {
  /**
   * The next rows, at least one, or `undefined` at the end. The chunk is valid
   * until the next call of `next` or `close`.
   */
  next(): MaybePromise<Chunk | undefined>;
  /** Lets go of what it holds; may be called at any time, and twice. */
  close(): void;
  /**
   * Is told, before the first call of `next`, that nobody will look at more rows
   * than these. Absent: it makes no difference.
   */
  expect?(rowsMax: number): void;
  /** What it did, for EXPLAIN ANALYZE. Absent: nothing more. */
  report?(): OperatorReport;
  /** What it has used so far; absent where it holds nothing. */
  usage?(): OperatorUsage;
  /** How many other threads helped. Absent: it wants none. */
  launched?(): number;
  /** Rows that did not pass its own filter so far. Absent: it has none. */
  removedRows?(): number;
}

/** A running plan. */
export interface PlanRun extends Operator {
  /** Rows inserted, updated or deleted so far. */
  readonly affectedRows: number;
}
