/**
 * A value now, or a promise of it.
 *
 * An `await` per row costs more than the row: what memory can answer is
 * returned as it is, and callers test before they await.
 *
 * @module
 */

/** A value, or a promise of one where storage had to be asked. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether `value` has to be awaited. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Calls `next` with the value: now if it is there, else when it comes. */
export function then<T, U>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/**
 * Calls `work` for each of `items` in order. What has to wait does so side by
 * side, `atOnce` at a time. The first failure is the failure of all; those that
 * wait already are not left without an owner.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { forEachOf } from "./maybe_promise.ts";
 *
 * const seen: number[] = [];
 * forEachOf([1, 2, 3], 2, (item) => {
 *   seen.push(item);
 * });
 * assertEquals(seen, [1, 2, 3]);
 * ```
 */
export function forEachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => MaybePromise<void>,
  from: number = 0,
): MaybePromise<void> {
  const waiting: Promise<void>[] = [];
  for (let i = from; i < items.length; i++) {
    let done: MaybePromise<void>;
    try {
      done = work(items[i]!);
    } catch (error) {
      if (waiting.length === 0) throw error;
      done = Promise.reject(error);
    }
    if (!isPromise(done)) continue;
    waiting.push(done);
    if (waiting.length < atOnce) continue;
    return Promise.all(waiting).then(() =>
      forEachOf(items, atOnce, work, i + 1)
    );
  }
  if (waiting.length > 0) return Promise.all(waiting).then(() => {});
}
