/**
 * A statement as a transaction of its own.
 *
 * When somebody else was first (`40001`) it is run again, from a new snapshot:
 * nothing of it was seen yet. That is done in the lane of the table it writes
 * to (`table_lanes.ts`), so that every round has a winner; after a few rounds,
 * and at once for a definition, which may take long, the lane is closed.
 *
 * On a reader that follows a writer, what a statement reads may be collected
 * under it (`72000`): then it looks for what there is now and runs once more,
 * if it has given no row yet.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { BoundStatement } from "../analyzer/bound_tree.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { commitMode } from "./commit_mode.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Prepared } from "./prepared.ts";
import { prepareStatement } from "./prepared_statement.ts";
import { isReadCommitted } from "./transaction_block.ts";
import { runRestartable } from "./restart.ts";
import type { QueryResult } from "./result.ts";
import type { RunOptions } from "./run_options.ts";
import { isRepeatable } from "./run_copy.ts";
import { runStatement, streamRows } from "./run_statement.ts";
import type { Settings } from "./settings.ts";
import { transactionControl } from "./transaction_control.ts";
import { refuseAlone, withTables } from "./table_locks/lock_tables.ts";

/** How often a statement is run before its conflict is told. */
export const ATTEMPTS_MAX = 20;

/** After how many attempts a lane is closed. */
const ATTEMPTS_OPEN = 3;

/** The lane of statements that write to no table, or to several. */
const NO_TABLE = 0;

/** What a statement runs in and with. */
interface Autocommit {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly parameters: readonly unknown[];
  readonly options: RunOptions;
  /** When the first attempt began, for a timeout over all. */
  sinceMs?: number | undefined;
}

/**
 * Runs a statement as a transaction of its own; at once where nothing has to be
 * waited for.
 *
 * @throws {SqlError}
 */
export function runAutocommit(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  parameters: readonly unknown[],
  options: RunOptions,
): MaybePromise<QueryResult<unknown>> {
  const run: Autocommit = { core, settings, parameters, options };
  if (core.store.follows) return runOnReplica(run, prepared);
  refuseAlone(prepared);
  const tableId = writtenTable(prepared.bound);
  if (tableId !== undefined && core.lanes.isClosed(tableId)) {
    return runInLane(run, prepared, 1);
  }
  const transaction = begin(run);
  // Who waits for a lock has not used anything yet.
  const used = core.tableLocks.isActive ? undefined : prepared.bound;
  const done = attempt(run, prepared, transaction);
  if (
    !isPromise(done) && transaction.isClean && !transaction.hasNotifications
  ) {
    transaction.rollback();
    return done;
  }
  core.tableLocks.open(transaction, isPromise(done) ? used : undefined);
  return finishFirst(run, prepared, transaction, done);
}

function runOnReplica(
  run: Autocommit,
  prepared: Prepared,
): MaybePromise<QueryResult<unknown>> {
  const transaction = begin(run);
  try {
    const done = attempt(run, prepared, transaction);
    if (!isPromise(done) && transaction.isClean) {
      transaction.rollback();
      return done;
    }
    return finish(run, transaction, done).catch((error) =>
      runAgain(run, prepared, error)
    );
  } catch (error) {
    return runAgain(run, prepared, error);
  }
}

/** Runs a statement once more if what it wanted to read was collected. */
async function runAgain(
  run: Autocommit,
  before: Prepared,
  error: unknown,
): Promise<QueryResult<unknown>> {
  const prepared = await prepareAgain(run, before, error);
  const transaction = begin(run);
  return await finish(run, transaction, attempt(run, prepared, transaction));
}

async function prepareAgain(
  { core, settings }: Autocommit,
  { text, declared }: Prepared,
  error: unknown,
): Promise<Prepared> {
  const collected = core.store.follows && error instanceof KriyaError &&
    error.code === "72000";
  if (!collected) throw error;
  await core.store.refresh();
  const catalog = core.catalogOf(settings);
  return prepareStatement(core, settings, { text, declared, catalog });
}

/**
 * Runs a query as a transaction of its own, and hands on its rows chunk by
 * chunk.
 *
 * @throws {SqlError}
 */
