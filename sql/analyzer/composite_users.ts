/**
 * Who has values of a composite type, or of a table's row type: tables, and
 * indexes whose keys have them.
 *
 * @module
 */
import { dependentsOf } from "../catalog/dependencies.ts";
import {
  type CatalogView,
  type IndexEntry,
  isTypeEntry,
  type TableEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { DataType } from "../types/data_type.ts";

/** The tables that have values of a type, by whatever holds them. */
export function tablesWith(
  catalog: CatalogView,
  id: number,
  found: Set<TableEntry> = new Set(),
): Set<TableEntry> {
  for (const { entry, dependency } of dependentsOf(catalog, id)) {
    if (dependency.own === undefined && entry.kind !== "domain") continue;
    if (entry.kind === "table") {
      if (found.has(entry)) continue;
      found.add(entry);
      tablesWith(catalog, entry.id, found);
    } else if (isTypeEntry(entry)) tablesWith(catalog, entry.id, found);
  }
  return found;
}

/**
 * What knows how values of a type are read and written, each as another object
 * that says the same: what was made for it is made anew then.
 */
export function holdersOf(
  catalog: CatalogView,
  id: number,
): (TableEntry | IndexEntry)[] {
  return [...tablesWith(catalog, id)].flatMap((table) => [
    { ...table },
    ...catalog.indexesOf(table.id).map((index) => ({ ...index })),
  ]);
}

/**
 * @throws {SqlError} `0A000` when a key has values of the type: they would be
 * others without one of their fields.
 */
export function refuseInKeys(
  catalog: CatalogView,
  id: number,
  what: string,
): void {
  for (const table of tablesWith(catalog, id)) {
    for (const index of catalog.indexesOf(table.id)) {
      const isKey = index.columns.some(({ columnNumber, expression }) => {
        const type = expression?.type ??
          table.columns.find(({ number }) => number === columnNumber)?.type;
        return type !== undefined && holds(type.type, id);
      });
      if (!isKey) continue;
      throw new SqlError(
        "0A000",
        `cannot drop ${what} because index "${index.name}" has it in its keys`,
        { hint: "Drop the index, and create it again afterwards." },
      );
    }
  }
}

/** Whether values of a type have such of another in them. */
function holds(type: DataType, id: number): boolean {
  if (type.oid === id) return true;
  const inner = type.element ?? type.domain?.type;
  if (inner !== undefined) return holds(inner, id);
  return type.fields?.some((field) => holds(field.type.type, id)) === true;
}

/** A column with values of a type, those of its arrays first. */
export function userOf(catalog: CatalogView, id: number): string | undefined {
  const found: { readonly shown: string; readonly isArray: boolean }[] = [];
  for (const { entry, dependency } of dependentsOf(catalog, id)) {
    if (entry.kind === "composite" || entry.kind === "domain") {
      const user = userOf(catalog, entry.id);
      if (user !== undefined) return user;
    }
    if (entry.kind !== "table" || dependency.own === undefined) continue;
    if (dependency.part !== undefined) continue;
    const column = entry.columns.find(({ name }) => name === dependency.own);
    found.push({
      shown: `${entry.name}.${dependency.own}`,
      isArray: column?.type.type.element !== undefined,
    });
  }
  return (found.find(({ isArray }) => isArray) ?? found[0])?.shown;
}
