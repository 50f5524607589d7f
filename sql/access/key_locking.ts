/**
 * Locks on keys of unique indexes.
 *
 * Who writes a key, be it to add or to remove it, waits for others who have
 * written it; then what is committed counts, whatever the transaction's
 * snapshot shows. A key that a foreign key refers to is kept: who removes it
 * waits until those who depend on it have ended.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { IndexEntry } from "../catalog/entries.ts";
import { isTemporaryId, isTemporaryKey } from "../catalog/temporary_schema.ts";
import { ROW_MODES } from "../transaction/locks/lock_mode.ts";
import { StatementRestart } from "../transaction/locks/statement_restart.ts";
import type { LockTarget } from "../transaction/locks/transaction_locks.ts";
import { readWriteConflict } from "../transaction/read_set.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Bytes as a string of as many characters. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

/**
 * The newest value of a key that is about to be written, once nobody else has
 * it; it has to be written in the same turn.
 */
export function newestOfKey(
  transaction: Transaction,
  key: Uint8Array,
  index: IndexEntry,
): MaybePromise<Uint8Array | undefined> {
  const { locks } = transaction;
  if (locks === undefined || isTemporaryKey(key)) return transaction.get(key);
  const lockKey = (): string => `k${latin1(key)}`;
  if (!locks.isBlocked(key, lockKey, ROW_MODES.update)) {
    transaction.noteNewest();
    const newest = transaction.getNewest(key);
    if (!isPromise(newest)) return refuseUnseen(transaction, key, newest);
  }
  return takeKey(transaction, targetOf(index, key, lockKey()));
}

function targetOf(
  { id, name }: IndexEntry,
  key: Uint8Array,
  lockKey: string,
): LockTarget {
  const tag = { locktype: "tuple", relation: id } as const;
  return { key, lockKey, label: `key of index "${name}"`, tag };
}

async function takeKey(
  transaction: Transaction,
  target: LockTarget,
): Promise<Uint8Array | undefined> {
  await transaction.locks!.take(target, ROW_MODES.update);
  transaction.noteNewest();
  const newest = await transaction.getNewest(target.key);
  return refuseUnseen(transaction, target.key, newest);
}

/**
 * A key that is there and that a serializable transaction does not see: as if it
 * had run after the other, it would have.
 */
function refuseUnseen(
  transaction: Transaction,
  key: Uint8Array,
  newest: Uint8Array | undefined,
): MaybePromise<Uint8Array | undefined> {
  if (newest === undefined || !transaction.serializable) return newest;
  return then(transaction.changedSince(key), (changed) => {
    if (!changed) return newest;
    throw transaction.single ? new StatementRestart() : readWriteConflict();
  });
}

/** Waits until nobody else has written any of the keys. */
export function settleKeys(
  transaction: Transaction,
  index: IndexEntry,
  keys: readonly (string | undefined)[],
): MaybePromise<void> {
  const { locks } = transaction;
  if (
    locks === undefined || locks.isUndisturbed || isTemporaryId(index.storageId)
  ) return;
  for (const name of keys) {
    if (name === undefined) continue;
    const target = targetOf(index, bytesOf(name), `k${name}`);
    if (!locks.isBlocked(target.key, () => target.lockKey, ROW_MODES.update)) {
      continue;
    }
    return Promise.resolve(locks.take(target, ROW_MODES.update)).then(() =>
      settleKeys(transaction, index, keys)
    );
  }
}

/** The reverse of {@linkcode latin1}. */
function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(name, (each) => each.charCodeAt(0));
}

/**
 * A key was removed: waits, after `before`, for those who depend on it. What
 * they have written is seen by no snapshot from before.
 */
export function releaseKey(
  transaction: Transaction,
  key: Uint8Array,
  before: MaybePromise<void>,
): MaybePromise<void> {
  const { locks } = transaction;
  if (
    locks === undefined || locks.isUndisturbed || isTemporaryKey(key)
  ) return before;
  const name = latin1(key);
  if (!locks.hasDependants(name)) return before;
  return waitForDependants(transaction, name, before);
}

async function waitForDependants(
  transaction: Transaction,
  name: string,
  before: MaybePromise<void>,
): Promise<void> {
  await before;
  await transaction.locks!.waitForDependants(name);
  if (transaction.readCommitted) throw new StatementRestart();
}

/**
 * Keeps a key, which was found to be there, from being removed by others, and
 * the commit from succeeding if it was.
 *
 * @throws {StatementRestart} when it was changed meanwhile.
 */
export function keepKey(
  transaction: Transaction,
  name: string,
): MaybePromise<void> {
  const { guarded } = transaction.checks;
  if (guarded.has(name)) return;
  const key = bytesOf(name);
  const locks = isTemporaryKey(key) ? undefined : transaction.locks;
  const other = locks === undefined || locks.isUndisturbed
    ? undefined
    : locks.otherWriterOf(key);
  if (other !== undefined) {
    return locks!.waitFor(other).then(() => {
      throw new StatementRestart();
    });
  }
  guarded.add(name);
  locks?.noteDependence(name);
  transaction.guardKey(key);
  const changed = transaction.changedSince(key);
  if (isPromise(changed)) return changed.then(refuseChanged);
  refuseChanged(changed);
}

function refuseChanged(changed: boolean): void {
  if (changed) throw new StatementRestart();
}
