/**
 * A store that counts what is asked of the one below: every request by kind,
 * the bytes that went each way, and what failed.
 *
 * A request is counted when it is made, its bytes when it has succeeded. A
 * synchronous answer of the store below stays synchronous.
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
  /** How many of all these failed; a condition that did not hold is no failure. */
  readonly failed: number;
  /** Bytes of objects that were read. */
  readonly bytesRead: number;
  /** Bytes of objects that were written. */
  readonly bytesWritten: number;
}

type Counters = { -readonly [Name in keyof RequestCounts]: number };

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
  #counts: Counters = zero();

  /** Counts the requests to `inner`. */
  constructor(inner: ObjectStore) {
    this.#inner = inner;
    this.address = inner.address;
  }

  /** What was asked since the beginning, or the last `reset`. */
  snapshot(): RequestCounts {
    return { ...this.#counts };
  }

  /** Begins to count anew; returns what was counted before. */
  reset(): RequestCounts {
    const counts = this.#counts;
    this.#counts = zero();
    return counts;
  }

  get(
    path: string,
    options?: GetOptions,
  ): MaybePromise<ObjectBody | undefined> {
    this.#counts.get++;
    let body;
    try {
      body = this.#inner.get(path, options);
    } catch (error) {
      this.#counts.failed++;
      throw error;
    }
    if (isPromise(body)) return this.#watch(body, this.#countRead);
    this.#countRead(body);
    return body;
  }

  readonly #countRead = (body: ObjectBody | undefined): void => {
    this.#counts.bytesRead += body?.bytes.length ?? 0;
  };

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

  head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    this.#counts.head++;
    return this.#watch(this.#inner.head(path, options));
  }

  put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    this.#counts.put++;
    const size = bytes.length;
    const call = this.#inner.put(path, bytes, condition, options);
    return this.#watch(call, ({ kind }) => {
      if (kind === "stored") this.#counts.bytesWritten += size;
    });
  }

  delete(path: string, options?: RequestOptions): Promise<void> {
    this.#counts.delete++;
    return this.#watch(this.#inner.delete(path, options));
  }

  list(prefix: string, options?: ListOptions): Promise<ListPage> {
    this.#counts.list++;
    return this.#watch(this.#inner.list(prefix, options));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
