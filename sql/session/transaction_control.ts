/**
 * COMMIT and ROLLBACK in procedures and DO blocks that stand in no transaction
 * block: the transaction ends, and goes on as the next.
 *
 * What was run before stays done: a statement that has ended a transaction is
 * not run again when somebody else was first.
 *
 * @module
 */
import type { BoundStatement } from "../analyzer/bound_tree.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { commitMode } from "./commit_mode.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { TransactionControl } from "./run_options.ts";
import type { Settings } from "./settings.ts";

/** What ends the transaction of a statement of its own, if the statement may. */
export function transactionControl(
  core: DatabaseCore,
  settings: Settings,
  { kind }: BoundStatement,
  transaction: Transaction,
): TransactionControl | undefined {
  if (kind !== "do" && kind !== "call_procedure") return undefined;
  return {
    async end(command): Promise<void> {
      // Who runs the statement has its hands free then.
      await undefined;
      try {
        if (command === "rollback") core.rollback(transaction);
        else await core.commit(transaction, commitMode(core, settings));
      } finally {
        core.tableLocks.close(transaction);
        transaction.rollback();
        transaction.continueAnew(core.catalogOf(settings), core.now());
        core.tableLocks.open(transaction);
      }
    },
  };
}
