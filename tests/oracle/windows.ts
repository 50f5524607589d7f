/**
 * Arbitrary window calls, whose result does not depend on the order of peers,
 * or whose order has no peers that differ.
 *
 * @module
 */
import { expression, type Scope } from "./expressions.ts";
import type { Kind } from "./forms.ts";
import type { Maker } from "./maker.ts";
import type { Relation } from "./tables.ts";

/** Calls of which peers get the same. */
const PEER_CALLS: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  int: ["rank()::int", "dense_rank()::int", "max({int})", "count(*)::int"],
  big: ["rank()", "dense_rank()", "count(*)", "sum({int})", "count({text})"],
  numeric: ["sum({numeric})", "avg({int})", "max({numeric})"],
  float: ["percent_rank()", "cume_dist()", "min({float})"],
  text: ["max({text})", "min({text})"],
  bool: ["bool_or({bool})", "bool_and({bool})"],
  date: ["max({date})"],
  stamp: ["min({stamp})"],
};

/** Calls that see rows one by one. */
const ROW_CALLS: readonly string[] = [
  ...["lag({K})", "lead({K})", "first_value({K})", "last_value({K})"],
  ...["nth_value({K}, 2)", "lag({K}, 2)", "lead({K}, 1, {K})"],
];

const ENDS: readonly string[] = [
  "UNBOUNDED PRECEDING AND CURRENT ROW",
  "CURRENT ROW AND UNBOUNDED FOLLOWING",
  "UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
  "1 PRECEDING AND 1 FOLLOWING",
  "3 PRECEDING AND 1 PRECEDING",
  "0 PRECEDING AND 2 FOLLOWING",
];

const EXCLUSIONS: readonly string[] = [
  ...["", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"],
];

/** A window call of the kind over rows of `relations`. */
export function windowCall(
  maker: Maker,
  scope: Scope,
  relations: readonly Relation[],
  kind: Kind,
): string {
  const { choices } = maker;
  const fill = (form: string): string =>
    form.replace(
      /\{(\w+)\}/g,
      (_, name: string) =>
        expression(choices, scope, name === "K" ? kind : name as Kind, 1),
    );
  const partition = choices.once(2)
    ? `PARTITION BY ${column(maker, relations)} `
    : "";
  const peers = PEER_CALLS[kind];
  if (peers !== undefined && !choices.once(2)) {
    const frame = choices.once(2)
      ? ` ${choices.pick(["RANGE", "GROUPS"])} BETWEEN ` +
        choices.pick(ENDS.slice(0, 3)) + choices.pick(EXCLUSIONS.slice(0, 1))
      : "";
    const form = fill(choices.pick(peers));
    const [call, cast] = form.endsWith("::int")
      ? [form.slice(0, -5), "::int"]
      : [form, ""];
    const over = `${partition}ORDER BY ${column(maker, relations)}${frame}`;
    return `(${call} OVER (${over}))${cast}`;
  }
  // All columns: rows that are peers then are the same in all that is seen.
  const all = relations.flatMap(({ name, columns }) =>
    columns.map(([each]) => `${name}.${each}`)
  );
  const mode = choices.pick(["", "ROWS", "GROUPS"]);
  const frame = mode === ""
    ? ""
    : ` ${mode} BETWEEN ${choices.pick(ENDS)}${choices.pick(EXCLUSIONS)}`;
  return `${fill(choices.pick(ROW_CALLS))} OVER (${partition}ORDER BY ` +
    `${all.join(", ")}${frame})`;
}

function column({ choices }: Maker, relations: readonly Relation[]): string {
  const { name, columns } = choices.pick(relations);
  return `${name}.${choices.pick(columns)[0]}`;
}
