/**
 * What entries of the catalog have in common.
 *
 * @module
 */

/**
 * What an object needs to be there (pg_depend); see `dependencies.ts`.
 */
export interface Dependency {
  /** The object it needs. */
  readonly id: number;
  /** The `number` of the column it needs of it; absent: the whole object. */
  readonly column?: number | undefined;
  /**
   * `normal`: DROP of what is needed is refused without CASCADE; `auto`: the
   * dependent goes with it; `internal`: it is a part of it, and cannot go
   * alone.
   */
  readonly kind: "normal" | "auto" | "internal";
}

/** What every entry has. */
export interface EntryCommon {
  /** Names the object as long as it lives: its OID. */
  readonly id: number;
  /** The name. */
  readonly name: string;
  /** What it needs beyond what its other fields say. */
  readonly dependencies?: readonly Dependency[] | undefined;
  /** What COMMENT says of it. */
  readonly comment?: string | undefined;
  /** The role that owns it; absent: the user of the database. */
  readonly ownerId?: number | undefined;
  /** Who was granted what; absent: nobody was granted anything. */
  readonly acl?: readonly AclItem[] | undefined;
}

/** What a role was granted; privileges as letters, see `privileges.ts`. */
export interface AclItem {
  /** The role; 0: everybody. */
  readonly granteeId: number;
  readonly grantorId: number;
  readonly privileges: string;
  /** Those that it may grant on. */
  readonly grantable: string;
}
