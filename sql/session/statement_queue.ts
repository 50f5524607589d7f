/**
 * The order of one session's statements: inside of a transaction block one
 * after the other, outside of it side by side.
 *
 * What waits for nothing runs at once, in the turn in which it was given.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import { ReplicaGate } from "./replica_gate.ts";
import { rethrowStatementError, statementError } from "./statement_error.ts";

/** The statements of one session. */
export class StatementQueue {
  readonly #inBlock: () => boolean;
  readonly #gate: ReplicaGate;
  /** Settles when what has to be waited for is done. */
  #last: Promise<unknown> = Promise.resolve();
  #queued = 0;
  /** Whether a statement is being run in this turn. */
  #isBusy = false;
  /** Statements that are waiting for something. */
  readonly #running = new Set<Promise<unknown>>();

  /** Of a session on `store`, whose block is open while `inBlock`. */
  constructor(store: LsmStore, inBlock: () => boolean) {
    this.#inBlock = inBlock;
    this.#gate = new ReplicaGate(store, inBlock);
  }

  /**
   * Runs `work` now if nothing of a block is before it, else in its turn.
   * `serial`: what comes after it waits, whether it opens a block or not.
   *
   * @throws {SqlError} what `work` throws, as a client is told of it.
   */
  run<T>(work: () => MaybePromise<T>, serial = false): Promise<T> {
    try {
      return Promise.resolve(this.start(work, serial));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode run}, and what waits for nothing is there at once. */
  start<T>(work: () => MaybePromise<T>, serial = false): MaybePromise<T> {
    const ready = this.#gate.ready();
    return isPromise(ready)
      ? ready.then(() => this.#inOrder(work, serial), rethrowStatementError)
      : this.#inOrder(work, serial);
  }

  /** Resolves when it is the turn of what is given now; at once if it is. */
  turn(): MaybePromise<void> {
    const ready = this.#gate.ready();
    if (!isPromise(ready)) {
      return this.#queued > 0 ? this.#last.then(() => {}) : undefined;
    }
    return ready.then(async () => {
      if (this.#queued > 0) await this.#last;
    }, rethrowStatementError);
  }

  /** Resolves when nothing runs, and nothing waits. */
  async empty(): Promise<void> {
    await this.#gate.empty();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #inOrder<T>(work: () => MaybePromise<T>, serial: boolean): MaybePromise<T> {
    const inBlock = this.#inBlock();
    // What a statement of a block itself asks for comes after it.
    if (this.#queued > 0 || (inBlock && this.#isBusy)) {
      return this.#follow(this.#last.then(work), true);
    }
    this.#isBusy = true;
    try {
      const done = work();
      return isPromise(done) ? this.#follow(done, serial || inBlock) : done;
    } catch (error) {
      throw statementError(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** Keeps later statements behind `running` if it is in a block. */
  #follow<T>(running: Promise<T>, serial: boolean): Promise<T> {
    const done = running.catch(rethrowStatementError);
    const settled = done.then(ignore, ignore);
    this.#running.add(settled);
    if (serial || this.#inBlock()) {
      this.#queued++;
      this.#last = settled.then(() => {
        this.#queued--;
        this.#running.delete(settled);
      });
    } else {
      void settled.then(() => this.#running.delete(settled));
    }
    return done;
  }
}

function ignore(): void {}
