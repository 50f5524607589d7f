/**
 * What objects of the catalog are called, and what types domains are over: the
 * session answers, through `context.catalog`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { Nullable } from "../../types/data_type.ts";
import { int4, oid } from "../../types/int_types.ts";
import { anyType } from "../../types/pseudo_types.ts";
import { regtype } from "../../types/reg_types.ts";
import { record } from "../../types/row/row_type.ts";
import { text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { rowSetFunction } from "../sets/set_define.ts";

function ask(
  context: FunctionContext,
  question: string,
  args: readonly Nullable[],
): Nullable {
  if (context.catalog !== undefined) return context.catalog(question, args);
  throw new SqlError("0A000", "the catalog cannot be asked here");
}

/** Functions about objects of every kind. */
export const objectFunctions: readonly FunctionDefinition[] = [
  define(
    "pg_describe_object",
    [oid, oid, int4],
    text,
    (args, context) => ask(context, "pg_describe_object", args),
    { volatility: "stable" },
  ),
  rowSetFunction(
    "pg_identify_object",
    [oid, oid, int4],
    record,
    [["type", text], ["schema", text], ["name", text], ["identity", text]],
    (args, context): Nullable[][] =>
      args.includes(null)
        ? [[null, null, null, null]]
        : JSON.parse(ask(context, "pg_identify_object", args) as string),
    { strict: false, volatility: "stable" },
  ),
  // The analyzer knows the collation, and gives it as one argument more.
  define("pg_collation_for", [anyType], text, ([, name]) => name ?? null, {
    strict: false,
    volatility: "stable",
  }),
  define(
    "pg_basetype",
    [regtype],
    regtype,
    (args, context) => ask(context, "pg_basetype", args),
    { volatility: "stable" },
  ),
];
