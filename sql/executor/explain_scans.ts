/**
 * Scans of tables as EXPLAIN shows them.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { conjunction } from "../planner/conjuncts.ts";
import { keyPositions } from "../planner/index_only.ts";
import { keyNames } from "../access/index_keys.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { IndexScanNode, LogicalPlan } from "../planner/logical_plan.ts";
import type { Actual, ExplainNode } from "./explain_node.ts";
import {
  indexScanShown,
  indexShown,
  tableFacts,
  tableName,
} from "./explain_tables.ts";
import { ownRowsRemoved } from "./explain_usage.ts";

type Details = ExplainNode["details"];

/** A node that reads a table. */
type TableScanNode = Extract<
  LogicalPlan,
  {
    kind:
      | "scan"
      | "index_lookup"
      | "index_scan"
      | "bitmap_scan"
      | "custom_scan";
  }
>;

/** What is shown of a scan: `details` are of the nodes above within it. */
export function scanShown(
  plan: TableScanNode,
  details: Details,
  text: (expression: BoundExpression) => string,
  actual: Actual | undefined,
  isVerbose: boolean,
): Pick<ExplainNode, "type" | "title" | "facts" | "details"> {
  const { table } = plan;
  const below: Details = [
    ...details,
    ...plan.filter === undefined
      ? []
      : [["Filter", text(plan.filter)] as const, ...ownRowsRemoved(actual)],
  ];
  switch (plan.kind) {
    case "scan":
      return {
        type: "Seq Scan",
        title: `${plan.parallel === undefined ? "" : "Parallel "}Seq Scan on ${
          tableName(table, isVerbose)
        }`,
        facts: {
          ...plan.parallel === undefined ? {} : { "Parallel Aware": true },
          ...tableFacts(table, isVerbose),
        },
        details: below,
      };
    case "index_lookup":
      return {
        type: "Index Scan",
        ...indexShown(plan, isVerbose),
        details: [["Index Cond", text(plan.condition)], ...below],
      };
    case "index_scan": {
      const { condition } = plan.range;
      return {
        type: keyPositions(plan) === undefined
          ? "Index Scan"
          : "Index Only Scan",
        ...indexScanShown(plan, isVerbose),
        details: [
          ...condition === undefined
            ? []
            : [["Index Cond", text(condition)] as const],
          ...leadingShown(plan),
          ...below,
        ],
      };
    }
    case "bitmap_scan":
      return {
        type: "Bitmap Heap Scan",
        title: `Bitmap Heap Scan on ${tableName(table, isVerbose)}`,
        facts: tableFacts(table, isVerbose),
        details: [["Recheck Cond", text(plan.condition)], ...below],
      };
    case "custom_scan": {
      const told = conjunction(plan.told.map(({ expression }) => expression));
      const { limit } = plan;
      return {
        type: "Custom Scan",
        title: `Custom Scan (${plan.provider}) on ${
          tableName(table, isVerbose)
        }`,
        facts: {
          "Custom Plan Provider": plan.provider,
          ...tableFacts(table, isVerbose),
        },
        details: [
          ...told === undefined ? [] : [["Told", text(told)] as const],
          ...limit === undefined ? [] : [["Limit", text(limit)] as const],
          ...below,
        ],
      };
    }
  }
}

/** The keys of which a scan gives the first row each. */
function leadingShown({ table, range, leading }: IndexScanNode): Details {
  if (leading === undefined) return [];
  const { index } = range;
  const names = keyNames(index, table.table).slice(0, leading.count);
  return [[
    "Skip Key",
    names.map((name, i) =>
      index.columns[i]!.expression === undefined ? quoteIdentifier(name) : name
    ),
  ]];
}
