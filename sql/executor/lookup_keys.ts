/**
 * Lookups of an index that can be made for many rows at once: by columns that
 * each equal one value of the other side.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type {
  IndexLookupNode,
  IndexScanNode,
  JoinNode,
} from "../planner/logical_plan.ts";
import { replaceExpressions } from "../analyzer/walk.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { compileExpression } from "./expression_compiler.ts";
import type { ColumnLayout } from "./layout.ts";

/** What can be looked up in batches. */
export type Lookup = IndexLookupNode | IndexScanNode;

/** What a lookup says of its right side, in terms of the rows of the left. */
export function overPairs(
  expression: BoundExpression,
  { captures }: JoinNode,
): BoundExpression {
  return replaceExpressions(
    expression,
    (part) =>
      part.kind === "outer"
        ? captures.find(({ slot }) => slot === part.slot)?.expression
        : undefined,
  );
}

/**
 * The values of the first key columns for rows of the left side; absent where
 * the lookup is of another kind.
 */
export function lookupColumns(
  node: JoinNode,
  layout: ColumnLayout,
): readonly ColumnExpression[] | undefined {
  return keyExpressions(node.right as Lookup)?.map((expression) =>
    compileExpression(overPairs(expression, node), layout)
  );
}

function keyExpressions(
  lookup: Lookup,
): readonly BoundExpression[] | undefined {
  if (lookup.kind === "index_lookup") return lookup.keys[0];
  const { equal, lower, upper, notNull } = lookup.range;
  if (lower !== undefined || upper !== undefined || notNull) return undefined;
  const isEach = equal.length > 0 &&
    equal.every(({ values, isArray, isNull }) =>
      values.length === 1 && !isArray && !isNull
    );
  return isEach ? equal.map(({ values }) => values[0]!) : undefined;
}
