/**
 * Arbitrary queries: SELECT with all its clauses, VALUES, set operations, WITH.
 *
 * What a query gives does not depend on what PostgreSQL leaves open: LIMIT,
 * DISTINCT ON and row_number() come with an order of all columns, aggregates of
 * order with one.
 *
 * @module
 */
import { aggregate } from "./aggregates.ts";
import { expression, type Scope } from "./expressions.ts";
import { type Kind, TYPES } from "./forms.ts";
import type { Maker } from "./maker.ts";
import {
  allOf,
  anyKinds,
  columnNames,
  inExpression,
  queryRelation,
  selectList,
} from "./query_parts.ts";
import { type From, fromClause } from "./relations.ts";
import { type Names, namesOf, type Relation } from "./tables.ts";
import { windowCall } from "./windows.ts";

/** A query whose columns `c1`, `c2`… are of the kinds. */
export function query(
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  depth: number,
): string {
  const { choices } = maker;
  switch (depth <= 0 ? 0 : choices.below(10)) {
    case 7:
      return setOperation(maker, outer, kinds, depth - 1);
    case 8:
      return withQuery(maker, outer, kinds, depth - 1);
    case 9:
      return choices.once(2)
        ? recursive(maker, outer, kinds, depth - 1)
        : values(maker, outer, kinds, depth - 1);
    default:
      return select(maker, outer, kinds, depth);
  }
}

/** A query in parentheses, with all its rows ordered and a part of them taken. */
export function orderedQuery(
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  depth: number,
): string {
  const { choices } = maker;
  const order = orderBy(maker, kinds.length);
  const limit = choices.pick([
    ...["", " LIMIT 3", " LIMIT 2 OFFSET 1", " FETCH FIRST ROW ONLY"],
    ...[" OFFSET 2", " FETCH FIRST 2 ROWS WITH TIES"],
  ]);
  return `${query(maker, outer, kinds, depth)}${order}${limit}`;
}

function orderBy({ choices }: Maker, count: number): string {
  const places = Array.from({ length: count }, (_, i) => i + 1);
  const how = [" ASC", " DESC", " NULLS FIRST", " DESC NULLS LAST"];
  return ` ORDER BY ${
    places.map((place) => `${place}${choices.pick(["", "", ...how])}`)
      .join(", ")
  }`;
}

/** What an expression of a query can name, queries within it included. */
function scopeOf(maker: Maker, names: Names, outer: Names): Scope {
  if (maker.depth <= 0) return { names, outer };
  return {
    names,
    outer,
    query: (kind, scalar) => {
      const inner = maker.deeper();
      if (scalar && maker.choices.once(2)) {
        return `(SELECT ${loneAggregate(inner, outer, kind)})`;
      }
      const text = query(inner, outer, [kind], inner.depth);
      return inExpression(text, scalar);
    },
  };
}

/** An aggregate over rows of its own: one row in any case. */
function loneAggregate(maker: Maker, outer: Names, kind: Kind): string {
  const from = fromClause(maker, outer, 0, query);
  const scope: Scope = { names: namesOf(from.relations, outer), outer };
  const where = maker.choices.once(2)
    ? ` WHERE ${expression(maker.choices, scope, "bool", 2)}`
    : "";
  // Of columns of its own: with none but outer ones it would be the outer's.
  const own: Scope = { names: namesOf(from.relations), outer: {} };
  return `${aggregate(maker, own, kind, 1)} FROM ${from.text}${where}`;
}

function select(
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  depth: number,
): string {
  const { choices } = maker;
  const from = fromClause(maker, outer, depth, query);
  const names = namesOf(from.relations, outer);
  const scope = scopeOf(maker, names, names);
  const where = choices.below(3) > 0
    ? ` WHERE ${expression(choices, scope, "bool", 3)}`
    : "";
  const rest = ` FROM ${from.text}${where}`;
  switch (choices.below(8)) {
    case 5:
    case 4:
      return grouped(maker, outer, kinds, from, rest);
    case 6:
      return `SELECT ${
        selectList(
          kinds,
          (kind) => windowCall(maker, scope, from.relations, kind),
        )
      }${rest}`;
    case 7:
      return distinctOn(maker, scope, kinds, rest);
    case 3:
      return `SELECT DISTINCT ${targets(maker, scope, kinds)}${rest}`;
    default:
      return `SELECT ${targets(maker, scope, kinds)}${rest}`;
  }
}

function targets(maker: Maker, scope: Scope, kinds: readonly Kind[]): string {
  return selectList(
    kinds,
    (kind) => expression(maker.choices, scope, kind, 3),
  );
}

