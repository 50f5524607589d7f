/**
 * Routines and their types as messages name them.
 *
 * @module
 */
import type { CatalogView } from "../../catalog/entries.ts";
import {
  inputsOf,
  type RoutineEntry,
  type StoredType,
} from "../../catalog/routine_entry.ts";
import { quoteIdentifier } from "../../parser/quote.ts";
import type { DataType } from "../../types/data_type.ts";
import { BUILTIN_TYPES, formatType } from "../../types/type_registry.ts";

const builtinByOid: ReadonlyMap<number, DataType> = new Map(
  BUILTIN_TYPES.map((type) => [type.oid, type]),
);

/** A stored type as messages name it. */
export function storedTypeName(
  catalog: CatalogView,
  { oid, typmod }: StoredType,
): string {
  const type = builtinByOid.get(oid);
  if (type !== undefined) return formatType({ type, typmod });
  const entry = catalog.byId(oid);
  if (entry === undefined || entry.kind === "schema") return "???";
  const name = quoteIdentifier(entry.name);
  const isVisible = entry.kind !== "trigger" &&
    entry.kind !== "role" && entry.kind !== "statistics" &&
    entry.kind !== "cast" &&
    entry.kind !== "extension" &&
    catalog.isVisible(entry);
  return isVisible ? name : `${quoteIdentifier(entry.schema)}.${name}`;
}

/** A routine with the types of what it is given: `f(integer, text)`. */
export function routineSignature(
  catalog: CatalogView,
  entry: RoutineEntry,
): string {
  const types = inputsOf(entry).map(({ type }) =>
    storedTypeName(catalog, { ...type, typmod: -1 })
  );
  const name = quoteIdentifier(entry.name);
  const shown = catalog.isVisible(entry)
    ? name
    : `${quoteIdentifier(entry.schema)}.${name}`;
  return `${shown}(${types.join(", ")})`;
}
