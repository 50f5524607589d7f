/**
 * DEFAULT of columns where no statement names them: ON DELETE SET DEFAULT, a
 * column that is added.
 *
 * @module
 */
import { invariant } from "../../../base/invariant.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Column, columnOf } from "../../chunk/chunk.ts";
import { compileExpression } from "../expression_compiler.ts";
import type { RunState } from "../run_state.ts";

/** `rowCount` values of a column's DEFAULT. */
export function defaultColumn(
  run: RunState,
  table: TableEntry,
  position: number,
  rowCount: number,
): Column {
  const { defaultSql, type } = table.columns[position]!;
  if (defaultSql === undefined && type.type.domain === undefined) {
    return columnOf(type.type, new Array(rowCount).fill(null));
  }
  const { bindDefault } = run.context;
  invariant(bindDefault !== undefined, "nobody binds the defaults of tables");
  const value = compileExpression(
    bindDefault(table.columns[position]!),
    () => invariant(false, "a default without columns") as never,
  );
  return value({ columns: [], rowCount }, undefined, run);
}
