/**
 * Which tables refer to which: foreign keys from the side of the table that is
 * referred to.
 *
 * @module
 */
import type { CatalogView, ForeignKeyEntry, TableEntry } from "./entries.ts";

/** A foreign key of a table. */
export interface Reference {
  /** The table that has the foreign key. */
  readonly table: TableEntry;
  readonly foreignKey: ForeignKeyEntry;
}

const NONE: readonly Reference[] = [];

const known = new WeakMap<CatalogView, ReadonlyMap<number, Reference[]>>();

/** The foreign keys that refer to the table `id`, the older tables' first. */
export function referencesTo(
  catalog: CatalogView,
  id: number,
): readonly Reference[] {
  let all = known.get(catalog);
  if (all === undefined) known.set(catalog, all = collect(catalog));
  return all.get(id) ?? NONE;
}

function collect(catalog: CatalogView): ReadonlyMap<number, Reference[]> {
  const all = new Map<number, Reference[]>();
  for (const table of catalog.relations()) {
    if (table.kind !== "table") continue;
    for (const foreignKey of table.foreignKeys ?? []) {
      const { referencedId } = foreignKey;
      const others = all.get(referencedId);
      if (others === undefined) all.set(referencedId, [{ table, foreignKey }]);
      else others.push({ table, foreignKey });
    }
  }
  return all;
}
