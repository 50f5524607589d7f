/**
 * Objects of the catalog as messages name them: `table t`, `view s.v`.
 *
 * @module
 */
import type { CatalogEntry, CatalogView } from "../catalog/entries.ts";
import { routineSignature, storedTypeName } from "./routines/routine_names.ts";
import { kindWord } from "../catalog/dependencies.ts";
import { quoteIdentifier } from "../parser/quote.ts";

/** The name of an object, with its schema unless the search path finds it. */
export function shownName(catalog: CatalogView, entry: CatalogEntry): string {
  const name = quoteIdentifier(entry.name);
  const isBare = entry.kind === "trigger" || entry.kind === "statistics" ||
    entry.kind === "cast";
  if (isBare) return name;
  return entry.kind === "schema" || entry.kind === "role" ||
      entry.kind === "extension" ||
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
  const typeName = (oid: number): string =>
    storedTypeName(catalog, { oid, typmod: -1 });
  if (entry.kind === "cast") {
    return `cast from ${typeName(entry.source)} to ${typeName(entry.target)}`;
  }
  if (entry.kind === "operator") {
    const { schema, name, left, right } = entry;
    const shown = catalog.isVisible(entry)
      ? name
      : `${quoteIdentifier(schema)}.${name}`;
    const first = left === 0 ? "NONE" : typeName(left);
    return `operator ${shown}(${first},${typeName(right)})`;
  }
  if (entry.kind === "trigger") {
    const table = catalog.relationById(entry.tableId);
    const on = table === undefined ? "" : shownName(catalog, table);
    return `trigger ${shownName(catalog, entry)} on ${kindWord(table!)} ${on}`;
  }
  // As in PostgreSQL, the names of extensions are not quoted.
  if (entry.kind === "extension") return `extension ${entry.name}`;
  return `${kindWord(entry)} ${shownName(catalog, entry)}`;
}
