/**
 * Logical plans: what is to be computed, as a tree of immutable nodes.
 *
 * Columns keep their names through the tree: relation and column number, as in
 * the bound expressions. A node says which columns it gives (`outputOf` in
 * `plan_tree.ts`); positions in chunks are found only when the plan is compiled, so
 * that a pass can move or prune a node without touching any expression.
 *
 * | node | gives |
 * | --- | --- |
 * | result | one row without columns |
 * | values | the columns of a VALUES list |
 * | external | columns of rows from outside |
 * | scan, index_lookup, index_scan, bitmap_scan, custom_scan | columns of a table |
 * | append | columns of a table and of those that inherit from it |
 * | knn | columns of a table, and the distance |
 * | filter, sort, limit, top_n, distinct, distinct_on | what their input gives |
 * | lock_rows, init, materialize, with, gather | what their input gives |
 * | compute, apply | what its input gives, and more columns |
 * | join | what its sides give; semi, anti: the left one |
 * | project_set, window | what its input gives, and a column for each call |
 * | set_operation, recursive, cte_scan, function_scan | columns of its own |
 * | project | columns of its own |
 * | aggregate | groups, then aggregates, then groupings |
 * | insert, update, delete, merge | RETURNING |
 *
 * @module
 */
import type {
  BoundAggregate,
  BoundColumn,
  BoundExpression,
  BoundLock,
  BoundSubquery,
  BoundWindowCall,
  Capture,
} from "../analyzer/bound_expression.ts";
import type {
  BoundAssignment,
  BoundConflict,
  BoundMergeClause,
  RowImages,
  TableRelation,
} from "../analyzer/bound_tree.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { AggregateDefinition } from "../functions/registry.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { CustomScanNode } from "./custom_scan.ts";
import type { FunctionScanNode, SetCall } from "./function_nodes.ts";
import type { Gather } from "./gather_node.ts";
import type {
  BitmapScanNode,
  BitmapSource,
  IndexLookupNode,
  IndexScanNode,
} from "./index_nodes.ts";
import type {
  CteScanNode,
  ExternalNode,
  ResultNode,
  ScanNode,
  ValuesNode,
} from "./leaf_nodes.ts";

export type * from "./function_nodes.ts";
export type * from "./index_nodes.ts";
export type * from "./leaf_nodes.ts";

/** A column's name within a plan. */
export interface ColumnId {
  readonly relation: number;
  readonly column: number;
}

/** The rows of a table and of those that inherit from it, one after another. */
export interface AppendNode {
  readonly kind: "append";
  /** The table whose columns it gives. */
  readonly table: TableRelation;
  readonly columns: readonly number[];
  /** Columns that the inputs compute, given after those. */
  readonly more?: readonly ColumnId[];
  /**
   * What gives the rows of one table each, under the same relation number. An
   * input may give columns that the node does not.
   */
  readonly inputs: readonly LogicalPlan[];
  /** What says which inputs are left out when it runs. */
  readonly pruning?: AppendPruning | undefined;
}

/** What is known of the rows of an `append` only when it runs. */
export interface AppendPruning {
  /** Over the table's columns; values that are no columns are there by then. */
  readonly conditions: readonly BoundExpression[];
  /** The ids of the tables of the inputs. */
  readonly tableIds: readonly number[];
}

/** What indexes know of a filter. */
export interface KnnBitmap {
  /** Where the locators come from. */
  readonly source: BitmapSource;
  /** What the source stands for. */
  readonly condition: BoundExpression;
  /** The share of all rows that it is expected to find. */
  readonly share: number;
  /** How many ranges are read and searches made (default 1). */
  readonly lookups?: number;
}

