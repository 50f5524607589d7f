/**
 * How many transaction blocks may be open at once
 * (`lsm_s3.max_active_transactions`): a further one is refused, or waits for the
 * end of another (`lsm_s3.wait_for_transaction`).
 *
 * Who waits is served in the order of asking. A newcomer never overtakes: while
 * somebody waits, there is no place.
 *
 * Invariant: places that are taken are those of open blocks, and of those who
 * were served in this turn and are about to open one.
 *
 * @module
 */
import type { Environment } from "../../base/environment.ts";
import { SqlError } from "../errors/sql_error.ts";
import { lockNotAvailable } from "../transaction/locks/lock_table.ts";

/** How somebody waits for a place. */
export interface SlotWait {
  /** How long, in ms; 0: without limit. */
  readonly timeoutMs: number;
  /** Ends the wait, with its reason. */
  readonly signal: AbortSignal;
}

/** Somebody who waits. */
interface SlotWaiter {
  readonly max: number;
  readonly serve: () => void;
}

/** The places for transaction blocks of one database. */
export class TransactionSlots {
  readonly #environment: Environment;
  readonly #queue: SlotWaiter[] = [];
  #taken = 0;

  /** With the clock of `environment`; all places are free. */
  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** How many places are taken. */
  get taken(): number {
    return this.#taken;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Takes one of `max` places if one is free and nobody waits. */
  tryTake(max: number): boolean {
    if (this.#queue.length > 0 || this.#taken >= max) return false;
    this.#taken++;
    return true;
  }

  /** Why there is no place, for who does not wait. */
  refusal(max: number): SqlError {
    return new SqlError("53400", "too many active transactions", {
      detail: `There are ${this.#taken}, and ${max} are allowed.`,
      hint: "End some, or raise lsm_s3.max_active_transactions.",
    });
  }

  /**
   * Takes one of `max` places when it is free, after those who asked before.
   *
   * @throws {SqlError} `55P03` after the timeout, and the signal's reason.
   */
  take(max: number, { timeoutMs, signal }: SlotWait): Promise<void> {
    if (this.tryTake(max)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        timer?.cancel();
        signal.removeEventListener("abort", aborted);
      };
      const waiter: SlotWaiter = {
        max,
        serve: () => {
          leave();
          resolve();
        },
      };
      const giveUp = (error: unknown): void => {
        leave();
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(error);
        // Who comes next may be content with more.
        this.#serve();
      };
      const aborted = (): void => giveUp(signal.reason);
      const timer = timeoutMs === 0 ? undefined : this.#environment.setTimer(
        () =>
          giveUp(lockNotAvailable("canceling statement due to lock timeout")),
        timeoutMs,
      );
      this.#queue.push(waiter);
      if (signal.aborted) aborted();
      else signal.addEventListener("abort", aborted, { once: true });
    });
  }

  /** Gives a place back. */
  release(): void {
    this.#taken--;
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined || this.#taken >= first.max) return;
      this.#queue.shift();
      this.#taken++;
      first.serve();
    }
  }
}
