/**
 * One client of a database among several in a process.
 *
 * Inside of BEGIN its statements run one after the other; outside of it each is
 * a transaction of its own, and those given without waiting run side by side.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type {
  BeginOptions,
  Queryable,
  QueryOptions,
  TransactionClient,
} from "./queryable.ts";
import { stoppedError } from "./backends.ts";
import type { Session } from "./session.ts";
import { ListeningQueries } from "./notifications/listening_queries.ts";
import { runTransaction } from "./transaction_client.ts";

/** A session; made by `Database.session()`. */
export class DatabaseSession extends ListeningQueries
  implements Queryable, AsyncDisposable {
  readonly #session: Session;
  readonly #onClose: () => void;
  readonly #transactions = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;
  /** Whether another session ended it. */
  #terminated = false;

  /** Used by `Database.session()`. */
  constructor(session: Session, defaults: QueryOptions, onClose: () => void) {
    super(session, defaults);
    this.#session = session;
    this.#onClose = onClose;
    session.onStop = (kind) => {
      session.stop(kind);
      if (kind === "cancel") return;
      this.#terminated = true;
      this.close().catch(() => {});
    };
  }

  /** Whether BEGIN was run, and neither COMMIT nor ROLLBACK since. */
  get inTransaction(): boolean {
    return this.#session.inBlock;
  }

  /**
   * Runs `work` in a transaction of this session; see
   * {@linkcode Queryable.transaction}. What is given to the session itself
   * meanwhile is part of it.
   *
   * @throws {SqlError} `25001` when one is in progress.
   */
  transaction<T>(
    work: (tx: TransactionClient) => Promise<T>,
    options: BeginOptions = {},
  ): Promise<T> {
    const closed = this.closedError();
    if (closed !== undefined) return Promise.reject(closed);
    const defaults = this.withDefaults(undefined);
    const running = runTransaction(this.#session, work, defaults, options);
    const settled = running.then(() => {}, () => {});
    this.#transactions.add(settled);
    void settled.then(() => this.#transactions.delete(settled));
    return running;
  }

  /** Rolls back what is open, and takes no more statements. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes the session at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await Promise.all(this.#transactions);
    await this.#session.close();
    this.#onClose();
  }

  protected closedError(): KriyaError | undefined {
    if (this.#closing === undefined) return undefined;
    if (this.#terminated) return stoppedError("terminate");
    return new KriyaError("closed", "Cannot use the session: it is closed");
  }
}
