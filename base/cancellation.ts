/**
 * Being told to stop.
 *
 * Long work asks between its steps. An `AbortSignal` is one that can be told
 * from outside; a deadline needs nobody: synchronous work could not be told
 * anything, but it can look at the clock.
 *
 * @module
 */
import type { Environment } from "./environment.ts";

/** What long work asks; every `AbortSignal` is one. */
export interface Cancellation {
  /** Throws the reason once the work should stop. */
  throwIfAborted(): void;
}

/**
 * Stops after `timeoutMs`, with the error that `reason` makes, or when `outer`
 * does.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { deadline } from "./cancellation.ts";
 * import { systemEnvironment } from "./environment.ts";
 *
 * const late = deadline(systemEnvironment, -1, () => new Error("too late"));
 * assertThrows(() => late.throwIfAborted(), Error, "too late");
 * ```
 */
export function deadline(
  environment: Environment,
  timeoutMs: number,
  reason: () => Error,
  outer?: Cancellation,
): Cancellation {
  const end = environment.monotonicMs() + timeoutMs;
  return {
    throwIfAborted(): void {
      outer?.throwIfAborted();
      if (environment.monotonicMs() > end) throw reason();
    },
  };
}
