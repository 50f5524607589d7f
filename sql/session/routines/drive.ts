/**
 * Work that waits now and then, written as a generator: it runs on at once while
 * it has all it needs, and yields what it has to wait for.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";

/** Work that may have to wait. */
export type Work<T> = Generator<Promise<unknown>, T, unknown>;

/** The value, waited for if it has to be. */
export function* wait<T>(value: MaybePromise<T>): Work<T> {
  return isPromise(value) ? (yield value) as T : value;
}

/** Does work: at once, or with a promise from where it first has to wait. */
export function drive<T>(work: Work<T>): MaybePromise<T> {
  const step = work.next();
  return step.done === true ? step.value : driveOn(work, step.value);
}

async function driveOn<T>(work: Work<T>, first: Promise<unknown>): Promise<T> {
  let waiting = first;
  for (;;) {
    let value: unknown;
    let failure: { readonly error: unknown } | undefined;
    try {
      value = await waiting;
    } catch (error) {
      failure = { error };
    }
    const step: IteratorResult<Promise<unknown>, T> = failure === undefined
      ? work.next(value)
      : work.throw(failure.error);
    if (step.done === true) return step.value;
    waiting = step.value;
  }
}
