/**
 * The names of `@std/assert`, over `node:assert`, mapped by `deno.json`
 * (docs/decisions: `@std` is not fetched where this is built).
 *
 * @module
 */
import assertNode from "node:assert/strict";

/** Fails unless `expression` is truthy. */
export function assert(expression: unknown, message = ""): asserts expression {
  assertNode.ok(expression, message || undefined);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message = ""): void {
  assertNode.deepStrictEqual(actual, expected, message || undefined);
}

/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message = ""): void {
  assertNode.notDeepStrictEqual(actual, expected, message || undefined);
}

/** Fails unless both are the same value. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message = "",
): asserts actual is T {
  assertNode.strictEqual(actual, expected, message || undefined);
}

/** Fails unless the numbers differ by at most `tolerance` (default 1e-7). */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = 1e-7,
  message = "",
): void {
  if (Object.is(actual, expected)) return;
  assertNode.ok(
    Math.abs(actual - expected) <= tolerance,
    message || `expected ${actual} to be close to ${expected} ±${tolerance}`,
  );
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message = "",
): void {
  assertNode.ok(
    actual.includes(expected),
    message ||
      `expected ${JSON.stringify(actual)} to include ${
        JSON.stringify(expected)
      }`,
  );
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  message = "",
): void {
  assertNode.match(actual, expected, message || undefined);
}

/** Fails unless `actual` is neither `null` nor `undefined`. */
export function assertExists<T>(
  actual: T,
  message = "",
): asserts actual is NonNullable<T> {
  assertNode.ok(
    actual !== undefined && actual !== null,
    message || `expected a value, got ${actual}`,
  );
}

/** Fails unless `actual` is an instance of `expectedType`. */
export function assertInstanceOf<
  T extends abstract new (...args: never[]) => unknown,
>(
  actual: unknown,
  expectedType: T,
  message = "",
): asserts actual is InstanceType<T> {
  assertNode.ok(
    actual instanceof expectedType,
    message || `expected an instance of ${expectedType.name}, got ${actual}`,
  );
}

type ErrorClass<E extends Error> = new (...args: never[]) => E;

function checkError<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E> | undefined,
  includes: string | undefined,
): E {
  assertNode.ok(error instanceof Error, `a non-Error was thrown: ${error}`);
  if (errorClass) {
    assertNode.ok(
      error instanceof errorClass,
      `expected ${errorClass.name}, got ${error.name}: ${error.message}`,
    );
  }
  if (includes !== undefined) assertStringIncludes(error.message, includes);
  return error as E;
}

/** Fails unless `fn` throws; returns the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): E {
  let thrown: unknown;
  let threw = false;
  try {
    fn();
  } catch (error) {
    threw = true;
    thrown = error;
  }
  assertNode.ok(threw, "expected the function to throw");
  return checkError(thrown, errorClass, messageIncludes);
}

/** Fails unless `fn` returns a promise that rejects; resolves to the error. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): Promise<E> {
  let thrown: unknown;
  let threw = false;
  try {
    await fn();
  } catch (error) {
    threw = true;
    thrown = error;
  }
  assertNode.ok(threw, "expected the promise to reject");
  return checkError(thrown, errorClass, messageIncludes);
}

/** Always fails. */
export function fail(message = "failed"): never {
  assertNode.fail(message);
}
