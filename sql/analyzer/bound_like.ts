/**
 * What CREATE TABLE … (LIKE …) makes after the table.
 *
 * @module
 */
import type { IndexEntry } from "../catalog/entries.ts";

/** An index that is made as another is. */
export interface LikeIndex {
  /** The other. */
  readonly index: IndexEntry;
  /** Its columns by their numbers. */
  readonly names: ReadonlyMap<number, string>;
  /** What COMMENT says of the copy. */
  readonly comment: string | undefined;
}
