/**
 * The sessions of an open database by number, and what one of them does to
 * another: `pg_cancel_backend`, `pg_terminate_backend`.
 *
 * A statement remembers how often its session was stopped when it began, and is
 * stopped itself when that has changed; what waits is told. A session where
 * nothing runs so loses nothing.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";

/** Whether a session loses what runs, or ends. */
export type StopKind = "cancel" | "terminate";

/** What stops the statements of one session. */
export class SessionStops {
  /** How often it was stopped. */
  count = 0;
  /** How it was stopped last. */
  kind: StopKind = "cancel";
  readonly #waiting = new Set<() => void>();

  /** Stops what runs now. */
  stop(kind: StopKind): void {
    this.count++;
    this.kind = kind;
    for (const tell of [...this.#waiting]) tell();
  }

  /** Calls `tell` at the next stop; gives what ends that. */
  onStop(tell: () => void): () => void {
    this.#waiting.add(tell);
    return () => void this.#waiting.delete(tell);
  }
}

/** What the statement that was stopped fails with. */
export function stoppedError(kind: StopKind): SqlError {
  return kind === "cancel"
    ? new SqlError("57014", "canceling statement due to user request")
    : new SqlError(
      "57P01",
      "terminating connection due to administrator command",
    );
}

/** Stops a session. */
export type StopSession = (kind: StopKind) => void;

/** The sessions that are open. */
export class Backends {
  readonly #sessions = new Map<number, StopSession>();

  /** A session came. */
  add(processId: number, stop: StopSession): void {
    this.#sessions.set(processId, stop);
  }

  /** A session has gone. */
  remove(processId: number): void {
    this.#sessions.delete(processId);
  }

  /**
   * Stops the session of that number for the one with the number `own`; false
   * where there is none.
   *
   * @throws {SqlError} `57014`, `57P01` where it is the one that asks.
   */
  stop(processId: number, own: number, kind: StopKind): boolean {
    const stop = this.#sessions.get(processId);
    if (processId === own) {
      if (kind === "terminate") stop?.(kind);
      throw stoppedError(kind);
    }
    stop?.(kind);
    return stop !== undefined;
  }
}
