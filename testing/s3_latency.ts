/**
 * How long S3 takes: each kind of request by a distribution that was measured,
 * and bytes by what one stream and the machine's link carry.
 *
 * | request | p50 | p99 |
 * | --- | ---: | ---: |
 * | PUT, DELETE | 28 ms | 67 ms |
 * | GET, HEAD | 24 ms | 77 ms |
 * | LIST | 25 ms | 59 ms |
 *
 * Between and beyond, times are log-normal. 80 MB/s a stream, 600 MB/s in all.
 *
 * @module
 */
import type { Environment } from "../base/environment.ts";
import type { Operation } from "./fault_script.ts";
import type { SeededRandom } from "./seeded_random.ts";

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

const SHAPE_OF: Readonly<Record<Operation, LatencyShape>> = {
  put: S3_LATENCY.put,
  delete: S3_LATENCY.put,
  get: S3_LATENCY.get,
  head: S3_LATENCY.get,
  list: S3_LATENCY.list,
};

const STREAM_BYTES_PER_MS = 80_000;
const LINK_BYTES_PER_MS = 600_000;
/** How many standard deviations the 99th of 100 is above the middle. */
const Z_99 = 2.326;

/** The times of the requests that one client sends. */
export class S3Latency {
  readonly #random: SeededRandom;
  readonly #environment: Pick<Environment, "monotonicMs">;
  /** When the link has carried all that was asked of it. */
  #linkFreeMs = 0;

  /** Times by chance. */
  constructor(
    random: SeededRandom,
    environment: Pick<Environment, "monotonicMs">,
  ) {
    this.#random = random;
    this.#environment = environment;
  }

  /** How long a request takes without its bytes, in ms. */
  requestMs(operation: Operation): number {
    const { p50Ms, p99Ms } = SHAPE_OF[operation];
    // Box and Muller: two even numbers make a normal one.
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random.next()));
    const normal = radius * Math.cos(2 * Math.PI * this.#random.next());
    return p50Ms * Math.exp(normal * Math.log(p99Ms / p50Ms) / Z_99);
  }

  /** How long bytes are on their way, behind what the link carries already. */
  carryMs(bytes: number): number {
    const now = this.#environment.monotonicMs();
    this.#linkFreeMs = Math.max(now, this.#linkFreeMs) +
      bytes / LINK_BYTES_PER_MS;
    return Math.max(bytes / STREAM_BYTES_PER_MS, this.#linkFreeMs - now);
  }
}
