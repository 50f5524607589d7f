/**
 * A store that counts what is asked of the one below: every request by kind,
 * the bytes that went each way, and what failed.
 *
 * A request is counted when it is made, its bytes when it has succeeded. A
 * synchronous answer of the store below stays synchronous. What the store below
 * sends besides (again after a failure; an upload in parts) it counts itself.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type {
  GetOptions,
  ListOptions,
  ListPage,
  ObjectBody,
  ObjectMeta,
  ObjectStore,
  PutCondition,
  PutResult,
  RequestOptions,
} from "./object_store.ts";
import { RequestLedger } from "./request_ledger.ts";

/** What was asked of a store. */
export interface RequestCounts {
  /** How many `get`s. */
  readonly get: number;
  /** How many `head`s. */
  readonly head: number;
  /** How many `put`s. */
  readonly put: number;
  /** How many `delete`s. */
  readonly delete: number;
  /** How many pages of listings. */
  readonly list: number;
  /** How many requests the store below sent again. */
  readonly retry: number;
  /** How many requests uploads in parts took, beyond their `put`. */
  readonly part: number;
  /** How many of all these failed; a condition that did not hold is no failure. */
  readonly failed: number;
  /** Bytes of objects that were read. */
  readonly bytesRead: number;
  /** Bytes of objects that were written. */
  readonly bytesWritten: number;
}

/** What a store below sends besides what it is asked. */
export type ExtraRequests = Pick<RequestCounts, "retry" | "part">;

type Counters = {
  -readonly [Name in Exclude<keyof RequestCounts, keyof ExtraRequests>]: number;
};

function zero(): Counters {
  return {
    get: 0,
    head: 0,
    put: 0,
    delete: 0,
    list: 0,
    failed: 0,
    bytesRead: 0,
    bytesWritten: 0,
  };
}

/**
 * Counts the requests to another store.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryStore } from "./memory_store.ts";
 * import { MeteredStore } from "./metered_store.ts";
 *
 * const store = new MeteredStore(new MemoryStore());
 * await store.get("a");
 * assertEquals(store.snapshot().get, 1);
 * ```
 */
export class MeteredStore implements ObjectStore {
  readonly address: string;
  readonly #inner: ObjectStore;
  readonly #extra: () => ExtraRequests;
  #counts: Counters = zero();
  /** What was extra at the last `reset`. */
  #extraBefore: ExtraRequests = { retry: 0, part: 0 };

  /** Counts the requests to `inner`, and with them what `extra` tells. */
  constructor(
    inner: ObjectStore,
    extra: () => ExtraRequests = () => ({ retry: 0, part: 0 }),
  ) {
    this.#inner = inner;
    this.#extra = extra;
    this.address = inner.address;
  }

  /** What was asked since the beginning, or the last `reset`. */
  snapshot(): RequestCounts {
    const { retry, part } = this.#extra();
    const before = this.#extraBefore;
    return {
      ...this.#counts,
      retry: retry - before.retry,
      part: part - before.part,
    };
  }

  /** Begins to count anew; returns what was counted before. */
  reset(): RequestCounts {
    const counts = this.snapshot();
    this.#counts = zero();
    this.#extraBefore = { ...this.#extra() };
    return counts;
  }

  get(
    path: string,
    options?: GetOptions,
  ): MaybePromise<ObjectBody | undefined> {
    const ledger = RequestLedger.current();
    ledger?.note("get");
    this.#counts.get++;
    let body;
    try {
      body = this.#inner.get(path, options);
    } catch (error) {
      this.#counts.failed++;
      throw error;
    }
    if (isPromise(body)) {
      return this.#watch(body, (body) => this.#countRead(body, ledger));
    }
    this.#countRead(body, ledger);
    return body;
  }

  #countRead(
    body: ObjectBody | undefined,
    ledger: RequestLedger | undefined,
  ): void {
    const bytes = body?.bytes.length ?? 0;
    this.#counts.bytesRead += bytes;
    if (ledger !== undefined) ledger.bytesRead += bytes;
  }

  async #watch<T>(call: Promise<T>, count?: (value: T) => void): Promise<T> {
    try {
      const value = await call;
      count?.(value);
      return value;
    } catch (error) {
      this.#counts.failed++;
      throw error;
    }
  }

  async head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    RequestLedger.current()?.note("head");
    this.#counts.head++;
    return await this.#watch(this.#inner.head(path, options));
  }

  put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    const ledger = RequestLedger.current();
    ledger?.note("put");
    this.#counts.put++;
    const size = bytes.length;
    const call = this.#inner.put(path, bytes, condition, options);
    return this.#watch(call, ({ kind }) => {
      if (kind !== "stored") return;
      this.#counts.bytesWritten += size;
      if (ledger !== undefined) ledger.bytesWritten += size;
    });
  }

  delete(path: string, options?: RequestOptions): Promise<void> {
    RequestLedger.current()?.note("delete");
    this.#counts.delete++;
    return this.#watch(this.#inner.delete(path, options));
  }

  async list(prefix: string, options?: ListOptions): Promise<ListPage> {
    RequestLedger.current()?.note("list");
    this.#counts.list++;
    return await this.#watch(this.#inner.list(prefix, options));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
