/**
 * Changes of a table that others inherit from, as changes of one of those: what
 * is compiled for each table that has rows.
 *
 * The rows come as the node's input gives them, and behind them:
 *
 * | change | more columns |
 * | --- | --- |
 * | INSERT | the proposed rows, as relation -1 |
 * | others | the columns that the table has besides those of the parent |
 *
 * @module
 */
import type {
  BoundConflict,
  TableRelation,
} from "../../analyzer/bound_tree.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { CatalogView, TableEntry } from "../../catalog/entries.ts";
import { partIn } from "../../catalog/inheritance/table_tree.ts";
import type {
  ChangeNode,
  InsertNode,
  LogicalPlan,
} from "../../planner/logical_plan.ts";

/** The relation of rows that are proposed for INSERT. */
const PROPOSED = -1;

/** The parent, which the statement names. */
export function namedTable(node: ChangeNode): TableEntry {
  return node.kind === "insert" ? node.table : node.table.table;
}

/** Whether the rows of a change are those of several tables. */
export function isTreeChange(node: ChangeNode): boolean {
  return node.kind === "insert"
    ? node.table.partitionKey !== undefined
    : node.table.tree !== undefined ||
      node.table.table.partitionKey !== undefined;
}

/** A change as that of one table of the tree. */
export function changeOfTable(
  node: ChangeNode,
  table: TableEntry,
  catalog: CatalogView,
): ChangeNode {
  if (node.kind === "insert") return insertInto(node, table, catalog);
  const { tree: _, ...relation } = node.table;
  return {
    ...node,
    table: { ...relation, table },
    input: withOthers(node.input, node.table, table),
  };
}

function insertInto(
  node: InsertNode,
  table: TableEntry,
  catalog: CatalogView,
): InsertNode {
  return {
    ...node,
    table,
    assigned: node.assigned.map((value, column): BoundExpression => ({
      kind: "column",
      relation: PROPOSED,
      column,
      type: value.type,
      name: table.columns[column]!.name,
      offset: -1,
    })),
    where: undefined,
    conflict: node.conflict && conflictIn(node.conflict, table, catalog),
    input: {
      kind: "compute",
      input: node.input,
      relation: PROPOSED,
      expressions: node.assigned,
      waits: false,
    },
  };
}

/** ON CONFLICT by the indexes of a partition. */
function conflictIn(
  conflict: BoundConflict,
  table: TableEntry,
  catalog: CatalogView,
): BoundConflict {
  const arbiters = conflict.arbiters.flatMap((index) =>
    partIn(index, table, catalog) ?? []
  );
  return { ...conflict, arbiters };
}

/** The input as if it gave the columns that only the table has. */
function withOthers(
  input: LogicalPlan,
  named: TableRelation,
  table: TableEntry,
): LogicalPlan {
  const count = named.table.columns.length;
  const others = table.columns.map((_, position) => position).slice(count);
  if (others.length === 0) return input;
  return {
    kind: "join",
    join: "inner",
    left: input,
    right: {
      kind: "scan",
      table: { ...named, tree: undefined, table },
      columns: others,
      filter: undefined,
    },
    condition: undefined,
    captures: [],
  };
}
