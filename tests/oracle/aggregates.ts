/**
 * Arbitrary aggregates, whose result does not depend on the order of rows.
 *
 * @module
 */
import { expression, type Scope } from "./expressions.ts";
import type { Kind } from "./forms.ts";
import type { Maker } from "./maker.ts";

/** Forms by kind, as those of expressions. */
const FORMS: Readonly<Record<Kind, readonly string[]>> = {
  int: [
    ...["max({int})", "min({int})", "count(*)::int", "bit_and({int})"],
    ...["count(DISTINCT {text})::int", "bit_or({int})"],
    "percentile_disc(0.5) WITHIN GROUP (ORDER BY {int})",
    "mode() WITHIN GROUP (ORDER BY {int})",
    "rank(1) WITHIN GROUP (ORDER BY {int})::int",
  ],
  big: [
    ...["count(*)", "sum({int})", "count({date})", "count(DISTINCT {int})"],
    ...["max({big})", "regr_count({float}, {float})", "sum(DISTINCT {int})"],
  ],
  numeric: [
    ...["sum({numeric})", "max({numeric})", "round(avg({numeric}), 4)"],
    ...["avg({int})", "sum({big})", "round(stddev({int}), 6)"],
    ...["var_pop({int})", "sum(DISTINCT {numeric})"],
  ],
  float: [
    ...["max({float})", "min({float})", "sum({int})::float8"],
    "percentile_cont(0.25) WITHIN GROUP (ORDER BY {int})",
    "cume_dist({int}) WITHIN GROUP (ORDER BY {int})",
  ],
  text: [
    ...["max({text})", "min({text})", "string_agg({text}, ',' ORDER BY {own})"],
    "string_agg(DISTINCT {text}, '-' ORDER BY {own} DESC)",
    "percentile_disc(0.9) WITHIN GROUP (ORDER BY {text} DESC)",
  ],
  bool: ["bool_and({bool})", "bool_or({bool})", "every({bool})"],
  date: ["max({date})", "min({date})"],
  stamp: ["max({stamp})", "min({stamp})"],
  ints: [
    ...["array_agg({int} ORDER BY {own})", "max({ints})"],
    "array_agg(DISTINCT {int} ORDER BY {own} DESC NULLS LAST)",
  ],
  texts: ["array_agg({text} ORDER BY {own})", "min({texts})"],
  json: [
    ...["jsonb_agg({int} ORDER BY {own})", "jsonb_agg({text} ORDER BY {own})"],
    "jsonb_agg(DISTINCT {date})",
  ],
  span: ["max({span})"],
};

/** An aggregate of a kind over rows of the scope. */
export function aggregate(
  { choices }: Maker,
  scope: Scope,
  kind: Kind,
  depth: number,
): string {
  let last = "";
  const form = choices.pick(FORMS[kind]);
  const text = form.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name !== "own") {
      last = ordered(expression(choices, scope, name as Kind, depth));
    }
    return last;
  });
  if (!choices.once(5) || form.includes("::") || form.startsWith("round")) {
    return text;
  }
  return `${text} FILTER (WHERE ${expression(choices, scope, "bool", depth)})`;
}

/** A literal in ORDER BY would be taken for a place. */
function ordered(text: string): string {
  return /^'[^']*'$/.test(text) ? `${text}::text` : text;
}
