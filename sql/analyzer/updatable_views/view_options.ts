/**
 * ALTER VIEW SET and RESET: the check option; that of security barriers and of
 * whose privileges count is taken and has no effect, as in CREATE VIEW.
 *
 * @module
 */
import type { ViewEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { OptionSyntax } from "../../parser/syntax.ts";
import type { BoundQuery } from "../bound_expression.ts";
import { checkOptionOf, withCheckOption } from "./check_option.ts";

/** The view with its options changed; `query` binds its query. */
export function withViewOptions(
  view: ViewEntry,
  options: readonly OptionSyntax[],
  reset: boolean,
  query: () => BoundQuery,
): ViewEntry {
  if (reset) {
    const isChecked = options.some(({ name }) => name === "check_option");
    const { checkOption: _, ...plain } = view;
    return isChecked ? plain : view;
  }
  let checkOption = undefined;
  for (const { name, value = "true" } of options) {
    switch (name) {
      case "check_option":
        checkOption = checkOptionOf(value);
        break;
      case "security_barrier":
      case "security_invoker":
        requireBoolean(name, value);
        break;
      default:
        throw new SqlError("22023", `unrecognized parameter "${name}"`);
    }
  }
  return checkOption === undefined
    ? view
    : withCheckOption(view, query(), checkOption);
}

function requireBoolean(name: string, value: string): void {
  if (/^(true|false|on|off|yes|no|1|0)$/i.test(value)) return;
  throw new SqlError(
    "22023",
    `invalid value for boolean option "${name}": ${value}`,
  );
}
