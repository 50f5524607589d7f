/**
 * Objects of the catalog as messages name them: `table t`, `view s.v`.
 *
 * @module
 */
import type { CatalogEntry, CatalogView } from "../catalog/entries.ts";
import { routineSignature } from "./routines/routine_names.ts";
import { kindWord } from "../catalog/dependencies.ts";
import { quoteIdentifier } from "../parser/quote.ts";

/** The name of an object, with its schema unless the search path finds it. */
export function shownName(catalog: CatalogView, entry: CatalogEntry): string {
  const name = quoteIdentifier(entry.name);
  if (entry.kind === "trigger" || entry.kind === "statistics") return name;
  return entry.kind === "schema" || entry.kind === "role" ||
      catalog.isVisible(entry)
    ? name
    : `${quoteIdentifier(entry.schema)}.${name}`;
}

/** An object: `table t`. */
export function describe(catalog: CatalogView, entry: CatalogEntry): string {
  if (entry.kind === "routine") {
    return `${kindWord(entry)} ${
      routineSignature(catalog, entry).replaceAll(", ", ",")
    }`;
  }
  if (entry.kind === "trigger") {
    const table = catalog.relationById(entry.tableId);
    const on = table === undefined ? "" : shownName(catalog, table);
    return `trigger ${shownName(catalog, entry)} on ${kindWord(table!)} ${on}`;
  }
  return `${kindWord(entry)} ${shownName(catalog, entry)}`;
}
