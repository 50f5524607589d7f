/**
 * A query whose result is kept up to date: run again when a commit touches what
 * it has read, and told of by what came and what went.
 *
 * What it has read is known as for a serializable transaction: keys and ranges,
 * those of indexes and vector indexes too. Where each row of the result is made
 * of one row of one table, only the rows that changed are looked at
 * (`changed_rows.ts`); everything else is run again as a whole, and compared.
 *
 * One evaluation runs at a time, and the next begins when the callback is done
 * with it; what is committed meanwhile is one change of the result then. It
 * holds a snapshot where it stands, which moves on with every commit.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import type { Snapshot } from "../../../storage/mvcc/snapshot.ts";
import { prefixOf } from "../../../storage/sstable/properties.ts";
import {
  readTid,
  ROW_KEY_BYTES,
  STORAGE_ID_BYTES,
} from "../../access/row_key.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import { nextCommit } from "../changes/next_commit.ts";
import type { DatabaseCore } from "../database_core.ts";
import type { Prepared } from "../prepared.ts";
import { prepareStatement } from "../prepared_statement.ts";
import type { Field, Row } from "../result.ts";
import type { RunOptions } from "../run_options.ts";
import { runStatement } from "../run_statement.ts";
import type { Settings } from "../settings.ts";
import { statementError } from "../statement_error.ts";
import { runOverRows, tableOfRows } from "./changed_rows.ts";
import {
  applyChanges,
  compareRows,
  keyed,
  type KeyedRows,
} from "./row_changes.ts";
import { WatchedReads } from "./watched_reads.ts";

/** Bytes of entries that are looked at one by one; for more it is run again. */
const TOUCHED_BYTES_MAX = 1024 * 1024;

/** Rows that are looked at one by one; for more the query is run again. */
const CHANGED_ROWS_MAX = 1000;

/** What a live query tells. */
export interface LiveUpdate<R = Row> {
  /** The result as it is now. */
  readonly rows: readonly R[];
  /** Rows that were not in the result before: at first, all of them. */
  readonly added: readonly R[];
  /** Rows that are not in it any more. */
  readonly removed: readonly R[];
}

/** Is told of a result, and of every other that follows it. */
export type LiveCallback<R = Row> = (
  update: LiveUpdate<R>,
) => void | Promise<void>;

