/**
 * Queries over one table or several: what is read from, then what is selected.
 *
 * ```ts
 * import { open } from "@kriyadb/kriyadb";
 * import { column, count, from, table } from "@kriyadb/kriyadb/typed";
 *
 * const authors = table("authors", {
 *   id: column.int4().primaryKey(),
 *   name: column.text().notNull(),
 * });
 * const books = table("books", {
 *   id: column.int4().primaryKey(),
 *   author: column.int4().references("authors"),
 * });
 * const written = from(authors, "a")
 *   .leftJoin(books, "b", { "b.author": "a.id" })
 *   .select({ name: "a.name", books: count("b.id") })
 *   .groupBy("a.name")
 *   .orderBy("-books", "name");
 * console.log(written.toSql().text);
 *
 * await using db = await open("memory:");
 * await authors.create(db);
 * await books.create(db);
 * await authors.insert(db, [{ id: 1, name: "Ann" }]);
 * const [row] = await written.rows(db);
 * console.assert(row?.name === "Ann" && row.books === 0);
 * ```
 *
 * Nothing here changes: each call gives another query.
 *
 * @module
 */
import { type Queryable, SqlError } from "../mod.ts";
import { type Conditions, conditionText } from "./conditions.ts";
import { quoted, quotedPath } from "./names.ts";
import {
  Output,
  type Scope,
  type Selectable,
  type SelectedOf,
} from "./outputs.ts";
import type { Columns, GivenOf, TypesOf } from "./rows.ts";
import type { SqlText } from "./sql_text.ts";
import type { TypedTable } from "./table.ts";

/** The columns of a table, as `alias.column`. */
export type ScopeOf<A extends string, C extends Columns> = {
  readonly [K in keyof C & string as `${A}.${K}`]: TypesOf<C[K]>;
};

/** The same columns, where any may be NULL. */
export type NullableScope<S extends Scope> = {
  readonly [K in keyof S]: {
    readonly row: S[K]["row"];
    readonly given: S[K]["given"];
    readonly nullable: boolean;
    readonly optional: boolean;
  };
};

/** The columns of a scope that compare with a value. */
type ComparableNames<S extends Scope, Value> = {
  [K in keyof S]: [S[K]["row"]] extends [Value] ? K
    : [Value] extends [S[K]["row"]] ? K
    : never;
}[keyof S];

/** Columns of a joined table, each with the column that it equals. */
export type JoinColumns<S extends Scope, N extends Scope> = {
  readonly [K in keyof N]?: ComparableNames<S, N[K]["row"]>;
};

/** Values that the columns of a scope are compared with. */
export type ScopeValues<S extends Scope> = {
  [K in keyof S]: GivenOf<S[K]>;
};

type Columned<S> = Extract<keyof S, string>;

/** What a query reads: its text after FROM, its names, what must hold. */
export interface SourceFacts {
  readonly from: string;
  readonly aliases: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, string>;
  readonly conditions: readonly (readonly [string, unknown])[];
}

/** Tables that a query reads. */
export class Source<S extends Scope> {
  readonly #facts: SourceFacts;

  /** Used by {@linkcode from}. */
  constructor(facts: SourceFacts) {
    this.#facts = facts;
  }

