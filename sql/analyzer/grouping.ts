/**
 * The rule of grouped queries: a column outside of an aggregate must be grouped
 * by, be part of an expression that is, or depend on a primary key that is.
 *
 * @module
 */
import type { CatalogView } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { BoundColumn, BoundExpression } from "./bound_expression.ts";
import type { BoundFrom } from "./bound_tree.ts";
import { childrenOf, sameExpression, someExpression } from "./walk.ts";

/** What a grouped query is checked against. */
export interface Grouping {
  readonly groupBy: readonly BoundExpression[];
  readonly from: BoundFrom | undefined;
  readonly catalog: CatalogView;
}

/** Whether `expression` has an aggregate. */
export function hasAggregate(expression: BoundExpression): boolean {
  return someExpression(expression, ({ kind }) => kind === "aggregate");
}

/**
 * Checks an expression of a grouped query.
 *
 * @throws {SqlError} `42803` naming a column that is not grouped.
 */
export function checkGrouped(
  expression: BoundExpression,
  grouping: Grouping,
): void {
  if (expression.kind === "aggregate") return;
  if (grouping.groupBy.some((group) => sameExpression(group, expression))) {
    return;
  }
  if (expression.kind === "column") {
    if (isDependent(expression, grouping)) return;
    const { from } = grouping;
    const alias = from?.kind === "table" ? from.alias : "*VALUES*";
    throw new SqlError(
      "42803",
      `column "${alias}.${expression.name}" must appear in the GROUP BY clause or be used in an aggregate function`,
      { offset: expression.offset },
    );
  }
  for (const child of childrenOf(expression)) checkGrouped(child, grouping);
}

/** Whether all columns of the table's primary key are grouped by. */
function isDependent(column: BoundColumn, grouping: Grouping): boolean {
  const { from, groupBy, catalog } = grouping;
  if (from?.kind !== "table" || column.column < 0) return false;
  const key = catalog.indexesOf(from.table.id).find(({ primary }) => primary);
  if (key === undefined) return false;
  return key.columns.every(({ columnNumber }) =>
    groupBy.some((group) =>
      group.kind === "column" && group.relation === from.relation &&
      from.table.columns[group.column]?.number === columnNumber
    )
  );
}