/** The nearest rows, or all within a distance, by an index or exactly. */
export interface KnnNode {
  readonly kind: "knn";
  readonly table: TableRelation;
  readonly index: IndexEntry;
  /** The operator: `<->`. */
  readonly operator: string;
  /** The constant: the query vector. */
  readonly query: BoundExpression;
  /** The distance, and the column it is given as; absent: it is not given. */
  readonly distance: BoundExpression;
  readonly distanceColumn: ColumnId | undefined;
  readonly columns: readonly number[];
  readonly filter: BoundExpression | undefined;
  /** The filter is true of no row that is farther away. */
  readonly bound: BoundExpression | undefined;
  /** How many rows; absent: all within the bound, in any order. */
  readonly limit: BoundExpression | undefined;
  readonly offset: BoundExpression | undefined;
  /** Whether OFFSET's rows come too, and all that are as near as the last. */
  readonly isTied: boolean;
  /** The share of the near rows that the filter is expected to leave. */
  readonly selectivity: number;
  /** How indexes find rows that the filter may leave; absent: they cannot. */
  readonly bitmap: KnnBitmap | undefined;
  /** The same rows without the index. */
  readonly exact: LogicalPlan;
}

/** The rows for which a condition is true. */
export interface FilterNode {
  readonly kind: "filter";
  readonly input: LogicalPlan;
  readonly condition: BoundExpression;
}

/** Further columns. */
export interface ComputeNode {
  readonly kind: "compute";
  readonly input: LogicalPlan;
  /** The relation of the new columns, numbered from 0. */
  readonly relation: number;
  readonly expressions: readonly BoundExpression[];
  /** Whether the expressions are calls that wait for storage. */
  readonly waits: boolean;
}

/** Each row, as often as the longest of some sets has rows. */
export interface ProjectSetNode {
  readonly kind: "project_set";
  readonly input: LogicalPlan;
  /** The relation of the sets' columns, numbered from 0. */
  readonly relation: number;
  readonly calls: readonly SetCall[];
}

/** Other columns. */
export interface ProjectNode {
  readonly kind: "project";
  readonly input: LogicalPlan;
  readonly relation: number;
  readonly expressions: readonly BoundExpression[];
}

/** Groups. */
export interface AggregateNode {
  readonly kind: "aggregate";
  readonly input: LogicalPlan;
  /** The relation of groups, aggregates, groupings, numbered from 0. */
  readonly relation: number;
  readonly groups: readonly BoundExpression[];
  readonly aggregates: readonly BoundAggregate[];
  /** The sets of groups, by number; absent: one set of all. */
  readonly sets: readonly (readonly number[])[] | undefined;
  /** GROUPINGs: the groups that each asks for. */
  readonly groupings: readonly (readonly number[])[];
  /** Whether it makes states of some of the rows, or the result of states. */
  readonly phase?: "partial" | "final" | undefined;
}

