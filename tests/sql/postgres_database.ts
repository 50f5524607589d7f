/**
 * PostgreSQL with pgvector (PGlite, in this process) as the oracle of `.slt`
 * files.
 *
 * The statements are written for us; what PostgreSQL has no word for is
 * translated:
 *
 * | ours | PostgreSQL's |
 * | --- | --- |
 * | `LsmVector` | `vector` |
 * | `USING lsm_s3` | nothing: a heap table |
 * | `USING lsm_hnsw (column opclass)` | `USING btree (column)`: the name stays, and KNN is exact |
 * | `CREATE EXTENSION lsm_pg_extension` | `CREATE EXTENSION vector` |
 *
 * Exact neighbours are the right answer of a KNN query; and pgvector's own
 * index would refuse a column without dimensions, and leave out NULLs.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import type { SltDatabase, SltResult } from "./slt_database.ts";

/** Types whose values PGlite would turn into JavaScript's: all with a parser. */
const PARSED_OIDS = [
  ...[16, 17, 20, 21, 23, 25, 26, 114, 700, 701, 1042, 1043, 1082, 1083],
  ...[1114, 1184, 1186, 1266, 1700, 2950, 3802, 199, 1000, 1001, 1005, 1007],
  ...[1009, 1015, 1016, 1021, 1022, 1115, 1182, 1185, 1231, 2951, 3807],
];

const AS_TEXT = Object.fromEntries(
  PARSED_OIDS.map((oid) => [oid, (text: string): string => text]),
);

/** Translates one statement. */
export function toPostgres(sql: string): string {
  return sql
    .replace(/\bLsmVector\b/gi, "vector")
    .replace(/\s+USING\s+lsm_s3\b/gi, "")
    .replace(
      /\bUSING\s+lsm_hnsw\s*\(\s*(\w+)(?:\s+lsm_vector_\w+)?\s*\)(?:\s*WITH\s*\([^)]*\))?/gi,
      "USING btree ($1)",
    )
    .replace(
      /\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?lsm_pg_extension\b/gi,
      "CREATE EXTENSION IF NOT EXISTS vector",
    );
}

/** The oracle; `fresh()` makes it empty again, for the next file. */
export class PostgresDatabase implements SltDatabase {
  readonly name = "postgres" as const;
  readonly #pglite: PGlite;

  private constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  /** Starts PostgreSQL, which takes seconds. */
  static async create(): Promise<PostgresDatabase> {
    const pglite = await PGlite.create({ extensions: { vector } });
    return new PostgresDatabase(pglite);
  }

  /** Drops all there is, and puts all settings back. */
  async fresh(): Promise<void> {
    await this.#pglite.exec("ROLLBACK");
    await this.#pglite.exec("DISCARD ALL");
    await this.#pglite.exec(`
      DROP SCHEMA public CASCADE;
      CREATE SCHEMA public;
      CREATE EXTENSION vector;
      SET TimeZone = 'UTC';
      SET client_min_messages = error;
    `);
  }

  /** Runs one statement in our words. */
  async run(sql: string): Promise<SltResult> {
    const { fields, rows, affectedRows } = await this.#pglite.query<
      (string | null)[]
    >(toPostgres(sql), [], { rowMode: "array", parsers: AS_TEXT });
    const columns = fields.map(({ name, dataTypeID }) => ({
      name,
      oid: dataTypeID,
    }));
    return { columns, rows, affectedCount: affectedRows ?? 0 };
  }

  /** Nothing to do: what PostgreSQL keeps is not in question. */
  async reopen(): Promise<void> {
    await Promise.resolve();
  }

  /** Stops PostgreSQL. */
  async close(): Promise<void> {
    await this.#pglite.close();
  }
}
