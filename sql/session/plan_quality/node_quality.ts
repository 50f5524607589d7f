/**
 * What the nodes of a plan that ran were expected to give, and what they gave.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { TableRelation } from "../../analyzer/bound_tree.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { NodeRows, RowTally } from "../../executor/row_tally.ts";
import { estimate } from "../../optimizer/estimate.ts";
import type { CostFacts } from "../../optimizer/facts.ts";
import { tableFacts } from "../../optimizer/table_estimate.ts";
import { conjunction } from "../../planner/conjuncts.ts";
import type { LogicalPlan } from "../../planner/logical_plan.ts";
import { inputsOf } from "../../planner/plan_tree.ts";

/** A node that ran to its end. */
export interface NodeQuality {
  /** Its number in the plan, from the top. */
  readonly number: number;
  /** What EXPLAIN calls it. */
  readonly name: string;
  /** The table it reads. */
  readonly table: TableEntry | undefined;
  /** What its rows have to fulfil. */
  readonly condition: BoundExpression | undefined;
  /** The rows that it was expected to give, and those it gave. */
  readonly estimated: number;
  readonly actual: number;
  /** How far off that is: 1 is as expected. */
  readonly error: number;
}

/** A condition on a table, and the rows that it was seen to leave. */
export interface SeenCondition {
  readonly table: TableEntry;
  readonly conditions: readonly (BoundExpression | undefined)[];
  readonly rowCount: number;
  readonly estimated: number;
  readonly actual: number;
}

/**
 * How far an estimate is off: the larger of both ratios, no rows counted as one
 * (Moerkotte, Neumann, Steidl: Preventing Bad Plans by Bounding the Impact of
 * Cardinality Estimation Errors).
 */
export function estimateError(estimated: number, actual: number): number {
  const [one, other] = [Math.max(1, estimated), Math.max(1, actual)];
  return Math.max(one / other, other / one);
}

/** Whether a plan reads tables, and none of the system. */
export function readsTables(plan: LogicalPlan): boolean {
  let reads = false;
  const isOwn = (node: LogicalPlan): boolean => {
    const table = tableOf(node);
    if (table !== undefined) {
      if (table.storageId === 0) return false;
      reads = true;
    }
    return inputsOf(node).every(isOwn);
  };
  return isOwn(plan) && reads;
}

/** The nodes that were read to their ends, and decide how a plan is done. */
export function nodeQualities(
  plan: LogicalPlan,
  tally: RowTally,
  facts: CostFacts,
): readonly NodeQuality[] {
  const found: NodeQuality[] = [];
  let number = 0;
  eachNode(plan, (node) => {
    number++;
    const name = nameOf(node);
    const rows = name === undefined ? undefined : tally.rowsOf(node);
    if (name === undefined || rows === undefined) return;
    const { rows: estimated } = estimate(node, facts);
    found.push({
      number,
      name,
      table: tableOf(node),
      condition: conditionOf(node),
      estimated,
      actual: rows.rows,
      error: estimateError(estimated, rows.rows),
    });
  });
  return found;
}

/** What the scans of a plan tell of conditions on their tables. */
export function seenConditions(
  plan: LogicalPlan,
  tally: RowTally,
  facts: CostFacts,
): readonly SeenCondition[] {
  const found: SeenCondition[] = [];
  eachNode(plan, (node) => {
    const rows = tally.rowsOf(node);
    if (rows !== undefined) found.push(...scanConditions(node, rows, facts));
  });
  return found;
}

function scanConditions(
  node: LogicalPlan,
  { rows, removed }: NodeRows,
  facts: CostFacts,
): SeenCondition[] {
  const parts = scanParts(node);
  if (parts === undefined) return [];
  const { table, filter, found } = parts;
  const { rowCount } = tableFacts({ table, filter: undefined }, facts);
  const of = { table: table.table, rowCount };
  const { rows: estimated } = estimate(node, facts);
  const all: SeenCondition[] = [
    { ...of, conditions: [found, filter], estimated, actual: rows },
  ];
  if (found !== undefined && filter !== undefined && removed !== undefined) {
    const { share } = tableFacts({ table, filter: found }, facts);
    all.push({
      ...of,
      conditions: [found],
      estimated: rowCount * share,
      actual: rows + removed,
    });
  }
  return all;
}

interface ScanParts {
  readonly table: TableRelation;
  readonly filter: BoundExpression | undefined;
  readonly found: BoundExpression | undefined;
}

/** A scan's table, the condition of its index and that of the rows found. */
function scanParts(node: LogicalPlan): ScanParts | undefined {
  switch (node.kind) {
    case "scan":
      return { table: node.table, filter: node.filter, found: undefined };
    case "index_lookup":
      return node.unnests === true ? undefined : {
        table: node.table,
        filter: node.filter,
        found: node.condition,
      };
    case "index_scan":
      return node.leading !== undefined ? undefined : {
        table: node.table,
        filter: node.filter,
        found: node.range.condition,
      };
    case "bitmap_scan":
      // Its filter has all conditions.
      return { table: node.table, filter: node.filter, found: undefined };
    default:
      return undefined;
  }
}

/** Calls `visit` from the top; what several threads do is not looked into. */
function eachNode(
  plan: LogicalPlan,
  visit: (node: LogicalPlan) => void,
): void {
  visit(plan);
  if (plan.kind === "gather") return;
  for (const input of inputsOf(plan)) eachNode(input, visit);
}

function tableOf(node: LogicalPlan): TableEntry | undefined {
  switch (node.kind) {
    case "scan":
    case "index_lookup":
    case "index_scan":
    case "bitmap_scan":
    case "custom_scan":
    case "knn":
      return node.table.table;
    default:
      return undefined;
  }
}

function conditionOf(node: LogicalPlan): BoundExpression | undefined {
  switch (node.kind) {
    case "join":
    case "filter":
      return node.condition;
    case "knn":
    case "custom_scan":
      return node.filter;
    default: {
      const parts = scanParts(node);
      if (parts === undefined) return undefined;
      const { found, filter } = parts;
      return conjunction([found, filter].filter((each) => each !== undefined));
    }
  }
}

/** The nodes whose rows are estimated; those of others follow from these. */
function nameOf(node: LogicalPlan): string | undefined {
  switch (node.kind) {
    case "scan":
      return "Seq Scan";
    case "index_lookup":
    case "index_scan":
    case "knn":
      return "Index Scan";
    case "bitmap_scan":
      return "Bitmap Heap Scan";
    case "custom_scan":
      return "Custom Scan";
    case "gather":
      return "Gather";
    case "append":
      return "Append";
    case "filter":
      return "Filter";
    case "join":
      return "Join";
    case "aggregate":
      return "Aggregate";
    case "distinct":
    case "distinct_on":
      return "Unique";
    case "set_operation":
      return "SetOp";
    case "recursive":
      return "Recursive Union";
    default:
      return undefined;
  }
}
