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
}
