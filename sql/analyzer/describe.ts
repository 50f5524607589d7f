/**
 * Objects of the catalog as messages name them: `table t`, `view s.v`.
 *
 * @module
 */
import type { CatalogEntry, CatalogView } from "../catalog/entries.ts";
import { kindWord } from "../catalog/dependencies.ts";
import { quoteIdentifier } from "../parser/quote.ts";

/** The name of an object, with its schema unless the search path finds it. */
export function shownName(catalog: CatalogView, entry: CatalogEntry): string {
  const name = quoteIdentifier(entry.name);
  return entry.kind === "schema" || catalog.isVisible(entry)
    ? name
    : `${quoteIdentifier(entry.schema)}.${name}`;
}

/** An object: `table t`. */
export function describe(catalog: CatalogView, entry: CatalogEntry): string {
  return `${kindWord(entry)} ${shownName(catalog, entry)}`;
}