/** How a live query runs. */
export interface LiveOptions extends
  Pick<
    RunOptions,
    "rowMode" | "resultFormat" | "types" | "parsers" | "serializers"
  > {
  /** Ends it when aborted. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Is told what a later evaluation, or the callback, threw; then the query goes
   * on with the next commit that touches it (default: it ends, and `finished`
   * rejects).
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** What is run: a statement, and how. */
export interface LiveRequest<R> {
  readonly text: string;
  readonly parameters: readonly unknown[];
  readonly callback: LiveCallback<R>;
  readonly options: LiveOptions;
}

/** A query whose result is kept up to date. */
export class LiveQuery<R = Row> implements AsyncDisposable {
  readonly #core: DatabaseCore;
  readonly #settings: Settings;
  readonly #request: LiveRequest<R>;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #prepared!: Prepared;
  #result: KeyedRows<R> = { rows: [], keys: [] };
  #reads = new WatchedReads(undefined);
  /** The table whose rows the result's are made of. */
  #table: TableEntry | undefined;
  #held: Snapshot | undefined;
  /** Whether it has to be run again whatever was committed. */
  #isDue = false;
  /** Resolves when it has ended; rejects if an error ended it. */
  finished: Promise<void> = Promise.resolve();

  /** Used by `live`. */
  constructor(
    core: DatabaseCore,
    settings: Settings,
    request: LiveRequest<R>,
  ) {
    this.#core = core;
    this.#settings = settings;
    this.#request = request;
    const { signal } = request.options;
    this.#signal = AbortSignal.any([this.#stop.signal, signal ?? []].flat());
  }

  /** The result as it was told last. */
  get rows(): readonly R[] {
    return this.#result.rows;
  }

  /** The columns of the result. */
  get fields(): readonly Field[] {
    return this.#prepared.resultFields;
  }

  /** Runs it for the first time, and tells of it. */
  async start(): Promise<void> {
    try {
      this.#signal.throwIfAborted();
      await this.#evaluate();
      const { rows } = this.#result;
      await this.#request.callback({ rows, added: rows, removed: [] });
    } catch (error) {
      this.#held?.release();
      throw statementError(error);
    }
    this.finished = this.#follow().finally(() => this.#held?.release());
    this.finished.catch(() => {}); // For who asks.
  }

  /** Ends it; resolves when its callback is called no more. */
  async close(): Promise<void> {
    this.#stop.abort(new KriyaError("closed", "The live query was closed"));
    await this.finished.catch(() => {});
  }

  /** Ends it at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #seen(): number {
    return this.#held!.sequence;
  }

  async #follow(): Promise<void> {
    const { store } = this.#core;
    let tried = this.#seen;
    // What failed is not tried again before there is something new.
    const hasMore = (): boolean =>
      store.visibleSequence > Math.max(this.#seen, tried);
    for (;;) {
      try {
        if (this.#signal.aborted) return;
        if (!hasMore() && !await nextCommit(store, hasMore, this.#signal)) {
          return;
        }
        tried = Math.max(tried, hasMore() ? store.visibleSequence : 0);
        if (tried > this.#seen) await this.#advance();
      } catch (error) {
        if (this.#signal.aborted || isClosed(error)) return;
        // What a row was wrong with is known; what the store did is not.
        this.#isDue = !(error instanceof SqlError);
        const { onError } = this.#request.options;
        if (onError === undefined) throw statementError(error);
        onError(statementError(error));
      }
    }
  }

  /** Looks at what was committed, and tells what it changed. */
  async #advance(): Promise<void> {
    const to = this.#core.store.visibleSequence;
    const touched = await this.#touched(to);
    if (touched === "none") return this.#holdAt(to);
    const before = this.#result;
    let changes: Pick<LiveUpdate<R>, "added" | "removed">;
    if (touched === "all") {
      await this.#evaluate();
      changes = compareRows(before, this.#result);
    } else {
      changes = await this.#applyRows(touched, to);
    }
    const { added, removed } = changes;
    const { rows, keys } = this.#result;
    const isSame = added.length === 0 && removed.length === 0 &&
      keys.every((key, i) => key === before.keys[i]);
    if (!isSame) await this.#request.callback({ rows, added, removed });
  }

  /** What commits up to `to` have touched: rows of the table, all, nothing. */
  async #touched(to: number): Promise<"none" | "all" | Float64Array> {
    if (this.#isDue) return "all";
    const reads = this.#reads;
    const { entries, end } = await this.#core.store.committedAfter(
      { sequence: this.#seen },
      {
        to,
        bytesMax: TOUCHED_BYTES_MAX,
        wants: (prefix) => reads.wants(prefix),
        signal: this.#signal,
      },
    );
    if (end.sequence < to || end.key !== undefined) return "all";
    if (entries.some((entry) => reads.isDefinition(entry))) return "all";
    const touching = entries.filter((entry) => reads.isTouchedBy(entry));
    if (touching.length === 0) return "none";
    const table = this.#table;
    if (table === undefined) return "all";
    const tids = new Set(
      touching.filter(({ key }) =>
        key.length === ROW_KEY_BYTES &&
        prefixOf(key, 0, key.length) === table.storageId
      ).map(({ key }) => readTid(key, STORAGE_ID_BYTES)),
    );
    if (tids.size > CHANGED_ROWS_MAX) return "all";
    return Float64Array.from(tids).sort();
  }

  /** Runs the query anew. */
  async #evaluate(): Promise<void> {
    const core = this.#core;
    const settings = this.#settings;
    const { text, parameters } = this.#request;
    // What fails is run again when something touches what it has read.
    this.#holdAt(core.store.visibleSequence);
    this.#table = undefined;
    const catalog = core.catalogOf(settings);
    const prepared = prepareStatement(core, settings, { text, catalog });
    refuseOthers(prepared);
    const transaction = core.begin(settings, {
      readOnly: true,
      serializable: true,
    });
    const request = { transaction, parameters, options: this.#runOptions() };
    try {
      const result = await runStatement(core, settings, prepared, request);
      this.#prepared = prepared;
      this.#table = tableOfRows(prepared);
      this.#result = keyed(result.rows as R[]);
      this.#isDue = false;
    } finally {
      this.#reads = new WatchedReads(transaction.readSet);
      core.rollback(transaction);
    }
  }

  /** Looks at rows of the table that changed, as they were and as they are. */
  async #applyRows(
    tids: Float64Array,
    to: number,
  ): Promise<Pick<LiveUpdate<R>, "added" | "removed">> {
    const before = keyed(await this.#rowsAt(this.#seen, tids));
    const after = keyed(await this.#rowsAt(to, tids));
    const changes = compareRows(before, after);
    this.#result = applyChanges(this.#result, {
      added: keyed(changes.added),
      removed: keyed(changes.removed),
    });
    this.#holdAt(to);
    return changes;
  }

  /** What the query gave for rows of its table as of a commit. */
  async #rowsAt(sequence: number, tids: Float64Array): Promise<R[]> {
    const core = this.#core;
    const { parameters } = this.#request;
    const transaction: Transaction = core.begin(this.#settings, {
      readOnly: true,
    });
    try {
      const { catalog } = transaction;
      transaction.startAgain(catalog, core.store.snapshotAt(sequence));
      return await runOverRows(core, this.#settings, this.#prepared, {
        transaction,
        parameters,
        options: this.#runOptions(),
      }, tids) as R[];
    } finally {
      core.rollback(transaction);
    }
  }

  #runOptions(): RunOptions {
    const { onError: _, ...options } = this.#request.options;
    return { ...options, signal: this.#signal };
  }

  #holdAt(sequence: number): void {
    const before = this.#held;
    this.#held = this.#core.store.snapshotAt(sequence);
    before?.release();
  }
}

/** @throws {SqlError} `0A000` for what is no query of the present. */
function refuseOthers({ bound }: Prepared): void {
  if (bound.kind === "select") return;
  throw new SqlError("0A000", "a live query must be a SELECT of the present");
}

function isClosed(error: unknown): boolean {
  return error instanceof KriyaError && error.kind === "closed";
}
