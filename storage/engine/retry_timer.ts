/**
 * Tries again later, and ever later.
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";

/** Ms until the first try; it doubles … */
const RETRY_MS = 1000;
/** … up to this. */
const RETRY_MS_MAX = 60_000;

/** A timer for one task. It does not keep the process alive. */
export class RetryTimer {
  readonly #environment: Environment;
  readonly #task: () => void;
  #timer: Timer | undefined;
  #delayMs = RETRY_MS;

  /** A timer that is not set. */
  constructor(environment: Environment, task: () => void) {
    this.#environment = environment;
    this.#task = task;
  }

  /** Sets the timer; the next time it takes twice as long. */
  later(): void {
    this.stop();
    const background = { background: true };
    this.#timer = this.#environment.setTimer(
      this.#task,
      this.#delayMs,
      background,
    );
    this.#delayMs = Math.min(RETRY_MS_MAX, this.#delayMs * 2);
  }

  /** It went well: no timer, and the next one is short again. */
  reset(): void {
    this.stop();
    this.#delayMs = RETRY_MS;
  }

  /** Calls the timer off. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
