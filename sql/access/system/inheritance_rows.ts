/**
 * The rows about trees of tables: `pg_inherits`, `pg_partitioned_table`.
 *
 * @module
 */
import type { CatalogView, IndexEntry } from "../../catalog/entries.ts";
import { partitionsOf } from "../../catalog/inheritance/partitions.ts";
import { childrenOf } from "../../catalog/inheritance/table_tree.ts";
import {
  accessMethodId,
  type SystemRow,
  type SystemSource,
} from "./system_rows.ts";

/** `pg_inherits`. */
export function* inheritRows({ catalog }: SystemSource): Iterable<SystemRow> {
  for (const entry of catalog.relations()) {
    const parents = entry.kind === "table"
      ? entry.parents ?? []
      : entry.kind === "index" && entry.parentId !== undefined
      ? [entry.parentId]
      : [];
    for (const [i, inhparent] of parents.entries()) {
      yield {
        inhrelid: entry.id,
        inhparent,
        inhseqno: i + 1,
        inhdetachpending: false,
      };
    }
  }
}

const STRATEGIES = { list: "l", range: "r", hash: "h" } as const;

/** `pg_partitioned_table`. */
export function* partitionedRows(source: SystemSource): Iterable<SystemRow> {
  const { catalog, access } = source;
  for (const entry of catalog.relations()) {
    if (entry.kind !== "table" || entry.partitionKey === undefined) continue;
    const { strategy, columns } = entry.partitionKey;
    const { tables, defaultPosition } = partitionsOf(catalog, entry);
    const method = strategy === "hash" ? "hash" : "btree";
    const { operatorClasses } = access.index(method);
    const classes = columns.map(({ operatorClass }) =>
      accessMethodId(source, method) * 1000 +
      operatorClasses.findIndex(({ name }) => name === operatorClass)
    );
    const expressions = columns.flatMap(({ expression }) =>
      expression === undefined ? [] : [expression.sql]
    );
    yield {
      partrelid: entry.id,
      partstrat: STRATEGIES[strategy],
      partnatts: columns.length,
      partdefid: tables[defaultPosition]?.id ?? 0,
      partattrs: columns.map(({ columnNumber }) => columnNumber).join(" "),
      partclass: classes.join(" "),
      partcollation: columns.map(() => 0).join(" "),
      partexprs: expressions.length === 0 ? null : expressions.join(", "),
    };
  }
}

/** The indexes that others are parts of. */
export function indexesWithParts(catalog: CatalogView): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const entry of catalog.relations()) {
    if (entry.kind === "index" && entry.parentId !== undefined) {
      ids.add(entry.parentId);
    }
  }
  return ids;
}

/** Whether an index of a partitioned table has a part in every partition. */
export function isWhole(catalog: CatalogView, index: IndexEntry): boolean {
  const table = catalog.byId(index.tableId);
  if (table?.kind !== "table" || table.partitionKey === undefined) return true;
  return childrenOf(catalog, table.id).every(({ id }) => {
    const part = catalog.indexesOf(id).find(({ parentId }) =>
      parentId === index.id
    );
    return part !== undefined && isWhole(catalog, part);
  });
}
