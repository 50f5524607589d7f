/**
 * Work that goes on beside statements as long as a database is open: PostgreSQL's
 * background workers, in its process.
 *
 * @module
 */
import { delay, type Environment } from "../../../base/environment.ts";
import { SqlError } from "../../errors/sql_error.ts";

/** How a worker is run. */
export interface WorkerOptions {
  /**
   * How long after it failed it is run again, in milliseconds (default 1000);
   * `"never"`: it stays ended.
   */
  readonly restartAfterMs?: number | "never" | undefined;
  /** Told what a run failed with (default: nobody). */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Does the work until it is done, or `signal` says that it has to end. */
export type WorkerMain = (signal: AbortSignal) => Promise<void> | void;

/** What is known of a worker. */
export interface WorkerStatus {
  readonly name: string;
  /** `waiting`: it failed, and is run again. */
  readonly state: "running" | "waiting" | "ended";
  /** How often it was run. */
  readonly runs: number;
  /** What it failed with last. */
  readonly lastError?: string | undefined;
}

/** A worker as who started it sees it. */
export interface BackgroundWorker extends AsyncDisposable {
  /** What is known of it. */
  readonly status: WorkerStatus;
  /** Resolves when it has ended: its work is done, or it was stopped. */
  readonly ended: Promise<void>;
  /** Tells it to end, and waits until it has. */
  stop(): Promise<void>;
}

/** The most workers at once. */
const WORKERS_MAX = 64;

const RESTART_AFTER_MS = 1000;

/** The workers of an open database. */
export class BackgroundWorkers {
  readonly #environment: Environment;
  readonly #workers = new Map<string, RunningWorker>();

  /** No workers; waits are those of `environment`. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /**
   * Starts a worker, after what runs now.
   *
   * @throws {SqlError} `42710` when one of that name runs, `53400` when there are as
   * many as there may be.
   */
  start(
    name: string,
    main: WorkerMain,
    options: WorkerOptions,
  ): BackgroundWorker {
    if (this.#workers.has(name)) {
      throw new SqlError("42710", `background worker "${name}" already exists`);
    }
    if (this.#workers.size >= WORKERS_MAX) {
      throw new SqlError("53400", "too many background workers", {
        detail: `There are ${WORKERS_MAX} at most.`,
      });
    }
    const forget = (): void => void this.#workers.delete(name);
    const worker = new RunningWorker(
      name,
      main,
      options,
      this.#environment,
      forget,
    );
    this.#workers.set(name, worker);
    return worker;
  }

  /** What is known of those that have not ended, by name. */
  get statuses(): WorkerStatus[] {
    return [...this.#workers.values()].map(({ status }) => status);
  }

  /** Ends all. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((each) => each.stop()));
  }
}

class RunningWorker implements BackgroundWorker {
  readonly ended: Promise<void>;
  readonly #name: string;
  readonly #stop = new AbortController();
  #state: WorkerStatus["state"] = "running";
  #runs = 0;
  #lastError: string | undefined;

  constructor(
    name: string,
    main: WorkerMain,
    options: WorkerOptions,
    environment: Environment,
    onEnd: () => void,
  ) {
    this.#name = name;
    this.ended = this.#loop(main, options, environment).finally(() => {
      this.#state = "ended";
      onEnd();
    });
  }

  get status(): WorkerStatus {
    return {
      name: this.#name,
      state: this.#state,
      runs: this.#runs,
      lastError: this.#lastError,
    };
  }

  async #loop(
    main: WorkerMain,
    { restartAfterMs = RESTART_AFTER_MS, onError }: WorkerOptions,
    environment: Environment,
  ): Promise<void> {
    const { signal } = this.#stop;
    // Who starts it goes on first.
    await Promise.resolve();
    while (!signal.aborted) {
      this.#state = "running";
      this.#runs++;
      try {
        await main(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#lastError = error instanceof Error
          ? error.message
          : String(error);
        try {
          onError?.(error);
        } catch {
          // Who is told of failures may fail: the worker is run again all the same.
        }
      }
      if (restartAfterMs === "never") return;
      this.#state = "waiting";
      try {
        await delay(environment, restartAfterMs, { signal });
      } catch {
        return;
      }
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
