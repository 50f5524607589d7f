/**
 * Values as JSON has them.
 *
 * | type | JSON |
 * | --- | --- |
 * | `boolean`, `smallint`, `integer` | as they are |
 * | `bigint` | a number; a text beyond 2^53, where a number is not exact |
 * | `real`, `double precision` | a number; `"NaN"`, `"Infinity"`, `"-Infinity"` |
 * | `numeric` | a text: all of its digits |
 * | `timestamp`, `timestamptz` | `"2026-01-31T12:00:00.123456+00:00"` |
 * | `bytea` | `"\\x00ff"` |
 * | `json`, `jsonb` | themselves |
 * | `vector`, `halfvec` | an array of numbers |
 * | arrays, rows | arrays, objects |
 * | all others | PostgreSQL's text |
 *
 * Parameters take the same forms; a text for `json` and `jsonb` is JSON's text.
 *
 * @module
 */
import type { Field, Parsers, QueryOptions } from "../../mod.ts";

const INT8 = 20;
const FLOAT4 = 700;
const FLOAT8 = 701;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const SPARSEVEC = 16389;

const PARSERS: Parsers = {
  [INT8]: exactInteger,
  [FLOAT4]: finiteNumber,
  [FLOAT8]: finiteNumber,
  [TIMESTAMP]: isoTime,
  [TIMESTAMPTZ]: isoTime,
  [SPARSEVEC]: (text) => text,
};

/** How statements run whose values are to be JSON. */
export const JSON_FORMS: QueryOptions = {
  types: { bytea: "hex", vector: "array" },
  parsers: PARSERS,
};

/** The columns of a result, as clients get them. */
export function jsonFields(
  fields: readonly Field[],
): { name: string; type: string }[] {
  return fields.map(({ name, dataType }) => ({ name, type: dataType }));
}

function exactInteger(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function finiteNumber(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

const TIME = /^(\S+) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)?(:\d\d\S*)?( BC)?$/;

/** As `to_json` writes it; what is no moment (`infinity`) stays. */
function isoTime(text: string): string {
  const parts = TIME.exec(text);
  if (parts === null) return text;
  const [, day, time, hours, minutes, era = ""] = parts;
  const zone = hours === undefined ? "" : hours + (minutes ?? ":00");
  return `${day}T${time}${zone}${era}`;
}
