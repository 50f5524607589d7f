/**
 * The dialect: Kysely's PostgreSQL, with a driver of our own.
 *
 * @module
 */
import {
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryCompiler,
} from "kysely";
import { KriyaDriver, type KriyaDriverConfig } from "./driver.ts";

/** Kysely's dialect of a database in this process. */
export class KriyaDialect implements Dialect {
  readonly #config: KriyaDriverConfig;

  /** A dialect of a database. */
  constructor(config: KriyaDriverConfig) {
    this.#config = config;
  }

  /** What runs queries. */
  createDriver(): Driver {
    return new KriyaDriver(this.#config);
  }

  /** What writes queries as text. */
  createQueryCompiler(): QueryCompiler {
    return new PostgresQueryCompiler();
  }

  /** What locks migrations, by an advisory lock. */
  createAdapter(): DialectAdapter {
    return new PostgresAdapter();
  }

  /** What tells of schemas and tables, from the catalog. */
  // deno-lint-ignore no-explicit-any
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new PostgresIntrospector(db);
  }
}
