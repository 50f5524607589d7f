/**
 * Bound statements about routines and triggers.
 *
 * @module
 */
import type { CatalogEntry } from "../../catalog/entries.ts";

/** An object that is made, or changed. */
export interface BoundChangeEntry {
  readonly kind: "change_entry";
  /** The command tag. */
  readonly tag: string;
  /** What is there; absent: it is new, and has no id yet. */
  readonly before: CatalogEntry | undefined;
  /** What will be there; absent: nothing is to do. */
  readonly after: CatalogEntry | undefined;
  readonly notices: readonly string[];
  /** Others that change with it. */
  readonly more?:
    | readonly { readonly before: CatalogEntry; readonly after: CatalogEntry }[]
    | undefined;
}

/** DO. */
export interface BoundDo {
  readonly kind: "do";
  readonly language: string;
  readonly body: string;
}
