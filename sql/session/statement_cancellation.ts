/**
 * What stops a statement: the caller's signal, another session, and
 * `statement_timeout`. And what
 * makes it pause, so that a long one does not stop everything else: timers
 * fire, other statements go on, the signal can be aborted at all.
 *
 * @module
 */
import type { Cancellation } from "../../base/cancellation.ts";
import { delay, type Environment } from "../../base/environment.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { SqlError } from "../errors/sql_error.ts";
import { SessionStops, stoppedError } from "./backends.ts";

/** How long a statement holds the thread before everything else may run, ms. */
const SLICE_MS = 25;

/** What stops and pauses a run of a statement. */
export interface CancellationOptions {
  /** Clock and timers. */
  readonly environment: Environment;
  /** How long the statement may run; 0: without limit. */
  readonly timeoutMs: number;
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined;
  /** What stops the session's statements; absent: it is no session's. */
  readonly stops?: SessionStops;
  /** When its time began, if that was not now. */
  readonly sinceMs: number | undefined;
}

/** What a statement asks between its steps. */
export class StatementCancellation implements Cancellation {
  readonly #environment: Environment;
  readonly #signal: AbortSignal | undefined;
  readonly #stops: SessionStops;
  /** How often the session was stopped before. */
  readonly #stopsBefore: number;
  /** When it has to stop; 0: never. */
  readonly #endMs: number;
  /** When it has to pause; 0 before it was asked, 1 after the first time. */
  #sliceEndMs = 0;

  /** For one run of a statement, which begins now. */
  constructor(options: CancellationOptions) {
    const { environment, timeoutMs, signal, sinceMs } = options;
    this.#environment = environment;
    this.#signal = signal;
    this.#stops = options.stops ?? new SessionStops();
    this.#stopsBefore = this.#stops.count;
    this.#endMs = timeoutMs === 0
      ? 0
      : (sinceMs ?? environment.monotonicMs()) + timeoutMs;
  }

  /** @throws {SqlError} `57014`, `57P01`. */
  throwIfAborted(): void {
    if (this.#signal?.aborted) throw canceled(this.#signal);
    if (this.#stops.count !== this.#stopsBefore) {
      throw stoppedError(this.#stops.kind);
    }
    if (this.#endMs !== 0 && this.#environment.monotonicMs() > this.#endMs) {
      throw timedOut();
    }
  }

  /** Runs `work` with a signal that is aborted, with `57014`, when it stops. */
  async within<T>(work: (signal: AbortSignal) => MaybePromise<T>): Promise<T> {
    this.throwIfAborted();
    const stop = new AbortController();
    const signal = this.#signal;
    const aborted = (): void => stop.abort(canceled(signal!));
    signal?.addEventListener("abort", aborted, { once: true });
    const stops = this.#stops;
    const forget = stops.onStop(() => stop.abort(stoppedError(stops.kind)));
    const timer = this.#endMs === 0 ? undefined : this.#environment.setTimer(
      () => stop.abort(timedOut()),
      Math.max(0, this.#endMs - this.#environment.monotonicMs()),
    );
    try {
      return await work(stop.signal);
    } finally {
      timer?.cancel();
      forget();
      signal?.removeEventListener("abort", aborted);
    }
  }

  /** Lets everything else run every {@linkcode SLICE_MS}. */
  pause(): Promise<void> | undefined {
    // The clock is not read for a single chunk.
    if (this.#sliceEndMs === 0) {
      this.#sliceEndMs = 1;
      return undefined;
    }
    const now = this.#environment.monotonicMs();
    if (this.#sliceEndMs === 1) this.#sliceEndMs = now + SLICE_MS;
    if (now < this.#sliceEndMs) return undefined;
    return this.#wait();
  }

  async #wait(): Promise<void> {
    await delay(this.#environment, 0);
    this.#sliceEndMs = this.#environment.monotonicMs() + SLICE_MS;
  }
}

/** @throws {SqlError} `57014` if the caller's signal was aborted before. */
export function refuseAborted(
  { signal }: { readonly signal?: AbortSignal | undefined },
): void {
  if (signal?.aborted) throw canceled(signal);
}

function timedOut(): SqlError {
  return new SqlError("57014", "canceling statement due to statement timeout");
}

function canceled(signal: AbortSignal): SqlError {
  return new SqlError("57014", "canceling statement due to user request", {
    cause: signal.reason,
  });
}
