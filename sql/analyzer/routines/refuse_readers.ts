/**
 * What has the name of a routine in its text.
 *
 * @module
 */
import { dependentsOf } from "../../catalog/dependencies.ts";
import type { RoutineEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { describe } from "../describe.ts";
import type { StatementState } from "../statement_state.ts";

/**
 * Views keep a routine's name in their text.
 *
 * @throws {SqlError} `0A000`.
 */
export function refuseReaders(
  { options: { catalog } }: StatementState,
  entry: RoutineEntry,
): void {
  const reader = dependentsOf(catalog, entry.id)
    .find(({ entry: reader, dependency }) =>
      reader.kind === "view" ||
      (reader.kind === "table" && dependency.own === undefined)
    );
  if (reader === undefined) return;
  throw new SqlError(
    "0A000",
    `cannot rename ${describe(catalog, entry)} because ${
      describe(catalog, reader.entry)
    } uses it`,
  );
}
