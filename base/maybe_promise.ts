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
