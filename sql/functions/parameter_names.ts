/**
 * The names of parameters of functions that every database has, for calls that
 * give arguments by name (`make_interval(days => 1)`), as in PostgreSQL.
 *
 * Each function has one list or more of parameters: `name`, or `name=default`
 * where a call may leave it out, the default being a literal.
 *
 * @module
 */

/** A parameter. */
export interface NamedParameter {
  readonly name: string;
  /** The text of the literal that stands for it; absent: it must be given. */
  readonly fallback?: string;
}

const JSON_IN = "from_json";
const PATH_QUERY = "target path vars={} silent=false";
const INTERVAL = "years=0 months=0 weeks=0 days=0 hours=0 mins=0 secs=0";
const MOMENT = "year month mday hour min sec";
const STRIP_NULLS = "target strip_in_arrays=false";
const SET = "jsonb_in path replacement create_if_missing=true";
const FLAGS = prefixes("string pattern", ["flags"]);

/** Names of functions, between them spaces, and their lists. */
const TEXTS: readonly (readonly [string, readonly string[]])[] = [
  ["array_sort", ["array descending", "array descending nulls_first"]],
  [
    "json_array_elements json_array_elements_text json_each json_each_text",
    [JSON_IN],
  ],
  [
    "jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text",
    [JSON_IN],
  ],
  ["json_populate_record json_populate_recordset", ["base from_json"]],
  ["json_strip_nulls jsonb_strip_nulls", [STRIP_NULLS]],
  ["jsonb_insert", ["jsonb_in path replacement insert_after=false"]],
  ["jsonb_path_exists jsonb_path_exists_tz", [PATH_QUERY]],
  ["jsonb_path_match jsonb_path_match_tz", [PATH_QUERY]],
  ["jsonb_path_query jsonb_path_query_tz", [PATH_QUERY]],
  ["jsonb_path_query_array jsonb_path_query_array_tz", [PATH_QUERY]],
  ["jsonb_path_query_first jsonb_path_query_first_tz", [PATH_QUERY]],
  ["jsonb_set", [SET]],
  ["jsonb_set_lax", [`${SET} null_value_treatment=use_json_null`]],
  ["make_date", ["year month day"]],
  ["make_interval", [INTERVAL]],
  ["make_time", ["hour min sec"]],
  ["make_timestamp", [MOMENT]],
  ["make_timestamptz", [MOMENT, `${MOMENT} timezone`]],
  ["parse_ident", ["str strict=true"]],
  ["random", ["min max"]],
  ["random_normal", ["mean=0 stddev=1"]],
  ["regexp_count", prefixes("string pattern", ["start", "flags"])],
  [
    "regexp_instr",
    prefixes("string pattern", ["start", "N", "endoption", "flags", "subexpr"]),
  ],
  ["regexp_like regexp_match regexp_matches", FLAGS],
  ["regexp_split_to_array regexp_split_to_table", FLAGS],
  [
    "regexp_replace",
    [
      "string pattern replacement flags",
      ...prefixes("string pattern replacement", ["start", "N", "flags"]),
    ],
  ],
  [
    "regexp_substr",
    prefixes("string pattern", ["start", "N", "flags", "subexpr"]),
  ],
  ["uuidv7", ["shift"]],
];

/** A list of parameters, and the longer ones with one more each. */
function prefixes(first: string, more: readonly string[]): string[] {
  const lists = [first];
  for (const name of more) lists.push(`${lists.at(-1)} ${name}`);
  return lists;
}

const PARAMETERS: ReadonlyMap<string, readonly (readonly NamedParameter[])[]> =
  new Map(
    TEXTS.flatMap(([names, lists]) => {
      const parameters = lists.map((list) => list.split(" ").map(parameterOf));
      return names.split(" ").map((name) => [name, parameters] as const);
    }),
  );

function parameterOf(text: string): NamedParameter {
  const [name, fallback] = text.split("=");
  return fallback === undefined ? { name: name! } : { name: name!, fallback };
}

/**
 * The lists of parameters that a function of every database has.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parametersNamed } from "./parameter_names.ts";
 *
 * assertEquals(parametersNamed("make_date")[0]?.[1]?.name, "month");
 * assertEquals(parametersNamed("lower"), []);
 * ```
 */
export function parametersNamed(
  name: string,
): readonly (readonly NamedParameter[])[] {
  return PARAMETERS.get(name) ?? [];
}
