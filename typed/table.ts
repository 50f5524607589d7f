/**
 * Tables: CREATE TABLE and the common statements, typed by the columns.
 *
 * @module
 */
import type { Queryable } from "../mod.ts";
import {
  columnText,
  deleteFrom,
  insertInto,
  type InsertOptions,
  update,
  whereText,
} from "./changes.ts";
import type { Conditions } from "./conditions.ts";
import { quoted, quotedPath } from "./names.ts";
import { type Metric, METRICS } from "./metrics.ts";
import type {
  Columns,
  InsertOfColumns,
  RowOfColumns,
  TypesOf,
  UpdateOfColumns,
} from "./rows.ts";

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
  insert(
    db: Queryable,
    rows: readonly InsertOfColumns<C>[],
    options: InsertOptions<C> = {},
  ): Promise<RowOfColumns<C>[]> {
    return insertInto<C>(this, rows, options).returning().rows(db);
  }

  /** The rows of which all conditions hold. */
  async select(
    db: Queryable,
    { where = {}, orderBy, limit, offset }: SelectOptions<C> = {},
  ): Promise<RowOfColumns<C>[]> {
    const values: unknown[] = [];
    const found = whereText<C>(this, where, values);
    const parts = [`SELECT ${this.#list()} FROM ${this.#sql}${found}`];
    if (orderBy !== undefined) {
      const down = orderBy.startsWith("-");
      const name = columnText(this, down ? orderBy.slice(1) : orderBy);
      parts.push(`ORDER BY ${name}${down ? " DESC" : ""}`);
    }
    if (limit !== undefined) parts.push(`LIMIT $${values.push(limit)}`);
    if (offset !== undefined) parts.push(`OFFSET $${values.push(offset)}`);
    return (await db.query<RowOfColumns<C>>(parts.join(" "), values)).rows;
  }

  /** Changes the rows of which all conditions hold; resolves with them. */
  update(
    db: Queryable,
    where: Conditions<UpdateOfColumns<C>>,
    set: UpdateOfColumns<C>,
  ): Promise<RowOfColumns<C>[]> {
    return update<C>(this, where, set).returning().rows(db);
  }

  /** Deletes the rows of which all conditions hold; resolves with how many. */
  delete(
    db: Queryable,
    where: Conditions<UpdateOfColumns<C>>,
  ): Promise<number> {
    return deleteFrom<C>(this, where).run(db);
  }

  /** The same; resolves with the rows as they were. */
  deleteReturning(
    db: Queryable,
    where: Conditions<UpdateOfColumns<C>>,
  ): Promise<RowOfColumns<C>[]> {
    return deleteFrom<C>(this, where).returning().rows(db);
  }

  /** The rows nearest to a vector, with their distances, nearest first. */
  async nearest(
    db: Queryable,
    column: VectorColumn<C> & string,
    vector: readonly number[] | Float32Array,
    { where = {}, limit = 10, metric = "cosine" }: NearestOptions<C> = {},
  ): Promise<(RowOfColumns<C> & { readonly distance: number })[]> {
    const values: unknown[] = [vector];
    const distance = `${columnText(this, column)} ${METRICS[metric]} $1`;
    const text = `SELECT ${this.#list()}, ${distance} AS distance
      FROM ${this.#sql}${whereText<C>(this, where, values)}
      ORDER BY ${distance} LIMIT $${values.push(limit)}`;
    const result = await db.query<
      RowOfColumns<C> & { readonly distance: number }
    >(text, values);
    return result.rows;
  }

  #list(): string {
    return Object.keys(this.columns).map(quoted).join(", ");
  }
}

/** A table with these columns. */
export function table<const C extends Columns>(
  name: string,
  columns: C,
): TypedTable<C> {
  return new TypedTable(name, columns);
}
