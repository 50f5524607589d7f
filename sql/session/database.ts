/**
 * The database as applications use it: queries, transactions, streams.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { SqlError } from "../errors/sql_error.ts";
import { databaseStatus } from "./database_functions.ts";
import type { DatabaseCore } from "./database_core.ts";
import { fieldsOf } from "./result.ts";
import type { Field, QueryResult, Row } from "./result.ts";
import type { RunOptions } from "./run_options.ts";
import { Session } from "./session.ts";

/** How a statement runs and what its rows look like. */
export type QueryOptions = RunOptions;

/** What a database and a transaction have in common. */
export interface Queryable {
  /**
   * Runs one statement.
   *
   * `parameters` are the values of `$1`, `$2` …: strings, numbers, bigints,
   * booleans, dates, `Uint8Array`s for bytea, `Float32Array`s and number arrays
   * for vectors, objects for jsonb; `null` and `undefined` are NULL.
   *
   * @throws {SqlError} with PostgreSQL's SQLSTATE in `code`.
   */
  query<R = Row>(
    text: string,
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<R>>;

  /**
   * Runs the statements of a text, one after the other, in one transaction
   * unless the text has its own.
   *
   * @throws {SqlError} of the first that fails; the others are not run.
   */
  exec(text: string, options?: QueryOptions): Promise<QueryResult[]>;

  /**
   * Runs one statement written as a template: what stands in `${…}` becomes a
   * parameter, never text.
   */
  sql<R = Row>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<QueryResult<R>>;

  /**
   * Runs a query and hands on its rows as they come, without holding them all.
   *
   * @throws {SqlError}
   */
  stream<R = Row>(
    text: string,
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): AsyncIterableIterator<R>;

  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when
   * it throws. In a transaction it is a savepoint.
   */
  transaction<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T>;
}

/** A transaction that is under way. */
export interface TransactionClient extends Queryable {
  /**
   * Rolls back what was done so far; `transaction` then resolves without a
   * commit, and further statements fail.
   */
  rollback(): Promise<void>;
}

/** A statement that was prepared. */
export class PreparedStatement<R = Row> {
  readonly #session: Session;
  /** The statement's text. */
  readonly text: string;
  /** The columns of its result. */
  readonly fields: readonly Field[];
  /** The names of the parameters' types, `$1` first. */
  readonly parameterTypes: readonly string[];

  /** Used by {@linkcode Database.prepare}. */
  constructor(session: Session, text: string) {
    const { fields, bound } = session.prepare(text);
    this.#session = session;
    this.text = text;
    this.fields = fieldsOf(fields);
    this.parameterTypes = bound.parameterTypes.map(({ type }) => type.name);
  }

  /** Runs the statement. */
  query(
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<QueryResult<R>> {
    return this.#session.query(this.text, parameters, options);
  }
}

/** An open database. */
export class Database implements Queryable, AsyncDisposable {
  readonly #core: DatabaseCore;
  readonly #session: Session;
  readonly #defaults: QueryOptions;
  readonly #onClose: () => Promise<void>;
  readonly #transactions = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** Used by `open`. */
  constructor(
    core: DatabaseCore,
    defaults: QueryOptions,
    onClose: () => Promise<void>,
  ) {
    this.#core = core;
    this.#session = new Session(core);
    this.#defaults = defaults;
    this.#onClose = onClose;
  }

  /** Where the database is, without secrets. */
  get address(): string {
    return this.#core.store.objects.address;
  }

  /** Whether it can only be read: opened so, or taken over by another. */
  get readOnly(): boolean {
    return this.#core.store.readOnly;
  }

  /** Runs one statement; see {@linkcode Queryable.query}. */
  query<R = Row>(
    text: string,
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<R>> {
    const closed = this.#closedError();
    if (closed !== undefined) return Promise.reject(closed);
    return this.#session.query(text, parameters ?? [], this.#options(options));
  }

  /** Runs several statements; see {@linkcode Queryable.exec}. */
  exec(text: string, options?: QueryOptions): Promise<QueryResult[]> {
    const closed = this.#closedError();
    if (closed !== undefined) return Promise.reject(closed);
    return this.#session.exec(text, this.#options(options));
  }

  /** Runs a template; see {@linkcode Queryable.sql}. */
  sql<R = Row>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<QueryResult<R>> {
    return this.query<R>(templateText(strings), values);
  }

  /** Streams rows; see {@linkcode Queryable.stream}. */
  async *stream<R = Row>(
    text: string,
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): AsyncIterableIterator<R> {
    const closed = this.#closedError();
    if (closed !== undefined) throw closed;
    for await (
      const rows of this.#session.stream<R>(
        text,
        parameters ?? [],
        this.#options(options),
      )
    ) yield* rows;
  }

