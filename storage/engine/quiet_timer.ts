/**
 * A timer that fires once nothing has happened for a while.
 *
 * Each event only notes the time: the timer that is set stays, and looks when it
 * fires how long it has been quiet. So an event costs a reading of the clock.
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";

/** A timer for one task. It does not keep the process alive. */
export class QuietTimer {
  readonly #environment: () => Environment;
  readonly #task: () => void;
  #timer: Timer | undefined;
  #delayMs = 0;
  #lastMs = 0;

  /** A timer that is not set. */
  constructor(environment: () => Environment, task: () => void) {
    this.#environment = environment;
    this.#task = task;
  }

  /** Something happens: the task is called `delayMs` after the last of these. */
  note(delayMs: number): void {
    this.#lastMs = this.#environment().monotonicMs();
    if (this.#timer !== undefined && this.#delayMs === delayMs) return;
    this.stop();
    this.#delayMs = delayMs;
    this.#set(delayMs);
  }

  /** Calls the timer off. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #set(afterMs: number): void {
    this.#timer = this.#environment().setTimer(
      () => this.#fire(),
      afterMs,
      { background: true },
    );
  }

  #fire(): void {
    this.#timer = undefined;
    const quietMs = this.#environment().monotonicMs() - this.#lastMs;
    const leftMs = this.#delayMs - quietMs;
    // A clock may not tell less than a millisecond from nothing.
    if (leftMs > 0) this.#set(Math.max(1, leftMs));
    else this.#task();
  }
}
