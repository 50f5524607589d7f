/**
 * What holds in a table, bound from the texts of its catalog entry, once for
 * each.
 *
 * @module
 */
import { functionsWith } from "../operators/catalog_operators.ts";
import { unreachable } from "../../../base/invariant.ts";
import type {
  CatalogEntry,
  ColumnEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { defaultOf } from "../assign.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { Coercer } from "../coerce.ts";
import {
  type AnalyzeOptions,
  type NestedBinders,
  StatementState,
} from "../statement_state.ts";
import type { BoundTableRules } from "./bound_constraint.ts";
import {
  domainChain,
  type DomainRules,
  domainRules,
} from "../domains/domain_rules.ts";
import { replaceExpressions } from "../walk.ts";
import { baseOf } from "../../types/domain_type.ts";
import { bindStoredCheck, columnsBinder } from "./column_expression.ts";
import { viewChecksOf } from "../updatable_views/view_checks.ts";
import { parseStored } from "../stored_expression.ts";

/** Nothing is nested: no statement stands in a rule: the binder refuses queries before. */
export const NOTHING_NESTED: NestedBinders = {
  query: () => unreachable(undefined as never),
  change: () => unreachable(undefined as never),
  stored: bindStoredCheck,
  functions: functionsWith,
};

/** The DEFAULT of a column, as a value of its type. */
export function bindColumnDefault(
  options: AnalyzeOptions,
  column: ColumnEntry,
): BoundExpression {
  return defaultOf(new StatementState(options, NOTHING_NESTED), column);
}

/** Rules, and the objects beside the table that they are made of. */
interface KnownRules {
  readonly rules: BoundTableRules;
  readonly used: readonly (CatalogEntry | undefined)[];
}

const known = new WeakMap<TableEntry, KnownRules>();

/** The routines and domains, as they are now, that a table's rules use. */
function usedBy(
  { catalog }: AnalyzeOptions,
  { needs = [], columns }: TableEntry,
): (CatalogEntry | undefined)[] {
  const used = needs.map(({ id }) => catalog.byId(id));
  for (const { type: { type } } of columns) {
    for (const domain of domainChain(catalog, type)) {
      used.push(domain);
      for (const { id } of domain.dependencies ?? []) {
        used.push(catalog.byId(id));
      }
    }
  }
  return used;
}

/** Whether a table has rules at all. */
export function hasRules(table: TableEntry): boolean {
  const { checks, columns } = table;
  return viewChecksOf(table).length > 0 ||
    (checks !== undefined && checks.length > 0) ||
    columns.some(({ generated, type }) =>
      generated !== undefined || type.type.domain !== undefined
    );
}

/** The rules of a table, bound anew where a routine they call was replaced. */
export function bindTableRules(
  options: AnalyzeOptions,
  table: TableEntry,
): BoundTableRules {
  const before = known.get(table);
  const used = usedBy(options, table);
  const isSame = before !== undefined &&
    used.length === before.used.length &&
    used.every((entry, i) => entry === before.used[i]);
  if (isSame) return before.rules;
  const rules = bind(new StatementState(options, NOTHING_NESTED), table);
  known.set(table, { rules, used });
  return rules;
}

function bind(state: StatementState, table: TableEntry): BoundTableRules {
  const checks = columnsBinder(state, table, "check constraints");
  return {
    checks: (table.checks ?? [])
      .filter(({ notEnforced }) => notEnforced !== true)
      .sort((a, b) => a.name < b.name ? -1 : 1)
      .map(({ name, sql }) => ({
        name,
        expression: checks.coercer.toBoolean(
          checks.bind(parseStored(sql)),
          "CHECK",
        ),
      })),
    domains: table.columns.flatMap(({ type }, column) =>
      type.type.domain === undefined
        ? []
        : [{ column, rules: rulesOfColumn(state, table, column) }]
    ),
    generated: table.columns.flatMap(({ generated, type }, column) =>
      generated === undefined ? [] : [{
        column,
        expression: bindStored(state, table, generated.sql, type),
      }]
    ),
    views: viewChecksOf(table),
  };
}

/** The rules of a column's domain, over the columns of the table. */
function rulesOfColumn(
  state: StatementState,
  { columns }: TableEntry,
  column: number,
): DomainRules {
  const { type } = columns[column]!;
  const rules = domainRules(state, type.type, baseOf(type));
  return {
    ...rules,
    checks: rules.checks.map(({ name, expression }) => ({
      name,
      expression: replaceExpressions(
        expression,
        (part) => part.kind === "column" ? { ...part, column } : undefined,
      ),
    })),
  };
}

/** A stored expression of a generated column, as a value of its type. */
function bindStored(
  state: StatementState,
  table: TableEntry,
  sql: string,
  type: TypeRef,
): BoundExpression {
  const place = "column generation expressions";
  const binder = columnsBinder(state, table, place);
  const expression = binder.bind(parseStored(sql));
  return new Coercer(state).coerce(expression, type, {
    context: "assignment",
  }) ?? expression;
}
