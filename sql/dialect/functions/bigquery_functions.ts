/**
 * BigQuery's functions (GoogleSQL function reference).
 *
 * @module
 */
import { intervalOf } from "../fragments.ts";
import type {
  FunctionCall,
  FunctionRule,
  FunctionRules,
} from "../function_call.ts";
import {
  boundariesBetween,
  refused,
  renamed,
  strictConcat,
  strictExtreme,
} from "./common_functions.ts";
import { STRFTIME, toCharFormat } from "./date_format.ts";

/** Adds or takes an interval, and keeps the type. */
function shifted(sign: "+" | "-", type: string): FunctionRule {
  return (call) => `(${call.value(0)} ${sign} ${call.value(1)})::${type}`;
}

function truncated(type: string): FunctionRule {
  return (call) => {
    const unit = call.word(1)?.toLowerCase() ?? "";
    const known = /^(second|minute|hour|day|isoweek|month|quarter|year)$/;
    if (!known.test(unit) || call.count !== 2) return refused(call);
    return `date_trunc('${unit.replace("iso", "")}', ${
      call.value(0)
    })::${type}`;
  };
}

/** Differences count boundaries of days, months and years, and whole times. */
function difference(call: FunctionCall): string {
  const unit = call.word(2)?.toLowerCase() ?? "";
  return boundariesBetween(unit, call.text(1), call.text(0), call);
}

function format(call: FunctionCall): string {
  return `to_char(${call.value(1)}::timestamp, ${
    toCharFormat(call.literal(0), STRFTIME)
  })`;
}

/** The functions. */
export const BIGQUERY_FUNCTIONS: FunctionRules = {
  "concat": strictConcat,
  "greatest": strictExtreme("greatest"),
  "least": strictExtreme("least"),
  "countif": (call) => `count(*) FILTER (WHERE ${call.condition(0)})`,
  "logical_and": renamed("bool_and"),
  "logical_or": renamed("bool_or"),
  "safe_divide": (call) =>
    `${call.value(0)}::float8 / nullif(${call.value(1)}, 0)`,
  "div": (call) => `div(${call.all()})::bigint`,
  "byte_length": renamed("octet_length"),
  "char_length": renamed("char_length"),
  "regexp_contains": (call) => `${call.value(0)} ~ ${call.value(1)}`,
  "starts_with": renamed("starts_with"),
  "ends_with": (call) =>
    `right(${call.text(0)}, length(${call.text(1)})) = ${call.value(1)}`,
  "generate_uuid": () => "gen_random_uuid()::text",
  "generate_array": (call) => `ARRAY(SELECT generate_series(${call.all()}))`,
  "array_length": renamed("cardinality"),
  "current_datetime": () => "LOCALTIMESTAMP",
  "date_add": shifted("+", "date"),
  "date_sub": shifted("-", "date"),
  "datetime_add": shifted("+", "timestamp"),
  "datetime_sub": shifted("-", "timestamp"),
  "timestamp_add": shifted("+", "timestamptz"),
  "timestamp_sub": shifted("-", "timestamptz"),
  "date_diff": (call) =>
    /^(day|month|quarter|year)$/i.test(call.word(2) ?? "")
      ? difference(call)
      : refused(call),
  "timestamp_diff": (call) => {
    const seconds = { day: 86400, hour: 3600, minute: 60, second: 1 };
    const unit = (call.word(2)?.toLowerCase() ?? "") as keyof typeof seconds;
    return Object.hasOwn(seconds, unit)
      ? `div(extract(epoch FROM ${call.value(0)} - ${call.value(1)}), ${
        seconds[unit]
      })::bigint`
      : refused(call);
  },
  "date_trunc": truncated("date"),
  "datetime_trunc": truncated("timestamp"),
  "timestamp_trunc": truncated("timestamptz"),
  "format_date": format,
  "format_datetime": format,
  "unix_seconds": (call) => `extract(epoch FROM ${call.value(0)})::bigint`,
  "timestamp_seconds": renamed("to_timestamp"),
  "adddays": (call) => `${call.value(0)} + ${intervalOf(call.value(1), "day")}`,
};
