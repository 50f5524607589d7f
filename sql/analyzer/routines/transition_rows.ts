/**
 * Transition tables of triggers in FROM: the rows that a statement has changed.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import type { FunctionDefinition } from "../../functions/registry.ts";
import { NO_ROWS } from "../../functions/sets/set_source.ts";
import type { TableItem } from "../../parser/syntax.ts";
import { record } from "../../types/row/row_type.ts";
import { aliasedColumns } from "../bind_join.ts";
import type { BoundExpression, BoundFrom } from "../bound_expression.ts";
import { type ScopeRelation, scopeRelation } from "../scope.ts";
import type { StatementState } from "../statement_state.ts";

/** The rows of the transition table that `item` names, which are `table`'s. */
export function transitionRows(
  state: StatementState,
  table: TableEntry,
  { relation: { name }, alias, columnAliases }: TableItem,
): { readonly from: BoundFrom; readonly scope: ScopeRelation } {
  const relation = state.newRelation();
  const shown = alias ?? name;
  const columns = table.columns.map(({ name, type }) => ({ name, type }));
  const definition: FunctionDefinition = {
    name,
    argumentTypes: [],
    returnType: record,
    strict: false,
    volatility: "volatile",
    columns,
    set: (_args, context) => context.routines?.transition(name) ?? NO_ROWS,
  };
  const call: BoundExpression = {
    kind: "call",
    function: definition,
    args: [],
    type: { type: record, typmod: -1 },
    operator: undefined,
    offset: -1,
  };
  const names = columns.map((column) => column.name);
  const columnNames = aliasedColumns("table", shown, names, columnAliases);
  const types = columns.map(({ type }) => type);
  return {
    from: {
      kind: "function",
      relation,
      alias: shown,
      columnNames,
      functions: [{ call, columns }],
      ordinality: false,
      captures: [],
    },
    scope: scopeRelation(relation, shown, columnNames, types),
  };
}
