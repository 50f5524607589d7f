/**
 * ANALYZE without being asked: some time after a commit, the tables that
 * changed enough are analyzed, one after the other, as PostgreSQL's autovacuum
 * does it.
 *
 * A table is due once more rows of it were changed than
 * `autovacuum_analyze_threshold` + `autovacuum_analyze_scale_factor` × its rows;
 * parameters of the table of the same names go first, and `autovacuum_enabled`.
 *
 * 1. A round begins `autovacuum_naptime` after the first commit since the last
 *    one, by the environment's timer. Without commits there are no rounds.
 * 2. A table is analyzed in a transaction of its own, which gives the thread
 *    away between chunks. Where it conflicts, a later round tries again.
 * 3. While a transaction is open that changes the catalog nothing is analyzed:
 *    nobody's DROP fails because of us.
 * 4. Tables of more than {@linkcode ROWS_MAX} rows are left to ANALYZE, which
 *    reads all of them: it would be the most expensive reader of a bucket.
 *
 * @module
 */
import type { Environment, Timer } from "../../../base/environment.ts";
import type { CatalogState } from "../../catalog/catalog_state.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { isTemporaryId } from "../../catalog/temporary_schema.ts";
import type { Settings } from "../settings.ts";
import { changedRows, type TableActivity } from "./table_activity.ts";

/** How many rows a table has at most that is analyzed by itself. */
export const ROWS_MAX = 2_000_000;

/** How a parameter of a table says no. */
const OFF = /^(f|fa|fal|fals|false|of|off|n|no|0)$/i;

/** What automatic ANALYZE works on. */
export interface AutoAnalyzeHost {
  readonly environment: Environment;
  readonly activity: TableActivity;
  /** The settings of the database. */
  settings(): Settings;
  /** What is committed. */
  catalog(): CatalogState;
  /** About how many rows a table has. */
  rowsOf(table: TableEntry): number;
  /** Whether a transaction is open that changes the catalog. */
  isChanging(): boolean;
  /** Analyzes a table, and commits. */
  analyze(table: TableEntry, signal: AbortSignal): Promise<void>;
}

/** Analyzes tables in the background. */
export class AutoAnalyze {
  readonly #host: AutoAnalyzeHost;
  readonly #stop = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  /** Whether there was a commit during the round. */
  #again = false;

  /** Nothing happens before {@linkcode consider}. */
  constructor(host: AutoAnalyzeHost) {
    this.#host = host;
  }

  /** Rows were changed: a round begins some time later. */
  consider(): void {
    if (this.#stop.signal.aborted || this.#timer !== undefined) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    const nap = this.#host.settings().integer("autovacuum_naptime");
    this.#timer = this.#host.environment.setTimer(
      () => this.#start(),
      nap * 1000,
      { background: true },
    );
  }

  /** Resolves when the round that is due, or under way, is done. */
  async settle(): Promise<void> {
    if (this.#timer !== undefined) {
      this.#timer.cancel();
      this.#start();
    }
    await this.#running;
  }

  /** Stops; resolves once nothing is under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#running;
  }

  #start(): void {
    this.#timer = undefined;
    this.#again = false;
    this.#running = this.#round().finally(() => {
      this.#running = undefined;
      if (this.#again) this.consider();
    });
  }

  async #round(): Promise<void> {
    const { signal } = this.#stop;
    for (const { id } of this.#due()) {
      if (signal.aborted) return;
      if (this.#host.isChanging()) {
        this.#again = true;
        return;
      }
      const table = this.#host.catalog().byId(id);
      if (table?.kind !== "table") continue;
      try {
        await this.#host.analyze(table, signal);
      } catch {
        // A conflict with a definition, or the store: statistics can wait.
        this.#again = true;
      }
    }
  }

  /** The tables that changed enough. */
  #due(): TableEntry[] {
    const settings = this.#host.settings();
    const due: TableEntry[] = [];
    if (!settings.boolean("autovacuum")) return due;
    for (const entry of this.#host.catalog().relations()) {
      if (entry.kind === "table" && this.#isDue(entry, settings)) {
        due.push(entry);
      }
    }
    return due;
  }

  #isDue(table: TableEntry, settings: Settings): boolean {
    const { id, storageId, options } = table;
    // What keeps no rows has no storage; the rows of others are their session's.
    if (storageId === 0 || isTemporaryId(id)) return false;
    if (OFF.test(options["autovacuum_enabled"] ?? "on")) return false;
    const activity = this.#host.activity.of(storageId);
    if (activity === undefined) return false;
    const rows = this.#host.rowsOf(table);
    if (rows > ROWS_MAX) return false;
    const statistics = this.#host.catalog().statisticsOf(id);
    const analyzedRows = statistics?.rows ?? 0;
    const number = (name: string): number =>
      Number(options[name] ?? settings.show(name));
    const limit = number("autovacuum_analyze_threshold") +
      number("autovacuum_analyze_scale_factor") * analyzedRows;
    return changedRows({ activity, rows, analyzedRows }) > limit;
  }
}
