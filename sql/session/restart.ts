/**
 * Running a statement again that met a change which its snapshot does not show.
 *
 * What it did is taken back, its transaction takes a new snapshot, and the
 * locks that it has waited for stay its own: each time, somebody else has
 * committed.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { StatementRestart } from "../transaction/locks/statement_restart.ts";
import type { Savepoint, Transaction } from "../transaction/transaction.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Prepared } from "./prepared.ts";
import { prepareStatement } from "./prepared_statement.ts";
import type { RunOptions } from "./run_options.ts";
import { isRepeatable } from "./run_copy.ts";
import type { Settings } from "./settings.ts";

/** How often a statement runs again before it fails with `40001`. */
const RESTARTS_MAX = 1000;

/** A statement that may have to run again. */
export interface Restartable {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly prepared: Prepared;
  readonly transaction: Transaction;
  readonly options: RunOptions;
}

/** Runs a statement by `run`, again when it has to and can. */
export function runRestartable<T>(
  statement: Restartable,
  run: (prepared: Prepared, sinceMs: number | undefined) => MaybePromise<T>,
): MaybePromise<T> {
  const { transaction, prepared } = statement;
  if (!canRestart(transaction, prepared)) return run(prepared, undefined);
  // What a lone statement goes back to is the beginning.
  const mark = transaction.single ? undefined : transaction.savepoint();
  try {
    const done = run(prepared, undefined);
    return isPromise(done)
      ? done.catch((error) => runAgain(statement, mark, run, error))
      : done;
  } catch (error) {
    return runAgain(statement, mark, run, error);
  }
}

/** Whether nothing but the statement depends on the snapshot, and it may wait. */
function canRestart(
  transaction: Transaction,
  { bound, plan }: Prepared,
): boolean {
  if (bound.kind === "select" && plan?.locks !== true) return false;
  return (transaction.readCommitted || transaction.single) &&
    transaction.locks !== undefined;
}

async function runAgain<T>(
  { core, settings, prepared, transaction, options }: Restartable,
  mark: Savepoint | undefined,
  run: (prepared: Prepared, sinceMs: number | undefined) => MaybePromise<T>,
  error: unknown,
): Promise<T> {
  const { text, declared, bound } = prepared;
  const sinceMs = core.environment.monotonicMs();
  for (let restarts = 0;; restarts++) {
    const again = error instanceof StatementRestart &&
      restarts < RESTARTS_MAX && !transaction.hasContinued &&
      isRepeatable(bound, options);
    if (!again) throw error;
    if (mark === undefined) transaction.undo();
    else transaction.rollbackTo(mark);
    transaction.moveSnapshot(core.catalogOf(settings));
    const { catalog } = transaction;
    try {
      return await run(
        prepareStatement(core, settings, { text, declared, catalog }),
        sinceMs,
      );
    } catch (next) {
      error = next;
    }
  }
}
