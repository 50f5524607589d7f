/**
 * A transaction as PGlite's `transaction` hands it on.
 *
 * @module
 */
import type { AnyRow, PgliteQueryOptions, Results } from "./results.ts";
import { query as templated } from "./template.ts";

/** What a transaction runs its statements with. */
export interface Statements {
  query<T>(
    text: string,
    params: readonly unknown[] | undefined,
    options: PgliteQueryOptions | undefined,
  ): Promise<Results<T>>;
  exec(
    text: string,
    options: PgliteQueryOptions | undefined,
  ): Promise<Results[]>;
  listen(
    channel: string,
    callback: (payload: string) => void,
  ): Promise<() => Promise<void>>;
}

/** A transaction that is under way. */
export class Transaction {
  readonly #statements: Statements;
  #closed = false;

  /** Used by `PGlite.transaction`. */
  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Whether it takes no more statements. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Runs one statement. */
  async query<T = AnyRow>(
    query: string,
    params?: readonly unknown[],
    options?: PgliteQueryOptions,
  ): Promise<Results<T>> {
    this.#checkOpen();
    return await this.#statements.query<T>(query, params, options);
  }

  /** Runs one statement written as a template. */
  async sql<T = AnyRow>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<Results<T>> {
    const { query, params } = templated(strings, ...values);
    return await this.query<T>(query, params);
  }

  /** Runs the statements of a text. */
  async exec(query: string, options?: PgliteQueryOptions): Promise<Results[]> {
    this.#checkOpen();
    return await this.#statements.exec(query, options);
  }

  /** Rolls back; the transaction takes no more statements. */
  async rollback(): Promise<void> {
    this.#checkOpen();
    this.#closed = true;
    await this.#statements.exec("ROLLBACK", undefined);
  }

  /** Listens to a channel, from the transaction's commit on. */
  async listen(
    channel: string,
    callback: (payload: string) => void,
  ): Promise<(tx?: Transaction) => Promise<void>> {
    this.#checkOpen();
    return await this.#statements.listen(channel, callback);
  }

  /** Takes no more statements. Used by `PGlite.transaction`. */
  end(): void {
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("Transaction is closed");
  }
}
