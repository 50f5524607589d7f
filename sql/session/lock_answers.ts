/**
 * What functions about locks answer: `pg_locks`, `pg_blocking_pids`. A session's
 * number stands for a process.
 *
 * @module
 */
import type { LockFact } from "../transaction/locks/lock_table.ts";
import { SqlArray } from "../types/array/array_value.ts";
import type { Nullable } from "../types/data_type.ts";
import type { Answer, Asked } from "./catalog_question.ts";

/** The OID of the one database. */
const DATABASE_ID = 5;

/** The answers, by function. */
export const LOCK_ANSWERS: readonly (readonly [string, Answer])[] = [
  [
    "pg_blocking_pids",
    ({ core }, [pid]) =>
      SqlArray.of(core.locks.table.blockersOf(pid as number)),
  ],
  ["pg_lock_status", lockRows],
];

function lockRows({ core }: Asked): Nullable {
  return JSON.stringify([...core.locks.table.facts()].map(rowOf));
}

/** A row of `pg_locks`. */
function rowOf({ owner, tag, mode, granted }: LockFact): unknown[] {
  const { locktype, transactionid } = tag;
  return [
    locktype,
    locktype === "transactionid" ? null : DATABASE_ID,
    tag.relation ?? null,
    tag.page ?? null,
    tag.tuple ?? null,
    null,
    transactionid === undefined ? null : String(transactionid),
    tag.classid ?? null,
    tag.objid ?? null,
    tag.objsubid ?? null,
    `${owner}/0`,
    owner,
    mode,
    granted,
    false,
    null,
  ];
}
