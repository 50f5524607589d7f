/**
 * Those who wait for the log to have come to a sequence.
 *
 * @module
 */

interface Waiter {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait. */
export class DurableWaiters {
  #waiting: Waiter[] = [];

  /** How many wait. */
  get count(): number {
    return this.#waiting.length;
  }

  /** Resolves when `resolve` is called with `sequence` or more. */
  wait(sequence: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sequence, resolve, reject });
    });
  }

  /** Everything up to `sequence` is in the log. */
  resolve(sequence: number): void {
    const done = this.#waiting.filter((each) => each.sequence <= sequence);
    if (done.length === 0) return;
    this.#waiting = this.#waiting.filter((each) => each.sequence > sequence);
    for (const { resolve } of done) resolve();
  }

  /** Nobody can know for now. */
  reject(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
