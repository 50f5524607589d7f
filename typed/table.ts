/**
 * Tables: CREATE TABLE and the common statements, typed by the columns.
 *
 * @module
 */
import { type Queryable, SqlError } from "../mod.ts";
import type { ColumnTypes, TypedColumn } from "./columns.ts";
import { type Conditions, conditionText } from "./conditions.ts";
import { quoted, quotedPath } from "./names.ts";
import { type Metric, METRICS } from "./metrics.ts";

/** Columns by their names. */
export type Columns = Readonly<Record<string, TypedColumn<ColumnTypes>>>;

/** The types of a column. */
export type TypesOf<C> = C extends TypedColumn<infer T> ? T : never;

/** A value as it is read: perhaps NULL. */
export type HeldOf<T extends ColumnTypes> = T["nullable"] extends false
  ? T["row"]
  : T["row"] | null;

/** A value as it is given: perhaps NULL. */
export type GivenOf<T extends ColumnTypes> = T["nullable"] extends false
  ? T["given"]
  : T["given"] | null;

/** Whether a row may be given without a column. */
type IsOptional<T extends ColumnTypes> = T["optional"] extends true ? true
  : T["nullable"] extends false ? false
  : true;

type RowOfColumns<C extends Columns> = {
  [K in keyof C]: HeldOf<TypesOf<C[K]>>;
};

type UpdateOfColumns<C extends Columns> = {
  [K in keyof C]?: GivenOf<TypesOf<C[K]>>;
};

type InsertOfColumns<C extends Columns> =
  & {
    [
      K in keyof C as IsOptional<TypesOf<C[K]>> extends true ? never : K
    ]: GivenOf<TypesOf<C[K]>>;
  }
  & {
    [
      K in keyof C as IsOptional<TypesOf<C[K]>> extends true ? K : never
    ]?: GivenOf<TypesOf<C[K]>>;
  };

/** A row of a table, or of a query, as it is read. */
export type RowOf<T> = T extends TypedTable<infer C> ? RowOfColumns<C>
  : T extends { rows(db: Queryable): Promise<(infer R)[]> } ? R
  : never;

/** A row of a table as it is inserted. */
export type InsertOf<T> = T extends TypedTable<infer C> ? InsertOfColumns<C>
  : never;

/** Values of a row that are changed. */
export type UpdateOf<T> = T extends TypedTable<infer C> ? UpdateOfColumns<C>
  : never;

/** Which rows, in which order, how many. */
export interface SelectOptions<C extends Columns> {
  /** What must hold. */
  readonly where?: Conditions<UpdateOfColumns<C>>;
  /** By which column; with `-` before it, downwards. */
  readonly orderBy?: (keyof C & string) | `-${keyof C & string}`;
  readonly limit?: number;
  readonly offset?: number;
}

/** What becomes of rows that are there already. */
export interface ConflictOptions<C extends Columns> {
  /** The columns of a key: a row with the same values is there already. */
  readonly columns: readonly (keyof C & string)[];
  /** The columns that take the new row's values; without them it is left. */
  readonly update?: readonly (keyof C & string)[];
}

/** How rows are inserted. */
export interface InsertOptions<C extends Columns> {
  /** What becomes of rows that are there already (default: an error). */
  readonly onConflict?: ConflictOptions<C>;
}

/** How the nearest rows are looked for. */
export interface NearestOptions<C extends Columns> {
  /** What must hold. */
  readonly where?: Conditions<UpdateOfColumns<C>>;
  /** How many (default 10). */
  readonly limit?: number;
  /** How vectors are compared (default `cosine`). */
  readonly metric?: Metric;
}

type VectorColumn<C extends Columns> = {
  [K in keyof C]: TypesOf<C[K]>["row"] extends Float32Array ? K : never;
}[keyof C];

/** A table whose columns are known to the compiler. */
export class TypedTable<C extends Columns> {
  /** Its name, as it was given. */
  readonly name: string;
  /** Its columns. */
  readonly columns: C;
  readonly #sql: string;

  /** Used by {@linkcode table}. */
  constructor(name: string, columns: C) {
    this.name = name;
    this.columns = columns;
    this.#sql = quotedPath(name);
  }

  /** CREATE TABLE, as text. */
  definition(): string {
    const columns = Object.entries(this.columns).map(([name, { facts }]) =>
      [quoted(name), facts.type, ...facts.clauses].join(" ")
    );
    return `CREATE TABLE IF NOT EXISTS ${this.#sql} (${columns.join(", ")})`;
  }

  /** Makes the table, if it is not there. */
  async create(db: Queryable): Promise<void> {
    await db.query(this.definition());
  }

  /**
   * Inserts rows, all or none; resolves with them as they are kept, without
   * those that `onConflict` leaves.
   */
  async insert(
    db: Queryable,
    rows: readonly InsertOfColumns<C>[],
    { onConflict }: InsertOptions<C> = {},
  ): Promise<RowOfColumns<C>[]> {
    if (rows.length === 0) return [];
    const given = rows as readonly Record<string, unknown>[];
    const names = Object.keys(this.columns).filter((name) =>
      given.some((row) => row[name] !== undefined)
    );
    if (names.length === 0) {
      throw new SqlError("42601", "the rows have no values");
    }
    const values: unknown[] = [];
    const tuples = given.map((row) => {
      const items = names.map((name) =>
        row[name] === undefined ? "DEFAULT" : `$${values.push(row[name])}`
      );
      return `(${items.join(", ")})`;
    });
    const result = await db.query<RowOfColumns<C>>(
      `INSERT INTO ${this.#sql} (${names.map(quoted).join(", ")})
       VALUES ${tuples.join(", ")}${this.#conflict(onConflict)}
       RETURNING ${this.#list()}`,
      values,
    );
    return result.rows;
  }

