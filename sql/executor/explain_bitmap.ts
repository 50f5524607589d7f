/**
 * Where the locators of a bitmap scan come from, as EXPLAIN shows it.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { Estimate } from "../optimizer/estimate.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { BitmapSource } from "../planner/logical_plan.ts";
import type { ExplainNode } from "./explain_node.ts";

/** A source of locators; what it costs is in the node above. */
export function bitmapShown(
  source: BitmapSource,
  estimate: Estimate,
  text: (condition: BoundExpression) => string,
): ExplainNode {
  const common = {
    estimate: { ...estimate, total: estimate.startup, startup: 0, width: 0 },
    actual: undefined,
    output: [],
  };
  if ("inputs" in source) {
    const type = source.kind === "and" ? "BitmapAnd" : "BitmapOr";
    return {
      ...common,
      type,
      title: type,
      facts: {},
      details: [],
      children: source.inputs.map((input) =>
        bitmapShown(input, estimate, text)
      ),
    };
  }
  const { index, condition } = source.kind === "range" ? source.range : source;
  return {
    ...common,
    type: "Bitmap Index Scan",
    title: `Bitmap Index Scan on ${quoteIdentifier(index.name)}`,
    facts: { "Index Name": index.name },
    details: condition === undefined ? [] : [["Index Cond", text(condition)]],
    children: [],
  };
}
