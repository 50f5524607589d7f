/**
 * The rule of grouped queries: a column outside of an aggregate must be grouped
 * by, be part of an expression that is, or depend on a primary key that is.
 *
 * @module
 */
import type { CatalogView } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  BoundAggregate,
  BoundColumn,
  BoundExpression,
  BoundFrom,
  JoinRelation,
  SampleRelation,
  TableRelation,
} from "./bound_expression.ts";
import { offsetOf } from "./coerce.ts";
import { childrenOf, sameExpression, someExpression } from "./walk.ts";

/** What a grouped query is checked against. */
export interface Grouping {
  readonly groupBy: readonly BoundExpression[];
  readonly groupingSets: readonly (readonly number[])[] | undefined;
  readonly from: BoundFrom | undefined;
  readonly catalog: CatalogView;
}

/** The relations of a FROM that are no joins. */
export function leavesOf(
  from: BoundFrom | undefined,
): Exclude<BoundFrom, JoinRelation | SampleRelation>[] {
  if (from === undefined) return [];
  if (from.kind === "sample") return [from.table];
  return from.kind === "join"
    ? [...leavesOf(from.left), ...leavesOf(from.right)]
    : [from];
}

/** The table of that number in a FROM, if it is one. */
export function tableOf(
  from: BoundFrom | undefined,
  relation: number,
): TableRelation | undefined {
  const leaf = leavesOf(from).find((each) => each.relation === relation);
  return leaf?.kind === "table" ? leaf : undefined;
}

/** Whether `expression` has an aggregate. */
export function hasAggregate(expression: BoundExpression): boolean {
  return someExpression(
    expression,
    ({ kind }) => kind === "aggregate" || kind === "grouping",
  );
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
  if (expression.kind === "aggregate") {
    checkDirect(expression, grouping);
    return;
  }
  if (expression.kind === "grouping") {
    for (const arg of expression.args) {
      if (grouping.groupBy.some((group) => sameExpression(group, arg))) {
        continue;
      }
      throw new SqlError(
        "42803",
        "arguments to GROUPING must be grouping expressions of the associated query level",
        { offset: offsetOf(arg) },
      );
    }
    return;
  }
  if (grouping.groupBy.some((group) => sameExpression(group, expression))) {
    return;
  }
  if (expression.kind === "column") {
    if (isDependent(expression, grouping)) return;
    throw new SqlError(
      "42803",
      `column "${
        shown(expression, grouping)
      }" must appear in the GROUP BY clause or be used in an aggregate function`,
      { offset: expression.offset },
    );
  }
  if (expression.kind === "subquery") {
    for (const operand of expression.operands) checkGrouped(operand, grouping);
    for (const { expression: captured } of expression.captures) {
      checkCaptured(captured, grouping);
    }
    return;
  }
  for (const child of childrenOf(expression)) checkGrouped(child, grouping);
}

/** Direct arguments hold for a whole group. */
function checkDirect(
  { args, directCount }: BoundAggregate,
  grouping: Grouping,
): void {
  for (const arg of args.slice(0, directCount)) {
    try {
      checkGrouped(arg, grouping);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      throw new SqlError(error.code, error.message, {
        offset: offsetOf(arg),
        detail:
          "Direct arguments of an ordered-set aggregate must use only grouped columns.",
      });
    }
  }
}

function checkCaptured(captured: BoundExpression, grouping: Grouping): void {
  if (
    captured.kind !== "column" || isDependent(captured, grouping) ||
    grouping.groupBy.some((group) => sameExpression(group, captured))
  ) return;
  throw new SqlError(
    "42803",
    `subquery uses ungrouped column "${
      shown(captured, grouping)
    }" from outer query`,
    { offset: captured.offset },
  );
}

function shown(column: BoundColumn, { from }: Grouping): string {
  const leaf = leavesOf(from).find((each) => each.relation === column.relation);
  const alias = leaf !== undefined && "alias" in leaf ? leaf.alias : "*VALUES*";
  return `${alias}.${column.name}`;
}

/** Whether all columns of the table's primary key are grouped by. */
function isDependent(column: BoundColumn, grouping: Grouping): boolean {
  const { groupingSets, catalog } = grouping;
  // A key decides about a row only where all sets have it.
  const groupBy = grouping.groupBy.filter((_, i) =>
    groupingSets === undefined || groupingSets.every((set) => set.includes(i))
  );
  const from = tableOf(grouping.from, column.relation);
  if (from === undefined || column.column < 0) return false;
  const key = catalog.indexesOf(from.table.id).find(({ primary, deferrable }) =>
    primary && deferrable !== true
  );
  if (key === undefined) return false;
  return key.columns.every(({ columnNumber }) =>
    groupBy.some((group) =>
      group.kind === "column" && group.relation === from.relation &&
      from.table.columns[group.column]?.number === columnNumber
    )
  );
}
