/**
 * `database.transaction(work)`: a transaction on a session of its own, and
 * those within it, which are savepoints.
 *
 * Invariants:
 * 1. Of a transaction and those within it, one takes statements at a time: the
 *    innermost. A statement of an outer one would be undone with the inner.
 * 2. Once the transaction has ended, however it did, its clients refuse every
 *    statement: none runs outside of it.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  BeginOptions,
  QueryOptions,
  TransactionClient,
} from "./queryable.ts";
import type { Session } from "./session.ts";
import { SessionQueries } from "./session_queries.ts";

/** Runs `work` in a transaction on `session`, in its turn. */
export async function runTransaction<T>(
  session: Session,
  work: (tx: TransactionClient) => Promise<T>,
  options: QueryOptions,
  begin: BeginOptions = {},
): Promise<T> {
  await session.begin(begin);
  const client = new SessionTransaction(session, options, 0);
  let result: T;
  try {
    result = await work(client);
  } catch (error) {
    // Once it has ended, what is open on the session is somebody else's.
    await client.rollback();
    throw error;
  }
  if (client.ended) return result;
  client.end();
  await session.commit();
  return result;
}

/** A transaction on a session of its own, or a savepoint in it. */
class SessionTransaction extends SessionQueries implements TransactionClient {
  readonly #session: Session;
  /** How many transactions it is in. */
  readonly #depth: number;
  #inner: SessionTransaction | undefined;
  #ended = false;

  constructor(session: Session, defaults: QueryOptions, depth: number) {
    super(session, defaults);
    this.#session = session;
    this.#depth = depth;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes no more statements, nor do those within it. */
  end(): void {
    this.#ended = true;
    this.#inner?.end();
  }

  async transaction<T>(
    work: (tx: TransactionClient) => Promise<T>,
    { isolation, readOnly, asOf }: BeginOptions = {},
  ): Promise<T> {
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    if ((isolation ?? readOnly ?? asOf) !== undefined) {
      throw new SqlError(
        "25001",
        "the modes of a transaction must not be set in a subtransaction",
      );
    }
    const depth = this.#depth + 1;
    const inner = new SessionTransaction(
      this.#session,
      this.withDefaults(undefined),
      depth,
    );
    this.#inner = inner;
    try {
      await inner.#mark();
      return await inner.#runInner(work);
    } finally {
      inner.end();
      this.#inner = undefined;
    }
  }

  async rollback(): Promise<void> {
    if (this.#ended) return;
    this.end();
    if (this.#depth === 0) await this.#session.rollback();
    else await this.#undo();
  }

  /** Runs `work` between its savepoint and the end of it. */
  async #runInner<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await work(this);
    } catch (error) {
      if (!this.#ended) await this.#undo();
      throw error;
    }
    if (this.#ended) return result;
    this.end();
    try {
      await this.#release();
    } catch (error) {
      await this.#undo();
      throw error;
    }
    return result;
  }

  async #mark(): Promise<void> {
    const savepoint = savepointOf(this.#depth);
    await this.#session.query(`SAVEPOINT ${savepoint}`, [], {});
  }

  /** Keeps what was done since the savepoint. */
  async #release(): Promise<void> {
    const savepoint = savepointOf(this.#depth);
    await this.#session.query(`RELEASE SAVEPOINT ${savepoint}`, [], {});
  }

  /** Undoes what was done since the savepoint. */
  async #undo(): Promise<void> {
    const savepoint = savepointOf(this.#depth);
    await this.#session.query(`ROLLBACK TO SAVEPOINT ${savepoint}`, [], {});
    await this.#release();
  }

  protected closedError(): SqlError | undefined {
    if (this.#ended) {
      return new SqlError("25P01", "the transaction has ended");
    }
    if (this.#inner === undefined) return undefined;
    return new SqlError(
      "25001",
      "a transaction within this one is in progress",
      { hint: "Wait until it is done, or run the statement in it." },
    );
  }
}

function savepointOf(depth: number): string {
  return `kriya_savepoint_${depth}`;
}
