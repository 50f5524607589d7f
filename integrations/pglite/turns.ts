/**
 * One connection: what is asked of it runs one after the other, and a
 * transaction is one turn.
 *
 * @module
 */

/** Who comes first is served first. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when everything that was asked before is done. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.then(ignore, ignore);
    return result;
  }
}

function ignore(): void {}
