/**
 * Who may join the log: commits wait here while memory for them is short.
 *
 * A commit is counted from its admission until it is durable or refused. While
 * the bytes of all of them are over the limit, or the store says that it has no
 * room, later ones wait in the order in which they came; each for a bounded
 * time, and only so many. Nothing of a commit that is refused here was written.
 *
 * @module
 */
import type { Environment, Timer } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";

/** What the gate needs of the store. */
export interface CommitGateHost {
  /** Waits while memtables are over their limit; mostly there is room. */
  waitForRoom(): MaybePromise<void>;
  /** Begins to make durable what has joined. */
  writeLog(): void;
}

/** Limits of the gate. */
export interface CommitGateLimits {
  /** Bytes of batches at which later ones wait. */
  readonly walBufferBytesMax: number;
  /** Commits that may wait. */
  readonly stalledCommitsMax: number;
  /** Ms that one may wait. */
  readonly stallTimeoutMs: number;
  /** Clock. */
  readonly environment: Environment;
}

interface Waiter {
  readonly bytes: number;
  /** Whether it wants to be alone. */
  readonly alone: boolean;
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

/** The gate. */
export class CommitGate {
  readonly #host: CommitGateHost;
  readonly #limits: () => CommitGateLimits;
  #heldBytes = 0;
  #heldCount = 0;
  /** Whether somebody was admitted who must be alone. */
  #alone = false;
  readonly #waiting: Waiter[] = [];
  #serving = false;
  #halted: unknown;
  #change: (() => void) | undefined;

  /** An open gate. */
  constructor(host: CommitGateHost, limits: () => CommitGateLimits) {
    this.#host = host;
    this.#limits = limits;
  }

  /** Bytes of the batches that were admitted and are not durable. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Commits that wait. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /**
   * Admits a batch of `bytes`; each is released exactly once.
   *
   * @throws {KriyaError} `unavailable` (`53000`) when it had to wait for too
   * long, or too many wait; the signal's reason when it is aborted first.
   */
  admit(bytes: number, signal?: AbortSignal): MaybePromise<void> {
    signal?.throwIfAborted();
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      const room = this.#host.waitForRoom();
      if (!isPromise(room)) {
        this.#heldBytes += bytes;
        this.#heldCount++;
        return;
      }
      room.catch(() => {}); // Asked again by who serves the queue.
    }
    return this.#wait(bytes, false, signal);
  }

  /**
   * Admits somebody once nobody else is admitted, and nobody else until
   * `releaseAlone`.
   *
   * @throws as `admit`.
   */
  admitAlone(signal?: AbortSignal): Promise<void> {
    return this.#wait(0, true, signal);
  }

  /** Ends what `admitAlone` began. */
  releaseAlone(): void {
    this.#alone = false;
    this.#change?.();
  }

  /** A batch of `bytes` is durable, or refused. */
  release(bytes: number): void {
    this.#heldBytes -= bytes;
    this.#heldCount--;
    this.#change?.();
  }

  /** Refuses all who wait, and who come later. */
  halt(error: unknown): void {
    this.#halted = error;
    this.refuseWaiting(error);
  }

  /** Refuses all who wait; how many those were. */
  refuseWaiting(error: unknown): number {
    const waiting = [...this.#waiting];
    for (const { refuse } of waiting) refuse(error);
    this.#change?.();
    return waiting.length;
  }

  #fits(bytes: number, alone = false): boolean {
    if (this.#alone) return false;
    if (alone) return this.#heldCount === 0;
    return this.#heldBytes === 0 ||
      this.#heldBytes + bytes <= this.#limits().walBufferBytesMax;
  }

  async #wait(
    bytes: number,
    alone: boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    if (this.#halted !== undefined) throw this.#halted;
    const { stalledCommitsMax, stallTimeoutMs, environment } = this.#limits();
    if (this.#waiting.length >= stalledCommitsMax) {
      throw stalled(`${this.#waiting.length} others wait already`);
    }
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        timer.cancel();
        signal?.removeEventListener("abort", aborted);
        const place = this.#waiting.indexOf(waiter);
        this.#waiting.splice(place, 1);
      };
      const waiter: Waiter = {
        bytes,
        alone,
        admit: () => {
          leave();
          this.#alone = alone;
          this.#heldBytes += bytes;
          if (!alone) this.#heldCount++;
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const aborted = (): void => waiter.refuse(signal!.reason);
      const timer: Timer = environment.setTimer(
        () => waiter.refuse(stalled(`it has waited for ${stallTimeoutMs} ms`)),
        stallTimeoutMs,
      );
      signal?.addEventListener("abort", aborted);
      this.#waiting.push(waiter);
      void this.#serve();
    });
  }

  /** Admits those who wait, one after the other. Never rejects. */
  async #serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    while (this.#waiting.length > 0) {
      try {
        const room = this.#host.waitForRoom();
        if (isPromise(room)) {
          await room;
          continue;
        }
      } catch (error) {
        for (const { refuse } of [...this.#waiting]) refuse(error);
        continue;
      }
      const [first] = this.#waiting;
      if (this.#fits(first!.bytes, first!.alone)) {
        first!.admit();
        continue;
      }
      const changed = new Promise<void>((resolve) => this.#change = resolve);
      this.#host.writeLog();
      await changed;
      this.#change = undefined;
    }
    this.#serving = false;
  }
}

function stalled(why: string): KriyaError {
  return new KriyaError(
    "unavailable",
    "Cannot commit: the log cannot be written as fast as commits come",
    {
      code: "53000",
      detail: `The commit was refused: ${why}.`,
      hint: "Nothing was written; try again later, with fewer at once",
    },
  );
}
