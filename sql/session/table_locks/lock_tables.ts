/**
 * Taking locks on tables: for LOCK TABLE, and before a statement runs while
 * somebody has asked for some (`table_locks.ts`).
 *
 * @module
 */
import { missingRelation } from "../../analyzer/bind_from.ts";
import type { BoundLockTable } from "../../analyzer/bound_tree.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import { TABLE_MODES } from "../../transaction/locks/lock_mode.ts";
import {
  lockNotAvailable,
  type LockRequest,
} from "../../transaction/locks/lock_table.ts";
import type { DatabaseCore } from "../database_core.ts";
import { cancellation } from "../execution_context.ts";
import type { Prepared } from "../prepared.ts";
import { prepareStatement } from "../prepared_statement.ts";
import type { Restartable } from "../restart.ts";
import { type QueryResult, tagOnly } from "../result.ts";
import type { RunRequest } from "../run_options.ts";
import type { Settings } from "../settings.ts";
import { isStrong, tableRequest, tableUses } from "./table_uses.ts";

/**
 * Runs a statement by `run` once it has the locks on its tables.
 *
 * @throws {SqlError} `40P01`, `55P03`.
 */
export function withTables<T>(
  statement: Restartable,
  run: (prepared: Prepared) => MaybePromise<T>,
): MaybePromise<T> {
  const { core, prepared, transaction } = statement;
  if (core.tableLocks.isActive) return lockTables(statement).then(run);
  if (!transaction.single) core.tableLocks.note(transaction, prepared.bound);
  return run(prepared);
}

/**
 * Takes the locks of a statement; the statement as it is to run, for what was
 * waited for may have changed its tables.
 */
async function lockTables(
  { core, settings, prepared, transaction, options }: Restartable,
): Promise<Prepared> {
  const request = { transaction, parameters: [], options };
  for (;;) {
    let waited = false;
    for (
      const { relation, mode } of tableUses(prepared.bound, transaction.catalog)
    ) {
      if (isStrong(mode)) core.tableLocks.ask(transaction);
      const wanted = tableRequest(relation, mode);
      waited = await acquire(core, settings, wanted, request) || waited;
    }
    if (!waited) return prepared;
    if (transaction.single || transaction.readCommitted) {
      transaction.moveSnapshot(core.catalogOf(settings));
    }
    const { catalog } = transaction;
    prepared = prepareStatement(core, settings, {
      text: prepared.text,
      declared: prepared.declared,
      catalog,
    });
  }
}

/** Takes a lock; whether it was waited for. */
async function acquire(
  core: DatabaseCore,
  settings: Settings,
  wanted: LockRequest,
  request: RunRequest,
): Promise<boolean> {
  const { table } = core.locks;
  const { locks } = request.transaction;
  if (locks === undefined || table.tryAcquire(locks.owner, wanted)) {
    return false;
  }
  await cancellation(core, settings, request).within((signal) =>
    table.acquire(locks.owner, wanted, {
      timeoutMs: settings.integer("lock_timeout"),
      waitDie: settings.show("kriya.deadlock_prevention") === "wait_die",
      signal,
    })
  );
  return true;
}

/**
 * Runs LOCK TABLE.
 *
 * @throws {SqlError} `55P03` by NOWAIT or `lock_timeout`, `40P01`, `42P01` for
 * what was dropped meanwhile.
 */
export async function runLockTable(
  core: DatabaseCore,
  settings: Settings,
  { relations, mode, nowait }: BoundLockTable,
  request: RunRequest,
): Promise<QueryResult<unknown>> {
  const { transaction } = request;
  const wantedMode = Object.values(TABLE_MODES)[mode - 1]!;
  core.tableLocks.ask(transaction);
  for (const relation of relations) {
    const wanted = tableRequest(relation, wantedMode);
    if (nowait) {
      const { locks } = transaction;
      if (!locks || core.locks.table.tryAcquire(locks.owner, wanted)) continue;
      throw lockNotAvailable(
        `could not obtain lock on relation "${relation.name}"`,
      );
    }
    if (!await acquire(core, settings, wanted, request)) continue;
    if (core.catalogOf(settings).byId(relation.id) === undefined) {
      throw missingRelation(undefined, relation.name);
    }
  }
  return tagOnly("LOCK TABLE");
}

/** @throws {SqlError} `25P01` for LOCK as a transaction of its own. */
export function refuseAlone({ bound }: Prepared): void {
  if (bound.kind !== "lock_table") return;
  throw new SqlError(
    "25P01",
    "LOCK TABLE can only be used in transaction blocks",
  );
}
