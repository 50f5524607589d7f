/**
 * One client of a database: its transaction block, its settings, its
 * statements.
 *
 * Outside of a block every statement is a transaction of its own; statements
 * given without waiting run side by side and share WAL objects. Inside a block
 * they run one after the other. This file decides in which transaction a
 * statement runs; what it does is in `run_statement.ts` and below.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { parse, type ParsedStatement } from "../parser/parser.ts";
import type { TransactionSyntax } from "../parser/syntax.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Savepoint, Transaction } from "../transaction/transaction.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Prepared } from "./prepared.ts";
import { prepareStatement } from "./prepared_statement.ts";
import { type QueryResult, type Row, tagOnly } from "./result.ts";
import type { RunOptions } from "./run_options.ts";
import { runStatement, streamRows } from "./run_statement.ts";
import { Settings } from "./settings.ts";

/** How often an autocommit statement is run again after a conflict. */
const RETRIES_MAX = 10;

/** A transaction block. */
interface Block {
  readonly transaction: Transaction;
  readonly savepoints: { readonly name: string; readonly mark: Savepoint }[];
  /** After an error only ROLLBACK is taken. */
  failed: boolean;
}

/** One client of a database. */
export class Session {
  readonly #core: DatabaseCore;
  readonly settings: Settings;
  #block: Block | undefined;
  /** Statements of a block wait for one another. */
  #queue: Promise<unknown> = Promise.resolve();
  #queued = 0;

  /** A session with the database's settings. */
  constructor(core: DatabaseCore, settings?: Settings) {
    this.#core = core;
    this.settings = settings ?? new Settings(core.settings);
  }

  /** Whether a transaction block is open. */
  get inBlock(): boolean {
    return this.#block !== undefined;
  }

