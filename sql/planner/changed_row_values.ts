/**
 * Expressions that are evaluated over rows when they are changed, and not by a
 * plan below: RETURNING, ON CONFLICT DO UPDATE.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { BoundChange } from "../analyzer/bound_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Planning } from "./planning.ts";

/** RETURNING: queries in it see no column of the row. */
export function planReturning(
  planning: Planning,
  { returning }: Pick<BoundChange, "returning">,
): BoundExpression[] {
  return planRowValues(
    planning,
    returning.map(({ expression }) => expression),
    "RETURNING",
  );
}

/** Expressions over changed rows: a query in them must need none of the row. */
export function planRowValues(
  planning: Planning,
  expressions: readonly BoundExpression[],
  place: string,
): BoundExpression[] {
  const [below, planned] = planning.extract({ kind: "result" }, expressions);
  if (below.kind === "result") return planned;
  throw new SqlError(
    "0A000",
    `a subquery over the changed row is not supported in ${place}`,
  );
}
