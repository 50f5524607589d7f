/**
 * A store that takes as long as S3 does: each kind of request by a distribution
 * that was measured, and bytes by what one stream and the machine's link carry.
 *
 * | request | p50 | p99 |
 * | --- | ---: | ---: |
 * | PUT, DELETE | 28 ms | 67 ms |
 * | GET, HEAD | 24 ms | 77 ms |
 * | LIST | 25 ms | 59 ms |
 *
 * Between and beyond, times are log-normal. 80 MB/s a stream, 600 MB/s in all.
 * Half of the time passes before the effect, half after it, as in
 * `faulty_store.ts`.
 *
 * @module
 */
import {
  delay,
  type Environment,
  systemEnvironment,
} from "../base/environment.ts";
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
} from "../storage/object_store/object_store.ts";
import { SeededRandom } from "./seeded_random.ts";

/** How long a kind of request takes. */
export interface LatencyShape {
  /** Half of the requests take at most so long, in ms. */
  readonly p50Ms: number;
  /** 99 of 100 take at most so long. */
  readonly p99Ms: number;
}

/** What requests to S3 take within a region. */
export const S3_LATENCY: Readonly<
  Record<"put" | "get" | "list", LatencyShape>
> = {
  put: { p50Ms: 28, p99Ms: 67 },
  get: { p50Ms: 24, p99Ms: 77 },
  list: { p50Ms: 25, p99Ms: 59 },
};

const STREAM_BYTES_PER_MS = 80_000;
const LINK_BYTES_PER_MS = 600_000;
/** How many standard deviations the 99th of 100 is above the middle. */
const Z_99 = 2.326;

/** Options of a {@linkcode LatencyStore}. */
export interface LatencyStoreOptions {
  /** Decides how long each request takes (default 1). */
  readonly seed?: number | string | undefined;
  /** Clock and timers (default: the system's). */
  readonly environment?: Environment | undefined;
}

/**
 * Puts S3's latency before a store.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { MemoryStore } from "../storage/object_store/memory_store.ts";
 * import { LatencyStore } from "./latency_store.ts";
 * import { SimulatedEnvironment } from "./simulated_environment.ts";
 *
 * const environment = new SimulatedEnvironment();
 * const store = new LatencyStore(new MemoryStore(), { environment });
 * const before = environment.monotonicMs();
 * await environment.run(async () => await store.get("a"));
 * assert(environment.monotonicMs() - before > 5);
 * ```
 */
export class LatencyStore implements ObjectStore {
  readonly address: string;
  readonly #inner: ObjectStore;
  readonly #environment: Environment;
  readonly #random: SeededRandom;
  /** When the link has carried all that was asked of it. */
  #linkFreeMs = 0;

  /** Puts latency before `inner`. */
  constructor(inner: ObjectStore, options: LatencyStoreOptions = {}) {
    this.#inner = inner;
    this.address = inner.address;
    this.#environment = options.environment ?? systemEnvironment;
    this.#random = new SeededRandom(options.seed ?? 1);
  }

  async get(
    path: string,
    options?: GetOptions,
  ): Promise<ObjectBody | undefined> {
    const halfMs = this.#halfMs("get");
    await delay(this.#environment, halfMs);
    const body = await this.#inner.get(path, options);
    const bytes = body?.bytes.length ?? 0;
    await delay(this.#environment, halfMs + this.#carryMs(bytes));
    return body;
  }

  async head(
    path: string,
    options?: RequestOptions,
  ): Promise<ObjectMeta | undefined> {
    return await this.#around("get", () => this.#inner.head(path, options));
  }

  async put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
    options?: RequestOptions,
  ): Promise<PutResult> {
    return await this.#around(
      "put",
      () => this.#inner.put(path, bytes, condition, options),
      this.#carryMs(bytes.length),
    );
  }

  async delete(path: string, options?: RequestOptions): Promise<void> {
    await this.#around("put", () => this.#inner.delete(path, options));
  }

  async list(prefix: string, options?: ListOptions): Promise<ListPage> {
    return await this.#around("list", () => this.#inner.list(prefix, options));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #around<T>(
    kind: keyof typeof S3_LATENCY,
    effect: () => Promise<T>,
    carryMs = 0,
  ): Promise<T> {
    const halfMs = this.#halfMs(kind);
    await delay(this.#environment, carryMs + halfMs);
    const result = await effect();
    await delay(this.#environment, halfMs);
    return result;
  }

  /** Half of what a request takes without its bytes. */
  #halfMs(kind: keyof typeof S3_LATENCY): number {
    const { p50Ms, p99Ms } = S3_LATENCY[kind];
    // Box and Muller: two even numbers make a normal one.
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.next()));
    const normal = radius * Math.cos(2 * Math.PI * this.#random.next());
    return p50Ms * Math.exp(normal * Math.log(p99Ms / p50Ms) / Z_99) / 2;
  }

  /** How long bytes are on their way, behind what the link carries already. */
  #carryMs(bytes: number): number {
    const now = this.#environment.monotonicMs();
    this.#linkFreeMs = Math.max(now, this.#linkFreeMs) +
      bytes / LINK_BYTES_PER_MS;
    return Math.max(bytes / STREAM_BYTES_PER_MS, this.#linkFreeMs - now);
  }
}
