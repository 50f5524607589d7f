/**
 * The one door to time and chance.
 *
 * Nothing else in the library touches clocks, timers or randomness, so that a
 * whole run, background work included, replays from a seed when an
 * {@linkcode Environment} of a simulation takes the place of the system's.
 * `tests/tidy_test.ts` enforces it.
 *
 * @module
 */

/** A timer that was set, and can be called off. */
export interface Timer {
  /** Calls the timer off; does nothing once it has fired. */
  cancel(): void;
}

/** Clock, timers and randomness. */
export interface Environment {
  /** Milliseconds since the Unix epoch, by the wall clock; may step back. */
  now(): number;
  /** Milliseconds since some fixed moment, never going back; fractional. */
  monotonicMs(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Fills and returns `bytes` with random bytes. */
  randomBytes(bytes: Uint8Array): Uint8Array;
  /**
   * Calls `callback` once, `delayMs` from now at the earliest. A background
   * timer does not keep the process alive.
   */
  setTimer(
    callback: () => void,
    delayMs: number,
    options?: TimerOptions,
  ): Timer;
}

/** Options of {@linkcode Environment.setTimer}. */
export interface TimerOptions {
  /** Whether the process may end before the timer fires (default false). */
  readonly background?: boolean | undefined;
}

/** The system's clock, timers and randomness. */
export const systemEnvironment: Environment = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  randomBytes(bytes: Uint8Array): Uint8Array {
    crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
    return bytes;
  },
  setTimer(
    callback: () => void,
    delayMs: number,
    options: TimerOptions = {},
  ): Timer {
    const id: unknown = setTimeout(callback, delayMs);
    if (options.background) unref(id);
    return { cancel: () => clearTimeout(id as number) };
  },
};

/** Keeps a timer from holding the process open: Deno and Node differ here. */
function unref(id: unknown): void {
  if (typeof id === "number") {
    const deno = (globalThis as { Deno?: { unrefTimer(id: number): void } })
      .Deno;
    deno?.unrefTimer(id);
  } else if (typeof id === "object" && id !== null && "unref" in id) {
    (id as { unref(): void }).unref();
  }
}

/**
 * Resolves in a later turn of the event loop: everything that could go on
 * without waiting for the outside has gone on.
 *
 * @example
 * ```ts
 * import { nextTurn } from "./environment.ts";
 *
 * await nextTurn();
 * ```
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // Browsers have no setImmediate; their timers are a few ms slower.
    if (typeof setImmediate === "function") setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/**
 * Resolves after `delayMs`, or rejects with the signal's reason when it is
 * aborted first.
 *
 * @example
 * ```ts
 * import { delay, type Environment, systemEnvironment } from "./environment.ts";
 *
 * // A simulation, in which no time passes.
 * const environment: Environment = {
 *   ...systemEnvironment,
 *   setTimer(callback) {
 *     queueMicrotask(callback);
 *     return { cancel() {} };
 *   },
 * };
 * await delay(environment, 60_000);
 * ```
 */
export function delay(
  environment: Environment,
  delayMs: number,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      timer.cancel();
      reject(signal!.reason);
    };
    const timer = environment.setTimer(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
