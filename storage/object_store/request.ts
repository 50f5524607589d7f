/**
 * What every store does with the options of a request before it looks at an
 * object: refuse what is wrong, and say which bytes a range means.
 *
 * Rules of ranges (a bucket's rules, with 416 as `invalid`):
 * 1. `length` and `suffix` are integers of at least 1, `offset` of at least 0.
 * 2. `offset` lies before the end of the object; where it does not, empty
 *    objects included, the range is `invalid`.
 * 3. `length` is cut at the end; `suffix` is cut at the start, and of an empty
 *    object gives no bytes.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { ByteRange, ListOptions, RequestOptions } from "./object_store.ts";
import { validatePrefix } from "./object_path.ts";

/** The most objects that a page of a listing holds, and the default. */
export const LIST_LIMIT_MAX = 1000;

/** Throws the signal's reason when it was aborted. */
export function checkSignal(options: RequestOptions | undefined): void {
  options?.signal?.throwIfAborted();
}

/** What `call` returns or throws, as a promise; `call` runs now. */
export function promised<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}

/** The error of every call on a store that was closed. */
export function closedError(address: string): KriyaError {
  return new KriyaError("closed", `Store is closed: "${address}"`);
}

/** Where a range begins and ends in an object. */
export interface ByteSpan {
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset after its last byte. */
  readonly end: number;
}

function isCount(value: number, min: number): boolean {
  return Number.isSafeInteger(value) && value >= min;
}

/**
 * Refuses a range that is wrong for every object.
 *
 * @throws {KriyaError} `invalid`.
 */
export function checkRange(path: string, range: ByteRange | undefined): void {
  if (range === undefined) return;
  const good = "suffix" in range
    ? isCount(range.suffix, 1)
    : isCount(range.offset, 0) && isCount(range.length, 1);
  if (good) return;
  throw new KriyaError(
    "invalid",
    `Cannot read "${path}": not a range: ${JSON.stringify(range)}`,
  );
}

/**
 * The bytes that `range` means in an object of `size` bytes.
 *
 * REQUIRES: `checkRange` passed.
 *
 * @throws {KriyaError} `invalid` when the range begins at or past the end.
 */
export function resolveRange(
  path: string,
  size: number,
  range: ByteRange | undefined,
): ByteSpan {
  if (range === undefined) return { start: 0, end: size };
  if ("suffix" in range) {
    return { start: Math.max(0, size - range.suffix), end: size };
  }
  const { offset, length } = range;
  if (offset >= size) {
    throw new KriyaError(
      "invalid",
      `Cannot read "${path}" from byte ${offset}: it has ${size} bytes`,
    );
  }
  return { start: offset, end: Math.min(size, offset + length) };
}

/** A listing's options, checked and with their defaults. */
export interface ListRequest {
  /** What the paths begin with. */
  readonly prefix: string;
  /** Only paths after this; empty for all. */
  readonly startAfter: string;
  /** At most so many. */
  readonly limit: number;
}

/**
 * Checks the options of a listing and fills in the defaults.
 *
 * @throws {KriyaError} `invalid`.
 */
export function listRequest(
  prefix: string,
  options: ListOptions | undefined,
): ListRequest {
  validatePrefix(prefix);
  const startAfter = options?.startAfter ?? "";
  validatePrefix(startAfter);
  const limit = options?.limit ?? LIST_LIMIT_MAX;
  if (!isCount(limit, 1)) {
    throw new KriyaError(
      "invalid",
      `Cannot list "${prefix}": limit is a positive integer, not ${limit}`,
    );
  }
  return { prefix, startAfter, limit: Math.min(limit, LIST_LIMIT_MAX) };
}