/** A column to sort by. */
export interface SortKey {
  readonly expression: BoundExpression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Rows in order. */
export interface SortNode {
  readonly kind: "sort";
  readonly input: LogicalPlan;
  readonly keys: readonly SortKey[];
}

/** The first rows in order. */
export interface TopNNode {
  readonly kind: "top_n";
  readonly input: LogicalPlan;
  readonly keys: readonly SortKey[];
  readonly limit: BoundExpression;
  readonly offset: BoundExpression | undefined;
}

/**
 * Calls over windows of one partitioning and order. The rows come in that order
 * (partitions by `partitionBy`, ascending, NULLs last).
 */
export interface WindowNode {
  readonly kind: "window";
  readonly input: LogicalPlan;
  /** The relation of the calls' columns, numbered from 0. */
  readonly relation: number;
  readonly partitionBy: readonly BoundExpression[];
  readonly orderBy: readonly SortKey[];
  /** The calls; partitions and order are the node's. */
  readonly calls: readonly BoundWindowCall[];
  /** Whether the input is in order already. */
  readonly sorted: boolean;
}

/** Some rows. */
export interface LimitNode {
  readonly kind: "limit";
  readonly input: LogicalPlan;
  readonly limit: BoundExpression | undefined;
  readonly offset: BoundExpression | undefined;
  /** The keys whose equals of the last row come too: WITH TIES. */
  readonly ties: readonly SortKey[] | undefined;
}

/** No row twice. */
export interface DistinctNode {
  readonly kind: "distinct";
  readonly input: LogicalPlan;
}

/** Rows with locks on the rows of tables that they come from: FOR UPDATE. */
export interface LockRowsNode {
  readonly kind: "lock_rows";
  readonly input: LogicalPlan;
  readonly locks: readonly BoundLock[];
  /** LIMIT and OFFSET above it: rows that nobody asks for are not locked. */
  readonly limit: BoundExpression | undefined;
  readonly offset: BoundExpression | undefined;
  readonly withTies: boolean;
}

/** The first row of each run of rows that are equal in the keys. */
export interface DistinctOnNode {
  readonly kind: "distinct_on";
  readonly input: LogicalPlan;
  readonly keys: readonly BoundExpression[];
}

/** INSERT. */
export interface InsertNode {
  readonly kind: "insert";
  readonly input: LogicalPlan;
  readonly table: TableEntry;
  /** A value for every column. */
  readonly assigned: readonly BoundExpression[];
  readonly newRelation: number;
  /** Which of the new rows are inserted, over them; absent: all. */
  readonly where: BoundExpression | undefined;
  readonly conflict: BoundConflict | undefined;
  readonly images: RowImages;
  /** Whether other changes of the statement must know what it changed. */
  readonly tracked: boolean;
  /** Whether its rows are those that the statement counts. */
  readonly counted: boolean;
  readonly relation: number;
  readonly returning: readonly BoundExpression[];
  /** Queries of RETURNING over the rows as they have become. */
  readonly late?: LateRows;
  /** Queries of DO UPDATE over the row that is there. */
  readonly lateUpdate?: LateRows;
}

/**
 * Queries over rows that are known only while they are changed: a plan over an
 * `external` node, which gets the columns, and after them the number of each
 * row, by which what it gives is put in order again.
 */
export interface LateRows {
  readonly columns: readonly BoundColumn[];
  readonly external: number;
  readonly plan: LogicalPlan;
}

/**
 * Whether a row of UPDATE or DELETE that others have changed meanwhile is still
 * meant, in READ COMMITTED: when a condition over the input holds for what it is
 * now; always, when there is none; or as the statement says that runs again.
 */
export type Recheck = BoundExpression | "always" | "restart";

/** UPDATE: the input gives all columns of the rows, and their locators. */
export interface UpdateNode {
  readonly kind: "update";
  readonly input: LogicalPlan;
  readonly table: TableRelation;
  readonly assignments: readonly BoundAssignment[];
  readonly recheck: Recheck;
  readonly images: RowImages;
  /** Whether a row may be changed already when the input gives it. */
  readonly tracked: boolean;
  readonly counted: boolean;
  readonly relation: number;
  readonly returning: readonly BoundExpression[];
  readonly late?: LateRows;
}

/** DELETE: the input is as that of UPDATE. */
export interface DeleteNode {
  readonly kind: "delete";
  readonly input: LogicalPlan;
  readonly table: TableRelation;
  readonly recheck: Recheck;
  readonly images: RowImages;
  readonly tracked: boolean;
  readonly counted: boolean;
  readonly relation: number;
  readonly returning: readonly BoundExpression[];
  readonly late?: LateRows;
}

/** MERGE: the input gives pairs of rows, all of the table's columns in them. */
export interface MergeNode {
  readonly kind: "merge";
  readonly input: LogicalPlan;
  readonly table: TableRelation;
  /** A column that is NULL where the source has no row; absent: it has one. */
  readonly marker: ColumnId | undefined;
  /** A column that is NULL where a view has no row; absent: it is a table. */
  readonly there?: ColumnId;
  readonly clauses: readonly BoundMergeClause[];
  readonly images: RowImages;
  /** The relation of `merge_action()`. */
  readonly actionRelation: number;
  readonly counted: boolean;
  readonly relation: number;
  readonly returning: readonly BoundExpression[];
  readonly late?: LateRows;
}

/** A statement that changes a table. */
export type ChangeNode = InsertNode | UpdateNode | DeleteNode | MergeNode;

/** Whether a node changes a table. */
export function isChange(plan: LogicalPlan): plan is ChangeNode {
  const { kind } = plan;
  return kind === "insert" || kind === "update" || kind === "delete" ||
    kind === "merge";
}

/**
 * Pairs of rows. A row of the right side that is missing is NULLs; `semi` and
 * `anti` give rows of the left side only, those with and without a partner.
 */
export interface JoinNode {
  readonly kind: "join";
  readonly join: "inner" | "left" | "full" | "semi" | "anti";
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  /** Absent: every pair. */
  readonly condition: BoundExpression | undefined;
  /** What the right side, then run for each row of the left, takes from it. */
  readonly captures: readonly Capture[];
  /** Whether all pairs are looked at, where keys could be. */
  readonly looped?: true;
  /** Whether both sides come in the order of the keys, ascending. */
  readonly merged?: true;
}

/** A query in an expression, planned. */
export interface PlannedSubquery {
  readonly form: BoundSubquery["form"];
  /** What makes an array of the rows' values, under `array`. */
  readonly gather?: AggregateDefinition;
  readonly plan: LogicalPlan;
  readonly captures: readonly Capture[];
  readonly operands: readonly BoundExpression[];
  /** Over the operands and the columns of the plan. */
  readonly test: BoundExpression | undefined;
  readonly operandRelation: number;
  readonly type: TypeRef;
}

/** Further columns: the values of queries, run for each row. */
export interface ApplyNode {
  readonly kind: "apply";
  readonly input: LogicalPlan;
  /** The relation of the new columns, numbered from 0. */
  readonly relation: number;
  readonly subqueries: readonly PlannedSubquery[];
}

/** Values of queries that no row is needed for, computed first. */
export interface InitNode {
  readonly kind: "init";
  readonly input: LogicalPlan;
  readonly slots: readonly number[];
  readonly subqueries: readonly PlannedSubquery[];
}

/** UNION, INTERSECT, EXCEPT of rows that have the same types. */
export interface SetOperationNode {
  readonly kind: "set_operation";
  readonly operation: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly relation: number;
  readonly columnCount: number;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
}

/** All rows first, so that nothing of them is computed afterwards. */
export interface MaterializeNode {
  readonly kind: "materialize";
  readonly input: LogicalPlan;
}

/** A query of WITH, planned. */
export interface PlannedCte {
  readonly id: number;
  readonly name: string;
  readonly plan: LogicalPlan;
}

/** Rows that several nodes of the input read. */
export interface WithNode {
  readonly kind: "with";
  readonly input: LogicalPlan;
  readonly ctes: readonly PlannedCte[];
}

/** Rows, and what follows from them, round by round. */
export interface RecursiveNode {
  readonly kind: "recursive";
  readonly id: number;
  readonly all: boolean;
  readonly relation: number;
  readonly columnCount: number;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
}

/** Rows of a plan that several threads run. */
export type GatherNode = Gather<LogicalPlan, SortKey>;

/** A logical plan. */
export type LogicalPlan =
  | JoinNode
  | ApplyNode
  | InitNode
  | SetOperationNode
  | MaterializeNode
  | WithNode
  | CteScanNode
  | RecursiveNode
  | GatherNode
  | ProjectSetNode
  | WindowNode
  | FunctionScanNode
  | ResultNode
  | ValuesNode
  | ExternalNode
  | ScanNode
  | IndexLookupNode
  | IndexScanNode
  | BitmapScanNode
  | CustomScanNode
  | AppendNode
  | KnnNode
  | FilterNode
  | ComputeNode
  | ProjectNode
  | AggregateNode
  | SortNode
  | TopNNode
  | LimitNode
  | DistinctNode
  | DistinctOnNode
  | LockRowsNode
  | ChangeNode;
