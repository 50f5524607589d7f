/**
 * Transaction blocks of a session that show the past: `BEGIN AS OF …`,
 * `SET TRANSACTION AS OF …`, and other statements that ask for a moment.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { TransactionSyntax } from "../../parser/syntax.ts";
import type { DatabaseCore } from "../database_core.ts";
import { type QueryResult, tagOnly } from "../result.ts";
import type { AsOf, RunOptions } from "../run_options.ts";
import type { Settings } from "../settings.ts";
import type { TransactionBlock } from "../transaction_block.ts";
import type { PastMoment } from "./history.ts";
import { momentOf } from "./moment.ts";
import {
  momentOfStatement,
  type PastStatement,
  runPast,
} from "./past_statement.ts";

/** BEGIN. */
export type BeginSyntax = TransactionSyntax & { readonly kind: "begin" };

/** What a session does with its block. */
export interface BlockHost {
  /** The block that is open. */
  block(): TransactionBlock | undefined;
  /** Runs BEGIN. */
  begin(
    syntax: BeginSyntax,
    options: RunOptions,
  ): MaybePromise<QueryResult<unknown>>;
  /** Ends the block. */
  end(): void;
}

/** The past in the blocks of one session. */
export class PastBlocks {
  readonly #core: DatabaseCore;
  readonly #settings: Settings;
  readonly #host: BlockHost;

  /** Of the session that has `settings`. */
  constructor(core: DatabaseCore, settings: Settings, host: BlockHost) {
    this.#core = core;
    this.#settings = settings;
    this.#host = host;
  }

  /** Lets the block that was just opened show a moment. */
  begin(asOf: AsOf): Promise<void> {
    const context = { core: this.#core, settings: this.#settings };
    return this.#move(() => momentOf(context, asOf), true);
  }

  /** Runs a statement that asks for a moment, or moves the block to it. */
  async run(past: PastStatement): Promise<QueryResult<unknown>> {
    const { syntax } = past.statement;
    const before = this.#host.block();
    const moment = (): Promise<PastMoment> =>
      momentOfStatement(this.#core, this.#settings, past);
    try {
      if (syntax.kind === "begin") {
        const result = await this.#host.begin(syntax, past.options);
        await this.#move(moment, before === undefined);
        return result;
      }
      if (syntax.kind === "set_transaction" && before !== undefined) {
        await this.#move(moment, false);
        return tagOnly("SET");
      }
      return await runPast(this.#core, this.#settings, past);
    } catch (error) {
      before?.fail(error);
      throw error;
    }
  }

  /** Moves the block; if it `isNew`, it ends where that fails. */
  async #move(
    moment: () => Promise<PastMoment>,
    isNew: boolean,
  ): Promise<void> {
    const { history } = this.#core;
    try {
      const block = this.#host.block()!;
      await block.moveTo(async () => history.open(await moment()));
    } catch (error) {
      if (isNew) this.#host.end();
      throw error;
    }
  }
}