export async function* streamAutocommit<R>(
  core: DatabaseCore,
  settings: Settings,
  prepared: Prepared,
  parameters: readonly unknown[],
  options: RunOptions,
): AsyncGenerator<R[]> {
  const run: Autocommit = { core, settings, parameters, options };
  let given = false;
  refuseAlone(prepared);
  if (prepared.plan?.locks && !options.copyOut) {
    // What may have to run again gives its rows when it is done.
    const done = runAutocommit(core, settings, prepared, parameters, options);
    const { rows } = await done;
    if (rows.length > 0) yield rows as R[];
    return;
  }
  for (;;) {
    const transaction = begin(run);
    try {
      const request = { transaction, parameters, options };
      const statement = { core, settings, prepared, transaction, options };
      const entered = await withTables(statement, (prepared) => prepared);
      for await (
        const rows of streamRows<R>(core, settings, entered, request)
      ) {
        given = true;
        yield rows;
      }
      return await core.commit(transaction, commitMode(core, settings));
    } catch (error) {
      if (given) throw error;
      given = true; // Once is enough.
      prepared = await prepareAgain(run, prepared, error);
    } finally {
      core.rollback(transaction);
    }
  }
}

async function finishFirst(
  run: Autocommit,
  prepared: Prepared,
  transaction: Transaction,
  done: MaybePromise<QueryResult<unknown>>,
): Promise<QueryResult<unknown>> {
  const sinceMs = run.core.environment.monotonicMs();
  try {
    return await finish(run, transaction, done);
  } catch (error) {
    const repeats = isConflict(error) && !transaction.hasContinued &&
      isRepeatable(prepared.bound, run.options);
    if (!repeats) throw error;
    run.sinceMs = sinceMs;
    return await runInLane(run, prepared, 2);
  }
}

/** Runs a statement again and again, in its turn, until it wins. */
function runInLane(
  run: Autocommit,
  { text, declared, bound }: Prepared,
  firstAttempt: number,
): Promise<QueryResult<unknown>> {
  const { core, settings } = run;
  const { lanes } = core;
  const tableId = writtenTable(bound) ?? NO_TABLE;
  return lanes.run(tableId, async () => {
    for (let n = firstAttempt;; n++) {
      if (n > ATTEMPTS_OPEN || bound.kind === "create_index") {
        lanes.close(tableId);
      }
      // What it names may have changed, too.
      const catalog = core.catalogOf(settings);
      const request = { text, declared, catalog };
      const prepared = prepareStatement(core, settings, request);
      const transaction = begin(run);
      core.tableLocks.open(transaction);
      try {
        const done = attempt(run, prepared, transaction);
        return await finish(run, transaction, done);
      } catch (error) {
        if (
          !isConflict(error) || n >= ATTEMPTS_MAX ||
          transaction.hasContinued ||
          !isRepeatable(bound, run.options)
        ) throw error;
      }
    }
  });
}

function begin({ core, settings }: Autocommit): Transaction {
  const isolation = settings.show("default_transaction_isolation");
  return core.begin(settings, {
    readOnly: settings.boolean("default_transaction_read_only"),
    serializable: isolation === "serializable",
    readCommitted: isReadCommitted(isolation),
    single: true,
    newOwner: () => core.locks.table.newOwner(settings.objects.processId),
  });
}

function attempt(
  { core, settings, parameters, options, sinceMs }: Autocommit,
  prepared: Prepared,
  transaction: Transaction,
): MaybePromise<QueryResult<unknown>> {
  try {
    const statement = { core, settings, prepared, transaction, options };
    return withTables(statement, (prepared) =>
      runRestartable(
        { ...statement, prepared },
        (prepared, againMs) =>
          runStatement(core, settings, prepared, {
            transaction,
            parameters,
            options,
            sinceMs: sinceMs ?? againMs,
            control: transactionControl(
              core,
              settings,
              prepared.bound,
              transaction,
            ),
          }),
      ));
  } catch (error) {
    core.tableLocks.close(transaction);
    core.rollback(transaction);
    throw error;
  }
}

async function finish(
  { core, settings }: Autocommit,
  transaction: Transaction,
  done: MaybePromise<QueryResult<unknown>>,
): Promise<QueryResult<unknown>> {
  try {
    const result = await done;
    await core.commit(transaction, commitMode(core, settings));
    return result;
  } catch (error) {
    core.rollback(transaction);
    throw error;
  } finally {
    core.tableLocks.close(transaction);
  }
}

/** Whether somebody was first, or stood in the way of who stood in its way. */
function isConflict(error: unknown): boolean {
  return error instanceof KriyaError &&
    (error.kind === "conflict" || error.code === "40P01");
}

/** The table that a statement writes to, if it is one. */
function writtenTable(bound: BoundStatement): number | undefined {
  switch (bound.kind) {
    case "insert":
    case "create_index":
      return bound.table.id;
    case "update":
    case "delete":
    case "merge":
      return bound.from.table.id;
    case "copy":
      return bound.direction === "from" ? bound.table?.id : undefined;
    default:
      return undefined;
  }
}
