/**
 * The adapter: statements on a session, transactions on sessions of their own.
 *
 * @module
 */
import type {
  ConnectionInfo,
  IsolationLevel,
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  SqlQuery,
  SqlResultSet,
  Transaction,
  TransactionOptions,
} from "@prisma/driver-adapter-utils";
import { type Database, type DatabaseSession, open } from "../../mod.ts";
import type { QueryResult } from "../../mod.ts";
import { adapterError, KriyaDriverAdapterError } from "./errors.ts";
import { columnTypeOf, parameterOf, RESULT_OPTIONS } from "./values.ts";

/** What an adapter is made of. */
export interface PrismaKriyaConfig {
  /**
   * The database, or what opens it. One that was opened here is closed when the
   * client disconnects.
   */
  readonly database: Database | (() => Database | Promise<Database>);
  /** The schema that Prisma's models are in (default `public`). */
  readonly schema?: string | undefined;
}

const NAME = "@kriyadb/kriyadb/prisma";

/** Commands whose rows were written. */
const WRITES = /^(?:INSERT|UPDATE|DELETE|MERGE|COPY) /;

/** Makes Prisma's adapters: `new PrismaClient({ adapter: new PrismaKriya(…) })`. */
export class PrismaKriya implements SqlMigrationAwareDriverAdapterFactory {
  /** Whose SQL Prisma writes. */
  readonly provider = "postgres";
  /** The adapter's name. */
  readonly adapterName = NAME;
  readonly #config: PrismaKriyaConfig;

  /** Adapters of a database. */
  constructor(config: PrismaKriyaConfig) {
    this.#config = config;
  }

  /** An adapter; Prisma calls this when it connects. */
  async connect(): Promise<SqlDriverAdapter> {
    const { database, schema } = this.#config;
    if (typeof database !== "function") return new Adapter(database, schema);
    const opened = await database();
    return new Adapter(opened, schema, () => opened.close());
  }

  /** An empty database, for Prisma to try migrations in. */
  async connectToShadowDb(): Promise<SqlDriverAdapter> {
    const shadow = await open("memory:");
    return new Adapter(shadow, undefined, () => shadow.close());
  }
}

/** Statements on a session. */
class SessionQueryable {
  readonly provider = "postgres";
  readonly adapterName = NAME;
  protected readonly session: DatabaseSession;

  constructor(session: DatabaseSession) {
    this.session = session;
  }

  async queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    const { rows, fields } = await this.#run(query);
    return {
      columnNames: fields.map(({ name }) => name),
      columnTypes: fields.map(columnTypeOf),
      rows,
    };
  }

  async executeRaw(query: SqlQuery): Promise<number> {
    const { affectedRows, command } = await this.#run(query);
    return WRITES.test(command) ? affectedRows : 0;
  }

  async #run(
    { sql, args, argTypes }: SqlQuery,
  ): Promise<QueryResult<unknown[]>> {
    const parameters = args.map((arg, i) => parameterOf(arg, argTypes[i]));
    return await told(() =>
      this.session.query<unknown[]>(sql, parameters, RESULT_OPTIONS)
    );
  }
}

/** Prisma's adapter of a database. */
class Adapter extends SessionQueryable implements SqlDriverAdapter {
  readonly #database: Database;
  readonly #schema: string | undefined;
  readonly #onDispose: (() => Promise<void>) | undefined;

  constructor(
    database: Database,
    schema: string | undefined,
    onDispose?: () => Promise<void>,
  ) {
    super(database.session());
    this.#database = database;
    this.#schema = schema;
    this.#onDispose = onDispose;
  }

  async executeScript(script: string): Promise<void> {
    await told(() => this.session.exec(script));
  }

  async startTransaction(level?: IsolationLevel): Promise<Transaction> {
    if (level === "SNAPSHOT") {
      throw new KriyaDriverAdapterError({
        kind: "InvalidIsolationLevel",
        level,
      });
    }
    const session = this.#database.session();
    // Prisma ends it with statements of its own.
    const text = level === undefined
      ? "BEGIN"
      : `BEGIN ISOLATION LEVEL ${level}`;
    await told(() => session.query(text));
    return new SessionTransaction(session);
  }

  getConnectionInfo(): ConnectionInfo {
    return {
      schemaName: this.#schema ?? "public",
      supportsRelationJoins: true,
    };
  }

  async dispose(): Promise<void> {
    await this.session.close();
    await this.#onDispose?.();
  }
}

/** A transaction; Prisma has said COMMIT or ROLLBACK when it lets go of it. */
class SessionTransaction extends SessionQueryable implements Transaction {
  readonly options: TransactionOptions = { usePhantomQuery: false };

  async commit(): Promise<void> {
    await this.session.close();
  }

  async rollback(): Promise<void> {
    await this.session.close();
  }

  async createSavepoint(name: string): Promise<void> {
    await told(() => this.session.query(`SAVEPOINT ${quoted(name)}`));
  }

  async rollbackToSavepoint(name: string): Promise<void> {
    await told(() =>
      this.session.query(`ROLLBACK TO SAVEPOINT ${quoted(name)}`)
    );
  }

  async releaseSavepoint(name: string): Promise<void> {
    await told(() => this.session.query(`RELEASE SAVEPOINT ${quoted(name)}`));
  }
}

/** What fails, fails in Prisma's words. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw adapterError(error);
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
