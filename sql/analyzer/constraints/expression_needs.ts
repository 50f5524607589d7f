/**
 * What the expressions call that tables and indexes keep: found by binding them.
 *
 * @module
 */
import type {
  CatalogView,
  IndexEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import type { ExpressionNeed } from "../../catalog/expression_need.ts";
import { NameReferences } from "../name_references.ts";
import type { Place } from "../place.ts";
import { type AnalyzeOptions, StatementState } from "../statement_state.ts";
import { parseStored } from "../stored_expression.ts";
import { columnsBinder } from "./column_expression.ts";
import { NOTHING_NESTED } from "./table_rules.ts";

/** Whether a database has anything that expressions may need. */
export function hasCallables(catalog: CatalogView): boolean {
  if (catalog.hasOperators) return true;
  for (const { kind } of catalog.entries()) {
    if (kind === "routine") return true;
  }
  return false;
}

/** The objects that a stored expression over the columns of a table calls. */
function calledBy(
  options: AnalyzeOptions,
  table: TableEntry,
  sql: string,
  place: Place,
): Set<number> {
  const state = new StatementState(options, NOTHING_NESTED);
  const references = new NameReferences();
  const binder = columnsBinder(state, table, place);
  state.noting(references, () => binder.bind(parseStored(sql)));
  return references.needed;
}

/** What the expressions of a table need. */
export function needsOfTable(
  options: AnalyzeOptions,
  table: TableEntry,
): ExpressionNeed[] {
  const needs: ExpressionNeed[] = [];
  const add = (
    part: ExpressionNeed["part"],
    name: string,
    sql: string,
    place: Place,
  ): void => {
    for (const id of calledBy(options, table, sql, place)) {
      needs.push({ id, part, name });
    }
  };
  for (const { name, defaultSql, generated, identity } of table.columns) {
    if (defaultSql !== undefined && identity === undefined) {
      add("default", name, defaultSql, "DEFAULT expressions");
    }
    if (generated !== undefined) {
      add("generated", name, generated.sql, "column generation expressions");
    }
  }
  for (const { name, sql } of table.checks ?? []) {
    add("check", name, sql, "check constraints");
  }
  return needs;
}

/** The objects that the expressions and the condition of an index need. */
export function needsOfIndex(
  options: AnalyzeOptions,
  table: TableEntry,
  { columns, predicate }: IndexEntry,
): Set<number> {
  const needed = new Set<number>();
  for (const { expression } of columns) {
    if (expression === undefined) continue;
    calledBy(options, table, expression.sql, "index expressions")
      .forEach((id) => needed.add(id));
  }
  if (predicate !== undefined) {
    calledBy(options, table, predicate, "index predicates")
      .forEach((id) => needed.add(id));
  }
  return needed;
}
