/**
 * Tables and those that inherit from them: whose rows are whose, too.
 *
 * A child is read and written as its parent by an entry of its own (`asParent`):
 * the child's storage and numbers of columns, in the order of the parent's
 * columns; what the child has besides comes after them.
 *
 * @module
 */
import type {
  CatalogView,
  ColumnEntry,
  IndexEntry,
  TableEntry,
} from "../entries.ts";
import { partitionsOf } from "./partitions.ts";

const NONE: readonly TableEntry[] = [];

const known = new WeakMap<CatalogView, ReadonlyMap<number, TableEntry[]>>();

/** The tables that inherit from the table `id` directly, the oldest first. */
export function childrenOf(
  catalog: CatalogView,
  id: number,
): readonly TableEntry[] {
  let all = known.get(catalog);
  if (all === undefined) known.set(catalog, all = collect(catalog));
  return all.get(id) ?? NONE;
}

function collect(catalog: CatalogView): ReadonlyMap<number, TableEntry[]> {
  const all = new Map<number, TableEntry[]>();
  for (const table of catalog.relations()) {
    if (table.kind !== "table") continue;
    for (const parent of table.parents ?? []) {
      const others = all.get(parent);
      if (others === undefined) all.set(parent, [table]);
      else others.push(table);
    }
  }
  for (const tables of all.values()) tables.sort((a, b) => a.id - b.id);
  return all;
}

/** The parents of a table, in the order of INHERITS. */
export function parentsOf(
  catalog: CatalogView,
  { parents = [] }: TableEntry,
): TableEntry[] {
  return parents.flatMap((id) => {
    const parent = catalog.byId(id);
    return parent?.kind === "table" ? [parent] : [];
  });
}

/**
 * A table and all that inherit from it, each once: level by level, partitions
 * in the order of their bounds.
 */
export function treeOf(
  catalog: CatalogView,
  table: TableEntry,
): readonly TableEntry[] {
  const found: TableEntry[] = [table];
  const seen = new Set([table.id]);
  for (const each of found) {
    for (const child of childrenOf(catalog, each.id)) {
      if (seen.has(child.id)) continue;
      seen.add(child.id);
      found.push(child);
    }
  }
  return found;
}

/** Those of a table's tree that have rows, as a scan reads them. */
export function scannedTables(
  catalog: CatalogView,
  table: TableEntry,
): readonly TableEntry[] {
  if (table.partitionKey === undefined) {
    return treeOf(catalog, table).filter(({ partitionKey }) =>
      partitionKey === undefined
    );
  }
  return partitionsOf(catalog, table).tables.flatMap((each) =>
    scannedTables(catalog, each)
  );
}

/** A partitioned table and its ancestors that are, the next first. */
export function partitionAncestors(
  catalog: CatalogView,
  table: TableEntry,
): TableEntry[] {
  const found: TableEntry[] = [];
  let entry: TableEntry = table;
  while (entry.partitionBound !== undefined) {
    const [parent] = parentsOf(catalog, entry);
    if (parent === undefined) break;
    found.push(parent);
    entry = parent;
  }
  return found;
}

const mapped = new WeakMap<TableEntry, Map<TableEntry, TableEntry>>();

/**
 * A table as one it inherits from: the columns of that in its order, and then
 * its others. The same entry for the same two.
 */
export function asParent(child: TableEntry, parent: TableEntry): TableEntry {
  if (child.id === parent.id) return child;
  let views = mapped.get(child);
  if (views === undefined) mapped.set(child, views = new Map());
  let view = views.get(parent);
  if (view !== undefined) return view;
  const own = new Map(child.columns.map((column) => [column.name, column]));
  const columns: ColumnEntry[] = [];
  for (const { name } of parent.columns) {
    const column = own.get(name);
    if (column === undefined) continue;
    columns.push(column);
    own.delete(name);
  }
  columns.push(...own.values());
  const isSame = columns.every((each, i) => each === child.columns[i]);
  view = isSame ? child : { ...child, columns };
  views.set(parent, view);
  return view;
}

/** Numbers of a parent's columns as those of the same columns of a child. */
export function childNumbers(
  parent: TableEntry,
  child: TableEntry,
): (number: number) => number {
  const own = new Map(child.columns.map(({ name, number }) => [name, number]));
  const names = new Map(
    parent.columns.map(({ name, number }) => [number, own.get(name)]),
  );
  return (number) => names.get(number) ?? 0;
}

/** The index of a table below the one of `index` that is a part of it. */
export function partIn(
  index: IndexEntry,
  table: TableEntry,
  catalog: CatalogView,
): IndexEntry | undefined {
  if (index.tableId === table.id) return index;
  const [parent] = parentsOf(catalog, table);
  if (parent === undefined) return undefined;
  const above = partIn(index, parent, catalog);
  return above && partOfIndex(catalog, above, table);
}

/** The index of a partition that is a part of an index of its parent. */
function partOfIndex(
  catalog: CatalogView,
  index: IndexEntry,
  partition: TableEntry,
): IndexEntry | undefined {
  return catalog.indexesOf(partition.id).find(({ parentId }) =>
    parentId === index.id
  );
}
