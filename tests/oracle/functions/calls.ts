/**
 * Random calls of functions and aggregates that KriyaDB and PostgreSQL both
 * have, as expressions of text.
 *
 * @module
 */
import { quoteLiteral } from "../../support/sql_oracle.ts";
import { textsOf } from "./argument_texts.ts";

/** A function of `pg_proc`. */
export interface Signature {
  readonly name: string;
  /** Names of `pg_type`. */
  readonly types: readonly string[];
  readonly result: string;
  /** `f` a function, `a` an aggregate. */
  readonly kind: string;
  readonly returnsSet: boolean;
}

/** Which signatures there are, of immutable and stable functions: a query. */
export const SIGNATURES = `
  SELECT p.proname::text AS name, r.typname::text AS result,
    p.prokind::text AS kind, p.proretset AS "returnsSet",
    coalesce((SELECT string_agg(t.typname::text, ',' ORDER BY n)
      FROM unnest(p.proargtypes) WITH ORDINALITY u(o, n)
      JOIN pg_type t ON t.oid = o), '') AS types
  FROM pg_proc p JOIN pg_type r ON r.oid = p.prorettype
  WHERE p.provolatile <> 'v' AND p.prokind IN ('f', 'a')
  ORDER BY 1, 5`;

/** Types that stand for others: each with some that it is tried as. */
const STANDS_FOR: Readonly<Record<string, readonly (readonly string[])[]>> = {
  any: [["int4"], ["text"], ["numeric"], ["jsonb"], ["_int4"], ["date"]],
  anyelement: [["int4"], ["text"], ["numeric"], ["date"]],
  anynonarray: [["int4"], ["text"], ["numeric"], ["date"]],
  anyarray: [["_int4"], ["_text"], ["_numeric"], ["_date"]],
  anycompatible: [["int4"], ["text"], ["numeric"], ["date"]],
  anycompatiblenonarray: [["int4"], ["text"], ["numeric"], ["date"]],
  anycompatiblearray: [["_int4"], ["_text"], ["_numeric"], ["_date"]],
  anyrange: [["int4range"], ["numrange"], ["daterange"], ["int4range"]],
  anymultirange: [["int4multirange"], ["nummultirange"], ["datemultirange"], [
    "int4multirange",
  ]],
};

/** Names that are words of the grammar are called through their schema. */
const WORDS =
  /^(extract|normalize|overlay|position|substring|left|right|timezone|json)$/;

/** A random call of a function; `undefined` if its arguments have no texts. */
export function callOf(
  signature: Signature,
  random: () => number,
): string | undefined {
  const pick = <T>(items: readonly T[]): T =>
    items[Math.floor(random() * items.length)]!;
  const choice = Math.floor(random() * 12);
  const types = signature.types.map((type) => {
    const tried = STANDS_FOR[type];
    if (tried === undefined) return type;
    return type === "any" ? pick(tried)[0]! : tried[choice % tried.length]![0]!;
  });
  const literal = (type: string): string | undefined => {
    const texts = textsOf(type, random);
    if (texts.length === 0) return undefined;
    if (random() < 0.05) return `NULL::"${type}"`;
    return `${quoteLiteral(pick(texts))}::"${type}"`;
  };
  const name = WORDS.test(signature.name)
    ? `pg_catalog.${signature.name}`
    : `"${signature.name}"`;
  if (signature.kind === "a") return aggregate(name, types, literal, random);
  const args = types.map(literal);
  if (args.includes(undefined)) return undefined;
  const call = `${name}(${args.join(", ")})`;
  return signature.returnsSet
    ? `SELECT array_agg(x::text) FROM (SELECT ${call} AS x LIMIT 20) s`
    : call;
}

/** An aggregate over up to three rows. */
function aggregate(
  name: string,
  types: readonly string[],
  literal: (type: string) => string | undefined,
  random: () => number,
): string | undefined {
  if (types.length === 0) return undefined;
  const rows: string[] = [];
  const count = 1 + Math.floor(random() * 4);
  for (let i = 0; i < count; i++) {
    const values = types.map(literal);
    if (values.includes(undefined)) return undefined;
    rows.push(`(${values.join(", ")}, ${i})`);
  }
  const columns = types.map((_, i) => `c${i}`).join(", ");
  return `SELECT ${name}(${columns} ORDER BY n)` +
    ` FROM (VALUES ${rows.join(", ")}) v (${columns}, n)`;
}
