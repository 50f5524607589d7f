/**
 * The database as applications use it: queries, transactions, streams.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { IndexAccessMethod } from "../access/index_access.ts";
import type { TableAccessMethod } from "../access/table_access.ts";
import { databaseStatus } from "./database_functions.ts";
import type { DatabaseCore } from "./database_core.ts";
import {
  type BeginOptions,
  type Queryable,
  type QueryOptions,
  templateText,
  type TransactionClient,
} from "./queryable.ts";
import type { Field, QueryResult, Row } from "./result.ts";
import { Session } from "./session.ts";
import { runTransaction } from "./transaction_client.ts";

/** What {@linkcode PreparedStatement} is made of. */
export interface PreparedFacts {
  /** The statement's text. */
  readonly text: string;
  /** The columns of its result. */
  readonly fields: readonly Field[];
  /** The names of the parameters' types, `$1` first. */
  readonly parameterTypes: readonly string[];
}

/** A statement that was prepared. */
export class PreparedStatement<R = Row> {
  readonly #database: Database;
  /** The statement's text. */
  readonly text: string;
  /** The columns of its result. */
  readonly fields: readonly Field[];
  /** The names of the parameters' types, `$1` first. */
  readonly parameterTypes: readonly string[];

  /** Used by {@linkcode Database.prepare}. */
  constructor(database: Database, facts: PreparedFacts) {
    this.#database = database;
    this.text = facts.text;
    this.fields = facts.fields;
    this.parameterTypes = facts.parameterTypes;
  }

  /** Runs the statement; see {@linkcode Queryable.query}. */
  query(
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<R>> {
    return this.#database.query(this.text, parameters, options);
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
    const chunks = this.#session.stream<R>(
      text,
      parameters ?? [],
      this.#options(options),
    );
    for await (const rows of chunks) {
      yield* rows;
      const closed = this.#closedError();
      if (closed !== undefined) throw closed;
    }
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
      const { resultFields, bound } = this.#session.prepare(text);
      resolve(
        new PreparedStatement<R>(this, {
          text,
          fields: resultFields,
          parameterTypes: bound.parameterTypes.map(({ type }) => type.name),
        }),
      );
    });
  }

  /** Runs `work` in a transaction; see {@linkcode Queryable.transaction}. */
  transaction<T>(
    work: (tx: TransactionClient) => Promise<T>,
    options: BeginOptions = {},
  ): Promise<T> {
    const closed = this.#closedError();
    if (closed !== undefined) return Promise.reject(closed);
    const settings = this.#session.settings.copy();
    const session = new Session(this.#core, settings, true);
    const running = runTransaction(
      session,
      work,
      this.#options({}),
      options,
    );
    const settled = running.then(() => {}, () => {});
    this.#transactions.add(settled);
    void settled.then(() => this.#transactions.delete(settled));
    return running;
  }

  /**
   * Registers a kind of table: `CREATE TABLE … USING` its name makes one. To be
   * called after every opening, before a table of the kind is used.
   *
   * @throws {SqlError} `42710` when the name is taken.
   *
   * @example A table of the numbers up to an option
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { columnOf, open, type TableAccessMethod } from "@kriyadb/kriyadb";
   *
   * const refuse = (): never => {
   *   throw new Error("numbers cannot be changed");
   * };
   * const numbers: TableAccessMethod = {
   *   name: "numbers",
   *   scan(table, _transaction, { columns }) {
   *     const all = Array.from(
   *       { length: Number(table.options["stop"]) },
   *       (_, i) => i + 1,
   *     );
   *     const type = table.columns[0]!.type.type;
   *     const chunk = {
   *       columns: columns.map(() => columnOf(type, all)),
   *       rowCount: all.length,
   *     };
   *     let next = [{ chunk, locators: Float64Array.from(all) }];
   *     return { next: () => next.shift(), close: () => void (next = []) };
   *   },
   *   fetch: refuse,
   *   insert: refuse,
   *   update: refuse,
   *   delete: refuse,
   *   estimateRows: (table) => Number(table.options["stop"]),
   * };
   *
   * await using db = await open("memory:");
   * db.registerTableAccessMethod(numbers);
   * await db.exec("CREATE TABLE n (i int) USING numbers WITH (stop = 100)");
   * const { rows } = await db.query("SELECT sum(i) AS sum FROM n WHERE i > 90");
   * assertEquals(rows, [{ sum: 955 }]);
   * ```
   */
  registerTableAccessMethod(method: TableAccessMethod): void {
    this.#core.access.registerTableAccessMethod(method);
  }

  /**
   * Registers a kind of index: `CREATE INDEX … USING` its name makes one; see
   * {@linkcode Database.registerTableAccessMethod}.
   *
   * @throws {SqlError} `42710` when the name is taken.
   */
  registerIndexAccessMethod(method: IndexAccessMethod): void {
    this.#core.access.registerIndexAccessMethod(method);
  }

  /**
   * The kind of table called `name`, for one that builds on it.
   *
   * @throws {SqlError} `42704` when there is none.
   */
  tableAccessMethod(name: string): TableAccessMethod {
    return this.#core.access.table(name);
  }

  /**
   * The kind of index called `name`, for one that builds on it.
   *
   * @throws {SqlError} `42704` when there is none.
   */
  indexAccessMethod(name: string): IndexAccessMethod {
    return this.#core.access.index(name);
  }

  /**
   * What the database holds and does, with its settings: the object that
   * `SELECT lsm_s3_status()` gives as text.
   */
  status(): Record<string, unknown> {
    return databaseStatus(this.#core, this.#session.settings);
  }

  /**
   * Lets a reader (`readOnly: true`) show everything that was acknowledged
   * before the call, whatever its consistency. A writer does so always.
   *
   * @throws {KriyaError} `unavailable`, `corrupt`, `closed`.
   *
   * @example A reader that moves on when it is told
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using writer = await open("memory:shared");
   * await writer.exec("CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
   * await using reader = await open("memory:shared", {
   *   readOnly: true,
   *   consistency: "snapshot",
   * });
   * await writer.query("INSERT INTO t VALUES (2)");
   * const count = async () =>
   *   (await reader.query("SELECT count(*)::int AS n FROM t")).rows[0]?.n;
   * assertEquals(await count(), 1);
   * await reader.refresh();
   * assertEquals(await count(), 2);
   * ```
   */
  async refresh(): Promise<void> {
    const closed = this.#closedError();
    if (closed !== undefined) throw closed;
    await this.#core.store.refresh();
  }

  /**
   * Resolves when all background work that is due now is done: indexes are
   * sealed and merged. Nothing needs it to be called.
   */
  settle(): Promise<void> {
    return this.#core.hnsw.settle();
  }

  /**
   * Waits for the statements and transactions under way, rolls back an open
   * BEGIN and closes the database; what was acknowledged is durable already.
   * May be called twice.
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
      `Cannot use the database "${this.address}": it is closed`,
    );
  }
}
