/**
 * What a trigger's function is told, as variables.
 *
 * @module
 */
import { arrayTypeOf } from "../../../types/array/array_type.ts";
import { bool } from "../../../types/bool_type.ts";
import type { DataType } from "../../../types/data_type.ts";
import { int4, oid } from "../../../types/int_types.ts";
import { record } from "../../../types/row/row_type.ts";
import { name, text } from "../../../types/text_types.ts";
import type { GivenVariable } from "./plpgsql_names.ts";

/** The variables; `row` is the type of the table's rows, if it is known. */
export function triggerVariables(
  row: DataType | undefined,
): readonly GivenVariable[] {
  const types: readonly (readonly [string, DataType])[] = [
    ["new", row ?? record],
    ["old", row ?? record],
    ["tg_name", name],
    ["tg_when", text],
    ["tg_level", text],
    ["tg_op", text],
    ["tg_relid", oid],
    ["tg_relname", name],
    ["tg_table_name", name],
    ["tg_table_schema", name],
    ["tg_nargs", int4],
    ["tg_argv", arrayTypeOf(text)!],
    ["found", bool],
  ];
  return types.map(([name, type]) => ({ name, type: { type, typmod: -1 } }));
}