  /**
   * Runs one statement.
   *
   * @throws {SqlError}
   */
  query<R = Row>(
    text: string,
    parameters: readonly unknown[],
    options: RunOptions,
  ): Promise<QueryResult<R>> {
    return this.#inTurn(() =>
      this.#run(text, undefined, parameters, options)
    ) as Promise<QueryResult<R>>;
  }

  /**
   * Runs the statements of a text, one after the other. Several without a
   * transaction of their own are one transaction, as in PostgreSQL.
   *
   * @throws {SqlError} of the first that fails; the others are not run.
   */
  exec(text: string, options: RunOptions): Promise<QueryResult[]> {
    return this.#inTurn(async () => {
      const statements = parse(text);
      const results: QueryResult[] = [];
      const implicit = statements.length > 1 && !this.inBlock;
      for (const statement of statements) {
        results.push(await this.#runExec(statement, implicit, options));
      }
      if (implicit) await this.#endImplicit();
      return results;
    });
  }

  /** Prepares a statement, without running it. */
  prepare(text: string): Prepared {
    return prepareStatement(this.#core, this.settings, {
      text,
      catalog: this.#catalog(),
    });
  }

  /** Runs a query and hands on its rows chunk by chunk. */
  async *stream<R = Row>(
    text: string,
    parameters: readonly unknown[],
    options: RunOptions,
  ): AsyncGenerator<R[]> {
    const block = this.#block;
    const prepared = this.#prepare(text, undefined);
    this.#refuseFailed(prepared.bound.kind);
    const transaction = block?.transaction ?? this.#begin();
    try {
      yield* streamRows<R>(this.#core, this.settings, prepared, {
        transaction,
        parameters,
        options,
      });
      if (block === undefined) await this.#core.commit(transaction);
    } catch (error) {
      this.#fail();
      throw error;
    } finally {
      if (block === undefined) this.#core.rollback(transaction);
    }
  }

  /** Rolls back what is open. */
  async close(): Promise<void> {
    await this.#queue;
    this.#endBlock({ committed: false });
  }

  /** Runs `work` now if nothing of a block is before it, else in its turn. */
  #inTurn<T>(work: () => MaybePromise<T>): Promise<T> {
    if (this.#block === undefined && this.#queued === 0) {
      try {
        const done = work();
        return isPromise(done) ? this.#follow(done) : Promise.resolve(done);
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return this.#follow(this.#queue.then(work, work));
  }

  /** Keeps later statements of a block behind `done`. */
  #follow<T>(done: Promise<T>): Promise<T> {
    if (this.#block === undefined) return done;
    this.#queued++;
    this.#queue = done.then(() => {}, () => {}).finally(() => this.#queued--);
    return done;
  }

  #catalog(): Transaction["catalog"] {
    return this.#block?.transaction.catalog ?? this.#core.catalog.committed;
  }

  #begin(): Transaction {
    const readOnly = this.settings.boolean("default_transaction_read_only");
    return this.#core.begin({ readOnly });
  }

  #prepare(text: string, parsed: ParsedStatement | undefined): Prepared {
    try {
      return prepareStatement(this.#core, this.settings, {
        text,
        parsed,
        catalog: this.#catalog(),
        refuse: this.#block?.failed
          ? (kind) => this.#refuseFailed(kind)
          : undefined,
      });
    } catch (error) {
      this.#fail();
      throw error;
    }
  }

  #run(
    text: string,
    parsed: ParsedStatement | undefined,
    parameters: readonly unknown[],
    options: RunOptions,
  ): MaybePromise<QueryResult<unknown>> {
    const prepared = this.#prepare(text, parsed);
    const { bound } = prepared;
    this.#refuseFailed(bound.kind);
    if (bound.kind === "transaction") {
      return this.#runTransaction(bound.syntax, options);
    }
    const block = this.#block;
    if (block === undefined) {
      return this.#runAlone(prepared, parameters, options);
    }
    try {
      const done = runStatement(this.#core, this.settings, prepared, {
        transaction: block.transaction,
        parameters,
        options,
      });
      return isPromise(done)
        ? done.catch((error) => {
          this.#fail();
          throw error;
        })
        : done;
    } catch (error) {
      this.#fail();
      throw error;
    }
  }

  /** A statement as a transaction of its own, again if somebody was first. */
  #runAlone(
    prepared: Prepared,
    parameters: readonly unknown[],
    options: RunOptions,
    attempt = 1,
  ): MaybePromise<QueryResult<unknown>> {
    const transaction = this.#begin();
    let done: MaybePromise<QueryResult<unknown>>;
    try {
      done = runStatement(this.#core, this.settings, prepared, {
        transaction,
        parameters,
        options,
      });
    } catch (error) {
      this.#core.rollback(transaction);
      throw error;
    }
    if (!isPromise(done) && transaction.isClean) {
      transaction.rollback();
      return done;
    }
    return this.#finishAlone(
      transaction,
      done,
      () =>
        this.#runAlone(
          this.#prepare(prepared.text, undefined),
          parameters,
          options,
          attempt + 1,
        ),
      attempt,
    );
  }

  async #finishAlone(
    transaction: Transaction,
    done: MaybePromise<QueryResult<unknown>>,
    again: () => MaybePromise<QueryResult<unknown>>,
    attempt: number,
  ): Promise<QueryResult<unknown>> {
    try {
      const result = await done;
      await this.#core.commit(transaction);
      return result;
    } catch (error) {
      this.#core.rollback(transaction);
      if (
        error instanceof KriyaError && error.kind === "conflict" &&
        attempt < RETRIES_MAX
      ) return again();
      throw error;
    }
  }

  /** A statement of `exec`; `implicit`: in one transaction with the others. */
  async #runExec(
    statement: ParsedStatement,
    implicit: boolean,
    options: RunOptions,
  ): Promise<QueryResult> {
    const { kind } = statement.syntax;
    const own = kind === "begin" || kind === "commit" || kind === "rollback";
    if (implicit && own) await this.#endImplicit();
    if (implicit && !own && !this.inBlock) {
      this.#block = {
        transaction: this.#begin(),
        savepoints: [],
        failed: false,
      };
      this.#implicit = true;
      this.settings.begin();
    }
    try {
      return await this.#run(
        statement.text,
        statement,
        [],
        options,
      ) as QueryResult;
    } catch (error) {
      if (this.#implicit) this.#endBlock({ committed: false });
      throw error;
    }
  }

  /** Whether the block was begun by `exec` itself. */
  #implicit = false;

  async #endImplicit(): Promise<void> {
    if (this.#implicit) await this.#commitBlock();
  }

  #refuseFailed(kind: string): void {
    if (!this.#block?.failed || kind === "transaction") return;
    throw new SqlError(
      "25P02",
      "current transaction is aborted, commands ignored until end of transaction block",
    );
  }

  #fail(): void {
    if (this.#block !== undefined) this.#block.failed = true;
  }

  #runTransaction(
    syntax: TransactionSyntax,
    options: RunOptions,
  ): MaybePromise<QueryResult<unknown>> {
    switch (syntax.kind) {
      case "begin":
        return this.#runBegin(syntax, options);
      case "commit":
        return this.#runCommit(syntax.chain, options);
      case "rollback":
        return this.#runRollback(syntax.chain, options);
      case "savepoint":
        this.#checkUsable("SAVEPOINT").savepoints.push({
          name: syntax.name,
          mark: this.#block!.transaction.savepoint(),
        });
        return tagOnly("SAVEPOINT");
      case "release": {
        const block = this.#checkUsable("RELEASE SAVEPOINT");
        block.savepoints.length = this.#findSavepoint(block, syntax.name);
        return tagOnly("RELEASE");
      }
      case "rollback_to": {
        const block = this.#checkBlock("ROLLBACK TO SAVEPOINT");
        const position = this.#findSavepoint(block, syntax.name);
        block.transaction.rollbackTo(block.savepoints[position]!.mark);
        block.savepoints.length = position + 1;
        block.failed = false;
        return tagOnly("ROLLBACK");
      }
    }
  }

  #runBegin(
    syntax: TransactionSyntax & { readonly kind: "begin" },
    options: RunOptions,
  ): QueryResult<unknown> {
    const tag = syntax.start ? "START TRANSACTION" : "BEGIN";
    if (this.#block !== undefined) {
      if (this.#block.failed) this.#refuseFailed("begin");
      warn(options, "25001", "there is already a transaction in progress");
      return tagOnly(tag);
    }
    const readOnly = syntax.modes.readOnly ??
      this.settings.boolean("default_transaction_read_only");
    this.#refuseIsolation(syntax.modes.isolation);
    this.#block = {
      transaction: this.#core.begin({ readOnly }),
      savepoints: [],
      failed: false,
    };
    this.settings.begin();
    return tagOnly(tag);
  }

  /** What is not there is refused rather than taken for something else. */
  #refuseIsolation(isolation: string | undefined): void {
    if (isolation === "serializable") {
      throw new SqlError(
        "0A000",
        "isolation level SERIALIZABLE is not supported yet",
        { hint: "REPEATABLE READ (snapshot isolation) is the default." },
      );
    }
  }

  async #runCommit(
    chain: boolean,
    options: RunOptions,
  ): Promise<QueryResult<unknown>> {
    const block = this.#block;
    if (block === undefined) {
      warn(options, "25P01", "there is no transaction in progress");
      return tagOnly("COMMIT");
    }
    const { failed } = block;
    if (failed) this.#endBlock({ committed: false });
    else await this.#commitBlock();
    if (chain) this.#chain();
    return tagOnly(failed ? "ROLLBACK" : "COMMIT");
  }

  #runRollback(chain: boolean, options: RunOptions): QueryResult<unknown> {
    if (this.#block === undefined) {
      warn(options, "25P01", "there is no transaction in progress");
      return tagOnly("ROLLBACK");
    }
    this.#endBlock({ committed: false });
    if (chain) this.#chain();
    return tagOnly("ROLLBACK");
  }

  #chain(): void {
    this.#block = {
      transaction: this.#begin(),
      savepoints: [],
      failed: false,
    };
    this.settings.begin();
  }

  async #commitBlock(): Promise<void> {
    const { transaction } = this.#block!;
    let committed = false;
    try {
      await this.#core.commit(transaction);
      committed = true;
    } finally {
      this.#endBlock({ committed });
    }
  }

  #endBlock(end: { readonly committed: boolean }): void {
    const block = this.#block;
    if (block === undefined) return;
    if (!end.committed) this.#core.rollback(block.transaction);
    this.#block = undefined;
    this.#implicit = false;
    this.settings.end(end.committed);
  }

  #checkBlock(what: string): Block {
    if (this.#block === undefined || this.#implicit) {
      throw new SqlError(
        "25P01",
        `${what} can only be used in transaction blocks`,
      );
    }
    return this.#block;
  }

  #checkUsable(what: string): Block {
    const block = this.#checkBlock(what);
    this.#refuseFailed(what);
    return block;
  }

  #findSavepoint(block: Block, name: string): number {
    const position = block.savepoints.findLastIndex((savepoint) =>
      savepoint.name === name
    );
    if (position >= 0) return position;
    block.failed = true;
    throw new SqlError("3B001", `savepoint "${name}" does not exist`);
  }
}

function warn(options: RunOptions, code: string, message: string): void {
  options.onNotice?.({ severity: "WARNING", code, message });
}
