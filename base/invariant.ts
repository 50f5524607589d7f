/**
 * Checks that always run: a condition that must hold, a case that cannot be.
 *
 * They guard against our own defects, never against input: bad input gets a
 * `KriyaError` of kind `invalid` or `corrupt`.
 *
 * @module
 */
import { KriyaError } from "./errors.ts";

/**
 * Throws a `KriyaError` of kind `internal` unless `condition` holds.
 *
 * @example
 * ```ts
 * import { invariant } from "./invariant.ts";
 *
 * const level = 3;
 * invariant(level < 7, "level out of range");
 * ```
 */
export function invariant(
  condition: boolean,
  message: string,
): asserts condition {
  if (!condition) throw new KriyaError("internal", `Invariant: ${message}`);
}

/** Closes a `switch` over a union: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new KriyaError("internal", `Unreachable: ${String(value)}`);
}
