/**
 * Questions about the items of rows.
 *
 * @module
 */
import type { Item } from "./gin_items.ts";

/** What is asked of the items of a row. */
export type GinQuery =
  | { readonly kind: "all" | "none" }
  | { readonly kind: "item"; readonly item: Item }
  | { readonly kind: "and" | "or"; readonly parts: readonly GinQuery[] };
