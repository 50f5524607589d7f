/**
 * When periodic commits are due: one timer for all of them, and whether the
 * oldest has waited for longer than it may.
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";

/** The period. */
export interface WalPeriodLimits {
  /** Ms until a periodic commit is written to the log. */
  readonly walPeriodMs: number;
  /** Clock. */
  readonly environment: Environment;
}

/** Keeps the period. */
export class WalPeriod {
  readonly #limits: () => WalPeriodLimits;
  readonly #due: () => void;
  #timer: Timer | undefined;
  /** When the oldest periodic commit joined that is not in the log. */
  #from = Infinity;

  /** Calls `due` when what has joined is to be written. */
  constructor(limits: () => WalPeriodLimits, due: () => void) {
    this.#limits = limits;
    this.#due = due;
  }

  /** Whether a periodic commit is not in the log though its time has come. */
  get isOverdue(): boolean {
    const { walPeriodMs, environment } = this.#limits();
    return this.#from + walPeriodMs < environment.monotonicMs();
  }

  /** Lets what has joined be written within the period. */
  begin(): void {
    const { walPeriodMs, environment } = this.#limits();
    if (this.#from === Infinity) this.#from = environment.monotonicMs();
    this.#timer ??= environment.setTimer(() => {
      this.#timer = undefined;
      this.#due();
    }, walPeriodMs);
  }

  /** The oldest periodic commit that gathers joined at `fromMs`. */
  moveTo(fromMs: number): void {
    this.#from = fromMs;
  }

  /** Calls the timer off. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
