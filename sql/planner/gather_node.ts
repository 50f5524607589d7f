/**
 * Rows of a plan that runs in several threads at once, each over some of the
 * rows of the one table below.
 *
 * @module
 */

/** A gather: what the threads give, as it comes or, with keys, in order. */
export interface Gather<Plan, Key> {
  readonly kind: "gather";
  /** What each thread does: over one scan that is `parallel`. */
  readonly input: Plan;
  /** Threads besides this one, at most. */
  readonly workers: number;
  /** The keys that each thread's rows are sorted by; absent: none. */
  readonly keys: readonly Key[] | undefined;
  /** What starting threads costs, and each row that comes of another one. */
  readonly costs: { readonly setup: number; readonly tuple: number };
  /** The input as data, for other threads. */
  readonly data: unknown;
}
