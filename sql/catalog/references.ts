/**
 * Which tables refer to which: foreign keys from the side of the table that is
 * referred to.
 *
 * @module
 */
import type { CatalogView, ForeignKeyEntry, TableEntry } from "./entries.ts";
import {
  childNumbers,
  partIn,
  scannedTables,
} from "./inheritance/table_tree.ts";

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
      for (const part of partitionReferences(catalog, foreignKey)) {
        const reference = { table, foreignKey: part };
        const known = all.get(part.referencedId);
        if (known === undefined) all.set(part.referencedId, [reference]);
        else known.push(reference);
      }
    }
  }
  return all;
}

/**
 * A foreign key to a partitioned table, as it refers to each of the partitions
 * that have rows.
 */
export function partitionReferences(
  catalog: CatalogView,
  foreignKey: ForeignKeyEntry,
): ForeignKeyEntry[] {
  const table = catalog.byId(foreignKey.referencedId);
  const index = catalog.byId(foreignKey.indexId);
  if (
    table?.kind !== "table" || table.partitionKey === undefined ||
    index?.kind !== "index"
  ) return [];
  return scannedTables(catalog, table).flatMap((partition) => {
    const part = partIn(index, partition, catalog);
    if (part === undefined) return [];
    const number = childNumbers(table, partition);
    return [{
      ...foreignKey,
      referencedId: partition.id,
      referencedColumns: foreignKey.referencedColumns.map(number),
      indexId: part.id,
    }];
  });
}
