/**
 * What a change of a table takes along with CASCADE, and is refused for without.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DefinitionContext } from "../catalog_change.ts";

/** Something that goes along. */
export interface Lost {
  /** What it is: `view v`. */
  readonly shown: string;
  /** What it depends on: `column a of table t`. */
  readonly through: string;
  /** Takes it away. */
  lose(): void;
}

/**
 * Takes away what goes with `what`, or refuses.
 *
 * @throws {SqlError} `2BP01`.
 */
export function loseOrRefuse(
  what: string,
  lost: readonly Lost[],
  cascade: boolean,
  { notice }: DefinitionContext,
): void {
  if (lost.length === 0) return;
  if (!cascade) {
    throw new SqlError(
      "2BP01",
      `cannot drop ${what} because other objects depend on it`,
      {
        detail: lost.map(({ shown, through }) =>
          `${shown} depends on ${through}`
        ).join("\n"),
        hint: "Use DROP ... CASCADE to drop the dependent objects too.",
      },
    );
  }
  const lines = lost.map(({ shown }) => `drop cascades to ${shown}`);
  if (lines.length === 1) notice(lines[0]!);
  else {
    notice(`drop cascades to ${lines.length} other objects`, lines.join("\n"));
  }
  for (const each of lost) each.lose();
}