  /** With the rows of another table whose columns equal those here. */
  join<C extends Columns, A extends string>(
    table: TypedTable<C>,
    alias: A,
    on: JoinColumns<S, ScopeOf<A, C>>,
  ): Source<S & ScopeOf<A, C>> {
    return new Source(joined(this.#facts, "JOIN", table, alias, on));
  }

  /** The same, and where there is none, its columns are NULL. */
  leftJoin<C extends Columns, A extends string>(
    table: TypedTable<C>,
    alias: A,
    on: JoinColumns<S, ScopeOf<A, C>>,
  ): Source<S & NullableScope<ScopeOf<A, C>>> {
    return new Source(joined(this.#facts, "LEFT JOIN", table, alias, on));
  }

  /** Only rows of which these hold too. */
  where(conditions: Conditions<ScopeValues<S>>): Source<S> {
    return new Source({
      ...this.#facts,
      conditions: [...this.#facts.conditions, ...Object.entries(conditions)],
    });
  }

  /** What the rows have, by the names they have it under. */
  select<const O extends Readonly<Record<string, Selectable<S>>>>(
    outputs: O,
  ): Selection<S, { -readonly [K in keyof O]: SelectedOf<S, O[K]> }> {
    if (Object.keys(outputs).length === 0) {
      throw new SqlError("42601", "the query selects nothing");
    }
    return new Selection({
      source: this.#facts,
      outputs: new Map(Object.entries(outputs)),
      groupBy: [],
      having: [],
      orderBy: [],
      limit: undefined,
      offset: undefined,
    });
  }
}

/** A query without the types of its rows. */
export interface SelectionFacts {
  readonly source: SourceFacts;
  readonly outputs: ReadonlyMap<string, unknown>;
  readonly groupBy: readonly string[];
  readonly having: readonly (readonly [string, unknown])[];
  readonly orderBy: readonly string[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
}

/** A query whose rows have the type `R`. */
export class Selection<S extends Scope, R> {
  readonly #facts: SelectionFacts;

  /** Used by {@linkcode Source.select}. */
  constructor(facts: SelectionFacts) {
    this.#facts = facts;
  }

  /** One row for all rows in which these columns are the same. */
  groupBy(...names: Columned<S>[]): Selection<S, R> {
    return this.#with({ groupBy: [...this.#facts.groupBy, ...names] });
  }

  /** Only groups of which these hold, by what is selected. */
  having(conditions: Conditions<R>): Selection<S, R> {
    const having = Object.entries(conditions);
    return this.#with({ having: [...this.#facts.having, ...having] });
  }

  /**
   * By what is selected, or by columns, the first named first; with `-` before
   * a name, downwards.
   */
  orderBy(
    ...names: (
      | Columned<S>
      | `-${Columned<S>}`
      | Columned<R>
      | `-${Columned<R>}`
    )[]
  ): Selection<S, R> {
    return this.#with({ orderBy: [...this.#facts.orderBy, ...names] });
  }

  /** At most so many rows. */
  limit(limit: number): Selection<S, R> {
    return this.#with({ limit });
  }

  /** Without the first so many rows. */
  offset(offset: number): Selection<S, R> {
    return this.#with({ offset });
  }

  /**
   * The statement, its values as parameters.
   *
   * @throws {SqlError} `42703` for a column that is not there.
   */
  toSql(): SqlText {
    const { source, outputs, groupBy, having, limit, offset } = this.#facts;
    const values: unknown[] = [];
    const list = [...outputs.entries()].map(([name, output]) =>
      `${outputText(source, output, values)} AS ${quoted(name)}`
    );
    const parts = [`SELECT ${list.join(", ")} FROM ${source.from}`];
    const where = source.conditions.map(([name, condition]) =>
      conditionText(columnText(source, name), condition, values)
    );
    if (where.length > 0) parts.push(`WHERE ${where.join(" AND ")}`);
    const groups = groupBy.map((name) => columnText(source, name));
    if (groups.length > 0) parts.push(`GROUP BY ${groups.join(", ")}`);
    const kept = having.map(([name, condition]) => {
      if (!outputs.has(name)) throw unknownColumn(name);
      const text = outputText(source, outputs.get(name), values);
      return conditionText(`(${text})`, condition, values);
    });
    if (kept.length > 0) parts.push(`HAVING ${kept.join(" AND ")}`);
    const order = this.#facts.orderBy.map((name) => this.#orderText(name));
    if (order.length > 0) parts.push(`ORDER BY ${order.join(", ")}`);
    if (limit !== undefined) parts.push(`LIMIT $${values.push(limit)}`);
    if (offset !== undefined) parts.push(`OFFSET $${values.push(offset)}`);
    return { text: parts.join(" "), values };
  }

  /** Its rows. */
  async rows(db: Queryable): Promise<R[]> {
    const { text, values } = this.toSql();
    return (await db.query<R & Record<string, unknown>>(text, [...values]))
      .rows;
  }

  #orderText(key: string): string {
    const { source, outputs } = this.#facts;
    const text = (name: string): string | undefined =>
      outputs.has(name) ? quoted(name) : source.names.get(name);
    const up = text(key);
    if (up !== undefined) return up;
    const down = key.startsWith("-") ? text(key.slice(1)) : undefined;
    if (down === undefined) throw unknownColumn(key);
    return `${down} DESC`;
  }

  #with(change: Partial<SelectionFacts>): Selection<S, R> {
    return new Selection({ ...this.#facts, ...change });
  }
}

/** A query that reads a table, whose columns are `alias.column` in it. */
export function from<C extends Columns, A extends string>(
  table: TypedTable<C>,
  alias: A,
): Source<ScopeOf<A, C>> {
  return new Source({
    from: `${quotedPath(table.name)} AS ${quoted(alias)}`,
    aliases: new Set([alias]),
    names: new Map(columnNames(table, alias)),
    conditions: [],
  });
}

function columnNames<C extends Columns>(
  table: TypedTable<C>,
  alias: string,
): [string, string][] {
  return Object.keys(table.columns).map((name) => [
    `${alias}.${name}`,
    `${quoted(alias)}.${quoted(name)}`,
  ]);
}

function joined<C extends Columns>(
  source: SourceFacts,
  words: string,
  table: TypedTable<C>,
  alias: string,
  on: Readonly<Record<string, unknown>>,
): SourceFacts {
  if (source.aliases.has(alias)) {
    throw new SqlError(
      "42712",
      `table name "${alias}" specified more than once`,
    );
  }
  const names = new Map([...source.names, ...columnNames(table, alias)]);
  const facts = {
    ...source,
    names,
    aliases: new Set([...source.aliases, alias]),
  };
  const equal = Object.entries(on).map(([name, other]) =>
    `${columnText(facts, name)} = ${columnText(source, String(other))}`
  );
  if (equal.length === 0) {
    throw new SqlError("42601", `the join with "${alias}" has no columns`);
  }
  const right = `${quotedPath(table.name)} AS ${quoted(alias)}`;
  return {
    ...facts,
    from: `${source.from} ${words} ${right} ON ${equal.join(" AND ")}`,
  };
}

function outputText(
  source: SourceFacts,
  output: unknown,
  values: unknown[],
): string {
  if (!(output instanceof Output)) return columnText(source, String(output));
  const { column } = output;
  return output.write(
    column === undefined ? "" : columnText(source, column),
    values,
  );
}

function columnText(source: SourceFacts, name: string): string {
  const text = source.names.get(name);
  if (text === undefined) throw unknownColumn(name);
  return text;
}

function unknownColumn(name: string): SqlError {
  return new SqlError("42703", `column ${name} does not exist`);
}
