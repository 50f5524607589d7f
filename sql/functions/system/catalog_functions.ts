/**
 * Functions about the catalog: the session answers them, through
 * `context.catalog`, for the transaction's catalog and the search path.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { timestamptz } from "../../types/temporal_types.ts";
import { int2, int4, oid } from "../../types/int_types.ts";
import { anyType } from "../../types/pseudo_types.ts";
import {
  regclass,
  regcollation,
  regnamespace,
  regproc,
  regprocedure,
  regrole,
  regtype,
} from "../../types/reg_types.ts";
import { float8 } from "../../types/float_types.ts";
import { pgLsn } from "../../types/place_types.ts";
import { name, text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { AVAILABLE_EXTENSIONS } from "../extensions/extension.ts";
import { rowSetFunction } from "../sets/set_define.ts";
import { objectFunctions } from "./object_functions.ts";
import { partitionFunctions } from "./partition_functions.ts";

/** A function that the session answers, under the same name. */
function asked(
  functionName: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
  volatility: "stable" | "volatile" = "stable",
): FunctionDefinition {
  return define(
    functionName,
    argumentTypes,
    returnType,
    (args, context) => ask(context, functionName, args),
    { volatility },
  );
}

function ask(
  context: FunctionContext,
  question: string,
  args: readonly Nullable[],
): Nullable {
  if (context.catalog !== undefined) return context.catalog(question, args);
  throw new SqlError("0A000", "the catalog cannot be asked here");
}

/** A function whose answer is the same for everything there is. */
function settled(
  functionName: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
  answer: Nullable,
): FunctionDefinition {
  return define(functionName, argumentTypes, returnType, () => answer, {
    volatility: "stable",
  });
}

/** Rows that the session gives as JSON. */
function askedRows(
  functionName: string,
  argumentTypes: readonly DataType[],
  columns: readonly (readonly [name: string, type: DataType])[],
  volatility: "stable" | "volatile" = "stable",
): FunctionDefinition {
  return rowSetFunction(
    functionName,
    argumentTypes,
    anyType,
    columns,
    (args, context) =>
      JSON.parse(ask(context, functionName, args) as string) as Nullable[][],
    { volatility },
  );
}

