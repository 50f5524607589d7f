/**
 * Drizzle's session over a database or a transaction of it.
 *
 * Dates, times and intervals are handed on as PostgreSQL's text, which is what
 * Drizzle's columns read.
 *
 * @module
 */
import {
  DrizzleQueryError,
  entityKind,
  fillPlaceholders,
  type Logger,
  NoopLogger,
  type Query,
  type SQL,
  type TablesRelationalConfig,
} from "drizzle-orm";
import {
  type PgDialect,
  PgPreparedQuery,
  type PgQueryResultHKT,
  PgSession,
  PgTransaction,
  type PgTransactionConfig,
  type PreparedQueryConfig,
} from "drizzle-orm/pg-core";
import type { SelectedFieldsOrdered } from "drizzle-orm/pg-core/query-builders/select.types";
import * as drizzleRows from "drizzle-orm/utils";
import type {
  BeginOptions,
  Queryable,
  QueryOptions,
  QueryResult,
  TransactionClient,
} from "../../mod.ts";

/** What a statement without a selection gives: our result. */
export interface KriyaQueryResultHkt extends PgQueryResultHKT {
  /** The result. */
  readonly type: QueryResult<Record<string, unknown>>;
}

/** Tables and relations as Drizzle wants them. */
export interface RelationalSchema<
  S extends Record<string, unknown>,
  T extends TablesRelationalConfig,
> {
  /** As it was given. */
  readonly fullSchema: S;
  /** The tables in it. */
  readonly schema: T;
  /** Their names in it, by their names in the database. */
  readonly tableNamesMap: Record<string, string>;
}

type AnySchema = RelationalSchema<
  Record<string, unknown>,
  TablesRelationalConfig
>;

/** What sessions of a database and of its transactions have in common. */
interface SessionFacts {
  readonly schema: AnySchema | undefined;
  readonly logger?: Logger | undefined;
}

/** What Drizzle's own drivers make rows with, which its types leave out. */
const { mapResultRow } = drizzleRows as unknown as {
  readonly mapResultRow: (
    fields: SelectedFieldsOrdered,
    row: unknown[],
    joinsNotNullableMap: Record<string, boolean> | undefined,
  ) => unknown;
};

const text = (value: string): string => value;

/** Types that Drizzle's columns read from text, by OID; then their arrays. */
const PARSERS = {
  ...{ 1082: text, 1083: text, 1114: text, 1184: text, 1186: text, 1266: text },
  ...{ 1182: text, 1183: text, 1115: text, 1185: text, 1187: text, 1270: text },
  1231: text,
};

const OBJECTS: QueryOptions = {
  parsers: PARSERS,
  types: { vector: "text" },
};

const ARRAYS: QueryOptions = { ...OBJECTS, rowMode: "array" };

type MapRows<T extends PreparedQueryConfig> = (
  rows: unknown[][],
  mapColumnValue?: (value: unknown) => unknown,
) => T["execute"];

/** A query that Drizzle has written. */
export class KriyaPreparedQuery<T extends PreparedQueryConfig>
  extends PgPreparedQuery<T> {
  /** Drizzle's name of the class. */
  static override readonly [entityKind]: string = "KriyaPreparedQuery";
  readonly #client: Queryable;
  readonly #logger: Logger;
  readonly #fields: SelectedFieldsOrdered | undefined;
  readonly #mapRows: MapRows<T> | undefined;

  /** Used by the session. */
  constructor(client: Queryable, logger: Logger, query: Query, rows: {
    readonly fields: SelectedFieldsOrdered | undefined;
    readonly mapRows: MapRows<T> | undefined;
  }) {
    super(query, undefined, undefined, undefined);
    this.#client = client;
    this.#logger = logger;
    this.#fields = rows.fields;
    this.#mapRows = rows.mapRows;
  }

  /**
   * Runs it; what it gives is in the form that was asked for.
   *
   * @throws {DrizzleQueryError} whose `cause` is the database's error.
   */
  async execute(
    placeholders: Record<string, unknown> = {},
  ): Promise<T["execute"]> {
    const fields = this.#fields;
    const mapRows = this.#mapRows;
    if (fields === undefined && mapRows === undefined) {
      return await this.#run(placeholders, OBJECTS);
    }
    const { rows } = await this.#run<unknown[]>(placeholders, ARRAYS);
    if (mapRows !== undefined) return mapRows(rows);
    const { joinsNotNullableMap } = this as unknown as JoinFacts;
    return rows.map((row) => mapResultRow(fields!, row, joinsNotNullableMap));
  }

  /** Runs it; the rows as they are. */
  async all(placeholders: Record<string, unknown> = {}): Promise<T["all"]> {
    return (await this.#run(placeholders, OBJECTS)).rows;
  }

  async #run<R>(
    placeholders: Record<string, unknown>,
    options: QueryOptions,
  ): Promise<QueryResult<R>> {
    const { sql } = this.query;
    const values = fillPlaceholders(this.query.params, placeholders);
    this.#logger.logQuery(sql, values);
    try {
      return await this.#client.query<R>(sql, values, options);
    } catch (error) {
      throw new DrizzleQueryError(sql, values, error as Error);
    }
  }

  /** Asked for by Drizzle's builders; rows of a selection come as arrays. */
  isResponseInArrayMode(): boolean {
    return this.#fields !== undefined;
  }
}

