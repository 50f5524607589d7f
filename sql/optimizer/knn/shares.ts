/**
 * How much of the rows the filter of a KNN query leaves, once the values of its
 * parameters and of queries that ran before it are known.
 *
 * A plan is made once, for all values. Which way is cheapest is decided for those
 * of each run, with the statistics that a constant would have been judged by.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import {
  replaceExpressions,
  sameExpression,
  someExpression,
} from "../../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "../../planner/conjuncts.ts";
import type { BitmapSource, KnnNode } from "../../planner/logical_plan.ts";
import type { Nullable } from "../../types/data_type.ts";
import type { CostFacts } from "../facts.ts";
import { distanceBounds } from "./ordering.ts";
import { selectivityOf } from "../selectivity.ts";

/** What an expression without columns is; `undefined`: that is not known. */
export type ValueOf = (expression: BoundExpression) => Nullable | undefined;

/** The conditions of the filter that do not bound the distance. */
export function nearConditions(
  filter: BoundExpression | undefined,
  distance: BoundExpression,
): BoundExpression | undefined {
  const bounds = distanceBounds(filter).filter((each) =>
    sameExpression(each.distance, distance)
  );
  return conjunction(
    conjunctsOf(filter).filter((part) =>
      !bounds.some(({ condition }) => condition === part)
    ),
  );
}

/** The shares of a KNN scan, run by run. */
export class KnnShares {
  readonly #node: KnnNode;
  readonly #near: BoundExpression | undefined;
  /** Whether they depend on what is known at a run only. */
  readonly #varies: boolean;

  /** Those of a scan. */
  constructor(node: KnnNode) {
    this.#node = node;
    this.#near = nearConditions(node.filter, node.distance);
    this.#varies = this.#near !== undefined &&
      someExpression(this.#near, isValue);
  }

  /** The scan with the shares of a run. */
  at(valueOf: ValueOf, { access, transaction }: CostFacts): KnnNode {
    const node = this.#node;
    if (!this.#varies) return node;
    const { table } = node.table;
    const facts = {
      table: node.table,
      catalog: transaction.catalog,
      rowCount: access.table(table.accessMethod)
        .estimateRows(table, transaction),
    };
    const { bitmap } = node;
    const shareOf = (condition: BoundExpression | undefined): number =>
      selectivityOf(condition && withValues(condition, valueOf), facts);
    return {
      ...node,
      selectivity: shareOf(this.#near),
      bitmap: bitmap && {
        ...bitmap,
        share: shareOf(bitmap.condition),
        lookups: lookupsOf(bitmap.source, valueOf),
      },
    };
  }
}

function isValue({ kind }: BoundExpression): boolean {
  return kind === "parameter" || kind === "outer";
}

function withValues(
  condition: BoundExpression,
  valueOf: ValueOf,
): BoundExpression {
  return replaceExpressions(condition, (part) => {
    if (!isValue(part)) return undefined;
    const value = valueOf(part);
    if (value === undefined) return undefined;
    const { type, offset } = part;
    return { kind: "constant", value, type, offset };
  });
}

/** How many ranges and searches there are. */
function lookupsOf(source: BitmapSource, valueOf: ValueOf): number {
  switch (source.kind) {
    case "search":
      return 1;
    case "range":
      return source.range.equal.reduce(
        (product, { values, isArray }) =>
          product * (isArray ? lengthOf(valueOf(values[0]!)) : values.length),
        1,
      );
    default:
      return source.inputs.reduce(
        (sum, input) => sum + lookupsOf(input, valueOf),
        0,
      );
  }
}

/** How many elements an array has; a few, if it is not known. */
function lengthOf(value: Nullable | undefined): number {
  if (value === null) return 0;
  return typeof value === "object" && "elements" in value &&
      Array.isArray(value.elements)
    ? value.elements.length
    : 10;
}