  /**
   * Parses and checks a statement: its result's columns and its parameters'
   * types are known before it runs.
   *
   * @throws {SqlError}
   */
  prepare<R = Row>(text: string): Promise<PreparedStatement<R>> {
    return new Promise((resolve) => {
      const closed = this.#closedError();
      if (closed !== undefined) throw closed;
      resolve(new PreparedStatement<R>(this.#session, text));
    });
  }

  /** Runs `work` in a transaction; see {@linkcode Queryable.transaction}. */
  transaction<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T> {
    const closed = this.#closedError();
    if (closed !== undefined) return Promise.reject(closed);
    const session = new Session(this.#core);
    const running = runTransaction(session, work, this.#options({}));
    const settled = running.then(() => {}, () => {});
    this.#transactions.add(settled);
    void settled.then(() => this.#transactions.delete(settled));
    return running;
  }

  /**
   * What the database holds and does, with its settings: the object that
   * `SELECT lsm_s3_status()` gives as text.
   */
  status(): Record<string, unknown> {
    return databaseStatus(this.#core, this.#session.settings);
  }

  /**
   * Resolves when all background work that is due now is done: indexes are
   * sealed and merged. Nothing needs it to be called.
   */
  settle(): Promise<void> {
    return this.#core.hnsw.settle();
  }

  /**
   * Waits for the transactions under way, rolls back an open BEGIN and closes
   * the database; what was acknowledged is durable already. May be called
   * twice.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes the database at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await Promise.all(this.#transactions);
    await this.#session.close();
    try {
      await this.#core.close();
    } finally {
      await this.#onClose();
    }
  }

  #options(options: QueryOptions | undefined): QueryOptions {
    return options === undefined
      ? this.#defaults
      : { ...this.#defaults, ...options };
  }

  #closedError(): KriyaError | undefined {
    if (this.#closing === undefined) return undefined;
    return new KriyaError(
      "closed",
      `Cannot use the database in ${this.address}: it is closed`,
    );
  }
}

/** The text of a template, with `$1`, `$2` … for its values. */
function templateText(strings: TemplateStringsArray): string {
  let text = strings[0]!;
  for (let i = 1; i < strings.length; i++) text += `$${i}${strings[i]!}`;
  return text;
}

async function runTransaction<T>(
  session: Session,
  work: (tx: TransactionClient) => Promise<T>,
  options: QueryOptions,
): Promise<T> {
  await session.query("BEGIN", [], options);
  const client = new SessionTransaction(session, options);
  try {
    const result = await work(client);
    if (!client.ended) {
      const { command } = await session.query("COMMIT", [], options);
      if (command === "ROLLBACK") {
        throw new SqlError(
          "25P02",
          "transaction was rolled back: a statement in it failed",
        );
      }
    }
    return result;
  } finally {
    client.end();
    await session.close();
  }
}

/** A transaction on a session of its own. */
class SessionTransaction implements TransactionClient {
  readonly #session: Session;
  readonly #defaults: QueryOptions;
  #savepoints = 0;
  #ended = false;

  constructor(session: Session, defaults: QueryOptions) {
    this.#session = session;
    this.#defaults = defaults;
  }

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
  }

  query<R = Row>(
    text: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<QueryResult<R>> {
    if (this.#ended) return Promise.reject(endedError());
    return this.#session.query(text, parameters, {
      ...this.#defaults,
      ...options,
    });
  }

  exec(text: string, options: QueryOptions = {}): Promise<QueryResult[]> {
    if (this.#ended) return Promise.reject(endedError());
    return this.#session.exec(text, { ...this.#defaults, ...options });
  }

  sql<R = Row>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<QueryResult<R>> {
    return this.query<R>(templateText(strings), values);
  }

  async *stream<R = Row>(
    text: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): AsyncIterableIterator<R> {
    if (this.#ended) throw endedError();
    for await (
      const rows of this.#session.stream<R>(text, parameters, {
        ...this.#defaults,
        ...options,
      })
    ) yield* rows;
  }

  async transaction<T>(
    work: (tx: TransactionClient) => Promise<T>,
  ): Promise<T> {
    const savepoint = `kriya_savepoint_${++this.#savepoints}`;
    await this.query(`SAVEPOINT ${savepoint}`);
    const inner = new SessionTransaction(this.#session, this.#defaults);
    inner.#savepoints = this.#savepoints;
    try {
      const result = await work(inner);
      if (!inner.#ended) await this.query(`RELEASE SAVEPOINT ${savepoint}`);
      return result;
    } catch (error) {
      if (!inner.#ended) await this.#rollbackTo(savepoint);
      throw error;
    } finally {
      if (inner.#ended) await this.#rollbackTo(savepoint);
      inner.#ended = true;
    }
  }

  async rollback(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    // Inside a savepoint the outer transaction goes back to it.
    if (this.#savepoints === 0) await this.#session.query("ROLLBACK", [], {});
  }

  async #rollbackTo(savepoint: string): Promise<void> {
    await this.query(`ROLLBACK TO SAVEPOINT ${savepoint}`);
    await this.query(`RELEASE SAVEPOINT ${savepoint}`);
  }
}

function endedError(): SqlError {
  return new SqlError("25P01", "the transaction has ended");
}
