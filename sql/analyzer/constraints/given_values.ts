/**
 * Columns that have values of their own: where INSERT and UPDATE may give them
 * DEFAULT only.
 *
 * @module
 */
import type { ColumnEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";

/** Why a column takes DEFAULT only; `undefined` if it takes values. */
function ownValue(
  { name, identity, generated }: ColumnEntry,
): string | undefined {
  if (generated !== undefined) return `Column "${name}" is a generated column.`;
  return identity === "always"
    ? `Column "${name}" is an identity column defined as GENERATED ALWAYS.`
    : undefined;
}

/**
 * Checks that INSERT may give a value to a column.
 *
 * @throws {SqlError} `428C9`.
 */
export function refuseGiven(
  column: ColumnEntry,
  overriding: "system" | "user" | undefined,
): void {
  const detail = ownValue(column);
  if (detail === undefined) return;
  const isIdentity = column.generated === undefined;
  if (isIdentity && overriding !== undefined) return;
  throw new SqlError(
    "428C9",
    `cannot insert a non-DEFAULT value into column "${column.name}"`,
    {
      detail,
      ...isIdentity && { hint: "Use OVERRIDING SYSTEM VALUE to override." },
    },
  );
}

/**
 * Checks that UPDATE may set a column to something else than DEFAULT.
 *
 * @throws {SqlError} `428C9`.
 */
export function refuseSet(column: ColumnEntry): void {
  const detail = ownValue(column);
  if (detail === undefined) return;
  throw new SqlError(
    "428C9",
    `column "${column.name}" can only be updated to DEFAULT`,
    { detail },
  );
}
