/**
 * The types of full text search: `tsvector`, `tsquery`, `regconfig`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, SqlValue } from "../data_type.ts";
import { textOfJs } from "../js_value.ts";
import { compareText } from "../text_order.ts";
import { checkText } from "../text_types.ts";
import { formatTsQuery, parseTsQuery } from "./ts_query.ts";
import { compareTsQueries, hashOfTsQuery } from "./ts_query_order.ts";
import { compareTsVectors, formatTsVector, readTsVector } from "./ts_vector.ts";

function searchType(
  oid: number,
  name: string,
  read: (text: string) => string,
  compare: (a: string, b: string) => number,
): DataType {
  return {
    oid,
    name,
    displayName: name,
    category: "U",
    preferred: false,
    length: -1,
    storage: "reference",
    input: (text) => read(checkText(text)),
    output: (value) => value as string,
    compare: compare as (a: SqlValue, b: SqlValue) => number,
    hashKey: (value) => value as string,
    fromJs: (value) => read(checkText(textOfJs(value))),
    toJs: (value) => value,
  };
}

/** `tsvector`: the words of a document. */
export const tsvector: DataType = searchType(
  3614,
  "tsvector",
  (text) => formatTsVector(readTsVector(text)),
  compareTsVectors,
);

/** `tsquery`: what is looked for. */
export const tsquery: DataType = {
  ...searchType(
    3615,
    "tsquery",
    (text) => formatTsQuery(parseTsQuery(text)),
    compareTsQueries,
  ),
  hashKey: (value) => hashOfTsQuery(value as string),
};

/** The configurations that there are. */
export const CONFIGURATIONS: ReadonlySet<string> = new Set([
  "simple",
  "english",
]);

/** The name of a configuration without its schema; `42704` if there is none. */
export function configurationOf(text: string): string {
  const name = text.trim().replace(/^(?:pg_catalog\.)/i, "")
    .replace(/^"(.*)"$/, "$1");
  const folded = text.includes('"') ? name : name.toLowerCase();
  if (CONFIGURATIONS.has(folded)) return folded;
  if (name === "") throw new SqlError("42602", "invalid name syntax");
  throw new SqlError(
    "42704",
    `text search configuration "${folded}" does not exist`,
  );
}

/** `regconfig`: a configuration of full text search, by name. */
export const regconfig: DataType = {
  ...searchType(3734, "regconfig", configurationOf, compareText),
  category: "N",
  length: 4,
};
