/**
 * Locks on rows of the tree, by their keys.
 *
 * Where nobody is in the way and nothing has changed, a row that is written in
 * the same turn needs no lock: what was written is locked. Else the rows of the
 * call are locked one by one, in their order, and each is compared with what
 * the transaction sees.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { isTemporaryId } from "../catalog/temporary_schema.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  type LockMode,
  ROW_MODES,
  type RowStrength,
} from "../transaction/locks/lock_mode.ts";
import type {
  LockTarget,
  TransactionLocks,
} from "../transaction/locks/transaction_locks.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { readsOf } from "../transaction/transaction_view.ts";
import { rowKey, STORAGE_ID_BYTES, writeTid } from "./row_key.ts";
import type { LockedRow, RowLockRequest } from "./table_access.ts";

/** Locks the rows of a table; see {@linkcode TableAccessMethod.lock}. */
export function lockRows(
  transaction: Transaction,
  table: TableEntry,
  locators: Float64Array,
  request: RowLockRequest,
): MaybePromise<readonly LockedRow[] | undefined> {
  const { locks } = transaction;
  if (locks === undefined || isTemporaryId(table.storageId)) return undefined;
  const mode = ROW_MODES[request.strength];
  const isFree = request.keep !== true &&
    (locks.isUndisturbed ||
      areFree(transaction, locks, table, locators, mode));
  if (request.changesKey) {
    for (const tid of locators) locks.noteChangedKey(rowLockKey(table, tid));
  }
  return isFree
    ? undefined
    : lockEach(transaction, locks, table, locators, request);
}

/** Whether nobody has the row, and it is as the transaction sees it. */
export function isRowFree(
  transaction: Transaction,
  table: TableEntry,
  tid: number,
  strength: RowStrength,
): boolean {
  const { locks } = transaction;
  return locks === undefined || isTemporaryId(table.storageId) ||
    locks.isUndisturbed ||
    areFree(
      transaction,
      locks,
      table,
      Float64Array.of(tid),
      ROW_MODES[strength],
    );
}

/** The name of a row in the lock table. */
function rowLockKey({ storageId }: TableEntry, tid: number): string {
  return `r${storageId}:${tid}`;
}

/** Whether all rows are as the transaction sees them, and nobody's. */
function areFree(
  transaction: Transaction,
  locks: TransactionLocks,
  table: TableEntry,
  locators: Float64Array,
  mode: LockMode,
): boolean {
  const key = rowKey(table.storageId, 0);
  for (const tid of locators) {
    writeTid(key, STORAGE_ID_BYTES, tid);
    if (locks.isBlocked(key, () => rowLockKey(table, tid), mode)) return false;
    // What has to be looked for in storage is looked for below.
    if (transaction.changedSince(key) !== false) return false;
  }
  return true;
}

async function lockEach(
  transaction: Transaction,
  locks: TransactionLocks,
  table: TableEntry,
  locators: Float64Array,
  { strength, policy = "wait", readBy }: RowLockRequest,
): Promise<LockedRow[]> {
  const view = readBy && readsOf(readBy);
  const mode = ROW_MODES[strength];
  const rows: LockedRow[] = [];
  for (const tid of locators) {
    const target: LockTarget = {
      key: rowKey(table.storageId, tid),
      lockKey: rowLockKey(table, tid),
      label: `tuple ${tid} of relation "${table.name}"`,
      tag: {
        locktype: "tuple",
        relation: table.id,
        page: Math.floor(tid / 0x1_0000),
        tuple: tid % 0x1_0000,
      },
    };
    const taken = locks.take(target, mode, { wait: policy === "wait" });
    if (!(isPromise(taken) ? await taken : taken)) {
      if (policy === "nowait") {
        throw new SqlError(
          "55P03",
          `could not obtain lock on row in relation "${table.name}"`,
        );
      }
      rows.push("skipped");
      continue;
    }
    const changed = transaction.changedSince(
      target.key,
      view?.snapshotSequence,
    );
    if (!(isPromise(changed) ? await changed : changed)) {
      const isOwn = view !== undefined &&
        transaction.hasChangedSince(target.key, view.readSequence);
      rows.push(isOwn ? "gone" : "same");
      continue;
    }
    const newest = await transaction.getNewest(target.key);
    rows.push(newest === undefined ? "gone" : "changed");
  }
  transaction.noteNewest();
  return rows;
}
