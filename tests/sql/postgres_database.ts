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
import { btree_gin as btreeGin } from "@electric-sql/pglite/contrib/btree_gin";
import { btree_gist as btreeGist } from "@electric-sql/pglite/contrib/btree_gist";
import { citext } from "@electric-sql/pglite/contrib/citext";
import { cube } from "@electric-sql/pglite/contrib/cube";
import { earthdistance } from "@electric-sql/pglite/contrib/earthdistance";
import { fuzzystrmatch } from "@electric-sql/pglite/contrib/fuzzystrmatch";
import { hstore } from "@electric-sql/pglite/contrib/hstore";
import { intarray } from "@electric-sql/pglite/contrib/intarray";
import { ltree } from "@electric-sql/pglite/contrib/ltree";
import { pg_trgm as pgTrgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import { tablefunc } from "@electric-sql/pglite/contrib/tablefunc";
import { tsm_system_rows as tsmSystemRows } from "@electric-sql/pglite/contrib/tsm_system_rows";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { uuid_ossp as uuidOssp } from "@electric-sql/pglite/contrib/uuid_ossp";
import { vector } from "@electric-sql/pglite-pgvector";
import type { SltDatabase, SltResult } from "./slt_database.ts";

type Parsers = Readonly<Record<number, (text: string) => string>>;

/** For every type there is: the text as it comes. */
async function textParsers(pglite: PGlite): Promise<Parsers> {
  const { rows } = await pglite.query<{ oid: number }>(
    "SELECT oid::int4 FROM pg_type",
  );
  return Object.fromEntries(rows.map(({ oid }) => [oid, (text) => text]));
}

function start(): Promise<PGlite> {
  return PGlite.create({
    extensions: {
      vector,
      btree_gin: btreeGin,
      btree_gist: btreeGist,
      citext,
      cube,
      earthdistance,
      fuzzystrmatch,
      hstore,
      intarray,
      ltree,
      pg_trgm: pgTrgm,
      pgcrypto,
      tablefunc,
      tsm_system_rows: tsmSystemRows,
      unaccent,
      uuid_ossp: uuidOssp,
    },
  });
}

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
  #pglite: PGlite;
  /** PGlite would turn values into JavaScript's. */
  readonly #parsers: Parsers;

  private constructor(pglite: PGlite, parsers: Parsers) {
    this.#pglite = pglite;
    this.#parsers = parsers;
  }

  /** Starts PostgreSQL, which takes seconds. */
  static async create(): Promise<PostgresDatabase> {
    const pglite = await start();
    return new PostgresDatabase(pglite, await textParsers(pglite));
  }

  /** Drops all there is, and puts all settings back. */
  async fresh(): Promise<void> {
    await this.#pglite.exec("ROLLBACK");
    const { rows: [row] } = await this.#pglite.query<{ temporary: boolean }>(
      "SELECT pg_my_temp_schema() <> 0 AS temporary",
    );
    if (row!.temporary) {
      // The schema of temporary objects stays as long as the session.
      await this.#pglite.close();
      this.#pglite = await start();
    }
    await this.#pglite.exec("DISCARD ALL");
    await this.#pglite.exec(`
      SET client_min_messages = error;
      DO $$ DECLARE each text; BEGIN
        FOR each IN SELECT nspname FROM pg_namespace
          WHERE nspname <> 'public' AND nspname <> 'information_schema'
            AND nspname NOT LIKE 'pg\\_%'
        LOOP EXECUTE format('DROP SCHEMA %I CASCADE', each); END LOOP;
      END $$;
      DROP SCHEMA public CASCADE;
      CREATE SCHEMA public;
      CREATE EXTENSION vector;
      SET TimeZone = 'UTC';
      SET allow_system_table_mods = off;
    `);
  }

  /** Runs one statement in our words. */
  async run(sql: string): Promise<SltResult> {
    const { fields, rows, affectedRows } = await this.#pglite.query<
      (string | null)[]
    >(toPostgres(sql), [], { rowMode: "array", parsers: this.#parsers });
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
