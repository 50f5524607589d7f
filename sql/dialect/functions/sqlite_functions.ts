/**
 * SQLite's functions (lang_corefunc, lang_aggfunc, lang_datefunc).
 *
 * @module
 */
import type {
  FunctionCall,
  FunctionRule,
  FunctionRules,
} from "../function_call.ts";
import { unsupported } from "../tree_node.ts";
import { refused, renamed, strictExtreme } from "./common_functions.ts";
import { STRFTIME, toCharFormat } from "./date_format.ts";

/** A time and its modifiers, from argument `first` on. */
function momentOf(call: FunctionCall, first: number): string {
  if (call.count <= first) return "(now() AT TIME ZONE 'UTC')";
  let text = call.literal(first)?.toLowerCase() === "now"
    ? "(now() AT TIME ZONE 'UTC')"
    : `${call.value(first)}::timestamp`;
  for (let i = first + 1; i < call.count; i++) {
    text = modified(text, call.literal(i)?.toLowerCase(), call);
  }
  return text;
}

function modified(
  text: string,
  modifier: string | undefined,
  call: FunctionCall,
): string {
  if (modifier === undefined) return refused(call);
  const shift = /^([+-]?\d+(?:\.\d+)?) (second|minute|hour|day|month|year)s?$/
    .exec(modifier);
  if (shift !== null) {
    return `(${text} + interval '${shift[1]} ${shift[2]}')`;
  }
  const start = /^start of (day|month|year)$/.exec(modifier);
  if (start !== null) return `date_trunc('${start[1]}', ${text})`;
  throw unsupported(`The modifier "${modifier}"`);
}

function extreme(name: "max" | "min"): FunctionRule {
  const strict = strictExtreme(name === "max" ? "greatest" : "least");
  return (call) =>
    call.count > 1 ? strict(call) : call.aggregate(name, call.all());
}

/** The functions. */
export const SQLITE_FUNCTIONS: FunctionRules = {
  "max": extreme("max"),
  "min": extreme("min"),
  "total": (call) =>
    `coalesce(${call.aggregate("sum", call.all())}, 0)::float8`,
  "group_concat": (call) => {
    const separator = call.separator() ??
      (call.count > 1 ? call.text(1) : "','");
    return call.aggregate(
      "string_agg",
      `${call.value(0)}::text, ${separator}`,
    );
  },
  "round": (call) =>
    `round(${call.value(0)}::numeric, ${
      call.count === 2 ? call.text(1) : "0"
    })::float8`,
  "instr": (call) => `strpos(${call.text(0)}, ${call.text(1)})`,
  "substr": (call) => {
    const [text, start] = [call.text(0), call.value(1)];
    const from =
      `CASE WHEN ${start} < 0 THEN length(${text}) + ${start} + 1 ELSE ${start} END`;
    return call.count === 2
      ? `substr(${text}, ${from})`
      : `substr(${text}, ${from}, ${call.text(2)})`;
  },
  "substring": (call) => SQLITE_FUNCTIONS["substr"]!(call),
  "hex": (call) => `upper(encode(${call.value(0)}::bytea, 'hex'))`,
  "random": () =>
    "floor((random() * 2 - 1) * 9223372036854774784::float8)::bigint",
  "char": (call) =>
    call.args.map((_, i) => `chr(${call.text(i)})`).join(" || "),
  "unicode": renamed("ascii"),
  "typeof": (call) =>
    `CASE pg_typeof(${
      call.text(0)
    })::text WHEN 'bigint' THEN 'integer' WHEN 'smallint' THEN 'integer' WHEN 'double precision' THEN 'real' WHEN 'numeric' THEN 'real' WHEN 'bytea' THEN 'blob' WHEN 'integer' THEN 'integer' ELSE 'text' END`,
  "last_insert_rowid": () => "lastval()",
  "date": (call) => `to_char(${momentOf(call, 0)}, 'YYYY-MM-DD')`,
  "time": (call) => `to_char(${momentOf(call, 0)}, 'HH24:MI:SS')`,
  "datetime": (call) =>
    `to_char(${momentOf(call, 0)}, 'YYYY-MM-DD HH24:MI:SS')`,
  "strftime": (call) =>
    call.literal(0) === "%s"
      ? `extract(epoch FROM ${momentOf(call, 1)})::bigint::text`
      : `to_char(${momentOf(call, 1)}, ${
        toCharFormat(call.literal(0), STRFTIME)
      })`,
  "unixepoch": (call) => `extract(epoch FROM ${momentOf(call, 0)})::bigint`,
  "julianday": (call) =>
    `(extract(epoch FROM ${momentOf(call, 0)}) / 86400 + 2440587.5)::float8`,
  "printf": (call) =>
    /^(?:[^%]|%s|%%)*$/.test(call.literal(0) ?? "%d")
      ? `format(${call.all()})`
      : refused(call),
  "json_extract": (call) => {
    const path = call.literal(1);
    const step = path === undefined ? null : /^\$\.(\w+)$/.exec(path);
    return step === null
      ? refused(call)
      : `${call.value(0)}::jsonb ->> '${step[1]}'`;
  },
};
