/**
 * The driver: a connection is a session of the database. Sessions are lent, and
 * lent again, as a pool of connections would be.
 *
 * @module
 */
import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import { type Database, type DatabaseSession, KriyaError } from "../../mod.ts";
import type { QueryOptions } from "../../mod.ts";

/** What a driver is made of. */
export interface KriyaDriverConfig {
  /**
   * The database, or what opens it when it is first needed. One that was opened
   * here is closed by `destroy`.
   */
  readonly database: Database | (() => Database | Promise<Database>);
  /** Forms of values, parsers and the like, for every query. */
  readonly options?: QueryOptions | undefined;
  /** Is told of every new session, before its first query. */
  readonly onCreateConnection?:
    | ((connection: DatabaseConnection) => Promise<void>)
    | undefined;
}

/** Sessions that are kept when nobody uses them. */
const IDLE_MAX = 8;

/** What an operation of Kysely may be aborted by. */
interface Abortable {
  readonly signal?: AbortSignal;
}

/** Commands that Kysely wants the number of rows of. */
const WRITES = /^(?:INSERT|UPDATE|DELETE|MERGE) /;

/** Runs Kysely's queries on sessions of a database. */
export class KriyaDriver implements Driver {
  readonly #config: KriyaDriverConfig;
  readonly #idle: SessionConnection[] = [];
  #database: Database | undefined;
  #destroyed = false;

  /** A driver of a database. */
  constructor(config: KriyaDriverConfig) {
    this.#config = config;
  }

  /** Opens the database, if that is to be done. */
  async init(): Promise<void> {
    const { database } = this.#config;
    this.#database = typeof database === "function"
      ? await database()
      : database;
  }

  /** Lends a session. */
  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#destroyed || this.#database === undefined) {
      throw new KriyaError("closed", "The driver has been destroyed");
    }
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const { options, onCreateConnection } = this.#config;
    const connection = new SessionConnection(this.#database.session(options));
    await onCreateConnection?.(connection);
    return connection;
  }

  /** Begins a transaction. */
  async beginTransaction(
    connection: DatabaseConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    const modes = [
      isolationLevel === undefined ? "" : ` ISOLATION LEVEL ${isolationLevel}`,
      accessMode === undefined ? "" : ` ${accessMode}`,
    ];
    await sessionOf(connection).query(`BEGIN${modes.join("")}`);
  }

  /** Commits. @throws {AbortedTransactionError} if it was rolled back. */
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const { command } = await sessionOf(connection).query("COMMIT");
    if (command === "ROLLBACK") throw new AbortedTransactionError();
  }

  /** Rolls back. */
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await sessionOf(connection).query("ROLLBACK");
  }

  /** Marks a place in a transaction. */
  async savepoint(
    connection: DatabaseConnection,
    name: string,
  ): Promise<void> {
    await sessionOf(connection).query(`SAVEPOINT ${quoted(name)}`);
  }

  /** Goes back to a place in a transaction. */
  async rollbackToSavepoint(
    connection: DatabaseConnection,
    name: string,
  ): Promise<void> {
    await sessionOf(connection).query(`ROLLBACK TO SAVEPOINT ${quoted(name)}`);
  }

  /** Forgets a place in a transaction. */
  async releaseSavepoint(
    connection: DatabaseConnection,
    name: string,
  ): Promise<void> {
    await sessionOf(connection).query(`RELEASE SAVEPOINT ${quoted(name)}`);
  }

  /** Takes a session back. */
  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    const lent = connection as SessionConnection;
    const isFull = this.#destroyed || this.#idle.length >= IDLE_MAX;
    if (isFull || lent.killed || lent.session.inTransaction) {
      await lent.session.close();
    } else {
      this.#idle.push(lent);
    }
  }

  /** Closes the sessions, and the database if it was opened here. */
  async destroy(): Promise<void> {
    this.#destroyed = true;
    const idle = this.#idle.splice(0);
    await Promise.all(idle.map(({ session }) => session.close()));
    if (typeof this.#config.database === "function") {
      await this.#database?.close();
    }
  }
}

/** A session as Kysely's connection. */
class SessionConnection implements DatabaseConnection {
  readonly session: DatabaseSession;
  /** Whether the session was ended. */
  killed = false;
  /** What is under way, to be stopped by `cancelQuery`. */
  #running: AbortController | undefined;

  constructor(session: DatabaseSession) {
    this.session = session;
  }

  async executeQuery<R>(
    { sql, parameters }: CompiledQuery,
    { signal }: Abortable = {},
  ): Promise<QueryResult<R>> {
    const running = this.#running = new AbortController();
    const { rows, affectedRows, command } = await this.session.query<R>(
      sql,
      parameters,
      { signal: either(running.signal, signal) },
    );
    return {
      rows,
      ...WRITES.test(command) && { numAffectedRows: BigInt(affectedRows) },
    };
  }

  async *streamQuery<R>(
    { sql, parameters }: CompiledQuery,
    chunkSize: number,
    { signal }: Abortable = {},
  ): AsyncIterableIterator<QueryResult<R>> {
    const running = this.#running = new AbortController();
    const stream = this.session.stream<R>(sql, parameters, {
      signal: either(running.signal, signal),
    });
    let rows: R[] = [];
    for await (const row of stream) {
      if (rows.push(row) < chunkSize) continue;
      yield { rows };
      rows = [];
    }
    if (rows.length > 0) yield { rows };
  }

  /** Stops the query under way. */
  cancelQuery(): Promise<void> {
    this.#running?.abort();
    return Promise.resolve();
  }

  /** Stops the query under way, and ends the session. */
  async killSession(): Promise<void> {
    this.killed = true;
    this.#running?.abort();
    await this.session.close();
  }
}

function sessionOf(connection: DatabaseConnection): DatabaseSession {
  return (connection as SessionConnection).session;
}

function either(own: AbortSignal, given: AbortSignal | undefined): AbortSignal {
  return given === undefined ? own : AbortSignal.any([own, given]);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
