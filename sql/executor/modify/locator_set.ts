/**
 * The rows that a statement has changed, by locator.
 *
 * New rows get neighbouring locators: those are kept as runs, the others one
 * by one.
 *
 * @module
 */
import type { RunState } from "../run_state.ts";

/** About what a locator in a `Set` holds, in bytes. */
const ENTRY_BYTES = 48;

/** A set of locators. */
export class LocatorSet {
  readonly #run: RunState;
  /** Runs, ascending: a first locator, and the one after the last. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #others = new Set<number>();

  /** An empty set of a run, which accounts for it. */
  constructor(run: RunState) {
    this.#run = run;
  }

  /** Whether the locator is in the set. */
  has(locator: number): boolean {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= locator) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && locator < this.#ends[low - 1]!) return true;
    return this.#others.has(locator);
  }

  /** Adds a locator; whether it was not there. */
  add(locator: number): boolean {
    if (this.has(locator)) return false;
    const last = this.#ends.at(-1) ?? -1;
    if (locator === last) {
      this.#ends[this.#ends.length - 1] = locator + 1;
      return true;
    }
    this.#run.account(ENTRY_BYTES);
    if (locator > last) {
      this.#starts.push(locator);
      this.#ends.push(locator + 1);
    } else {
      this.#others.add(locator);
    }
    return true;
  }
}
