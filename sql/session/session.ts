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
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { ParsedStatement } from "../parser/parser.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { runAutocommit, streamAutocommit } from "./autocommit.ts";
import { type StopKind, stoppedError, type StopSession } from "./backends.ts";
import { runInBlock, streamInBlock } from "./block_statements.ts";
import { commitMode } from "./commit_mode.ts";
import type { DatabaseCore } from "./database_core.ts";
import { cancellation } from "./execution_context.ts";
import { type ParsedText, parseText } from "./parsed_text.ts";
import type { Prepared } from "./prepared.ts";
import { prepareStatement } from "./prepared_statement.ts";
import { PastBlocks } from "./history/past_blocks.ts";
import {
  preparedPast,
  prepareInPresent,
  streamPast,
} from "./history/past_statement.ts";
import type { BeginOptions } from "./queryable.ts";
import type { QueryResult, Row } from "./result.ts";
import type { RunOptions } from "./run_options.ts";
import type { ScriptStatement } from "./protocol/script_statement.ts";
import { Settings } from "./settings.ts";
import { statementError } from "./statement_error.ts";
import { StatementQueue } from "./statement_queue.ts";
import { TransactionBlock } from "./transaction_block.ts";
import {
  type BlockModes,
  TransactionStatements,
} from "./transaction_statements.ts";

/** What a session begins with. */
export interface SessionOptions {
  /** The settings of another, which keeps its temporary objects. */
  readonly settings?: Settings | undefined;
  /** Defaults of settings (default: the database's). */
  readonly defaults?: ReadonlyMap<string, string> | undefined;
}

/** One client of a database. */
export class Session {
  readonly #core: DatabaseCore;
  readonly settings: Settings;
  /** Whether its temporary objects go with it: another's stay. */
  readonly #ownsTemporary: boolean;
  #block: TransactionBlock | undefined;
  /** Whether a block waits for its place. */
  #isOpening = false;
  /** Whether COMMIT and ROLLBACK are the program's, not the text's. */
  #managed = false;
  readonly #queue: StatementQueue;
  readonly #transactions: TransactionStatements;
  readonly #past: PastBlocks;
  /** What another session stops this one by. */
  onStop: StopSession = (kind) => this.stop(kind);

