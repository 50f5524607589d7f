/**
 * WITH CHECK OPTION: what rows that are written through views must satisfy.
 *
 * A change through such a view has a table entry of its own, beside which the
 * conditions are kept: its rules are those of the table, and these.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ViewCheck } from "../constraints/bound_constraint.ts";
import { someExpression } from "../walk.ts";
import type { ViewLevel } from "./updatable_view.ts";

const checks = new WeakMap<TableEntry, readonly ViewCheck[]>();

/** The conditions of the views through which a table is changed. */
export function viewChecksOf(table: TableEntry): readonly ViewCheck[] {
  return checks.get(table) ?? [];
}

/** The table as it is changed through views, the outermost first. */
export function withViewChecks(
  table: TableEntry,
  levels: readonly ViewLevel[],
): TableEntry {
  const found = checksOf(levels);
  if (found.length === 0) return table;
  const own: TableEntry = { ...table };
  checks.set(own, found);
  return own;
}

/**
 * What the views check, the innermost first.
 *
 * @throws {SqlError} `0A000` where a condition asks other tables.
 */
export function checksOf(levels: readonly ViewLevel[]): ViewCheck[] {
  const found: ViewCheck[] = [];
  let cascades = false;
  for (const { view: { name, checkOption }, where } of levels) {
    const checked = cascades || checkOption !== undefined;
    cascades ||= checkOption === "cascaded";
    if (!checked || where === undefined) continue;
    if (someExpression(where, ({ kind }) => kind === "subquery")) {
      throw new SqlError(
        "0A000",
        `the check option of view "${name}" cannot be kept: its condition has a subquery`,
      );
    }
    found.unshift({ view: name, condition: where });
  }
  return found;
}
