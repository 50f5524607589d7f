/**
 * Functions about the session: it answers them, through `context.session`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { bool } from "../../types/bool_type.ts";
import type {
  DataType,
  InputContext,
  Nullable,
} from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4, int8, oid } from "../../types/int_types.ts";
import { anyType, voidType } from "../../types/pseudo_types.ts";
import { regclass, regtype } from "../../types/reg_types.ts";
import { xid8 } from "../../types/place_types.ts";
import { pgSnapshot, txidSnapshot } from "../../types/snapshot_types.ts";
import { timestamptz } from "../../types/temporal_types.ts";
import { name, text } from "../../types/text_types.ts";
import { define, type DefineOptions } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { rowSetFunction, setFunction } from "../sets/set_define.ts";

function ask(
  context: FunctionContext,
  question: string,
  args: readonly Nullable[],
): Nullable {
  if (context.session !== undefined) return context.session(question, args);
  throw new SqlError("0A000", "there is no session to ask");
}

/** A function that the session answers, under the same name. */
function asked(
  functionName: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
  options: DefineOptions,
): FunctionDefinition {
  return define(
    functionName,
    argumentTypes,
    returnType,
    (args, context) => ask(context, functionName, args),
    options,
  );
}

/** Rows that the session gives as JSON of texts, each its type's. */
function askedRows(
  functionName: string,
  columns: readonly (readonly [name: string, type: DataType])[],
): FunctionDefinition {
  return rowSetFunction(
    functionName,
    [],
    anyType,
    columns,
    (args, context) =>
      rowsOf(ask(context, functionName, args) as string, columns, context),
    { volatility: "stable" },
  );
}

function rowsOf(
  json: string,
  columns: readonly (readonly [name: string, type: DataType])[],
  context: FunctionContext,
): Nullable[][] {
  const inputContext: InputContext = {
    now: () => context.transactionTimestamp,
    catalog: (question, args) => context.catalog?.(question, args) ?? null,
  };
  return (JSON.parse(json) as (string | null)[][]).map((row) =>
    row.map((value, i) =>
      value === null ? null : columns[i]![1].input(value, -1, inputContext)
    )
  );
}

const regtypes: DataType = arrayTypeOf(regtype)!;

/** Functions about the session. */
export const sessionFunctions: readonly FunctionDefinition[] = [
  asked("pg_notify", [text, text], voidType, {
    strict: false,
    volatility: "volatile",
  }),
  setFunction(
    "pg_listening_channels",
    [],
    text,
    (args, context) =>
      JSON.parse(
        ask(context, "pg_listening_channels", args) as string,
      ) as string[],
    { volatility: "stable" },
  ),
  asked("set_config", [text, text, bool], text, {
    strict: false,
    volatility: "volatile",
  }),
  asked("setseed", [float8], voidType, { volatility: "volatile" }),
  asked("pg_current_snapshot", [], pgSnapshot, { volatility: "stable" }),
  asked("txid_current_snapshot", [], txidSnapshot, { volatility: "stable" }),
  asked("pg_xact_status", [xid8], text, { volatility: "volatile" }),
  asked("txid_status", [int8], text, { volatility: "volatile" }),
  asked("txid_current", [], int8, { volatility: "stable" }),
  asked("pg_current_xact_id_if_assigned", [], xid8, { volatility: "stable" }),
  asked("txid_current_if_assigned", [], int8, { volatility: "stable" }),
  asked("pg_current_xact_id", [], xid8, { volatility: "stable" }),
  asked("pg_postmaster_start_time", [], timestamptz, { volatility: "stable" }),
  asked("pg_conf_load_time", [], timestamptz, { volatility: "stable" }),
  ...[
    "pg_table_size",
    "pg_relation_size",
    "pg_indexes_size",
    "pg_total_relation_size",
  ].map((size) => asked(size, [regclass], int8, { volatility: "volatile" })),
  asked("pg_relation_size", [regclass, text], int8, { volatility: "volatile" }),
  asked("pg_database_size", [name], int8, { volatility: "volatile" }),
  asked("pg_database_size", [oid], int8, { volatility: "volatile" }),
  asked("pg_backend_pid", [], int4, { volatility: "stable" }),
  asked("pg_cancel_backend", [int4], bool, { volatility: "volatile" }),
  asked("pg_terminate_backend", [int4], bool, { volatility: "volatile" }),
  asked("current_query", [], text, { strict: false, volatility: "volatile" }),
  askedRows("pg_prepared_statement", [
    ["name", text],
    ["statement", text],
    ["prepare_time", timestamptz],
    ["parameter_types", regtypes],
    ["result_types", regtypes],
    ["from_sql", bool],
    ["generic_plans", int8],
    ["custom_plans", int8],
  ]),
  askedRows("pg_cursor", [
    ["name", text],
    ["statement", text],
    ["is_holdable", bool],
    ["is_binary", bool],
    ["is_scrollable", bool],
    ["creation_time", timestamptz],
  ]),
];
