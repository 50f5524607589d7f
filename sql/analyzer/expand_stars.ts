/**
 * `row.*` among the items of VALUES: a row around it, such as a trigger's NEW,
 * column by column.
 *
 * @module
 */
import type { ColumnSyntax, Expression } from "../parser/expression_syntax.ts";
import type { Scope } from "./scope.ts";

/** The rows without stars; the same where there are none. */
export function expandStars<T extends readonly (readonly Expression[])[]>(
  rows: T,
  scope: Scope,
): T | readonly (readonly Expression[])[] {
  if (!rows.some((row) => row.some(isRowStar))) return rows;
  return rows.map((row) =>
    row.flatMap((item): Expression[] => {
      if (!isRowStar(item)) return [item];
      const { path, offset } = item;
      return scope.relation(path, offset).relation.names.map((name) => ({
        kind: "column",
        path: [...path, name],
        star: false,
        offset,
      }));
    })
  );
}

function isRowStar(item: Expression): item is ColumnSyntax {
  return item.kind === "column" && item.star && item.path.length > 0;
}
