/**
 * Transact-SQL's functions.
 *
 * @module
 */
import { intervalOf } from "../fragments.ts";
import type { FunctionCall, FunctionRules } from "../function_call.ts";
import { boundariesBetween, refused, renamed } from "./common_functions.ts";

const PARTS: Readonly<Record<string, string>> = {
  yy: "year",
  yyyy: "year",
  qq: "quarter",
  q: "quarter",
  mm: "month",
  m: "month",
  dd: "day",
  d: "day",
  wk: "week",
  ww: "week",
  hh: "hour",
  mi: "minute",
  n: "minute",
  ss: "second",
  s: "second",
  ms: "millisecond",
  dy: "dayofyear",
  dw: "weekday",
};

/** The part of a date that the first argument names. */
function partOf(call: FunctionCall): string {
  const word = call.word(0)?.toLowerCase();
  if (word === undefined) return refused(call);
  return PARTS[word] ?? word;
}

/** The functions. */
export const TSQL_FUNCTIONS: FunctionRules = {
  "isnull": renamed("coalesce"),
  "getdate": () => "LOCALTIMESTAMP(3)",
  "sysdatetime": () => "LOCALTIMESTAMP",
  "getutcdate": () => "(now() AT TIME ZONE 'UTC')::timestamp(3)",
  "newid": () => "gen_random_uuid()",
  "datalength": renamed("octet_length"),
  "charindex": (call) =>
    call.count === 2
      ? `strpos(lower(${call.text(1)}), lower(${call.text(0)}))`
      : refused(call),
  "replicate": renamed("repeat"),
  "stuff": (call) =>
    `overlay(${call.text(0)} PLACING ${call.text(3)} FROM ${
      call.value(1)
    } FOR ${call.value(2)})`,
  "isnumeric": (call) =>
    `pg_input_is_valid(${call.value(0)}::text, 'numeric')::int`,
  "dateadd": (call) =>
    `${call.value(2)}::timestamp + ${intervalOf(call.value(1), partOf(call))}`,
  "datediff": (call) =>
    boundariesBetween(partOf(call), call.text(1), call.text(2), call),
  "datepart": (call) => {
    const part = partOf(call);
    if (part === "weekday") {
      return `(extract(dow FROM ${call.text(1)})::int + 1)`;
    }
    const field = part === "dayofyear" ? "doy" : part;
    return /^(year|quarter|month|day|hour|minute|second|doy)$/.test(field)
      ? `extract(${field} FROM ${call.text(1)})::int`
      : refused(call);
  },
  "datename": (call) => {
    const formats: Readonly<Record<string, string>> = {
      month: "FMMonth",
      weekday: "FMDay",
      year: "YYYY",
      day: "FMDD",
    };
    const format = formats[partOf(call)];
    return format === undefined
      ? refused(call)
      : `to_char(${call.value(1)}::timestamp, '${format}')`;
  },
  "eomonth": (call) =>
    call.count === 1
      ? `(date_trunc('month', ${
        call.value(0)
      }::timestamp) + interval '1 month - 1 day')::date`
      : refused(call),
  "log": (call) =>
    call.count === 1
      ? `ln(${call.text(0)})`
      : `log(${call.value(1)}::numeric, ${call.value(0)}::numeric)`,
  "rand": (call) => call.count === 0 ? "random()" : refused(call),
  "stdev": renamed("stddev_samp"),
  "stdevp": renamed("stddev_pop"),
  "var": renamed("var_samp"),
  "varp": renamed("var_pop"),
  "square": (call) => `power(${call.text(0)}, 2)`,
  "convert": (call) => {
    const target = call.args[0];
    const type = call.word(0) === undefined ? undefined : call.word(0)!;
    const types: Readonly<Record<string, string>> = {
      int: "int",
      bigint: "bigint",
      smallint: "smallint",
      float: "float8",
      real: "real",
      date: "date",
      datetime: "timestamp",
      datetime2: "timestamp",
      time: "time",
      uniqueidentifier: "uuid",
      varchar: "varchar",
      nvarchar: "varchar",
      bit: "smallint",
    };
    const written = types[type?.toLowerCase() ?? ""];
    if (target === undefined || written === undefined || call.count !== 2) {
      return refused(call);
    }
    return `CAST(${call.text(1)} AS ${written})`;
  },
  "scope_identity": () => "lastval()",
};
