/**
 * How many attempts failed lately: counts of a window that slides in ten steps,
 * in constant memory.
 *
 * @module
 */

const SLOTS = 10;

/** Counts of the last `windowMs`, and of at most a tenth more. */
export class FailureWindow {
  readonly #failures = new Uint32Array(SLOTS);
  readonly #successes = new Uint32Array(SLOTS);
  #slot = 0;
  /** The number of the slot since the clock began. */
  #step = 0;

  /** Counts an attempt at `nowMs`. */
  count(failed: boolean, nowMs: number, windowMs: number): void {
    this.#move(nowMs, windowMs);
    const counts = failed ? this.#failures : this.#successes;
    counts[this.#slot]!++;
  }

  /** Attempts in the window, and how many of them failed. */
  totals(
    nowMs: number,
    windowMs: number,
  ): { readonly attempts: number; readonly failures: number } {
    this.#move(nowMs, windowMs);
    let failures = 0;
    let successes = 0;
    for (let i = 0; i < SLOTS; i++) {
      failures += this.#failures[i]!;
      successes += this.#successes[i]!;
    }
    return { attempts: failures + successes, failures };
  }

  /** Forgets everything. */
  clear(): void {
    this.#failures.fill(0);
    this.#successes.fill(0);
  }

  /** Empties the slots that have come into use since. */
  #move(nowMs: number, windowMs: number): void {
    const step = Math.floor(nowMs / Math.max(1, windowMs / SLOTS));
    const moved = Math.min(SLOTS, Math.abs(step - this.#step));
    this.#step = step;
    for (let i = 0; i < moved; i++) {
      this.#slot = (this.#slot + 1) % SLOTS;
      this.#failures[this.#slot] = this.#successes[this.#slot] = 0;
    }
  }
}
