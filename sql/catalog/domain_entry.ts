/**
 * What the catalog knows of a domain.
 *
 * @module
 */
import type { TypeRef } from "../types/data_type.ts";
import type { CheckEntry } from "./constraint_entry.ts";
import type { EntryCommon } from "./entry_common.ts";

/** A domain. */
export interface DomainEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "domain";
  /** The schema. */
  readonly schema: string;
  /** What it is over, which may be another domain. */
  readonly base: TypeRef;
  /** Whether NULL is refused. */
  readonly notNull: boolean;
  /** The DEFAULT expression's text, as deparsed SQL; absent: the base's. */
  readonly defaultSql?: string | undefined;
  /** The CHECK constraints, whose column is `value`, in order of creation. */
  readonly checks?: readonly CheckEntry[] | undefined;
}
