/**
 * Tables that nothing hangs on but plain B-trees: a change of a row is a change
 * of its row and its entries.
 *
 * @module
 */
import type { AccessRegistry } from "../../access/access_registry.ts";
import { hasPlainKeys } from "../../access/index_keys.ts";
import type { SingleEntries, SingleRows } from "../../access/single_rows.ts";
import { hasRules } from "../../analyzer/constraints/table_rules.ts";
import type { CatalogState } from "../../catalog/catalog_state.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { referencesTo } from "../../catalog/references.ts";
import { isViewTable } from "../../catalog/view_table.ts";
import type { Transaction } from "../../transaction/transaction.ts";

/** An index of a plain table. */
export interface PlainIndex {
  readonly entry: IndexEntry;
  readonly entries: SingleEntries;
  /** The positions of its key columns in the table's. */
  readonly positions: readonly number[];
}

/** A plain table as a catalog has it. */
export interface PlainTable {
  readonly rows: SingleRows;
  readonly indexes: readonly PlainIndex[];
}

/** What is known of one table: under the catalog that was asked for last. */
export class PlainTableFacts {
  readonly #table: TableEntry;
  #catalog: CatalogState | undefined;
  #plain: PlainTable | undefined;

  /** Of a table, as the plan names it. */
  constructor(table: TableEntry) {
    this.#table = table;
  }

  /** The table as a transaction has it; `undefined`: it is not plain. */
  in(
    { catalog }: Transaction,
    access: AccessRegistry,
  ): PlainTable | undefined {
    if (catalog !== this.#catalog) {
      this.#catalog = catalog;
      this.#plain = plainTable(this.#table, catalog, access);
    }
    return this.#plain;
  }
}

function plainTable(
  table: TableEntry,
  catalog: CatalogState,
  access: AccessRegistry,
): PlainTable | undefined {
  if (isViewTable(table)) return undefined;
  const rows = access.table(table.accessMethod).single;
  const isPlain = catalog.byId(table.id) === table && rows !== undefined &&
    table.materialized === undefined && !hasRules(table) &&
    table.partitionKey === undefined && table.partitionBound === undefined &&
    (table.foreignKeys ?? []).length === 0 &&
    catalog.triggersOf(table.id).length === 0 &&
    referencesTo(catalog, table.id).length === 0;
  if (!isPlain) return undefined;
  const indexes: PlainIndex[] = [];
  for (const entry of catalog.indexesOf(table.id)) {
    const entries = access.index(entry.accessMethod).single;
    const isPlainIndex = entries !== undefined && hasPlainKeys(entry) &&
      entry.deferrable !== true;
    if (!isPlainIndex) return undefined;
    const positions = entry.columns.map(({ columnNumber }) =>
      table.columns.findIndex(({ number }) => number === columnNumber)
    );
    indexes.push({ entry, entries, positions });
  }
  return { rows, indexes };
}
