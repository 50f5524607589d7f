/**
 * What functions about the catalog answer; `sql/functions/system/` has their
 * names and types.
 *
 * @module
 */
import { withSearchPath } from "../catalog/search_path.ts";
import type { SearchPathCatalog } from "../catalog/search_path.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { SqlArray } from "../types/array/array_value.ts";
import type { Nullable } from "../types/data_type.ts";
import type { Settings } from "./settings.ts";

/** Answers a function; its arguments are no NULLs. */
type Answer = (
  catalog: SearchPathCatalog,
  args: readonly Nullable[],
) => Nullable;

const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["current_schema", (catalog) => catalog.creationSchema ?? null],
  [
    "current_schemas",
    (catalog, [implicit]) =>
      SqlArray.of(implicit === true ? catalog.path : catalog.named),
  ],
]);

/**
 * Answers a function by name, for what the transaction sees.
 *
 * @throws {SqlError}
 */
export function catalogFunction(
  { catalog }: Transaction,
  settings: Settings,
  name: string,
  args: readonly Nullable[],
): Nullable {
  const answer = ANSWERS.get(name);
  if (answer === undefined) {
    throw new SqlError("42883", `function ${name}() does not exist`);
  }
  return answer(withSearchPath(catalog, settings.searchPath), args);
}
