/**
 * A sequence in FROM: one row that says where it stands.
 *
 * @module
 */
import type { SequenceEntry } from "../../catalog/sequence_entry.ts";
import { columnOf } from "../../chunk/chunk.ts";
import type { TableItem } from "../../parser/syntax.ts";
import { int8 } from "../../types/int_types.ts";
import { aliasedColumns } from "../bind_join.ts";
import type {
  BoundExpression,
  BoundValuesColumn,
  ValuesRelation,
} from "../bound_expression.ts";
import { type ScopeRelation, scopeRelation } from "../scope.ts";
import { type StatementState, TEXT } from "../statement_state.ts";

/** The columns, and the functions that give their values; none: 0. */
const COLUMNS = [
  ["last_value", "pg_sequence_place"],
  ["log_cnt", undefined],
  ["is_called", "pg_sequence_is_called"],
] as const;

/** The row of a sequence as a relation. */
export function sequenceRow(
  state: StatementState,
  sequence: SequenceEntry,
  item: TableItem,
): { readonly from: ValuesRelation; readonly scope: ScopeRelation } {
  const columns = COLUMNS.map(([name, call]): BoundValuesColumn => {
    const expression: BoundExpression = call === undefined
      ? {
        kind: "constant",
        type: { type: int8, typmod: -1 },
        value: 0,
        offset: -1,
      }
      : callOf(state, call, sequence);
    const { type } = expression;
    return {
      name,
      type,
      constants: columnOf(type.type, [null]),
      cells: [{ row: 0, expression }],
    };
  });
  const relation = state.newRelation();
  const alias = item.alias ?? sequence.name;
  const names = aliasedColumns(
    "table",
    alias,
    columns.map(({ name }) => name),
    item.columnAliases,
  );
  const types = columns.map(({ type }) => type);
  return {
    from: { kind: "values", relation, values: { rowCount: 1, columns } },
    scope: scopeRelation(relation, alias, names, types),
  };
}

function callOf(
  state: StatementState,
  name: string,
  { id }: SequenceEntry,
): BoundExpression {
  const resolved = state.options.functions.resolveFunction(
    name,
    [TEXT.type],
    -1,
  );
  return {
    kind: "call",
    function: resolved.function,
    args: [{ kind: "constant", type: TEXT, value: String(id), offset: -1 }],
    type: { type: resolved.function.returnType, typmod: -1 },
    operator: undefined,
    offset: -1,
  };
}
