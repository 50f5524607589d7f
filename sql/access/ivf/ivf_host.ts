/**
 * Who runs what a clustered index does in the background.
 *
 * @module
 */
import type { Transaction } from "../../transaction/transaction.ts";

/** Runs transactions of the background. */
export interface IvfHost {
  /** Begins one. */
  begin(): Transaction;
  /** Commits it; it need not be durable at once. */
  commit(transaction: Transaction): Promise<void>;
}
