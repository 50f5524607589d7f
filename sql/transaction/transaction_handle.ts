/**
 * What access methods, functions and operators see of a running transaction.
 * `transaction.ts` is the one implementation.
 *
 * @module
 */
import type { CatalogView } from "../catalog/entries.ts";

/** A running transaction, opaque to the executor. */
export interface TransactionHandle {
  /** The catalog as this transaction sees it. */
  readonly catalog: CatalogView;
  /** When the transaction began: microseconds since 2000-01-01 UTC. */
  readonly startedAt: number;
}
