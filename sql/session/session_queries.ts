/**
 * Statements on one session, as applications give them: what a database and a
 * session of it have in common.
 *
 * @module
 */
import type { KriyaError } from "../../base/errors.ts";
import type { CopySource } from "./copy_source.ts";
import { inTranslation, isForeign, statementsOf } from "./dialect_text.ts";
import {
  type Queryable,
  type QueryOptions,
  templateText,
} from "./queryable.ts";
import type { Field, QueryResult, Row } from "./result.ts";
import type { Session } from "./session.ts";

/** What {@linkcode PreparedStatement} is made of. */
export interface PreparedFacts {
  /** The statement's text. */
  readonly text: string;
  /** The columns of its result. */
  readonly fields: readonly Field[];
  /** The names of the parameters' types, `$1` first. */
  readonly parameterTypes: readonly string[];
  /** The OIDs of the parameters' types, `$1` first. */
  readonly parameterTypeIDs: readonly number[];
}

/** A statement that was prepared. */
export class PreparedStatement<R = Row> {
  readonly #queries: SessionQueries;
  /** The statement's text. */
  readonly text: string;
  /** The columns of its result. */
  readonly fields: readonly Field[];
  /** The names of the parameters' types, `$1` first. */
  readonly parameterTypes: readonly string[];
  /** The OIDs of the parameters' types, `$1` first. */
  readonly parameterTypeIDs: readonly number[];

  /** Used by `prepare`. */
  constructor(queries: SessionQueries, facts: PreparedFacts) {
    this.#queries = queries;
    this.text = facts.text;
    this.fields = facts.fields;
    this.parameterTypes = facts.parameterTypes;
    this.parameterTypeIDs = facts.parameterTypeIDs;
  }

  /** Runs the statement; see {@linkcode Queryable.query}. */
  query(
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<R>> {
    return this.#queries.query(this.text, parameters, options);
  }
}

/** Runs statements on a session. */
export abstract class SessionQueries implements Omit<Queryable, "transaction"> {
  readonly #session: Session;
  readonly #defaults: QueryOptions;

  /** Statements on `session`. */
  constructor(session: Session, defaults: QueryOptions) {
    this.#session = session;
    this.#defaults = defaults;
  }

  /** Why no statement is taken any more, if none is. */
  protected abstract closedError(): KriyaError | undefined;

  /** Runs one statement; see {@linkcode Queryable.query}. */
  query<R = Row>(
    text: string,
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<QueryResult<R>> {
    const closed = this.closedError();
    if (closed !== undefined) return Promise.reject(closed);
    const all = this.withDefaults(options);
    return isForeign(all)
      ? this.#queryForeign<R>(text, parameters ?? [], all)
      : this.#session.query(text, parameters ?? [], all);
  }

  /** Runs a statement of another dialect, which may be several of ours. */
  async #queryForeign<R>(
    text: string,
    parameters: readonly unknown[],
    options: QueryOptions,
  ): Promise<QueryResult<R>> {
    const texts = await statementsOf(text, options, this.#session);
    const translated = texts.join(";\n");
    try {
      if (texts.length === 1 || parameters.length > 0) {
        return await this.#session.query<R>(translated, parameters, options);
      }
      const results = await this.#session.exec(translated, options);
      return (results[0] ??
        await this.#session.query("", [], options)) as QueryResult<R>;
    } catch (error) {
      throw inTranslation(error, translated);
    }
  }

  /** Runs several statements; see {@linkcode Queryable.exec}. */
  exec(text: string, options?: QueryOptions): Promise<QueryResult[]> {
    const closed = this.closedError();
    if (closed !== undefined) return Promise.reject(closed);
    const all = this.withDefaults(options);
    return isForeign(all)
      ? this.#execForeign(text, all)
      : this.#session.exec(text, all);
  }

  /** Runs statements of another dialect. */
  async #execForeign(
    text: string,
    options: QueryOptions,
  ): Promise<QueryResult[]> {
    const texts = await statementsOf(text, options, this.#session);
    const translated = texts.join(";\n");
    try {
      return await this.#session.exec(translated, options);
    } catch (error) {
      throw inTranslation(error, translated);
    }
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
    const closed = this.closedError();
    if (closed !== undefined) throw closed;
    const all = this.withDefaults(options);
    const translated = isForeign(all)
      ? (await statementsOf(text, all, this.#session)).join(";\n")
      : text;
    const chunks = this.#session.stream<R>(translated, parameters ?? [], all);
    for await (const rows of chunks) {
      yield* rows;
      const closed = this.closedError();
      if (closed !== undefined) throw closed;
    }
  }

  /** Copies rows in; see {@linkcode Queryable.copyFrom}. */
  copyFrom(
    text: string,
    source: CopySource,
    options?: QueryOptions,
  ): Promise<QueryResult> {
    return this.query(text, [], { ...options, copySource: source });
  }

  /** Copies rows out; see {@linkcode Queryable.copyTo}. */
  copyTo(text: string, options?: QueryOptions): ReadableStream<Uint8Array> {
    return ReadableStream.from(
      this.stream<Uint8Array>(text, [], { ...options, copyOut: true }),
    );
  }

  /**
   * Parses and checks a statement: its result's columns and its parameters'
   * types are known before it runs.
   *
   * @throws {SqlError}
   */
  prepare<R = Row>(text: string): Promise<PreparedStatement<R>> {
    return new Promise((resolve) => {
      const closed = this.closedError();
      if (closed !== undefined) throw closed;
      const { resultFields, bound } = this.#session.prepare(text);
      resolve(
        new PreparedStatement<R>(this, {
          text,
          fields: resultFields,
          parameterTypes: bound.parameterTypes.map(({ type }) => type.name),
          parameterTypeIDs: bound.parameterTypes.map(({ type }) => type.oid),
        }),
      );
    });
  }

  /** Options of a call, and the defaults where it has none. */
  protected withDefaults(options: QueryOptions | undefined): QueryOptions {
    return options === undefined
      ? this.#defaults
      : { ...this.#defaults, ...options };
  }
}
