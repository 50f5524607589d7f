/**
 * What stops a statement: the caller's signal, and `statement_timeout`.
 *
 * @module
 */
import { type Cancellation, deadline } from "../../base/cancellation.ts";
import type { Environment } from "../../base/environment.ts";
import { SqlError } from "../errors/sql_error.ts";

/** What a statement asks; `undefined` if nothing can stop it. */
export function statementCancellation(
  environment: Environment,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Cancellation | undefined {
  const byUser = signal && userCancellation(signal);
  if (timeoutMs === 0) return byUser;
  return deadline(
    environment,
    timeoutMs,
    () => new SqlError("57014", "canceling statement due to statement timeout"),
    byUser,
  );
}

function userCancellation(signal: AbortSignal): Cancellation {
  return {
    throwIfAborted(): void {
      if (!signal.aborted) return;
      throw new SqlError("57014", "canceling statement due to user request", {
        cause: signal.reason,
      });
    },
  };
}
