/**
 * Arbitrary changes of tables, with RETURNING: INSERT with ON CONFLICT, UPDATE
 * with FROM, DELETE with USING, MERGE, and those within WITH.
 *
 * Rows of a source have ids of their own, so that no row is changed twice.
 *
 * @module
 */
import { expression, type Scope } from "./expressions.ts";
import type { Maker } from "./maker.ts";
import { query } from "./queries.ts";
import { inExpression } from "./query_parts.ts";
import { type Names, namesOf, type Relation, TABLES } from "./tables.ts";

/** A change, and the table it changes. */
export interface Change {
  readonly text: string;
  readonly table: string;
}

/** A change of some table. */
export function change(maker: Maker): Change {
  const { choices } = maker;
  const table = choices.pick(TABLES);
  const make = choices.pick([insert, update, remove, merge, update, insert]);
  const text = make(maker, table);
  if (!choices.once(6)) return { text, table: table.name };
  const list = text.indexOf(" RETURNING ");
  if (list < 0) return { text, table: table.name };
  return {
    text: `WITH x AS (${text}) SELECT count(*), min(x.id) FROM x`,
    table: table.name,
  };
}

function scopeOf(maker: Maker, names: Names): Scope {
  return {
    names,
    outer: names,
    query: (kind, scalar) => {
      const inner = maker.deeper();
      const text = query(inner, names, [kind], 0);
      return inExpression(text, scalar);
    },
  };
}

function returning(maker: Maker, table: Relation, name: string): string {
  const { choices } = maker;
  if (choices.once(4)) return "";
  const target = { ...table, name };
  const sides = choices.once(3)
    ? [{ ...table, name: "old" }, { ...table, name: "new" }]
    : [target];
  const scope = scopeOf(maker, namesOf(sides));
  const value = expression(choices, scope, choices.pick(["int", "text"]), 2);
  return ` RETURNING ${name}.id, ${value} AS v`;
}

/** Assignments of some columns but the id. */
function assignments(
  maker: Maker,
  table: Relation,
  scope: Scope,
  queries = true,
): string {
  const { choices } = maker;
  // Two rows may not swap a unique value: PostgreSQL looks at each by itself.
  const rest = table.columns.slice(1).filter(([name]) =>
    table.name !== "c" || name !== "s"
  );
  const first = choices.below(rest.length);
  const columns = [rest[first]!];
  if (choices.once(2)) columns.push(rest[(first + 1) % rest.length]!);
  if (columns.length === 2 && choices.once(3)) {
    const [a, b] = columns.map(([, kind]) =>
      expression(choices, scope, kind, 2)
    );
    const names = columns.map(([name]) => name).join(", ");
    // PostgreSQL mixes up those of several WHEN clauses of MERGE.
    return queries && choices.once(2)
      ? `(${names}) = (SELECT ${a}, ${b})`
      : `(${names}) = (${a}, ${b})`;
  }
  return columns.map(([name, kind]) =>
    choices.once(12)
      ? `${name} = DEFAULT`
      : `${name} = ${expression(choices, scope, kind, 2)}`
  ).join(", ");
}

function insert(maker: Maker, table: Relation): string {
  const { choices } = maker;
  const source = { ...choices.pick(TABLES), name: "s" };
  const origin = TABLES.find(({ columns }) => columns === source.columns)!;
  const scope = scopeOf(maker, namesOf([source]));
  const columns = table.columns.slice(1, 2 + choices.below(3));
  const shift = choices.pick([100, 0, 3]);
  const values = columns.map(([, kind]) => expression(choices, scope, kind, 2));
  const where = choices.once(2)
    ? ` WHERE ${expression(choices, scope, "bool", 2)}`
    : "";
  const names = ["id", ...columns.map(([name]) => name)].join(", ");
  return `INSERT INTO ${table.name} AS t (${names}) SELECT s.id + ${shift}, ` +
    `${values.join(", ")} FROM ${origin.name} s${where} ORDER BY s.id` +
    conflict(maker, table) + returning(maker, table, "t");
}

function conflict(maker: Maker, table: Relation): string {
  const { choices } = maker;
  switch (choices.below(4)) {
    case 1:
      return " ON CONFLICT DO NOTHING";
    case 2:
    case 3: {
      const both = [{ ...table, name: "t" }, { ...table, name: "excluded" }];
      const scope = scopeOf(maker, namesOf(both));
      const where = choices.once(3)
        ? ` WHERE ${expression(choices, scope, "bool", 2)}`
        : "";
      return ` ON CONFLICT (id) DO UPDATE SET ` +
        assignments(maker, table, scope) + where;
    }
    default:
      return "";
  }
}

function update(maker: Maker, table: Relation): string {
  const { choices } = maker;
  const target = { ...table, name: "t" };
  const other = choices.pick(TABLES);
  const joined = choices.once(2);
  const source = { ...other, name: "s" };
  const sides = joined ? [target, source] : [target];
  const scope = scopeOf(maker, namesOf(sides));
  const condition = expression(choices, scope, "bool", 3);
  return `UPDATE ${table.name} AS t SET ${assignments(maker, table, scope)}` +
    (joined
      ? ` FROM ${other.name} s WHERE t.id = s.id AND ${condition}`
      : ` WHERE ${condition}`) +
    returning(maker, table, "t");
}

function remove(maker: Maker, table: Relation): string {
  const { choices } = maker;
  const target = { ...table, name: "t" };
  const other = choices.pick(TABLES);
  const joined = choices.once(2);
  const sides = joined ? [target, { ...other, name: "s" }] : [target];
  const scope = scopeOf(maker, namesOf(sides));
  const condition = expression(choices, scope, "bool", 3);
  return `DELETE FROM ${table.name} AS t` +
    (joined ? ` USING ${other.name} s` : "") + ` WHERE ${condition}` +
    returning(maker, table, "t");
}

function merge(maker: Maker, table: Relation): string {
  const { choices } = maker;
  const other = choices.pick(TABLES);
  const target = { ...table, name: "t" };
  const source = { ...other, name: "s" };
  const both = scopeOf(maker, namesOf([target, source]));
  const when = (scope: Scope): string =>
    choices.once(2) ? ` AND ${expression(choices, scope, "bool", 2)}` : "";
  const changed = (scope: Scope): string =>
    choices.pick([
      `UPDATE SET ${assignments(maker, table, scope, false)}`,
      "DELETE",
      "DO NOTHING",
    ]);
  const parts: string[] = [];
  if (!choices.once(4)) {
    parts.push(`WHEN MATCHED${when(both)} THEN ${changed(both)}`);
  }
  if (choices.once(2)) {
    const own = scopeOf(maker, namesOf([source]));
    const [name, kind] = choices.pick(table.columns.slice(1));
    parts.push(
      `WHEN NOT MATCHED${when(own)} THEN INSERT (id, ${name}) ` +
        `VALUES (s.id, ${expression(choices, own, kind, 2)})`,
    );
  }
  if (parts.length === 0 || choices.once(3)) {
    const own = scopeOf(maker, namesOf([target]));
    parts.push(
      `WHEN NOT MATCHED BY SOURCE${when(own)} THEN ${changed(own)}`,
    );
  }
  // A row inserted in the place of one that is deleted: open which is first.
  const inserts = parts.some((part) => part.includes("THEN INSERT"));
  const list = returning(maker, table, "t");
  const action = list === "" ? "" : `${list}, merge_action()`;
  return `MERGE INTO ${table.name} AS t USING ${other.name} s ` +
    `ON t.id = s.id${inserts ? "" : when(both)} ${parts.join(" ")}${action}`;
}
