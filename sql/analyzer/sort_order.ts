/**
 * Direction and place of NULLs in an entry of ORDER BY.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { SortSyntax } from "../parser/expression_syntax.ts";

/** What an entry says about the order. */
export interface SortOrder {
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The order that `item` asks for; NULLs are greater than all unless it says. */
export function sortOrderOf(item: SortSyntax): SortOrder {
  const descending = isDescending(item);
  const nullsFirst = item.nulls === "default"
    ? descending
    : item.nulls === "first";
  return { descending, nullsFirst };
}

function isDescending({ direction, operator, offset }: SortSyntax): boolean {
  if (operator === undefined) return direction === "descending";
  if (operator === "<" || operator === ">") return operator === ">";
  throw new SqlError(
    "42809",
    `operator ${operator} is not a valid ordering operator`,
    {
      hint:
        'Ordering operators must be "<" or ">" members of btree operator families.',
      offset,
    },
  );
}
