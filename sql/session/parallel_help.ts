/**
 * What a statement asks of the session where plans run in several threads. Most ask
 * nothing, so settings are read when they do.
 *
 * @module
 */
import type { ParallelContext } from "../executor/operator.ts";
import type { WorkerPool } from "../executor/parallel/worker_pool.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Settings } from "./settings.ts";

/** Threads that may help a statement. */
export class ParallelHelp implements ParallelContext {
  readonly #core: DatabaseCore;
  readonly #settings: Settings;

  /** For a statement of the session that has `settings`. */
  constructor(core: DatabaseCore, settings: Settings) {
    this.#core = core;
    this.#settings = settings;
  }

  /** The threads of the database. */
  get pool(): WorkerPool {
    return this.#core.workers;
  }

  /** Whether they are used however few rows there are. */
  get forced(): boolean {
    return this.#settings.show("debug_parallel_query") !== "off";
  }

  /** Whether EXPLAIN keeps quiet about them. */
  get hidden(): boolean {
    return this.#settings.show("debug_parallel_query") === "regress";
  }

  /** Whether this thread does a part itself. */
  get leads(): boolean {
    return this.#settings.boolean("parallel_leader_participation");
  }

  /** A clock that never goes back, in milliseconds. */
  nowMs(): number {
    return this.#core.environment.monotonicMs();
  }
}
