/**
 * Modes of locks, and which of them exclude each other (PostgreSQL, chapters
 * 13.3.1, 13.3.2 and 13.3.5).
 *
 * @module
 */

/** A mode of a lock. */
export interface LockMode {
  /** Its name in messages and in `pg_locks`. */
  readonly name: string;
  /** Its bit. */
  readonly bit: number;
  /** The bits of the modes that it excludes in the hands of others. */
  readonly conflicts: number;
}

/** Makes modes; `conflicts` names those that each excludes. */
function modesOf<Name extends string>(
  names: readonly Name[],
  conflicts: Readonly<Record<Name, readonly Name[]>>,
): Readonly<Record<Name, LockMode>> {
  const bitOf = (name: Name): number => 1 << names.indexOf(name);
  return Object.fromEntries(
    names.map((name) => [name, {
      name,
      bit: bitOf(name),
      conflicts: conflicts[name].reduce((bits, each) => bits | bitOf(each), 0),
    }]),
  ) as unknown as Record<Name, LockMode>;
}

/** Modes of advisory locks. */
export const ADVISORY_MODES: Readonly<
  Record<"ShareLock" | "ExclusiveLock", LockMode>
> = modesOf(["ShareLock", "ExclusiveLock"], {
  ShareLock: ["ExclusiveLock"],
  ExclusiveLock: ["ShareLock", "ExclusiveLock"],
});

/** Modes of locks on tables, from the weakest to the strongest. */
export const TABLE_MODES: Readonly<Record<TableModeName, LockMode>> = modesOf([
  "AccessShareLock",
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
], {
  AccessShareLock: ["AccessExclusiveLock"],
  RowShareLock: ["ExclusiveLock", "AccessExclusiveLock"],
  RowExclusiveLock: [
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
  ],
  ShareUpdateExclusiveLock: [
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
  ],
  ShareLock: [
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
  ],
  ShareRowExclusiveLock: [
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
  ],
  ExclusiveLock: [
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
  ],
  AccessExclusiveLock: [
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
  ],
});

/** A mode of a lock on a table, as `pg_locks` calls it. */
export type TableModeName =
  | "AccessShareLock"
  | "RowShareLock"
  | "RowExclusiveLock"
  | "ShareUpdateExclusiveLock"
  | "ShareLock"
  | "ShareRowExclusiveLock"
  | "ExclusiveLock"
  | "AccessExclusiveLock";

/**
 * Modes of locks on rows, with the names that `pg_locks` gives them: those of
 * SELECT FOR KEY SHARE, FOR SHARE, FOR NO KEY UPDATE and FOR UPDATE.
 */
export const ROW_MODES: Readonly<Record<RowStrength, LockMode>> = {
  "key share": { name: "AccessShareLock", bit: 1, conflicts: 8 },
  share: { name: "RowShareLock", bit: 2, conflicts: 4 | 8 },
  "no key update": { name: "ExclusiveLock", bit: 4, conflicts: 2 | 4 | 8 },
  update: { name: "AccessExclusiveLock", bit: 8, conflicts: 1 | 2 | 4 | 8 },
};

/** How much of a row is locked. */
export type RowStrength = "key share" | "share" | "no key update" | "update";
