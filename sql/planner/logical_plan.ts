/**
 * Logical plans: what is to be computed, as a tree of immutable nodes.
 *
 * Columns keep their names through the tree: relation and column number, as in
 * the bound expressions. A node says which columns it gives ({@linkcode
 * outputOf}); positions in chunks are found only when the plan is compiled, so
 * that a pass can move or prune a node without touching any expression.
 *
 * | node | gives |
 * | --- | --- |
 * | result | one row without columns |
 * | values | the columns of a VALUES list |
 * | scan, index_lookup | columns of a table |
 * | knn | columns of a table, and the distance |
 * | filter, sort, limit, top_n, distinct | what their input gives |
 * | compute | what its input gives, and more columns |
 * | project | columns of its own |
 * | aggregate | groups, then aggregates |
 * | insert, update, delete | RETURNING |
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type {
  BoundAggregate,
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import type {
  BoundAssignment,
  TableRelation,
  ValuesRelation,
} from "../analyzer/bound_tree.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";

/** A column's name within a plan. */
export interface ColumnId {
  readonly relation: number;
  readonly column: number;
}

/** One row, no columns. */
export interface ResultNode {
  readonly kind: "result";
}

/** A VALUES list. */
export interface ValuesNode {
  readonly kind: "values";
  readonly values: ValuesRelation;
}

/** All rows of a table. */
export interface ScanNode {
  readonly kind: "scan";
  readonly table: TableRelation;
  /** The columns wanted, system columns included. */
  readonly columns: readonly number[];
  readonly filter: BoundExpression | undefined;
}

/** The rows of a table that an index has under certain keys. */
export interface IndexLookupNode {
  readonly kind: "index_lookup";
  readonly table: TableRelation;
  readonly index: IndexEntry;
  /** The keys, each a value for every key column; no columns in them. */
  readonly keys: readonly (readonly BoundExpression[])[];
  /** What the keys stand for, for people. */
  readonly condition: BoundExpression;
  readonly columns: readonly number[];
  readonly filter: BoundExpression | undefined;
}

/** The nearest rows by an index, or exactly: decided when it runs. */
export interface KnnNode {
  readonly kind: "knn";
  readonly table: TableRelation;
  readonly index: IndexEntry;
  /** The operator: `<->`. */
  readonly operator: string;
  /** The constant: the query vector. */
  readonly query: BoundExpression;
  /** The distance, and the column it is given as. */
  readonly distance: BoundExpression;
  readonly distanceColumn: ColumnId;
  readonly columns: readonly number[];
  readonly filter: BoundExpression | undefined;
  readonly limit: BoundExpression;
  readonly offset: BoundExpression | undefined;
  /** The share of the rows that the filter is expected to leave. */
  readonly selectivity: number;
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
  /** The relation of groups and then aggregates, numbered from 0. */
  readonly relation: number;
  readonly groups: readonly BoundExpression[];
  readonly aggregates: readonly BoundAggregate[];
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

/** INSERT. */
export interface InsertNode {
  readonly kind: "insert";
  readonly input: LogicalPlan;
  readonly table: TableEntry;
  /** A value for every column. */
  readonly assigned: readonly BoundExpression[];
  readonly newRelation: number;
  readonly relation: number;
  readonly returning: readonly BoundExpression[];
}

/** UPDATE: the input gives all columns of the rows, and their locators. */
export interface UpdateNode {
  readonly kind: "update";
  readonly input: LogicalPlan;
  readonly table: TableRelation;
  readonly assignments: readonly BoundAssignment[];
  readonly relation: number;
  readonly returning: readonly BoundExpression[];
}

/** DELETE: the input gives all columns of the rows, and their locators. */
export interface DeleteNode {
  readonly kind: "delete";
  readonly input: LogicalPlan;
  readonly table: TableRelation;
  readonly relation: number;
  readonly returning: readonly BoundExpression[];
}

/** A logical plan. */
export type LogicalPlan =
  | ResultNode
  | ValuesNode
  | ScanNode
  | IndexLookupNode
  | KnnNode
  | FilterNode
  | ComputeNode
  | ProjectNode
  | AggregateNode
  | SortNode
  | TopNNode
  | LimitNode
  | DistinctNode
  | InsertNode
  | UpdateNode
  | DeleteNode;

/** The columns that a node gives, in their order in chunks. */
export function outputOf(plan: LogicalPlan): ColumnId[] {
  switch (plan.kind) {
    case "result":
      return [];
    case "values": {
      const { relation, values } = plan.values;
      return numbered(relation, values.columns.length);
    }
    case "scan":
    case "index_lookup":
      return columnsOf(plan.table, plan.columns);
    case "knn":
      return [...columnsOf(plan.table, plan.columns), plan.distanceColumn];
    case "filter":
    case "sort":
    case "top_n":
    case "limit":
    case "distinct":
      return outputOf(plan.input);
    case "compute":
      return [
        ...outputOf(plan.input),
        ...numbered(plan.relation, plan.expressions.length),
      ];
    case "project":
      return numbered(plan.relation, plan.expressions.length);
    case "aggregate":
      return numbered(
        plan.relation,
        plan.groups.length + plan.aggregates.length,
      );
    case "insert":
    case "update":
    case "delete":
      return numbered(plan.relation, plan.returning.length);
    default:
      return unreachable(plan);
  }
}

function numbered(relation: number, count: number): ColumnId[] {
  return Array.from({ length: count }, (_, column) => ({ relation, column }));
}

function columnsOf(
  { relation }: TableRelation,
  columns: readonly number[],
): ColumnId[] {
  return columns.map((column) => ({ relation, column }));
}

/** The node below, if there is one. */
export function inputOf(plan: LogicalPlan): LogicalPlan | undefined {
  return "input" in plan ? plan.input : undefined;
}

/** `plan` with the node below replaced by what `map` makes of it. */
export function mapInput(
  plan: LogicalPlan,
  map: (input: LogicalPlan) => LogicalPlan,
): LogicalPlan {
  if (plan.kind === "knn") {
    const exact = map(plan.exact);
    return exact === plan.exact ? plan : { ...plan, exact };
  }
  if (!("input" in plan)) return plan;
  const input = map(plan.input);
  return input === plan.input ? plan : { ...plan, input };
}

/** `plan` with `map` applied to every node, the lowest first. */
export function mapPlan(
  plan: LogicalPlan,
  map: (plan: LogicalPlan) => LogicalPlan,
): LogicalPlan {
  return map(mapInput(plan, (input) => mapPlan(input, map)));
}

/** A reference to a column that a node gives. */
export function columnRef(
  { relation, column }: ColumnId,
  expression: BoundExpression,
  name = "",
): BoundColumn {
  const { type, offset } = expression;
  return { kind: "column", relation, column, type, name, offset };
}
