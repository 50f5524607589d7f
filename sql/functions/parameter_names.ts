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

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  array_sort: ["array descending", "array descending nulls_first"],
  json_array_elements: [JSON_IN],
  json_array_elements_text: [JSON_IN],
  json_each: [JSON_IN],
  json_each_text: [JSON_IN],
  json_populate_record: ["base from_json"],
  json_populate_recordset: ["base from_json"],
  json_strip_nulls: ["target strip_in_arrays=false"],
  jsonb_array_elements: [JSON_IN],
  jsonb_array_elements_text: [JSON_IN],
  jsonb_each: [JSON_IN],
  jsonb_each_text: [JSON_IN],
  jsonb_insert: ["jsonb_in path replacement insert_after=false"],
  jsonb_path_exists: [PATH_QUERY],
  jsonb_path_exists_tz: [PATH_QUERY],
  jsonb_path_match: [PATH_QUERY],
  jsonb_path_match_tz: [PATH_QUERY],
  jsonb_path_query: [PATH_QUERY],
  jsonb_path_query_tz: [PATH_QUERY],
  jsonb_path_query_array: [PATH_QUERY],
  jsonb_path_query_array_tz: [PATH_QUERY],
  jsonb_path_query_first: [PATH_QUERY],
  jsonb_path_query_first_tz: [PATH_QUERY],
  jsonb_set: ["jsonb_in path replacement create_if_missing=true"],
  jsonb_set_lax: [
    "jsonb_in path replacement create_if_missing=true null_value_treatment=use_json_null",
  ],
  jsonb_strip_nulls: ["target strip_in_arrays=false"],
  make_date: ["year month day"],
  make_interval: [INTERVAL],
  make_time: ["hour min sec"],
  make_timestamp: [MOMENT],
  make_timestamptz: [MOMENT, `${MOMENT} timezone`],
  parse_ident: ["str strict=true"],
  random: ["min max"],
  random_normal: ["mean=0 stddev=1"],
  regexp_count: prefixes("string pattern", ["start", "flags"]),
  regexp_instr: prefixes("string pattern", [
    "start",
    "N",
    "endoption",
    "flags",
    "subexpr",
  ]),
  regexp_like: prefixes("string pattern", ["flags"]),
  regexp_match: prefixes("string pattern", ["flags"]),
  regexp_matches: prefixes("string pattern", ["flags"]),
  regexp_replace: [
    "string pattern replacement flags",
    ...prefixes("string pattern replacement", ["start", "N", "flags"]),
  ],
  regexp_split_to_array: prefixes("string pattern", ["flags"]),
  regexp_split_to_table: prefixes("string pattern", ["flags"]),
  regexp_substr: prefixes("string pattern", ["start", "N", "flags", "subexpr"]),
  uuidv7: ["shift"],
};

/** A list of parameters, and the longer ones with one more each. */
function prefixes(first: string, more: readonly string[]): string[] {
  const lists = [first];
  for (const name of more) lists.push(`${lists.at(-1)} ${name}`);
  return lists;
}

const PARAMETERS: ReadonlyMap<string, readonly (readonly NamedParameter[])[]> =
  new Map(
    Object.entries(TEXTS).map(([name, lists]) => [
      name,
      lists.map((list) => list.split(" ").map(parameterOf)),
    ]),
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
