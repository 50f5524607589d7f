/**
 * `COLLATION FOR (e)`: the collation of an expression, by name.
 *
 * It is known once the expression is, and goes with the call as one argument
 * more. The expression is computed all the same.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import { isCollatable } from "../../types/collation.ts";
import { text, unknown } from "../../types/text_types.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { deriveCollation } from "./derive_collation.ts";

/** The arguments of `pg_collation_for`: what it was given, and its answer. */
export function withCollation(
  args: readonly BoundExpression[],
): readonly BoundExpression[] {
  const value = nameOfCollation(args[0]!);
  const type = { type: text, typmod: -1 };
  return [...args, { kind: "constant", value, type, offset: -1 }];
}

/**
 * The name of the collation of an expression; `null` where it has none, or two
 * that are at odds.
 *
 * @throws {SqlError} `42804` for a type without collations.
 */
function nameOfCollation(argument: BoundExpression): string | null {
  const { type } = argument.type;
  if (type === unknown) return null;
  const derived = deriveCollation(argument);
  if (type.name === "name") {
    return quoteIdentifier(derived?.collation.name ?? "C");
  }
  if (!isCollatable(type)) {
    throw new SqlError(
      "42804",
      `collations are not supported by type ${type.displayName}`,
    );
  }
  if (derived === undefined || derived.conflict !== undefined) return null;
  return quoteIdentifier(derived.collation.name);
}
