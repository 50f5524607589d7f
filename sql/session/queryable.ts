/**
 * What can be done with a database, and in a transaction.
 *
 * @module
 */
import type { CopySource } from "./copy_source.ts";
import type { QueryResult, Row } from "./result.ts";
import type { AsOf, RunOptions } from "./run_options.ts";

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
   * Outside of a transaction it is one of its own, and is run again when
   * another was first.
   *
   * @throws {SqlError} what is wrong with the statement, with PostgreSQL's
   * SQLSTATE in `code`.
   * @throws {KriyaError} what the store reports: `corrupt`, `fenced`,
   * `unavailable`, `closed`.
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
   * Runs `COPY … FROM STDIN` with `source` as its data: text, bytes, a stream or
   * anything that gives pieces of either. It is read as fast as rows can be
   * taken, and never held as a whole.
   *
   * Outside of a transaction it is one of its own. From a stream it cannot be
   * run again when another was first: then it fails with `40001`.
   *
   * @throws {SqlError} what is wrong with the data; `where` says in which line.
   *
   * @example
   * ```ts
   * import { open } from "@kriyadb/kriyadb";
   * import { assertEquals } from "@std/assert";
   *
   * await using db = await open("memory:");
   * await db.exec("CREATE TABLE people (id int, name text)");
   * const { affectedRows } = await db.copyFrom(
   *   "COPY people FROM STDIN (FORMAT csv, HEADER)",
   *   "id,name\n1,Ada\n2,Grace\n",
   * );
   * assertEquals(affectedRows, 2);
   * ```
   */
  copyFrom(
    text: string,
    source: CopySource,
    options?: QueryOptions,
  ): Promise<QueryResult>;

  /**
   * The bytes that `COPY … TO STDOUT` writes. The statement runs while they are
   * read; an error of it is one of the stream.
   *
   * @example
   * ```ts
   * import { open } from "@kriyadb/kriyadb";
   * import { assertEquals } from "@std/assert";
   *
   * await using db = await open("memory:");
   * const csv = db.copyTo("COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT CSV");
   * assertEquals(await new Response(csv).text(), "1,a\n2,\n");
   * ```
   */
  copyTo(text: string, options?: QueryOptions): ReadableStream<Uint8Array>;

  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when
   * it throws. It begins with the settings in force, and what it SETs ends with
   * it.
   *
   * In a transaction it is a savepoint; until it is done, the outer transaction
   * takes no statements but those of the inner.
   *
   * @throws {SqlError} `40001` when another transaction was first: run it again;
   * `25P02` when a statement of it failed, though `work` resolved.
   */
  transaction<T>(
    work: (tx: TransactionClient) => Promise<T>,
    options?: BeginOptions,
  ): Promise<T>;
}

/** How a transaction is begun; what is absent follows the settings. */
export interface BeginOptions {
  /**
   * `read committed`: each statement sees what is committed when it begins, and
   * goes on with the newest versions of rows that it waited for. `repeatable
   * read`: what it sees is one moment, and what it writes nobody else wrote
   * since. `serializable`: besides, nothing that it read was changed
   * since, if it wrote anything: as if transactions had run one after the
   * other.
   */
  readonly isolation?:
    | "read committed"
    | "repeatable read"
    | "serializable"
    | undefined;
  /** Refuses writes. */
  readonly readOnly?: boolean | undefined;
  /** Shows the database as it was then, and refuses writes. */
  readonly asOf?: AsOf | undefined;
}

/** A transaction that is under way. */
export interface TransactionClient extends Queryable {
  /**
   * Rolls back what was done so far; `transaction` then resolves without a
   * commit, and further statements fail.
   */
  rollback(): Promise<void>;
}

/** The text of a template, with `$1`, `$2` … for its values. */
export function templateText(strings: TemplateStringsArray): string {
  let text = strings[0]!;
  for (let i = 1; i < strings.length; i++) text += `$${i}${strings[i]!}`;
  return text;
}
