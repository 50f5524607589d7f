/**
 * What requests cost at list prices: those of S3 Standard in us-east-1, which
 * others follow or undercut. Bytes within the region are free; storage and what
 * leaves the region are not requests, and are not counted.
 *
 * @module
 */
import type { RequestCounts } from "./metered_store.ts";

/** PUT, POST, LIST and each part of an upload: $0.005 a thousand. */
const WRITE_DOLLARS = 0.000_005;

/** GET and HEAD: $0.0004 a thousand. DELETE is free. */
const READ_DOLLARS = 0.000_000_4;

/** The requests that have a price. */
export type PricedRequests = Pick<
  RequestCounts,
  "get" | "head" | "put" | "list" | "retry" | "part"
>;

/**
 * Dollars for requests; one that was sent again, which may be of any kind but a
 * conditional write, counts as a read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { requestDollars } from "./request_price.ts";
 *
 * const none = { get: 0, head: 0, put: 0, list: 0, retry: 0, part: 0 };
 * assertEquals(requestDollars({ ...none, put: 1000 }), 0.005);
 * assertEquals(requestDollars({ ...none, get: 1000 }), 0.0004);
 * ```
 */
export function requestDollars(counts: PricedRequests): number {
  const writes = counts.put + counts.list + counts.part;
  const reads = counts.get + counts.head + counts.retry;
  // Beyond twelve digits it is the arithmetic of floating point.
  return Number((writes * WRITE_DOLLARS + reads * READ_DOLLARS).toFixed(12));
}
