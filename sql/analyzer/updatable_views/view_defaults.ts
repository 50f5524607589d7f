/**
 * ALTER VIEW … ALTER COLUMN SET and DROP DEFAULT: what a row that is inserted
 * through the view gets where the statement gives nothing.
 *
 * @module
 */
import type { ViewEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import { bindDefault } from "../assign.ts";
import type { BoundAlterView } from "../bound_tree.ts";
import { deparse } from "../deparse.ts";
import type { StatementState } from "../statement_state.ts";

type SetDefault = Extract<AlterAction, { kind: "set_default" }>;

/** Whether actions are about defaults alone. */
export function areDefaults(
  actions: readonly AlterAction[],
): actions is readonly SetDefault[] {
  return actions.every(({ kind }) => kind === "set_default");
}

/** Binds the actions of one statement. */
export function bindViewDefaults(
  state: StatementState,
  before: ViewEntry,
  actions: readonly SetDefault[],
): Omit<BoundAlterView, "parameterTypes" | "cacheable"> {
  const columns = [...before.columns];
  for (const { name, expression } of actions) {
    const position = columns.findIndex((each) => each.name === name);
    if (position < 0) {
      throw new SqlError(
        "42703",
        `column "${name}" of relation "${before.name}" does not exist`,
      );
    }
    const { defaultSql: _, ...rest } = columns[position]!;
    const bound = expression && bindDefault(state, expression, rest);
    columns[position] = {
      ...rest,
      ...bound && { defaultSql: deparse(bound) },
    };
  }
  return {
    kind: "alter_view",
    materialized: false,
    change: { before, after: { ...before, columns }, readers: [] },
    notices: [],
  };
}
