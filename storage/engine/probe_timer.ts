/**
 * When the log is tried again that had no answer: later and ever later, and not
 * by all writers of a bucket in the same moment.
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";

/** How long it waits. */
export interface ProbeLimits {
  /** Ms until the first try; each wait is twice the one before … */
  readonly walProbeMs: number;
  /** … up to this. */
  readonly walProbeMsMax: number;
  /** Clock and chance. */
  readonly environment: Environment;
}

/** A timer for one task. It does not keep the process alive. */
export class ProbeTimer {
  readonly #limits: () => ProbeLimits;
  readonly #task: () => void;
  #timer: Timer | undefined;
  #tries = 0;

  /** A timer that is not set. */
  constructor(limits: () => ProbeLimits, task: () => void) {
    this.#limits = limits;
    this.#task = task;
  }

  /** Sets the timer; the next time it takes twice as long. */
  later(): void {
    this.stop();
    const { walProbeMs, walProbeMsMax, environment } = this.#limits();
    const longest = Math.min(walProbeMsMax, walProbeMs * 2 ** this.#tries);
    // Exponents end where numbers do; the longest wait is reached long before.
    this.#tries = Math.min(60, this.#tries + 1);
    this.#timer = environment.setTimer(
      this.#task,
      // Jitter over the upper half.
      longest * (0.5 + environment.random() / 2),
      { background: true },
    );
  }

  /** It went well: no timer, and the next one is short again. */
  reset(): void {
    this.stop();
    this.#tries = 0;
  }

  /** Calls the timer off. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
