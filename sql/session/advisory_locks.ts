/**
 * Advisory locks: `pg_advisory_lock` and its kin (PostgreSQL, chapters 9.28.10
 * and 13.3.5).
 *
 * A key is one `bigint` or two `integer`s; those are two spaces.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import {
  ADVISORY_MODES,
  type LockMode,
} from "../transaction/locks/lock_mode.ts";
import type { LockRequest, LockWait } from "../transaction/locks/lock_table.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { Nullable } from "../types/data_type.ts";
import type { SessionLocks } from "./session_locks.ts";

/** What a call is given. */
export interface AdvisoryCall {
  /** The session's locks. */
  readonly locks: SessionLocks;
  /** The transaction that calls. */
  readonly transaction: Transaction;
  /** How it waits. */
  readonly wait: LockWait;
  /** Tells the client of something. */
  readonly warn: (message: string) => void;
}

const NAME = /^pg_(try_)?advisory_(xact_)?(lock|unlock)(_shared|_all)?$/;

/** Whether a function of this name is answered here. */
export function isAdvisory(name: string): boolean {
  return NAME.test(name);
}

/**
 * Answers an advisory function.
 *
 * @throws {SqlError} `40P01`, `55P03`.
 */
export function advisoryFunction(
  call: AdvisoryCall,
  name: string,
  args: readonly Nullable[],
): MaybePromise<Nullable> {
  const match = NAME.exec(name);
  invariant(match !== null, "not an advisory function");
  const [, isTry, isTransaction, what, suffix] = match;
  if (suffix === "_all") {
    call.locks.releaseSession();
    return "";
  }
  const mode = suffix === "_shared"
    ? ADVISORY_MODES.ShareLock
    : ADVISORY_MODES.ExclusiveLock;
  const level = isTransaction ? "transaction" : "session";
  const request = { ...lockOf(args), mode, level } as const;
  if (what === "unlock") return unlock(call, request, mode);
  const { locks, transaction, wait } = call;
  if (isTry) return locks.acquire(request, transaction, undefined);
  const acquired = locks.acquire(request, transaction, wait);
  return acquired instanceof Promise ? acquired.then(() => "") : "";
}

function unlock(
  { locks, warn }: AdvisoryCall,
  request: LockRequest,
  { name }: LockMode,
): boolean {
  const held = locks.release(request);
  if (!held) warn(`you don't own a lock of type ${name}`);
  return held;
}

/** The lock that arguments name. */
function lockOf(
  args: readonly Nullable[],
): Pick<LockRequest, "key" | "label" | "tag"> {
  if (args.length === 2) {
    const [high, low] = args as number[];
    return { key: `a2:${high}:${low}`, ...shownAs(high!, low!, 2) };
  }
  const key = BigInt(args[0] as number | bigint);
  const high = Number(BigInt.asUintN(32, key >> 32n));
  const low = Number(BigInt.asUintN(32, key));
  return { key: `a1:${key}`, ...shownAs(high, low, 1) };
}

function shownAs(
  high: number,
  low: number,
  objsubid: number,
): Pick<LockRequest, "label" | "tag"> {
  const classid = high >>> 0;
  const objid = low >>> 0;
  return {
    label: `advisory lock [${classid},${objid},${objsubid}]`,
    tag: { locktype: "advisory", classid, objid, objsubid },
  };
}
