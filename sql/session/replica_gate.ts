/**
 * Where the statements of a session wait until a reader that follows a writer
 * shows what they may expect to see.
 *
 * Each asks when it is given; they go on in that order, side by side. What
 * stands in a transaction block does not ask: its snapshot is taken.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";

/** The gate of one session. */
export class ReplicaGate {
  readonly #store: LsmStore;
  readonly #inBlock: () => boolean;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** A gate before `store`; nobody asks for more while `inBlock`. */
  constructor(store: LsmStore, inBlock: () => boolean) {
    this.#store = store;
    this.#inBlock = inBlock;
  }

  /** Resolves once what is given now may begin; at once if it may. */
  ready(): MaybePromise<void> {
    if (!this.#store.follows) return;
    const fresh = this.#inBlock() ? undefined : this.#store.catchUp();
    if (this.#waiting === 0 && !isPromise(fresh)) return;
    const turn = Promise.all([this.#last, fresh]).then(() => {});
    this.#waiting++;
    this.#last = turn.catch(() => {}).finally(() => {
      this.#waiting--;
    });
    return turn;
  }

  /** Resolves when nothing waits any more. */
  async empty(): Promise<void> {
    while (this.#waiting > 0) await this.#last;
  }
}
