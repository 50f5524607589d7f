/**
 * The database as applications use it: queries, transactions, streams.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { Change, ChangesOptions } from "./changes/change.ts";
import { presentPosition } from "./changes/change_position.ts";
import { changeFeed } from "./changes/change_feed.ts";
import { databaseStatus } from "./database_functions.ts";
import type { DatabaseCore } from "./database_core.ts";
import { DatabaseSession } from "./database_session.ts";
import { ExtensibleDatabase } from "./extensions/extensible_database.ts";
import {
  type LiveCallback,
  type LiveOptions,
  LiveQuery,
} from "./live/live_query.ts";
import {
  openProtocolSession,
  type ProtocolOptions,
  type ProtocolSession,
} from "./protocol/protocol_session.ts";
import type {
  BeginOptions,
  Queryable,
  QueryOptions,
  TransactionClient,
} from "./queryable.ts";
import type { Row } from "./result.ts";
import { Session } from "./session.ts";
import { runTransaction } from "./transaction_client.ts";

/** An open database. */
export class Database extends ExtensibleDatabase
  implements Queryable, AsyncDisposable {
  readonly #core: DatabaseCore;
  readonly #session: Session;
  readonly #onClose: () => Promise<void>;
  readonly #transactions = new Set<Promise<unknown>>();
  readonly #sessions = new Set<{ close(): Promise<void> }>();
  readonly #lives = new Set<{ close(): Promise<void> }>();
  #closing: Promise<void> | undefined;

  /** Used by `open`. */
  constructor(
    core: DatabaseCore,
    defaults: QueryOptions,
    onClose: () => Promise<void>,
  ) {
    const session = new Session(core);
    super(core, session, defaults);
    this.#core = core;
    this.#session = session;
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

  /** Runs `work` in a transaction; see {@linkcode Queryable.transaction}. */
  transaction<T>(
    work: (tx: TransactionClient) => Promise<T>,
    options: BeginOptions = {},
  ): Promise<T> {
    const closed = this.closedError();
    if (closed !== undefined) return Promise.reject(closed);
    const settings = this.#session.settings.copy();
    const session = new Session(this.#core, { settings });
    const defaults = this.withDefaults(undefined);
    const running = runTransaction(session, work, defaults, options)
      .finally(() => session.close());
    const settled = running.then(() => {}, () => {});
    this.#transactions.add(settled);
    void settled.then(() => this.#transactions.delete(settled));
    return running;
  }

  /**
   * Opens a session: a client of its own, with its own transaction and
   * settings, in this process. It begins with the settings that the database
   * was opened with.
   *
   * @throws {KriyaError} `closed`.
   *
   * @example Two clients, each with a transaction
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * await db.exec("CREATE TABLE t (id int)");
   * await using one = db.session();
   * await using other = db.session();
   * await one.exec("BEGIN; INSERT INTO t VALUES (1)");
   * const { rows } = await other.query("SELECT count(*)::int AS n FROM t");
   * assertEquals(rows, [{ n: 0 }]);
   * await one.query("COMMIT");
   * ```
   */
  session(options: QueryOptions = {}): DatabaseSession {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    const session = new DatabaseSession(
      new Session(this.#core),
      this.withDefaults(options),
      () => this.#sessions.delete(session),
    );
    this.#sessions.add(session);
    return session;
  }

  /**
   * Opens a session that a server drives message by message; see
   * {@linkcode ProtocolSession}.
   *
   * @throws {KriyaError} `closed`.
   * @throws {SqlError} for settings that are none.
   */
  protocolSession(options: ProtocolOptions): ProtocolSession {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    const session = openProtocolSession(
      this.#core,
      options,
      () => this.#sessions.delete(session),
    );
    this.#sessions.add(session);
    return session;
  }

  /**
   * The changes of rows as they are committed, in the order of commits: each is
   * told once, as fast as they are taken. A feed that begins `from` the position
   * of a change goes on behind it, in another process too, as long as
   * `version_retention` keeps what came after.
   *
   * Ends when the database is closed.
   *
   * @throws {SqlError} `72000` when it fell behind what is kept.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
   * const changes = db.changes();
   * const first = changes.next();
   * await db.exec("INSERT INTO t VALUES (1, 10)");
   * const { value } = await first;
   * assertEquals(value?.kind, "insert");
   * assertEquals(value?.row, { id: 1, n: 10 });
   * await changes.return();
   * ```
   */
  changes(
    options: ChangesOptions = {},
  ): AsyncGenerator<Change, void, void> {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    const from = options.from ?? presentPosition(this.#core.store);
    return changeFeed(this.#core, { ...options, from });
  }

  /**
   * Runs a query, and tells `callback` of its result: at first, and whenever a
   * commit has changed it, with the rows that came and those that went. Commits
   * that touch nothing the query reads cost it nothing.
   *
   * One call at a time; while one is under way commits gather. Ends by `close`,
   * by `signal`, or with the database.
   *
   * @throws {SqlError} what is wrong with the query; `0A000` if it is none.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { open } from "@kriyadb/kriyadb";
   *
   * await using db = await open("memory:");
   * await db.exec("CREATE TABLE t (id int, done bool)");
   * const told = Promise.withResolvers<unknown>();
   * await using live = await db.live(
   *   "SELECT id FROM t WHERE NOT done",
   *   [],
   *   ({ added }) => {
   *     if (added.length > 0) told.resolve(added);
   *   },
   * );
   * await db.exec("INSERT INTO t VALUES (1, true), (2, false)");
   * assertEquals(await told.promise, [{ id: 2 }]);
   * assertEquals(live.rows, [{ id: 2 }]);
   * ```
   */
  async live<R = Row>(
    text: string,
    parameters: readonly unknown[],
    callback: LiveCallback<R>,
    options: LiveOptions = {},
  ): Promise<LiveQuery<R>> {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    const settings = this.#session.settings.copy();
    const request = { text, parameters, callback, options };
    const live = new LiveQuery<R>(this.#core, settings, request);
    this.#lives.add(live);
    try {
      await live.start();
    } catch (error) {
      this.#lives.delete(live);
      throw error;
    }
    const forget = (): void => void this.#lives.delete(live);
    void live.finished.then(forget, forget);
    return live;
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
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    await this.#core.store.refresh();
  }

  /**
   * Resolves when all background work that is due now is done: indexes are
   * sealed and merged. Nothing needs it to be called.
   */
  async settle(): Promise<void> {
    await this.#core.ivf.settle();
    await this.#core.hnsw.settle();
  }

  /**
   * Moves the newest rows of the vector indexes in use, which are compared one by
   * one, into segments with graphs, however few they are. It happens by itself,
   * by `flush_interval` and `flush_size` of an index; queries go on meanwhile.
   */
  async flush(): Promise<void> {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    await this.#core.hnsw.flush();
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
    // Side by side: one may wait for what another holds.
    await Promise.all([
      this.#core.extensions.workers.close(),
      ...this.#transactions,
      ...[...this.#lives].map((live) => live.close()),
      ...[...this.#sessions].map((session) => session.close()),
      this.#session.close(),
    ]);
    try {
      await this.#core.close();
    } finally {
      await this.#onClose();
    }
  }

  protected closedError(): KriyaError | undefined {
    if (this.#closing === undefined) return undefined;
    return new KriyaError(
      "closed",
      `Cannot use the database "${this.address}": it is closed`,
    );
  }
}