/** What Drizzle's builders put on a query that joins. */
interface JoinFacts {
  readonly joinsNotNullableMap: Record<string, boolean> | undefined;
}

/** Runs Drizzle's queries on a database or in a transaction. */
export class KriyaSession extends PgSession<KriyaQueryResultHkt> {
  /** Drizzle's name of the class. */
  static override readonly [entityKind]: string = "KriyaSession";
  readonly #client: Queryable;
  readonly #dialect: PgDialect;
  readonly #facts: SessionFacts;
  readonly #logger: Logger;

  /** Used by `drizzle`. */
  constructor(client: Queryable, dialect: PgDialect, facts: SessionFacts) {
    super(dialect);
    this.#client = client;
    this.#dialect = dialect;
    this.#facts = facts;
    this.#logger = facts.logger ?? new NoopLogger();
  }

  /** A query that can be run again and again. */
  prepareQuery<T extends PreparedQueryConfig = PreparedQueryConfig>(
    query: Query,
    fields: SelectedFieldsOrdered | undefined,
    _name: string | undefined,
    _isResponseInArrayMode: boolean,
    mapRows?: MapRows<T>,
  ): KriyaPreparedQuery<T> {
    return new KriyaPreparedQuery<T>(this.#client, this.#logger, query, {
      fields,
      mapRows,
    });
  }

  /** The rows of a statement. */
  override async all<T = unknown>(query: SQL): Promise<T[]> {
    const prepared = this.prepareQuery<PreparedQueryConfig & { all: T[] }>(
      this.#dialect.sqlToQuery(query),
      undefined,
      undefined,
      false,
    );
    return await prepared.all();
  }

  /** The number that `SELECT count(*)` gives. */
  override async count(query: SQL): Promise<number> {
    const [row] = await this.all<{ count: unknown }>(query);
    return Number(row!.count);
  }

  /** Runs `work` in a transaction; in a transaction it is a savepoint. */
  async transaction<T>(
    work: (tx: KriyaTransaction) => Promise<T>,
    config?: PgTransactionConfig,
  ): Promise<T> {
    return await this.#client.transaction(
      (client) => work(this.#transactionOf(client, 0)),
      beginOptions(config),
    );
  }

  #transactionOf(client: TransactionClient, depth: number): KriyaTransaction {
    const session = new KriyaSession(client, this.#dialect, this.#facts);
    return new KriyaTransaction(
      this.#dialect,
      session,
      this.#facts.schema as never,
      depth,
    );
  }
}

/** A transaction of Drizzle's. */
export class KriyaTransaction extends PgTransaction<KriyaQueryResultHkt> {
  /** Drizzle's name of the class. */
  static override readonly [entityKind]: string = "KriyaTransaction";
  readonly #inner: KriyaSession;

  /** Used by the session. */
  constructor(
    dialect: PgDialect,
    session: KriyaSession,
    schema: undefined,
    depth: number,
  ) {
    super(dialect, session, schema, depth);
    this.#inner = session;
  }

  /** Runs `work` between a savepoint and its release. */
  override async transaction<T>(
    work: (tx: KriyaTransaction) => Promise<T>,
  ): Promise<T> {
    return await this.#inner.transaction(work);
  }
}

/** @throws what `isolationLevel` is none of. */
function beginOptions(
  { isolationLevel, accessMode }: PgTransactionConfig = {},
): BeginOptions {
  return {
    isolation: isolationLevel === "read uncommitted"
      ? "read committed"
      : isolationLevel,
    readOnly: accessMode === undefined ? undefined : accessMode === "read only",
  };
}
