/**
 * MySQL's and MariaDB's functions (MySQL 8.4 ch. 14).
 *
 * @module
 */
import { quoteLiteral } from "../../parser/quote.ts";
import { jsonKeys } from "../fragments.ts";
import type {
  FunctionCall,
  FunctionRule,
  FunctionRules,
} from "../function_call.ts";
import {
  boundariesBetween,
  fieldOf,
  refused,
  renamed,
  strictConcat,
  strictExtreme,
} from "./common_functions.ts";
import { MYSQL_FORMAT, toCharFormat } from "./date_format.ts";

/** Adds or takes an interval. */
function shifted(sign: "+" | "-"): FunctionRule {
  return (call) => {
    if (call.args[1]?.raw("type") === "interval") {
      return `${call.value(0)} ${sign} ${call.value(1)}`;
    }
    return `${call.value(0)} ${sign} ${call.value(1)} * interval '1 day'`;
  };
}

function jsonPath(call: FunctionCall): string {
  const path = call.literal(1);
  const keys = path === undefined || call.count !== 2
    ? undefined
    : jsonKeys(path);
  return keys === undefined ? refused(call) : quoteLiteral(keys);
}

/** A part of a text whose negative start counts from the end. */
const substring: FunctionRule = (call) => {
  const start = call.value(1);
  const from = `CASE WHEN ${start} < 0 THEN length(${
    call.text(0)
  }) + ${start} + 1 ELSE ${start} END`;
  return call.count === 2
    ? `substr(${call.text(0)}, ${from})`
    : `substr(${call.text(0)}, ${from}, ${call.text(2)})`;
};

/** The functions. */
export const MYSQL_FUNCTIONS: FunctionRules = {
  "concat": strictConcat,
  // In ON DUPLICATE KEY UPDATE: the row that was to be inserted.
  "values": (call) => {
    const column = call.word(0);
    if (column === undefined || call.translation.scope === undefined) {
      return refused(call);
    }
    return `excluded.${call.translation.name(column)}`;
  },
  "greatest": strictExtreme("greatest"),
  "least": strictExtreme("least"),
  "isnull": (call) => `(${call.value(0)} IS NULL)::int`,
  "length": renamed("octet_length"),
  "substring": substring,
  "substr": substring,
  "mid": substring,
  "locate": (call) =>
    call.count === 2
      ? `strpos(lower(${call.text(1)}), lower(${call.text(0)}))`
      : refused(call),
  "instr": (call) => `strpos(lower(${call.text(0)}), lower(${call.text(1)}))`,
  "group_concat": (call) => {
    const separator = call.separator() ?? "','";
    return call.aggregate(
      "string_agg",
      `${call.value(0)}::text, ${separator}`,
    );
  },
  "truncate": (call) => `trunc(${call.value(0)}::numeric, ${call.text(1)})`,
  "rand": (call) => call.count === 0 ? "random()" : refused(call),
  "log": (call) =>
    call.count === 1
      ? `ln(${call.text(0)})`
      : `log(${call.value(0)}::numeric, ${call.value(1)}::numeric)`,
  "log2": (call) => `log(2::numeric, ${call.value(0)}::numeric)`,
  "curdate": () => "CURRENT_DATE",
  "curtime": () => "LOCALTIME(0)",
  "now": () => "LOCALTIMESTAMP(0)",
  "sysdate": () => "clock_timestamp()::timestamp(0)",
  "utc_timestamp": () => "(now() AT TIME ZONE 'UTC')::timestamp(0)",
  "date": (call) => `${call.value(0)}::date`,
  "date_add": shifted("+"),
  "adddate": shifted("+"),
  "date_sub": shifted("-"),
  "subdate": shifted("-"),
  "datediff": (call) => `(${call.value(0)}::date - ${call.value(1)}::date)`,
  "timestampdiff": (call) => {
    const unit = call.word(0)?.toLowerCase();
    if (
      unit === "day" || unit === "hour" || unit === "minute" ||
      unit === "second"
    ) {
      const seconds = { day: 86400, hour: 3600, minute: 60, second: 1 }[unit];
      return `div(extract(epoch FROM ${call.value(2)}::timestamp - ${
        call.value(1)
      }::timestamp), ${seconds})::int`;
    }
    return unit === "year"
      ? `extract(year FROM age(${call.value(2)}::timestamp, ${
        call.value(1)
      }::timestamp))::int`
      : refused(call);
  },
  "date_format": (call) =>
    `to_char(${call.value(0)}::timestamp, ${
      toCharFormat(call.literal(1), MYSQL_FORMAT)
    })`,
  "unix_timestamp": (call) =>
    call.count === 0
      ? "extract(epoch FROM now())::bigint"
      : `extract(epoch FROM ${call.value(0)}::timestamptz)::bigint`,
  "from_unixtime": (call) =>
    call.count === 1
      ? `to_timestamp(${call.text(0)})::timestamp`
      : refused(call),
  "second": fieldOf("second"),
  "quarter": fieldOf("quarter"),
  "dayofmonth": fieldOf("day"),
  "dayofyear": fieldOf("doy"),
  "dayofweek": (call) =>
    `(extract(dow FROM ${call.value(0)}::timestamp)::int + 1)`,
  "weekday": (call) =>
    `(extract(isodow FROM ${call.value(0)}::timestamp)::int - 1)`,
  "last_day": (call) =>
    `(date_trunc('month', ${
      call.value(0)
    }::timestamp) + interval '1 month - 1 day')::date`,
  "json_extract": (call) => `${call.value(0)}::jsonb #> ${jsonPath(call)}`,
  "json_unquote": (call) => `${call.value(0)} #>> '{}'`,
  "json_object": renamed("jsonb_build_object"),
  "json_array": renamed("jsonb_build_array"),
  "json_arrayagg": renamed("jsonb_agg"),
  "json_objectagg": renamed("jsonb_object_agg"),
  "uuid": () => "gen_random_uuid()::text",
  "hex": (call) => `upper(encode(${call.value(0)}::bytea, 'hex'))`,
  "last_insert_id": () => "lastval()",
  "database": () => "current_schema()",
  "schema": () => "current_schema()",
  "std": renamed("stddev_pop"),
  "stddev": renamed("stddev_pop"),
  "variance": renamed("var_pop"),
  "field": (call) =>
    `coalesce(array_position(ARRAY[${
      call.args.slice(1).map((_, i) => call.text(i + 1)).join(", ")
    }], ${call.text(0)}), 0)`,
  "find_in_set": (call) =>
    `coalesce(array_position(string_to_array(${call.text(1)}, ','), ${
      call.text(0)
    }), 0)`,
  "timestampadd": (call) => {
    const unit = call.word(0)?.toLowerCase() ?? "";
    if (!/^(second|minute|hour|day|week|month|year)$/.test(unit)) refused(call);
    return `${call.value(2)} + ${call.value(1)} * interval '1 ${unit}'`;
  },
  "date_diff": (call) =>
    boundariesBetween("day", call.text(1), call.text(0), call),
};
