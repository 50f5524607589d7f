/**
 * What stops a statement: the caller's signal, and `statement_timeout`.
 *
 * @module
 */
import { type Cancellation, deadline } from "../../base/cancellation.ts";
import type { Environment } from "../../base/environment.ts";
import { SqlError } from "../errors/sql_error.ts";

/**
 * What a statement asks; `undefined` if nothing can stop it. Its time counts
 * from now, or from `sinceMs`.
 */
export function statementCancellation(
  environment: Environment,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  sinceMs?: number | undefined,
): Cancellation | undefined {
  const byUser = signal && userCancellation(signal);
  if (timeoutMs === 0) return byUser;
  const goneMs = sinceMs === undefined
    ? 0
    : environment.monotonicMs() - sinceMs;
  return deadline(
    environment,
    timeoutMs - goneMs,
    () => new SqlError("57014", "canceling statement due to statement timeout"),
    byUser,
  );
}

/** @throws {SqlError} `57014` if the caller's signal was aborted before. */
export function refuseAborted(
  { signal }: { readonly signal?: AbortSignal | undefined },
): void {
  if (signal?.aborted) throw canceled(signal);
}

function userCancellation(signal: AbortSignal): Cancellation {
  return {
    throwIfAborted(): void {
      if (signal.aborted) throw canceled(signal);
    },
  };
}

function canceled(signal: AbortSignal): SqlError {
  return new SqlError("57014", "canceling statement due to user request", {
    cause: signal.reason,
  });
}
