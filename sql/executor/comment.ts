/**
 * COMMENT: an object gets another comment, or loses the one it has.
 *
 * @module
 */
import type { BoundComment } from "../analyzer/bound_tree.ts";
import { type DefinitionContext, replaceEntry } from "./catalog_change.ts";

/** Runs COMMENT. */
export function comment(
  { before, after }: BoundComment,
  { transaction }: DefinitionContext,
): void {
  replaceEntry(before, after, transaction);
}
