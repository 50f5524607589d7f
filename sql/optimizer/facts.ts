/**
 * What the optimizer knows besides the plan.
 *
 * @module
 */
import type { AccessRegistry } from "../access/access_registry.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";

/** Where passes look things up. */
export interface PlanFacts {
  /** The transaction: its catalog has the indexes. */
  readonly transaction: TransactionHandle;
  /** The access methods: row counts, operator classes, costs. */
  readonly access: AccessRegistry;
}