  /** A session with the database's settings, or those of `options`. */
  constructor(core: DatabaseCore, options: SessionOptions = {}) {
    this.#core = core;
    this.settings = options.settings ??
      new Settings(options.defaults ?? core.settings);
    core.backends.add(
      this.settings.objects.processId,
      (kind) => this.onStop(kind),
    );
    this.#ownsTemporary = options.settings === undefined;
    this.#queue = new StatementQueue(
      core.store,
      () => this.inBlock || this.#isOpening,
    );
    this.#transactions = new TransactionStatements(this.settings, {
      block: () => this.#block,
      open: (modes, options) => this.#open(modes, false, options),
      commit: () => this.#commitBlock(),
      rollback: () => this.#endBlock({ committed: false }),
    });
    this.#past = new PastBlocks(core, this.settings, {
      block: () => this.#block,
      begin: (syntax, options) => this.#transactions.begin(syntax, options),
      end: () => this.#endBlock({ committed: false }),
    });
  }

  /** Whether a transaction block is open. */
  get inBlock(): boolean {
    return this.#block !== undefined;
  }

  /** The block that is open. */
  get block(): TransactionBlock | undefined {
    return this.#block;
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
    return this.#queue.run(() =>
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
    const parsed = parseText(text);
    const several = "statements" in parsed && parsed.statements.length > 1;
    return this.#queue.run(() => this.#runAll(parsed, options), several);
  }

  /**
   * Runs one statement of a script; at once where it waits for nothing.
   *
   * @throws {SqlError}
   */
  run(
    { text, parsed, declared }: ScriptStatement,
    parameters: readonly unknown[],
    options: RunOptions,
  ): MaybePromise<QueryResult<unknown>> {
    return this.#queue.start(() =>
      this.#run(text, parsed, parameters, options, declared)
    );
  }

  /** Opens a block that is no statement's; nothing may be under way. */
  openImplicit(): MaybePromise<void> {
    if (this.#block === undefined) return this.#open({}, true, {});
  }

  /** Ends such a block: commits it, if nothing in it failed. */
  closeImplicit(): Promise<void> {
    return this.#queue.run(() => {
      const block = this.#block;
      if (block === undefined || !block.implicit) return;
      if (!block.failed) return this.#commitBlock();
      this.#endBlock({ committed: false });
    });
  }

  /**
   * Prepares a statement where it would run now, without running it.
   *
   * @throws {SqlError}
   */
  describe({ text, parsed, declared }: ScriptStatement): Prepared {
    try {
      const prepared = this.#prepare(text, parsed, {}, declared);
      if (prepared.bound.kind !== "past") return prepared;
      return this.prepare(text);
    } catch (error) {
      throw statementError(error);
    }
  }

  /** Prepares a statement, without running it. */
  prepare(text: string): Prepared {
    const request = { text, catalog: this.catalog };
    try {
      return prepareInPresent(this.#core, this.settings, request);
    } catch (error) {
      throw statementError(error);
    }
  }

  /** Runs a query and hands on its rows chunk by chunk. */
  async *stream<R = Row>(
    text: string,
    parameters: readonly unknown[],
    options: RunOptions,
    declared?: readonly number[],
  ): AsyncGenerator<R[]> {
    const turn = this.#queue.turn();
    if (isPromise(turn)) await turn;
    const block = this.#block;
    const prepared = this.#prepare(text, undefined, options, declared);
    this.#checkAllowed(prepared);
    try {
      if (prepared.bound.kind === "past") {
        const { statement } = prepared.bound;
        const past = { statement, parameters, options };
        yield* streamPast<R>(this.#core, this.settings, past);
      } else if (block === undefined) {
        yield* streamAutocommit<R>(
          this.#core,
          this.settings,
          prepared,
          parameters,
          options,
        );
      } else {
        block.enter(prepared.bound.kind);
        const { transaction } = block;
        const { settings } = this;
        const core = this.#core;
        const run = { core, settings, prepared, parameters, options };
        yield* streamInBlock<R>({ ...run, transaction });
      }
    } catch (error) {
      block?.fail(error);
      throw statementError(error);
    }
  }

  /**
   * Begins a block that `commit` and `rollback` end, and no statement does,
   * after the statements given before.
   *
   * @throws {SqlError} `25001` when there is one.
   */
  begin(options: BeginOptions = {}): Promise<void> {
    return this.#queue.run(() => {
      if (this.inBlock) {
        throw new SqlError(
          "25001",
          "there is already a transaction in progress",
          {
            hint:
              "Use the client that the transaction's function is given, or another session.",
          },
        );
      }
      return then(this.#open(options, false, {}), () => {
        this.#managed = true;
        const { asOf } = options;
        if (asOf === undefined) return;
        return this.#past.begin(asOf);
      });
    });
  }

  /**
   * Commits the block, after the statements given before.
   *
   * @throws {SqlError} `25P02` if a statement of it failed: it is rolled back.
   */
  commit(): Promise<void> {
    return this.#queue.run(async () => {
      const block = this.#block;
      if (block === undefined) return;
      if (!block.failed) return await this.#commitBlock();
      const { failure } = block;
      this.#endBlock({ committed: false });
      throw new SqlError(
        "25P02",
        "transaction was rolled back: a statement in it failed",
        { cause: failure },
      );
    });
  }

  /** Rolls the block back, after the statements given before. */
  rollback(): Promise<void> {
    return this.#queue.run(() => this.#endBlock({ committed: false }));
  }

  /** Stops what runs; if it is to end, its transaction has failed, too. */
  stop(kind: StopKind): void {
    this.settings.objects.stops.stop(kind);
    if (kind === "terminate") this.#block?.fail(stoppedError(kind));
  }

  /** Waits for what is under way, and rolls back what is open. */
  async close(): Promise<void> {
    await this.#queue.empty();
    this.#endBlock({ committed: false });
    this.settings.objects.cursors.closeAll();
    this.settings.objects.notifications.close();
    this.#core.backends.remove(this.settings.objects.processId);
    this.#core.releaseLocks(this.settings);
    if (this.#ownsTemporary) this.#core.dropTemporary(this.settings);
  }

  get catalog(): Transaction["catalog"] {
    return this.#block?.transaction.catalog ??
      this.#core.catalogOf(this.settings);
  }

  /** The catalog that a statement given now sees. */
  get currentCatalog(): Transaction["catalog"] {
    this.#block?.prepare(this.#core.catalogOf(this.settings));
    return this.catalog;
  }

  /** Opens a block, once there is a place for it. */
  #open(
    modes: BlockModes,
    implicit: boolean,
    options: Pick<RunOptions, "signal">,
  ): MaybePromise<void> {
    const { settings } = this;
    const { slots } = this.#core;
    const max = settings.integer("lsm_s3.max_active_transactions");
    if (slots.tryTake(max)) return this.#openIn(modes, implicit);
    if (!settings.boolean("lsm_s3.wait_for_transaction")) {
      throw slots.refusal(max);
    }
    this.#isOpening = true;
    const timeoutMs = settings.integer("lock_timeout");
    return cancellation(this.#core, settings, { options })
      .within((signal) => slots.take(max, { timeoutMs, signal }))
      .then(() => this.#openIn(modes, implicit))
      .finally(() => this.#isOpening = false);
  }

  /** Opens a block in the place that was taken for it. */
  #openIn(modes: BlockModes, implicit: boolean): void {
    const { settings } = this;
    const readOnly = modes.readOnly ??
      settings.boolean("default_transaction_read_only");
    const isolation = modes.isolation ??
      settings.show("default_transaction_isolation");
    const transaction = this.#core.beginBlock(settings);
    settings.begin();
    settings.objects.notifications.busy = true;
    if (readOnly) settings.set("transaction_read_only", ["on"], true);
    if (isolation !== settings.show("transaction_isolation")) {
      settings.set("transaction_isolation", [isolation], true);
    }
    this.#block = new TransactionBlock(transaction, settings, implicit);
  }

  #prepare(
    text: string,
    parsed: ParsedStatement | undefined,
    options: RunOptions,
    declared?: readonly number[],
  ): Prepared {
    const block = this.#block;
    block?.prepare(this.#core.catalogOf(this.settings));
    try {
      const past = preparedPast(options, text, parsed);
      if (past !== undefined) return past;
      return prepareStatement(this.#core, this.settings, {
        text,
        parsed,
        declared,
        catalog: this.catalog,
        refuse: block?.failed
          ? (kind) => {
            if (kind !== "transaction") block.refuseFailed();
          }
          : undefined,
      });
    } catch (error) {
      block?.fail(error);
      throw error;
    }
  }

  /** @throws {SqlError} if the block or the session refuses the statement. */
  #checkAllowed({ bound }: Prepared): void {
    if (bound.kind !== "transaction") {
      this.#block?.refuseFailed();
      return;
    }
    if (!this.#managed) return;
    const { kind } = bound.syntax;
    if (kind !== "commit" && kind !== "rollback") return;
    const error = new SqlError("2D000", "invalid transaction termination", {
      hint:
        "The transaction ends with the function that was given to transaction(): return, throw, or call rollback().",
    });
    this.#block?.fail(error);
    throw error;
  }

  #run(
    text: string,
    parsed: ParsedStatement | undefined,
    parameters: readonly unknown[],
    options: RunOptions,
    declared?: readonly number[],
  ): MaybePromise<QueryResult<unknown>> {
    const prepared = this.#prepare(text, parsed, options, declared);
    this.#checkAllowed(prepared);
    const { bound } = prepared;
    if (bound.kind === "past") {
      const { statement } = bound;
      return this.#past.run({ statement, parameters, options });
    }
    if (bound.kind === "transaction") {
      return this.#transactions.run(bound.syntax, options);
    }
    const block = this.#block;
    if (block === undefined) {
      return runAutocommit(
        this.#core,
        this.settings,
        prepared,
        parameters,
        options,
      );
    }
    const { transaction, isolation } = block;
    try {
      block.enter(bound.kind);
      const { settings } = this;
      const core = this.#core;
      const run = { core, settings, prepared, parameters, options };
      const done = runInBlock({ ...run, transaction });
      block.checkIsolation(isolation);
      return isPromise(done)
        ? done.catch((error) => {
          block.fail(error);
          throw error;
        })
        : done;
    } catch (error) {
      block.fail(error);
      throw error;
    }
  }

  /** Runs the statements of `exec`. */
  async #runAll(
    parsed: ParsedText,
    options: RunOptions,
  ): Promise<QueryResult[]> {
    if ("error" in parsed) {
      this.#block?.fail(parsed.error);
      throw parsed.error;
    }
    const { statements } = parsed;
    const results: QueryResult[] = [];
    try {
      for (const statement of statements) {
        const { kind } = statement.syntax;
        const ends = kind === "commit" || kind === "rollback";
        if (statements.length > 1 && !this.inBlock && !ends) {
          const opened = this.#open({}, true, options);
          if (isPromise(opened)) await opened;
        }
        const { text } = statement;
        const done = this.#run(text, statement, [], options);
        results.push((isPromise(done) ? await done : done) as QueryResult);
      }
      if (this.#block?.implicit) await this.#commitBlock();
      return results;
    } catch (error) {
      if (this.#block?.implicit) this.#endBlock({ committed: false });
      throw error;
    }
  }

  async #commitBlock(): Promise<void> {
    let committed = false;
    try {
      await this.settings.objects.cursors.hold();
      await this.#commit(this.#block!.transaction);
      committed = true;
    } finally {
      this.#endBlock({ committed });
    }
  }

  #commit(transaction: Transaction): Promise<void> {
    const mode = commitMode(this.#core, this.settings);
    return this.#core.commit(transaction, mode);
  }

  #endBlock(end: { readonly committed: boolean }): void {
    const block = this.#block;
    if (block === undefined) return;
    if (!end.committed) this.#core.rollback(block.transaction);
    this.settings.objects.cursors.endTransaction(end.committed);
    this.#block = undefined;
    this.#managed = false;
    this.settings.end(end.committed);
    this.settings.objects.notifications.busy = false;
  }
}