/** DISTINCT ON of a query, so that its order can be of all columns. */
function distinctOn(
  maker: Maker,
  scope: Scope,
  kinds: readonly Kind[],
  rest: string,
): string {
  const on = maker.choices.once(2) && kinds.length > 1 ? "c1, c2" : "c1";
  const order = columnNames(kinds).join(", ");
  const rows = `SELECT ${targets(maker, scope, kinds)}${rest}`;
  const distinct = `SELECT DISTINCT ON (${on}) * FROM (${rows}) ` +
    `${maker.name()} ORDER BY ${order}`;
  return allOf(maker, distinct);
}

function grouped(
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  from: From,
  rest: string,
): string {
  const { choices } = maker;
  const inner = namesOf(from.relations);
  const own = scopeOf(maker, inner, inner);
  const columns = from.relations.flatMap((relation) =>
    relation.columns.map(([name, kind]) =>
      [`${relation.name}.${name}`, kind] as const
    )
  );
  const keys = [choices.pick(columns), choices.pick(columns)];
  const [x, y] = keys.map(([text]) => text);
  const by = choices.pick([
    ...["", ` GROUP BY ${x}`, ` GROUP BY ${x}, ${y}`],
    ...[` GROUP BY ROLLUP (${x}, ${y})`, ` GROUP BY CUBE (${x}, ${y})`],
    ` GROUP BY GROUPING SETS ((${x}), (${y}), ())`,
    ` GROUP BY DISTINCT ROLLUP (${x}), ROLLUP (${x}, ${y})`,
  ]);
  const used = keys.filter(([text]) => by.includes(text));
  const keyNames: Partial<Record<Kind, string[]>> = {};
  for (const [text, kind] of used) (keyNames[kind] ??= []).push(text);
  const names: Partial<Record<Kind, string[]>> = {};
  const wanted = new Set<Kind>([...kinds, "bool", "int"]);
  for (const kind of wanted) {
    names[kind] = [
      ...keyNames[kind] ?? [],
      aggregate(maker, own, kind, 2),
      aggregate(maker, own, kind, 1),
    ];
  }
  if (by.includes("(")) names.int!.push(`grouping(${x})`);
  const groupScope = scopeOf(maker, names, { ...outer, ...keyNames });
  const having = choices.once(4)
    ? ` HAVING ${expression(choices, groupScope, "bool", 2)}`
    : "";
  const list = selectList(
    kinds,
    (kind) => expression(choices, groupScope, kind, 2),
  );
  return `SELECT ${list}${rest}${by}${having}`;
}

function values(
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  depth: number,
): string {
  const scope = scopeOf(maker, outer, outer);
  const rows = Array.from({ length: 1 + maker.choices.below(3) }, () => {
    const row = kinds.map((kind) => {
      const value = expression(maker.choices, scope, kind, depth);
      return `(${value})::${TYPES[kind]}`;
    });
    return `(${row.join(", ")})`;
  });
  const columns = ` (${columnNames(kinds).join(", ")})`;
  return allOf(maker, `VALUES ${rows.join(", ")}`, columns);
}

function setOperation(
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  depth: number,
): string {
  const { choices } = maker;
  const operator = choices.pick([
    ...["UNION ALL", "UNION", "EXCEPT", "INTERSECT", "EXCEPT ALL"],
    "INTERSECT ALL",
  ]);
  const side = (): string => {
    const text = choices.once(4)
      ? orderedQuery(maker, outer, kinds, depth)
      : query(maker, outer, kinds, depth);
    return `(${text})`;
  };
  return allOf(maker, `${side()} ${operator} ${side()}`);
}

function withQuery(
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  depth: number,
): string {
  const { choices } = maker;
  const name = maker.name();
  const inside = [...anyKinds(maker), "int" as const];
  const how = choices.pick(["", " MATERIALIZED", " NOT MATERIALIZED"]);
  const text = query(maker, outer, inside, depth);
  const relation = queryRelation(name, inside);
  const body = query(maker.knowing(relation), outer, kinds, depth);
  return allOf(maker, `WITH ${name} AS${how} (${text}) ${body}`);
}

/** WITH RECURSIVE that counts, with columns that change on the way. */
function recursive(
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  depth: number,
): string {
  const { choices } = maker;
  const name = maker.name();
  const kind = choices.pick(["int", "text", "date", "ints"] as const);
  const type = TYPES[kind];
  const relation: Relation = {
    name,
    columns: [["step", "int"], ["v", kind]],
  };
  const first = expression(choices, scopeOf(maker, outer, outer), kind, 1);
  const inner = namesOf([relation], outer);
  const next = expression(choices, { names: inner, outer: {} }, kind, 2);
  const union = choices.pick(["UNION ALL", "UNION"]);
  const body = query(maker.knowing(relation), outer, kinds, depth);
  const rows = `SELECT 1, (${first})::${type} ${union} ` +
    `SELECT ${name}.step + 1, (${next})::${type} FROM ${name} ` +
    `WHERE ${name}.step < ${2 + choices.below(4)}`;
  return allOf(maker, `WITH RECURSIVE ${name} (step, v) AS (${rows}) ${body}`);
}
