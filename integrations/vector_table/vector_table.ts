/**
 * The table behind the vector stores of libraries: an id, a text, metadata as
 * jsonb, an embedding with a vector index.
 *
 * ```sql
 * CREATE TABLE documents (
 *   id text PRIMARY KEY, content text NOT NULL, metadata jsonb NOT NULL,
 *   embedding vector(n) NOT NULL
 * );
 * ```
 *
 * It is made when it is first written, with as many dimensions as the first
 * embedding has; one that is there is used as it is. A filter is a condition
 * of the same statement, so that a search gives as many rows as there are.
 *
 * @module
 */
import { type Database, SqlError, systemEnvironment } from "../../mod.ts";

/** How near vectors are. */
export type VectorMetric = "cosine" | "euclidean" | "dot";

/** Which table, and how vectors are compared. */
export interface VectorTableOptions {
  /** The database. */
  readonly database: Database;
  /** The table, with its schema if it has one (default `documents`). */
  readonly table?: string | undefined;
  /** How near vectors are (default `cosine`). */
  readonly metric?: VectorMetric | undefined;
  /** Whether a vector index is made with the table (default true). */
  readonly index?: boolean | undefined;
}

/** A row to be stored. */
export interface NewRow {
  /** Its id; one is made where there is none. */
  readonly id: string | undefined;
  readonly content: string;
  readonly metadata: Record<string, unknown>;
  readonly embedding: readonly number[];
}

/** A row that a search found. */
export interface StoredRow {
  readonly id: string;
  readonly content: string;
  readonly metadata: Record<string, unknown>;
  readonly embedding: Float32Array;
  readonly distance: number;
}

/** A condition with `$n` for its values, to be put behind AND. */
export interface Condition {
  /** The text, whose first parameter is `$first`. */
  readonly text: (first: number) => string;
  readonly values: readonly unknown[];
}

const METRICS: Readonly<
  Record<VectorMetric, { operator: string; operatorClass: string }>
> = {
  cosine: { operator: "<=>", operatorClass: "vector_cosine_ops" },
  euclidean: { operator: "<->", operatorClass: "vector_l2_ops" },
  dot: { operator: "<#>", operatorClass: "vector_ip_ops" },
};

/** Rows of one INSERT. */
const ROWS_MAX = 500;

/** A table of texts with embeddings. */
export class VectorTable {
  readonly #database: Database;
  readonly #name: string;
  readonly #metric: VectorMetric;
  readonly #index: boolean;
  #isMade: Promise<void> | undefined;

  /** The table that `options` name. */
  constructor(
    { database, table = "documents", metric = "cosine", index = true }:
      VectorTableOptions,
  ) {
    this.#database = database;
    this.#name = table.split(".").map(quoted).join(".");
    if (!Object.hasOwn(METRICS, metric)) {
      throw new SqlError("22023", `there is no metric "${metric}"`);
    }
    this.#metric = metric;
    this.#index = index;
  }

  /** The database it is in. */
  get database(): Database {
    return this.#database;
  }

  /** Stores rows, all or none; resolves with their ids. */
  async put(rows: readonly NewRow[]): Promise<string[]> {
    if (rows.length === 0) return [];
    await this.#make(rows[0]!.embedding.length);
    // The last of those with one id counts.
    const byId = new Map<string, NewRow>();
    const ids = rows.map((row) => {
      const id = row.id ?? newId();
      byId.set(id, row);
      return id;
    });
    const all = [...byId];
    await this.#database.transaction(async (tx) => {
      for (let i = 0; i < all.length; i += ROWS_MAX) {
        const some = all.slice(i, i + ROWS_MAX);
        const places = some.map((_, n) =>
          `($${n * 4 + 1}, $${n * 4 + 2}, $${n * 4 + 3}, $${n * 4 + 4})`
        );
        await tx.query(
          `INSERT INTO ${this.#name} (id, content, metadata, embedding)
           VALUES ${places.join()} ON CONFLICT (id) DO UPDATE SET
           content = excluded.content, metadata = excluded.metadata,
           embedding = excluded.embedding`,
          some.flatMap(([id, { content, metadata, embedding }]) => [
            ...[id, content, JSON.stringify(metadata), embedding],
          ]),
        );
      }
    });
    return ids;
  }

  /** Deletes rows by their ids. */
  async deleteIds(ids: readonly string[]): Promise<void> {
    await this.#ifMade(() =>
      this.#database.query(`DELETE FROM ${this.#name} WHERE id = ANY ($1)`, [
        ids,
      ])
    );
  }

  /** Deletes the rows whose metadata have these values. */
  async deleteWhere(filter: Record<string, unknown>): Promise<void> {
    await this.#ifMade(() =>
      this.#database.query(
        `DELETE FROM ${this.#name} WHERE metadata @> $1::jsonb`,
        [JSON.stringify(filter)],
      )
    );
  }

  /** The rows nearest to a vector, nearest first. */
  async nearest(
    embedding: readonly number[],
    count: number,
    filter?: Record<string, unknown> | Condition,
  ): Promise<StoredRow[]> {
    const condition = filter === undefined ? undefined : conditionOf(filter);
    const { operator } = METRICS[this.#metric];
    const where = condition === undefined ? "" : `WHERE ${condition.text(3)}`;
    const result = await this.#ifMade(() =>
      this.#database.query<StoredRow>(
        `SELECT id, content, metadata, embedding,
           embedding ${operator} $1 AS distance
         FROM ${this.#name} ${where}
         ORDER BY embedding ${operator} $1 LIMIT $2`,
        [embedding, count, ...condition?.values ?? []],
      )
    );
    return result?.rows ?? [];
  }

  /** Makes the table, once. */
  #make(dimensions: number): Promise<void> {
    return this.#isMade ??= this.#create(dimensions).catch((error) => {
      this.#isMade = undefined;
      throw error;
    });
  }

  async #create(dimensions: number): Promise<void> {
    if (dimensions === 0) throw new SqlError("22023", "the embedding is empty");
    const { rows } = await this.#database.query(
      "SELECT to_regclass($1) AS made",
      [this.#name],
    );
    if (rows[0]?.["made"] !== null) return;
    const { operatorClass } = METRICS[this.#metric];
    await this.#database.exec(
      `CREATE TABLE IF NOT EXISTS ${this.#name} (
         id text PRIMARY KEY, content text NOT NULL, metadata jsonb NOT NULL,
         embedding vector(${dimensions}) NOT NULL
       );
       ${
        this.#index
          ? `CREATE INDEX ON ${this.#name} USING hnsw (embedding ${operatorClass})`
          : ""
      }`,
    );
  }

  /** A table that is not there has no rows. */
  async #ifMade<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SqlError && error.code === "42P01") return undefined;
      throw error;
    }
  }
}

function conditionOf(filter: Record<string, unknown> | Condition): Condition {
  if (typeof filter["text"] === "function") return filter as Condition;
  return {
    text: (first) => `metadata @> $${first}::jsonb`,
    values: [JSON.stringify(filter)],
  };
}

/** A random UUID. */
function newId(): string {
  const bytes = systemEnvironment.randomBytes(new Uint8Array(16));
  bytes[6] = bytes[6]! & 15 | 64;
  bytes[8] = bytes[8]! & 63 | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  return hex.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
