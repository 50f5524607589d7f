/**
 * The circuit breaker about the log: when the store does not take it any more,
 * commits are refused at once instead of each waiting for its own failure.
 *
 * | state | commits | the log |
 * | --- | --- | --- |
 * | closed | join | is written, each attempt counted |
 * | open | are refused | rests until the probe is due |
 * | half-open | are refused | the group whose outcome is unknown is tried once |
 *
 * It opens after `walBreakerFailures` attempts in a row without success, or
 * when `walBreakerSharePercent` of those in the last `walBreakerWindowMs` had
 * none (and there were `SHARE_FAILURES` times as many as it takes in a row). A
 * probe that succeeds closes it; one that fails opens it again, for longer
 * (`probe_timer.ts`).
 *
 * The probe needs no object of its own: what opened the breaker is a group that
 * is bound to its id, and it has to be settled before anything else is written
 * (`wal_writer.ts`). So a probe is never lost work, and what was told to be
 * unknown becomes known by it.
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { DISK_FULL } from "../object_store/file_errors.ts";
import { FailureWindow } from "./failure_window.ts";
import type { StoreEventName, StoreEvents } from "./store_event.ts";

/** Failures for which a share counts, as a multiple of those in a row. */
const SHARE_FAILURES = 2;

/** When the breaker opens. */
export interface WriteBreakerLimits {
  /** Failures in a row that open it; 0: nothing does. */
  readonly walBreakerFailures: number;
  /** The share of failures in the window that opens it; 0: none does. */
  readonly walBreakerSharePercent: number;
  /** The window, in ms. */
  readonly walBreakerWindowMs: number;
  /** Clock. */
  readonly environment: Environment;
}

/** What the breaker does with commits. */
export type BreakerState = "closed" | "open" | "half-open";

/** How the log is written, in numbers. */
export interface WriteBreakerStatus {
  /** Whether commits are taken. */
  readonly state: BreakerState;
  /** Attempts without success since the store was opened. */
  readonly failures: number;
  /** Attempts without success since the last one with. */
  readonly failuresInRow: number;
  /** How often it has opened. */
  readonly openings: number;
  /** Commits that it refused. */
  readonly refusedCommits: number;
  /** When an attempt failed last, in ms since the epoch. */
  readonly lastFailureAt: number | undefined;
  /** What that one met. */
  readonly lastFailure: string | undefined;
}

/** The breaker of one writer. */
export class WriteBreaker {
  readonly #limits: () => WriteBreakerLimits;
  readonly #events: StoreEvents;
  readonly #window = new FailureWindow();
  #state: BreakerState = "closed";
  #failures = 0;
  #failuresInRow = 0;
  #openings = 0;
  #refused = 0;
  #lastFailureAt: number | undefined;
  #lastFailure: KriyaError | undefined;

  /** A closed breaker, which tells `events`. */
  constructor(limits: () => WriteBreakerLimits, events: StoreEvents) {
    this.#limits = limits;
    this.#events = events;
  }

  /** Whether commits are taken. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** The numbers. */
  get status(): WriteBreakerStatus {
    return {
      state: this.#state,
      failures: this.#failures,
      failuresInRow: this.#failuresInRow,
      openings: this.#openings,
      refusedCommits: this.#refused,
      lastFailureAt: this.#lastFailureAt,
      lastFailure: this.#lastFailure?.message,
    };
  }

  /** The events that are still so. */
  get alerts(): readonly StoreEventName[] {
    if (!this.isClosed) return ["WAL write failed", "WAL writes stopped"];
    return this.#failuresInRow > 0 ? ["WAL write failed"] : [];
  }

  /** An attempt failed; whether to try again without waiting for a probe. */
  failed(error: KriyaError): boolean {
    const limits = this.#limits();
    const nowMs = limits.environment.monotonicMs();
    this.#window.count(true, nowMs, limits.walBreakerWindowMs);
    this.#failures++;
    this.#failuresInRow++;
    this.#lastFailureAt = limits.environment.now();
    this.#lastFailure = error;
    this.#tell("WAL write failed", error);
    if (this.#state === "half-open") this.#state = "open";
    else if (this.isClosed && this.#isTooMuch(limits, nowMs)) this.#open(error);
    return this.isClosed;
  }

  /** A group is in the log. */
  succeeded(): void {
    const { environment, walBreakerWindowMs } = this.#limits();
    const nowMs = environment.monotonicMs();
    this.#failuresInRow = 0;
    if (this.isClosed) {
      this.#window.count(false, nowMs, walBreakerWindowMs);
      return;
    }
    // What it was like before says nothing about now.
    this.#window.clear();
    this.#state = "closed";
    this.#tell("WAL writes resumed", undefined);
  }

  /** The next attempt is a probe, if the breaker is open. */
  probe(): void {
    if (this.#state === "open") this.#state = "half-open";
  }

  /**
   * Why the log cannot be asked now; `undefined` if it can.
   *
   * A commit that gets this error has left nothing behind.
   */
  get error(): KriyaError | undefined {
    return this.isClosed ? undefined : this.#stoppedError();
  }

  /** @throws {KriyaError} `unavailable` (`58030`, `53100`) unless closed. */
  check(): void {
    if (this.isClosed) return;
    this.#refused++;
    throw this.#stoppedError();
  }

  /** Counts commits that were let in and are refused after all. */
  countRefused(count: number): void {
    this.#refused += count;
  }

  #isTooMuch(limits: WriteBreakerLimits, nowMs: number): boolean {
    const { walBreakerFailures, walBreakerSharePercent } = limits;
    if (walBreakerFailures === 0) return false;
    if (this.#failuresInRow >= walBreakerFailures) return true;
    if (walBreakerSharePercent === 0) return false;
    const { attempts, failures } = this.#window.totals(
      nowMs,
      limits.walBreakerWindowMs,
    );
    return failures >= walBreakerFailures * SHARE_FAILURES &&
      failures * 100 >= attempts * walBreakerSharePercent;
  }

  #open(error: KriyaError): void {
    this.#state = "open";
    this.#openings++;
    this.#tell("WAL writes stopped", error);
  }

  #tell(name: StoreEventName, error: KriyaError | undefined): void {
    const at = this.#limits().environment.now();
    const failuresInRow = this.#failuresInRow;
    this.#events.tell({ name, at, failuresInRow, error });
  }

  #stoppedError(): KriyaError {
    const last = this.#lastFailure!;
    const full = last.code === DISK_FULL;
    return new KriyaError(
      "unavailable",
      full
        ? "Cannot commit: the store is full"
        : "Cannot commit: the store does not take the log",
      {
        code: full ? DISK_FULL : "58030",
        cause: last,
        detail:
          `After ${this.#failuresInRow} failures in a row writing has stopped until the store answers; the last one was: ${last.message}`,
        hint: `Nothing was written. ${
          last.hint ??
            "The log is tried again from time to time, and by lsm_s3_flush() at once"
        }`,
      },
    );
  }
}
