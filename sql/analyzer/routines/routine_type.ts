/**
 * The types that the definition of a routine names.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { RoutineTypeName } from "../../parser/syntax.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { bindTypeName, refuseTableRows } from "../bind_type.ts";
import { missingRelation } from "../bind_from.ts";
import type { StatementState } from "../statement_state.ts";

/** The type that a routine's definition names. */
export function bindRoutineType(
  state: StatementState,
  { name, column }: RoutineTypeName,
): TypeRef {
  if (column !== undefined) return columnType(state, column);
  const ref = bindTypeName(state, name);
  const { element } = ref.type;
  if (element !== undefined) {
    refuseTableRows(state, element, "an array", name.offset);
  }
  return ref;
}

/** `table.column%TYPE` */
function columnType(
  state: StatementState,
  path: readonly string[],
): TypeRef {
  const name = path.at(-2) ?? "";
  const schema = path.at(-3);
  const entry = state.options.catalog.relation(schema, name);
  if (entry === undefined) throw missingRelation(schema, name);
  const columns = "columns" in entry && entry.kind !== "index"
    ? entry.columns
    : [];
  const column = columns.find((each) => each.name === path.at(-1));
  if (column !== undefined) return column.type;
  throw new SqlError(
    "42703",
    `column "${path.at(-1)}" of relation "${name}" does not exist`,
  );
}
