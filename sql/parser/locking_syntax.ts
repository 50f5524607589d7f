/**
 * FOR UPDATE and its kin, as they are written.
 *
 * @module
 */

/** FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE or FOR KEY SHARE. */
export interface LockingSyntax {
  readonly strength: "update" | "no key update" | "share" | "key share";
  /** OF; empty: all that there are. */
  readonly of: readonly LockedName[];
  readonly policy: "wait" | "nowait" | "skip";
}

/** A relation after OF. */
export interface LockedName {
  readonly schema: string | undefined;
  readonly name: string;
  readonly offset: number;
}