/** Functions about the catalog. */
export const catalogFunctions: readonly FunctionDefinition[] = [
  asked("current_schema", [], name),
  asked("current_schemas", [bool], arrayTypeOf(name)!),
  define(
    "format_type",
    [oid, int4],
    text,
    (args, context) =>
      args[0] === null
        ? null
        : ask(context, "format_type", [args[0]!, args[1] ?? -1]),
    { strict: false, volatility: "stable" },
  ),
  asked("pg_table_is_visible", [oid], bool),
  asked("pg_type_is_visible", [oid], bool),
  settled("pg_function_is_visible", [oid], bool, true),
  settled("pg_opclass_is_visible", [oid], bool, true),
  settled("pg_collation_is_visible", [oid], bool, true),
  settled("pg_operator_is_visible", [oid], bool, true),
  settled("pg_opfamily_is_visible", [oid], bool, true),
  settled("pg_statistics_obj_is_visible", [oid], bool, true),
  settled("pg_ts_config_is_visible", [oid], bool, true),
  settled("pg_ts_dict_is_visible", [oid], bool, true),
  settled("pg_tablespace_location", [oid], text, ""),
  settled("pg_get_ruledef", [oid], text, null),
  settled("pg_get_ruledef", [oid, bool], text, null),
  settled("pg_get_function_sqlbody", [oid], text, null),
  asked("pg_get_indexdef", [oid], text),
  asked("pg_get_indexdef", [oid, int4, bool], text),
  asked("pg_indexam_has_property", [oid, text], bool),
  asked("pg_index_has_property", [regclass, text], bool),
  asked("pg_index_column_has_property", [regclass, int4, text], bool),
  asked("pg_current_wal_lsn", [], pgLsn, "volatile"),
  asked("pg_current_wal_insert_lsn", [], pgLsn, "volatile"),
  asked("pg_current_wal_flush_lsn", [], pgLsn, "volatile"),
  asked("pg_get_statisticsobjdef", [oid], text),
  asked("pg_get_statisticsobjdef_columns", [oid], text),
  asked("pg_get_constraintdef", [oid], text),
  asked("pg_get_constraintdef", [oid, bool], text),
  asked("pg_get_viewdef", [oid], text),
  asked("pg_get_viewdef", [oid, bool], text),
  asked("pg_get_viewdef", [oid, int4], text),
  asked("pg_get_viewdef", [text], text),
  asked("pg_get_viewdef", [text, bool], text),
  asked("pg_get_functiondef", [oid], text),
  asked("pg_get_function_arguments", [oid], text),
  asked("pg_get_function_identity_arguments", [oid], text),
  asked("pg_get_function_result", [oid], text),
  asked("pg_get_function_arg_default", [oid, int4], text),
  asked("pg_get_triggerdef", [oid], text),
  asked("pg_get_triggerdef", [oid, bool], text),
  asked("pg_get_expr", [text, oid], text),
  asked("pg_get_expr", [text, oid, bool], text),
  asked("obj_description", [oid, name], text),
  asked("obj_description", [oid], text),
  asked("col_description", [oid, int4], text),
  asked("shobj_description", [oid, name], text),
  asked("pg_get_userbyid", [oid], name),
  asked("to_regclass", [text], regclass),
  asked("to_regtype", [text], regtype),
  asked("to_regnamespace", [text], regnamespace),
  asked("to_regrole", [text], regrole),
  asked("to_regcollation", [text], regcollation),
  asked("to_regproc", [text], regproc),
  asked("to_regprocedure", [text], regprocedure),
  asked("to_regtypemod", [text], int4),
  asked("pg_input_is_valid", [text, text], bool),
  askedRows("pg_input_error_info", [text, text], [
    ["message", text],
    ["detail", text],
    ["hint", text],
    ["sql_error_code", text],
  ]),
  asked("pg_relation_is_updatable", [regclass, bool], int4),
  asked("pg_column_is_updatable", [regclass, int2, bool], bool),
  asked("pg_my_temp_schema", [], oid),
  settled("pg_is_other_temp_schema", [oid], bool, false),
  define("pg_is_in_recovery", [], bool, () => false, {
    volatility: "volatile",
  }),
  define(
    "pg_encoding_to_char",
    [int4],
    name,
    ([encoding]) => encoding === 6 ? "UTF8" : "",
    { volatility: "stable" },
  ),
  ...partitionFunctions,
  ...objectFunctions,
  settled("pg_get_triggerdef", [oid], text, null),
  settled("pg_get_triggerdef", [oid, bool], text, null),
  settled("pg_relation_is_publishable", [regclass], bool, false),
  askedRows("pg_show_all_settings", [], [
    ["name", text],
    ["setting", text],
    ["unit", text],
    ["category", text],
    ["short_desc", text],
    ["extra_desc", text],
    ["context", text],
    ["vartype", text],
    ["source", text],
    ["min_val", text],
    ["max_val", text],
    ["enumvals", text],
    ["boot_val", text],
    ["reset_val", text],
    ["sourcefile", text],
    ["sourceline", int4],
    ["pending_restart", bool],
  ]),
  rowSetFunction(
    "pg_available_extensions",
    [],
    anyType,
    [["name", name], ["default_version", text], ["comment", text]],
    () =>
      AVAILABLE_EXTENSIONS.map((each) => [
        each.name,
        each.version,
        each.comment,
      ]),
    { volatility: "stable" },
  ),
  asked("pg_blocking_pids", [int4], arrayTypeOf(int4)!, "volatile"),
  askedRows("pg_lock_status", [], [
    ["locktype", text],
    ["database", oid],
    ["relation", oid],
    ["page", int4],
    ["tuple", int2],
    ["virtualxid", text],
    ["transactionid", text],
    ["classid", oid],
    ["objid", oid],
    ["objsubid", int2],
    ["virtualtransaction", text],
    ["pid", int4],
    ["mode", text],
    ["granted", bool],
    ["fastpath", bool],
    ["waitstart", timestamptz],
  ], "volatile"),
  askedRows("pg_constraint_columns", [oid], [
    ["attnum", int2],
    ["position", int4],
    ["referenced", int2],
    ["referenced_position", int4],
  ]),
  askedRows("lsm_table_activity", [], [
    ["relid", oid],
    ["inserted", text],
    ["updated", text],
    ["deleted", text],
    ["live", text],
    ["changed", text],
    ["analyze_count", text],
    ["autoanalyze_count", text],
  ], "volatile"),
  askedRows("lsm_plan_quality", [], [
    ["query", text],
    ["node", text],
    ["schema_name", name],
    ["table_name", name],
    ["condition", text],
    ["estimated_rows", float8],
    ["actual_rows", float8],
    ["q_error", float8],
    ["max_q_error", float8],
    ["calls", text],
    ["last_seen", timestamptz],
  ], "volatile"),
  askedRows("pg_index_builds", [], [
    ["pid", int4],
    ["datid", oid],
    ["relid", oid],
    ["index_relid", oid],
    ["command", text],
    ["phase", text],
    ["tuples_total", text],
    ["tuples_done", text],
  ], "volatile"),
];
