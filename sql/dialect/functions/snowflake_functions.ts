/**
 * Snowflake's functions.
 *
 * @module
 */
import type { FunctionRules } from "../function_call.ts";
import { intervalOf } from "../fragments.ts";
import {
  boundariesBetween,
  refused,
  renamed,
  strictConcat,
  strictExtreme,
} from "./common_functions.ts";

/** The functions. */
export const SNOWFLAKE_FUNCTIONS: FunctionRules = {
  "concat": strictConcat,
  "greatest": strictExtreme("greatest"),
  "least": strictExtreme("least"),
  "zeroifnull": (call) => `coalesce(${call.text(0)}, 0)`,
  "nullifzero": (call) => `nullif(${call.text(0)}, 0)`,
  "div0": (call) =>
    `CASE WHEN ${call.value(1)} = 0 THEN 0 ELSE 1.0 * ${call.value(0)} / ${
      call.value(1)
    } END`,
  "len": renamed("length"),
  "charindex": (call) =>
    call.count === 2
      ? `strpos(${call.text(1)}, ${call.text(0)})`
      : refused(call),
  "startswith": renamed("starts_with"),
  "contains": (call) => `strpos(${call.text(0)}, ${call.text(1)}) > 0`,
  "listagg": (call) =>
    call.aggregate(
      "string_agg",
      `${call.value(0)}::text, ${
        call.separator() ?? (call.count > 1 ? call.text(1) : "''")
      }`,
    ),
  "to_varchar": (call) =>
    call.count === 1 ? `${call.value(0)}::text` : refused(call),
  "to_char": (call) =>
    call.count === 1 ? `${call.value(0)}::text` : refused(call),
  "to_date": (call) =>
    call.count === 1 ? `${call.value(0)}::date` : refused(call),
  "to_timestamp": (call) =>
    call.count === 1 ? `${call.value(0)}::timestamp` : refused(call),
  "to_number": (call) =>
    call.count === 1 ? `${call.value(0)}::numeric(38, 0)` : refused(call),
  "dateadd": (call) =>
    `${call.value(2)} + ${intervalOf(call.value(1), call.word(0) ?? "")}`,
  "datediff": (call) =>
    boundariesBetween(call.word(0) ?? "", call.text(1), call.text(2), call),
  "array_size": (call) => `jsonb_array_length(${call.value(0)}::jsonb)`,
  "object_construct": renamed("jsonb_build_object"),
  "parse_json": (call) => `${call.value(0)}::jsonb`,
  "uuid_string": () => "gen_random_uuid()::text",
  "sysdate": () => "(now() AT TIME ZONE 'UTC')",
};
