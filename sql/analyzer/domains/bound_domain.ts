/**
 * CREATE and ALTER DOMAIN with names resolved.
 *
 * @module
 */
import type { DomainEntry } from "../../catalog/entries.ts";

/** CREATE DOMAIN. */
export interface BoundCreateDomain {
  readonly kind: "create_domain";
  /** The domain, without an id. */
  readonly domain: DomainEntry;
}

/** ALTER DOMAIN. */
export interface BoundAlterDomain {
  readonly kind: "alter_domain";
  readonly before: DomainEntry;
  readonly after: DomainEntry;
  /** What must hold of the values that are there. */
  readonly verify:
    | "not_null"
    /** The text of a CHECK. */
    | { readonly sql: string }
    | undefined;
  /** Why nothing is changed, under IF EXISTS. */
  readonly notices: readonly string[];
}
