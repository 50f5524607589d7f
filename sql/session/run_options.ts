/**
 * How a statement is asked to run.
 *
 * @module
 */
import type { BuildProgress } from "../access/index_access.ts";
import type { Dialect } from "../dialect/dialect.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { CopySource } from "./copy_source.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { ResultFormat, RowMode } from "./result.ts";
import type { RowSink } from "./row_sink.ts";
import type { Parsers, Serializers, ValueForms } from "./value_forms.ts";

/** A notice for the user. */
export interface Notice {
  /** `INFO`, `NOTICE` or `WARNING`. */
  readonly severity: "INFO" | "NOTICE" | "WARNING";
  /** The SQLSTATE. */
  readonly code: string;
  /** The text. */
  readonly message: string;
  /** More of it, one thing a line. */
  readonly detail?: string | undefined;
}

/**
 * A moment of the past: a time, a text as AS OF SYSTEM TIME takes it
 * (`"-5 minutes"`, `"2026-01-31 12:00+00"`), or a snapshot's name.
 */
export type AsOf =
  | string
  | Date
  | { readonly epochMilliseconds: number }
  | { readonly snapshot: string };

/** How a statement runs and what its rows look like. */
export interface RunOptions {
  /**
   * Shows the database as it was then: AS OF SYSTEM TIME for a statement that
   * does not say so itself.
   */
  readonly asOf?: AsOf | undefined;
  /** Rows as objects (default) or as arrays. */
  readonly rowMode?: RowMode | undefined;
  /**
   * Values as JavaScript values (default), as PostgreSQL's text, or as the bytes
   * of its binary form; one for all columns, or one for each.
   */
  readonly resultFormat?: ResultFormat | readonly ResultFormat[] | undefined;
  /** Takes the rows as they come; the result then has none. */
  readonly rowSink?: RowSink | undefined;
  /** Other JavaScript values than the usual ones, by type. */
  readonly types?: ValueForms | undefined;
  /** What makes values of PostgreSQL's text, by the OID of the type. */
  readonly parsers?: Parsers | undefined;
  /** What is made of parameters first, by the OID of the type. */
  readonly serializers?: Serializers | undefined;
  /**
   * In which words the statement is (default `postgresql`): `mysql`,
   * `mariadb`, `sqlite`, `bigquery`, `snowflake` or `tsql`. It is translated and
   * runs as PostgreSQL's; what cannot be translated is `0A000`, and names it.
   */
  readonly dialect?: Dialect | undefined;
  /** Stops the statement when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Gets notices and warnings. */
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  /** What COPY … FROM STDIN reads; `copyFrom` gives it. */
  readonly copySource?: CopySource | undefined;
  /** Whether the bytes of COPY … TO STDOUT are wanted: by `copyTo`. */
  readonly copyOut?: boolean | undefined;
  /** Takes the bytes of COPY … TO STDOUT, whole rows at a time. */
  readonly copySink?:
    | ((bytes: Uint8Array) => MaybePromise<void>)
    | undefined;
  /** Is told how far CREATE INDEX or COPY … FROM is. */
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
}

/** In what a statement runs. */
export interface RunRequest {
  /** The transaction. */
  readonly transaction: Transaction;
  /** The parameters as JavaScript values. */
  readonly parameters: readonly unknown[];
  /** Options. */
  readonly options: RunOptions;
  /** When it was first tried, if this is not the first time. */
  readonly sinceMs?: number | undefined;
  /** What the client asked for, where this is a part of it. */
  readonly queryText?: string | undefined;
  /** Ends the transaction, for procedures; absent: they cannot. */
  readonly control?: TransactionControl | undefined;
}

/** How COMMIT and ROLLBACK in a procedure end its transaction. */
export interface TransactionControl {
  /** Ends it; the next begins at once. */
  end(command: "commit" | "rollback"): Promise<void>;
}
