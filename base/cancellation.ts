/**
 * Being told to stop, and to wait.
 *
 * Long work asks between its steps. An `AbortSignal` can tell it from outside,
 * if the work lets the outside run at all: that is what pauses are for. Others
 * look at the clock (`sql/session/statement_cancellation.ts`).
 *
 * @module
 */

/** What long work asks; every `AbortSignal` is one. */
export interface Cancellation {
  /** Throws the reason once the work should stop. */
  throwIfAborted(): void;
  /**
   * A promise to wait for when the work has held the thread for long enough:
   * everything else runs before it resolves. Work that cannot wait ignores it.
   */
  pause?(): Promise<void> | undefined;
  /** Runs `work` with a signal that is aborted when the work should stop. */
  within?<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}
