/**
 * A statement in a transaction block: run to its end, or row by row.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Prepared } from "./prepared.ts";
import { runRestartable } from "./restart.ts";
import type { QueryResult } from "./result.ts";
import type { RunOptions } from "./run_options.ts";
import { runStatement, streamRows } from "./run_statement.ts";
import type { Settings } from "./settings.ts";
import { withTables } from "./table_locks/lock_tables.ts";

/** A statement of a block. */
export interface BlockStatement {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly prepared: Prepared;
  readonly transaction: Transaction;
  readonly parameters: readonly unknown[];
  readonly options: RunOptions;
}

/** Runs a statement, again where it has to and can. */
export function runInBlock(
  statement: BlockStatement,
): MaybePromise<QueryResult<unknown>> {
  const { core, settings, transaction, parameters, options } = statement;
  return withTables(statement, (prepared) =>
    runRestartable(
      { ...statement, prepared },
      (prepared, sinceMs) =>
        runStatement(core, settings, prepared, {
          transaction,
          parameters,
          options,
          sinceMs,
        }),
    ));
}

/** Runs a query and hands on its rows chunk by chunk. */
export async function* streamInBlock<R>(
  statement: BlockStatement,
): AsyncGenerator<R[]> {
  const { core, settings, prepared, transaction } = statement;
  const { parameters, options } = statement;
  if (!prepared.plan?.locks || options.copyOut) {
    const request = { transaction, parameters, options };
    const entered = await withTables(statement, (prepared) => prepared);
    return yield* streamRows<R>(core, settings, entered, request);
  }
  // What may have to run again gives its rows when it is done.
  const { rows } = await runInBlock(statement);
  if (rows.length > 0) yield rows as R[];
}
