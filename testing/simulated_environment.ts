/**
 * Time and chance of a simulation: a clock that stands still until it is moved,
 * timers that fire in order, randomness from a seed.
 *
 * A run with one environment, over stores that do no real input or output,
 * replays exactly from its seed: timers fire one at a time, by their time and
 * then by the order in which they were set, and everything that one set off
 * has gone on as far as it can before the next fires. Hours pass in
 * milliseconds.
 *
 * Invariants:
 * 1. No timer fires before its time, none twice, and none that was cancelled.
 * 2. Time never moves while something can still go on without it (as far as
 *    that shows in the turns of the event loop: real input and output that is
 *    under way is not seen, and is given `realMsMax` once nothing else is left).
 *
 * @module
 */
import {
  type Environment,
  nextTurn,
  systemEnvironment,
  type Timer,
} from "../base/environment.ts";
import { KriyaError } from "../base/errors.ts";
import { SeededRandom } from "./seeded_random.ts";

/** Turns of the event loop in which everything goes on as far as it can. */
const TURNS_PER_TIMER = 2;

/** Options of a {@linkcode SimulatedEnvironment}. */
export interface SimulatedEnvironmentOptions {
  /** Determines every random number (default 1). */
  readonly seed?: number | string | undefined;
  /** What the clock shows first, ms since the epoch (default 2025-01-01). */
  readonly startMs?: number | undefined;
  /**
   * How long `run` waits, in real ms, for something to happen when no timer is
   * left, before it gives up (default 2000).
   */
  readonly realMsMax?: number | undefined;
}

interface SimulatedTimer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/**
 * A simulated clock, timers and randomness.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { delay } from "../base/environment.ts";
 * import { SimulatedEnvironment } from "./simulated_environment.ts";
 *
 * const environment = new SimulatedEnvironment({ seed: 7 });
 * const before = environment.now();
 * await environment.run(() => delay(environment, 3_600_000));
 * assertEquals(environment.now() - before, 3_600_000);
 * ```
 */
export class SimulatedEnvironment implements Environment {
  readonly #random: SeededRandom;
  readonly #realMsMax: number;
  /** A heap by time, then by order. */
  readonly #timers: SimulatedTimer[] = [];
  #elapsedMs = 0;
  #wallMs: number;
  #order = 0;

  /** Creates an environment in which nothing has happened yet. */
  constructor(options: SimulatedEnvironmentOptions = {}) {
    this.#random = new SeededRandom(options.seed ?? 1);
    this.#wallMs = options.startMs ?? Date.UTC(2025, 0, 1);
    this.#realMsMax = options.realMsMax ?? 2000;
  }

  now(): number {
    return this.#wallMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  random(): number {
    return this.#random.next();
  }

  randomBytes(bytes: Uint8Array): Uint8Array {
    return this.#random.fill(bytes);
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const atMs = this.#elapsedMs + Math.max(0, delayMs);
    const order = this.#order++;
    const timer = { atMs, order, callback, cancelled: false };
    this.#push(timer);
    return {
      cancel(): void {
        timer.cancelled = true;
      },
    };
  }

  /** How many timers are set. */
  get timerCount(): number {
    return this.#timers.filter(({ cancelled }) => !cancelled).length;
  }

  /** A stream of randomness of its own, for a part of the simulation. */
  forkRandom(): SeededRandom {
    return this.#random.fork();
  }

  /**
   * Sets the wall clock forward, or back, as an administrator would; timers and
   * `monotonicMs` do not notice.
   */
  stepClock(byMs: number): void {
    this.#wallMs += byMs;
  }

  /** Lets `ms` pass: fires every timer that is due by then, in order. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await this.#settle();
    while (this.#fire(untilMs)) await this.#settle();
    this.#elapsedMs = Math.max(this.#elapsedMs, untilMs);
  }

  /**
   * Runs `task` until it settles, letting as much time pass as it waits for.
   *
   * @throws {KriyaError} `internal` when it waits for something that never
   * comes: no timer is set, and nothing happens.
   */
  async run<T>(task: () => T | Promise<T>): Promise<T> {
    let settled = false;
    const result = Promise.resolve().then(task).finally(() => settled = true);
    // It is returned below; a rejection until then is not unhandled.
    result.catch(() => {});
    let idleSinceMs: number | undefined;
    for (;;) {
      await this.#settle();
      if (settled) return await result;
      if (this.#fire(Number.POSITIVE_INFINITY)) {
        idleSinceMs = undefined;
        continue;
      }
      idleSinceMs ??= systemEnvironment.monotonicMs();
      if (systemEnvironment.monotonicMs() - idleSinceMs > this.#realMsMax) {
        throw new KriyaError(
          "internal",
          "The simulation is stuck: no timer is set, and nothing happens",
        );
      }
    }
  }

  async #settle(): Promise<void> {
    for (let i = 0; i < TURNS_PER_TIMER; i++) await nextTurn();
  }

  /** Fires the first timer that is due by `untilMs`; whether there was one. */
  #fire(untilMs: number): boolean {
    for (;;) {
      const timer = this.#timers[0];
      if (timer === undefined) return false;
      if (timer.cancelled) {
        this.#pop();
        continue;
      }
      if (timer.atMs > untilMs) return false;
      this.#pop();
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.atMs);
      timer.callback();
      return true;
    }
  }

  #push(timer: SimulatedTimer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)
      ) {
        child++;
      }
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: SimulatedTimer, b: SimulatedTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