  /** The rows of which all conditions hold. */
  async select(
    db: Queryable,
    { where, orderBy, limit, offset }: SelectOptions<C> = {},
  ): Promise<RowOfColumns<C>[]> {
    const values: unknown[] = [];
    const parts = [`SELECT ${this.#list()} FROM ${this.#sql}`];
    parts.push(this.#where(where, values));
    if (orderBy !== undefined) {
      const down = orderBy.startsWith("-");
      const name = down ? orderBy.slice(1) : orderBy;
      parts.push(`ORDER BY ${this.#column(name)}${down ? " DESC" : ""}`);
    }
    if (limit !== undefined) parts.push(`LIMIT $${values.push(limit)}`);
    if (offset !== undefined) parts.push(`OFFSET $${values.push(offset)}`);
    return (await db.query<RowOfColumns<C>>(parts.join(" "), values)).rows;
  }

  /** Changes the rows of which all conditions hold; resolves with them. */
  async update(
    db: Queryable,
    where: Conditions<UpdateOfColumns<C>>,
    set: UpdateOfColumns<C>,
  ): Promise<RowOfColumns<C>[]> {
    const values: unknown[] = [];
    const changes = Object.entries(set).filter(([, value]) =>
      value !== undefined
    ).map(([name, value]) => `${this.#column(name)} = $${values.push(value)}`);
    if (changes.length === 0) {
      throw new SqlError("42601", "there is nothing to change");
    }
    const result = await db.query<RowOfColumns<C>>(
      `UPDATE ${this.#sql} SET ${changes.join(", ")}
       ${this.#where(where, values)} RETURNING ${this.#list()}`,
      values,
    );
    return result.rows;
  }

  /** Deletes the rows of which all conditions hold; resolves with how many. */
  async delete(
    db: Queryable,
    where: Conditions<UpdateOfColumns<C>>,
  ): Promise<number> {
    const values: unknown[] = [];
    const text = `DELETE FROM ${this.#sql} ${this.#where(where, values)}`;
    return (await db.query(text, values)).affectedRows;
  }

  /** The same; resolves with the rows as they were. */
  async deleteReturning(
    db: Queryable,
    where: Conditions<UpdateOfColumns<C>>,
  ): Promise<RowOfColumns<C>[]> {
    const values: unknown[] = [];
    const text = `DELETE FROM ${this.#sql} ${this.#where(where, values)}
      RETURNING ${this.#list()}`;
    return (await db.query<RowOfColumns<C>>(text, values)).rows;
  }

  /** The rows nearest to a vector, with their distances, nearest first. */
  async nearest(
    db: Queryable,
    column: VectorColumn<C> & string,
    vector: readonly number[] | Float32Array,
    { where, limit = 10, metric = "cosine" }: NearestOptions<C> = {},
  ): Promise<(RowOfColumns<C> & { readonly distance: number })[]> {
    const values: unknown[] = [vector];
    const distance = `${this.#column(column)} ${METRICS[metric]} $1`;
    const text = `SELECT ${this.#list()}, ${distance} AS distance
      FROM ${this.#sql} ${this.#where(where, values)}
      ORDER BY ${distance} LIMIT $${values.push(limit)}`;
    const result = await db.query<
      RowOfColumns<C> & { readonly distance: number }
    >(text, values);
    return result.rows;
  }

  /** @throws {SqlError} `42601` without the columns of a key. */
  #conflict(options: ConflictOptions<C> | undefined): string {
    if (options === undefined) return "";
    const { columns, update = [] } = options;
    if (columns.length === 0) {
      throw new SqlError("42601", "onConflict has no columns");
    }
    const target = columns.map((name) => this.#column(name)).join(", ");
    const changes = update.map((name) =>
      `${this.#column(name)} = excluded.${this.#column(name)}`
    );
    const action = changes.length === 0
      ? "NOTHING"
      : `UPDATE SET ${changes.join(", ")}`;
    return ` ON CONFLICT (${target}) DO ${action}`;
  }

  #list(): string {
    return Object.keys(this.columns).map(quoted).join(", ");
  }

  /** @throws {SqlError} `42703` for a name that is none of the columns. */
  #column(name: string): string {
    if (Object.hasOwn(this.columns, name)) return quoted(name);
    throw new SqlError("42703", `column "${name}" does not exist`);
  }

  #where(
    where: Conditions<UpdateOfColumns<C>> | undefined,
    values: unknown[],
  ): string {
    const texts = Object.entries(where ?? {}).map(([name, condition]) =>
      conditionText(this.#column(name), condition, values)
    );
    return texts.length === 0 ? "" : `WHERE ${texts.join(" AND ")}`;
  }
}

/** A table with these columns. */
export function table<const C extends Columns>(
  name: string,
  columns: C,
): TypedTable<C> {
  return new TypedTable(name, columns);
}
