/**
 * WITH CHECK OPTION of a view that is made.
 *
 * @module
 */
import type { ViewEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { BoundQuery } from "../bound_expression.ts";
import { resolveQuery } from "./updatable_view.ts";
import { checksOf } from "./view_checks.ts";

/** How far a check option reaches. */
export type CheckOption = NonNullable<ViewEntry["checkOption"]>;

const CHECK_OPTIONS: readonly CheckOption[] = ["local", "cascaded"];

/**
 * The value of the option `check_option`.
 *
 * @throws {SqlError} `22023` where it is none.
 */
export function checkOptionOf(
  value: string | undefined,
): CheckOption | undefined {
  if (value === undefined) return undefined;
  const found = CHECK_OPTIONS.find((each) => each === value.toLowerCase());
  if (found !== undefined) return found;
  throw new SqlError(
    "22023",
    `invalid value for enum option "check_option": ${value}`,
    { detail: 'Valid values are "local" and "cascaded".' },
  );
}

/**
 * The view, of that query, with a check option.
 *
 * @throws {SqlError} `0A000` where it cannot be changed by itself.
 */
export function withCheckOption(
  view: ViewEntry,
  query: BoundQuery,
  checkOption: CheckOption,
): ViewEntry {
  const resolved = resolveQuery(view, query, true);
  if ("reason" in resolved) {
    throw new SqlError(
      "0A000",
      "WITH CHECK OPTION is supported only on automatically updatable views",
      { hint: resolved.reason },
    );
  }
  const checked: ViewEntry = { ...view, checkOption };
  const [, ...below] = resolved.levels;
  checksOf([{ ...resolved.levels[0]!, view: checked }, ...below]);
  return checked;
}
