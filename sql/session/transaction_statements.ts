/**
 * BEGIN, COMMIT, ROLLBACK and savepoints: what they do to a session's block.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { TransactionSyntax } from "../parser/syntax.ts";
import type { BeginSyntax } from "./history/past_blocks.ts";
import { type QueryResult, tagOnly } from "./result.ts";
import type { RunOptions } from "./run_options.ts";
import { setTransactionModes } from "./run_setting.ts";
import type { Settings } from "./settings.ts";
import type { TransactionBlock } from "./transaction_block.ts";

/** How a block is opened; what is absent follows the settings. */
export interface BlockModes {
  readonly readOnly?: boolean | undefined;
  readonly isolation?: string | undefined;
}

/** What a session does with its block. */
export interface TransactionHost {
  /** The block that is open. */
  block(): TransactionBlock | undefined;
  /** Opens one that statements end. */
  open(
    modes: BlockModes,
    options: Pick<RunOptions, "signal">,
  ): MaybePromise<void>;
  /** Commits the block. */
  commit(): Promise<void>;
  /** Rolls the block back. */
  rollback(): void;
}

/** The statements of one session that are about its transactions. */
export class TransactionStatements {
  readonly #settings: Settings;
  readonly #host: TransactionHost;

  /** Of the session that has `settings`. */
  constructor(settings: Settings, host: TransactionHost) {
    this.#settings = settings;
    this.#host = host;
  }

  /** Runs a statement. @throws {SqlError} */
  run(
    syntax: TransactionSyntax,
    options: RunOptions,
  ): MaybePromise<QueryResult<unknown>> {
    switch (syntax.kind) {
      case "begin":
        return this.begin(syntax, options);
      case "commit":
        return this.#commit(syntax.chain, options);
      case "rollback":
        return this.#rollback(syntax.chain, options);
      case "savepoint":
        this.#inside("SAVEPOINT", (block) => block.savepoint(syntax.name));
        return tagOnly("SAVEPOINT");
      case "release":
        this.#inside(
          "RELEASE SAVEPOINT",
          (block) => block.release(syntax.name),
        );
        return tagOnly("RELEASE");
      case "rollback_to":
        return this.#rollbackTo(syntax.name);
      default:
        return unreachable(syntax);
    }
  }

  /** BEGIN. */
  begin(
    syntax: BeginSyntax,
    options: RunOptions,
  ): MaybePromise<QueryResult<unknown>> {
    const tag = syntax.start ? "START TRANSACTION" : "BEGIN";
    const block = this.#host.block();
    block?.refuseFailed();
    if (block === undefined) {
      return then(this.#host.open(syntax.modes, options), () => tagOnly(tag));
    }
    if (!block.implicit) {
      warn(options, "25001", "there is already a transaction in progress");
    }
    block.implicit = false;
    const { isolation } = block;
    setTransactionModes(this.#settings, "transaction", syntax.modes);
    block.checkIsolation(isolation);
    return tagOnly(tag);
  }

  async #commit(
    chain: boolean,
    options: RunOptions,
  ): Promise<QueryResult<unknown>> {
    const block = this.#host.block();
    if (block === undefined || block.implicit) {
      warn(options, "25P01", "there is no transaction in progress");
      if (block === undefined) return tagOnly("COMMIT");
    }
    const { failed } = block;
    const modes = chain ? this.#modes() : undefined;
    if (failed) this.#host.rollback();
    else await this.#host.commit();
    if (modes !== undefined) await this.#host.open(modes, options);
    return tagOnly(failed ? "ROLLBACK" : "COMMIT");
  }

  #rollback(
    chain: boolean,
    options: RunOptions,
  ): MaybePromise<QueryResult<unknown>> {
    const block = this.#host.block();
    if (block === undefined || block.implicit) {
      warn(options, "25P01", "there is no transaction in progress");
      if (block === undefined) return tagOnly("ROLLBACK");
    }
    const modes = chain ? this.#modes() : undefined;
    this.#host.rollback();
    const opened = modes && this.#host.open(modes, options);
    return then(opened, () => tagOnly("ROLLBACK"));
  }

  /** What a block that follows by AND CHAIN has of this one. */
  #modes(): BlockModes {
    return {
      readOnly: this.#settings.boolean("transaction_read_only"),
      isolation: this.#settings.show("transaction_isolation"),
    };
  }

  #rollbackTo(name: string): MaybePromise<QueryResult<unknown>> {
    const run = (): QueryResult<unknown> => {
      this.#inside("ROLLBACK TO SAVEPOINT", (block) => block.rollbackTo(name));
      return tagOnly("ROLLBACK");
    };
    const block = this.#host.block();
    return block?.hasSavepoint(name) && this.#settings.objects.cursors.reads
      ? block.readCursors(name).then(run)
      : run();
  }

  /** Does something with the block that `what` needs. */
  #inside(what: string, work: (block: TransactionBlock) => void): void {
    const block = this.#host.block();
    try {
      if (block === undefined || block.implicit) {
        throw new SqlError(
          "25P01",
          `${what} can only be used in transaction blocks`,
        );
      }
      work(block);
    } catch (error) {
      block?.fail(error);
      throw error;
    }
  }
}

function warn(options: RunOptions, code: string, message: string): void {
  options.onNotice?.({ severity: "WARNING", code, message });
}
