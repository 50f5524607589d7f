/**
 * Arbitrary FROM clauses: tables, queries, functions, joins of every kind.
 *
 * @module
 */
import { expression, type Scope } from "./expressions.ts";
import type { Kind } from "./forms.ts";
import type { Maker } from "./maker.ts";
import { anyKinds, inExpression, queryRelation } from "./query_parts.ts";
import { type Names, namesOf, type Relation, TABLES } from "./tables.ts";

/** A FROM clause and what it brings in sight. */
export interface From {
  readonly text: string;
  readonly relations: readonly Relation[];
}

/** Makes a query; passed on, since queries and relations hold each other. */
export type MakeQuery = (
  maker: Maker,
  outer: Names,
  kinds: readonly Kind[],
  depth: number,
) => string;

/** A FROM clause; `depth` bounds the joins and queries in it. */
export function fromClause(
  maker: Maker,
  outer: Names,
  depth: number,
  query: MakeQuery,
): From {
  const { choices } = maker;
  let from = relation(maker, outer, depth, query, false, []);
  while (depth > 0 && choices.once(3)) {
    depth--;
    from = joined(maker, outer, depth, query, from);
  }
  return from;
}

function relation(
  maker: Maker,
  outer: Names,
  depth: number,
  query: MakeQuery,
  lateral: boolean,
  left: readonly Relation[],
): From {
  const { choices } = maker;
  const name = maker.name();
  const tables = [...TABLES, ...maker.known];
  const kind = depth <= 0 ? 0 : choices.below(8);
  const seen = lateral ? namesOf(left, outer) : outer;
  if (kind === 5 || kind === 6) {
    const kinds = anyKinds(maker);
    const text = query(maker.deeper(), seen, kinds, depth - 1);
    return {
      text: `${lateral ? "LATERAL " : ""}(${text}) ${name}`,
      relations: [queryRelation(name, kinds)],
    };
  }
  if (kind === 7) return functionOf(maker, seen, name);
  const table = choices.pick(tables);
  return {
    text: `${table.name} ${name}`,
    relations: [{ name, columns: table.columns }],
  };
}

/** A function in FROM. */
function functionOf(maker: Maker, seen: Names, name: string): From {
  const { choices } = maker;
  const scope = { names: seen, outer: {} };
  const of = (kind: Kind): string => expression(choices, scope, kind, 1);
  switch (choices.below(5)) {
    case 0:
      return {
        text: `generate_series(1, ${of("int")} % 4) ${name} (g)`,
        relations: [{ name, columns: [["g", "int"]] }],
      };
    case 1:
      return {
        text: `unnest(${of("ints")}, ${of("texts")}) ${name} (u, v)`,
        relations: [{ name, columns: [["u", "int"], ["v", "text"]] }],
      };
    case 2:
      return {
        text: `unnest(${of("texts")}) WITH ORDINALITY ${name} (u, o)`,
        relations: [{ name, columns: [["u", "text"], ["o", "big"]] }],
      };
    case 3:
      return {
        text: `regexp_split_to_table(${of("text")}, 'b') ${name} (part)`,
        relations: [{ name, columns: [["part", "text"]] }],
      };
    default:
      return {
        text: `jsonb_each(jsonb_build_object('x', ${of("int")}, 'y', ` +
          `${of("json")})) ${name} (key, value)`,
        relations: [{ name, columns: [["key", "text"], ["value", "json"]] }],
      };
  }
}

function joined(
  maker: Maker,
  outer: Names,
  depth: number,
  query: MakeQuery,
  left: From,
): From {
  const { choices } = maker;
  const kind = choices.pick([
    ...["JOIN", "LEFT JOIN", "CROSS JOIN", ",", "RIGHT JOIN", "FULL JOIN"],
  ]);
  const lateral = kind !== "RIGHT JOIN" && kind !== "FULL JOIN";
  const right = relation(maker, outer, depth, query, lateral, left.relations);
  const relations = [...left.relations, ...right.relations];
  if (kind === "CROSS JOIN") {
    return { text: `${left.text} CROSS JOIN ${right.text}`, relations };
  }
  // A comma binds weaker than the joins that may follow.
  if (kind === ",") {
    return { text: `${left.text} CROSS JOIN ${right.text}`, relations };
  }
  const shared = equality(maker, left.relations, right.relations);
  const other = lateral && choices.once(2)
    ? expression(
      choices,
      conditionScope(maker, namesOf(relations, outer), query),
      "bool",
      2,
    )
    : undefined;
  const on = [shared, other].filter((each) => each !== undefined);
  if (on.length === 0) on.push("true");
  if (kind === "FULL JOIN" && shared === undefined) {
    return { text: `${left.text} CROSS JOIN ${right.text}`, relations };
  }
  return {
    text: `${left.text} ${kind} ${right.text} ON ${on.join(" AND ")}`,
    relations,
  };
}

/** A condition of a join may have queries over both sides. */
function conditionScope(maker: Maker, names: Names, query: MakeQuery): Scope {
  if (maker.depth <= 0) return { names, outer: {} };
  return {
    names,
    outer: names,
    query: (kind, scalar) => {
      const text = query(maker.deeper(), names, [kind], 0);
      return inExpression(text, scalar);
    },
  };
}

/** An equality of a column of each side, if they share a kind. */
function equality(
  { choices }: Maker,
  left: readonly Relation[],
  right: readonly Relation[],
): string | undefined {
  const pairs: string[] = [];
  const columns = (sides: readonly Relation[]): [string, Kind][] =>
    sides.flatMap(({ name, columns }) =>
      columns.map(([column, kind]): [string, Kind] => [
        `${name}.${column}`,
        kind,
      ])
    );
  for (const [a, kind] of columns(left)) {
    for (const [b, other] of columns(right)) {
      if (kind === other) pairs.push(`${a} = ${b}`);
    }
  }
  return pairs.length === 0 ? undefined : choices.pick(pairs);
}
