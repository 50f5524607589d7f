/**
 * Who asked: the requests that one piece of work makes, and how many it may.
 *
 * A ledger follows the work through everything it waits for. What it set off
 * and what goes on after it has ended is not its own any more, so that neither
 * is counted twice, nor refused for its sake.
 *
 * Only reads are refused: a write settles what was promised to somebody.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";

/** A kind of request. */
export type RequestKind = "get" | "head" | "put" | "delete" | "list";

const scope = new AsyncLocalStorage<RequestLedger>();
/** How many ledgers are open: mostly none, and then nobody is looked for. */
let openCount = 0;

/** Counts the requests of one piece of work. */
export class RequestLedger {
  /** Requests by kind. */
  readonly counts: Record<RequestKind, number> = {
    get: 0,
    head: 0,
    put: 0,
    delete: 0,
    list: 0,
  };
  /** Bytes that were read. */
  bytesRead = 0;
  /** Bytes that were written. */
  bytesWritten = 0;
  readonly #requestsMax: number;
  #open = true;

  /** A ledger that lets `requestsMax` requests pass. Close it. */
  constructor(requestsMax: number = Infinity) {
    this.#requestsMax = requestsMax;
    openCount++;
  }

  /** The ledger of the work that runs now. */
  static current(): RequestLedger | undefined {
    if (openCount === 0) return undefined;
    const ledger = scope.getStore();
    return ledger !== undefined && ledger.#open ? ledger : undefined;
  }

  /** Requests of all kinds. */
  get requests(): number {
    const { get, head, put, delete: deletes, list } = this.counts;
    return get + head + put + deletes + list;
  }

  /** Does a step of the work. */
  step<T>(work: () => T): T {
    return scope.run(this, work);
  }

  /** Does all of the work, and closes the ledger. */
  run<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    let done: MaybePromise<T>;
    try {
      done = this.step(work);
    } catch (error) {
      this.close();
      throw error;
    }
    if (isPromise(done)) return done.finally(() => this.close());
    this.close();
    return done;
  }

  /** Counts no more; may be called twice. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    openCount--;
  }

  /**
   * Notes a request that is about to be made.
   *
   * @throws {KriyaError} `invalid` (`53400`) when it is a read too many.
   */
  note(kind: RequestKind): void {
    const isRead = kind === "get" || kind === "head" || kind === "list";
    if (isRead && this.requests >= this.#requestsMax) {
      throw new KriyaError(
        "invalid",
        `statement needs more than ${this.#requestsMax} requests to the object store`,
        {
          code: "53400",
          hint:
            "Raise lsm_s3.max_requests, or let the statement read less; EXPLAIN (ANALYZE, REQUESTS) counts.",
        },
      );
    }
    this.counts[kind]++;
  }
}
