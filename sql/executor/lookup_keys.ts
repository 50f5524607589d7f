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
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { compileExpression } from "./expression_compiler.ts";
import type { ColumnLayout } from "./layout.ts";
import {
  compileScanFilter,
  neverFails,
  type ScanFilter,
} from "./scan_filter.ts";

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

/**
 * What a lookup's filter asks of the rows of its table alone, to be asked while
 * they are read, and what is left of it for pairs. Only what never fails comes
 * before the rest.
 */
export function splitFilter(
  lookup: Lookup,
  wanted: readonly number[],
): {
  readonly rows: ScanFilter | undefined;
  readonly pairs: readonly BoundExpression[];
} {
  const all = conjunctsOf(lookup.filter);
  const own = all.filter(neverFails);
  const rows = own.length === 0
    ? undefined
    : compileScanFilter({ ...lookup, filter: conjunction(own) }, wanted);
  return rows === undefined
    ? { rows, pairs: all }
    : { rows, pairs: all.filter((each) => !own.includes(each)) };
}
