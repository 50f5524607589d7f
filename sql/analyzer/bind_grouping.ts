/**
 * `GROUPING(…)`: a bit for each argument, set where the row is not grouped by it.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { GroupingSyntax } from "../parser/expression_syntax.ts";
import { int4 } from "../types/int_types.ts";
import type { Binding } from "./binding.ts";
import type { BoundGrouping } from "./bound_expression.ts";

/** How many bits the result has. */
const ARGUMENTS_MAX = 31;

/** Binds it; that the arguments are groups is checked with the groups. */
export function bindGrouping(
  binding: Binding,
  { args, offset }: GroupingSyntax,
): BoundGrouping {
  if (args.length > ARGUMENTS_MAX) {
    throw new SqlError(
      "54023",
      "GROUPING must have fewer than 32 arguments",
      { offset },
    );
  }
  const { place } = binding;
  if (place !== "SELECT" && place !== "HAVING" && place !== "ORDER BY") {
    throw new SqlError(
      "42803",
      `grouping operations are not allowed in ${
        place === "JOIN/ON" ? "JOIN conditions" : place
      }`,
      { offset },
    );
  }
  return {
    kind: "grouping",
    args: args.map((arg) => binding.bind(arg)),
    type: { type: int4, typmod: -1 },
    offset,
  };
}
