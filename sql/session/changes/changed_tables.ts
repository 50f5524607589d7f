/**
 * Tables as they were at a commit, and their rows as JavaScript values.
 *
 * @module
 */
import { LSM_TABLE_METHOD } from "../../access/lsm_table.ts";
import type { CatalogState } from "../../catalog/catalog_state.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { ColumnBuilder } from "../../chunk/chunk.ts";
import type { RowCodec } from "../../encoding/row_encoding.ts";
import type { Row } from "../result.ts";
import { RowBuilder } from "../result.ts";

/** Which tables a feed is of. */
export type TableFilter = (table: TableEntry) => boolean;

/** The filter of names; without any, every table. */
export function tableFilter(
  names: readonly string[] | undefined,
): TableFilter {
  if (names === undefined) return () => true;
  const wanted = new Set(names);
  return ({ schema, name }) =>
    wanted.has(name) || wanted.has(`${schema}.${name}`);
}

/** A table as it was. */
export class ChangedTable {
  /** Its entry in the catalog of then. */
  readonly entry: TableEntry;
  readonly #codec: RowCodec;
  readonly #rows: RowBuilder;
  readonly #positions: readonly number[];
  readonly #keys: readonly string[];

  /** A table of the catalog of then. */
  constructor(entry: TableEntry, catalog: CatalogState, codec: RowCodec) {
    this.entry = entry;
    this.#codec = codec;
    this.#positions = entry.columns.map((_, i) => i);
    this.#rows = new RowBuilder(
      entry.columns.map(({ name, type }) => ({
        name,
        type,
        table: undefined,
        column: undefined,
      })),
      {},
    );
    const primary = catalog.indexesOf(entry.id).find(({ primary }) => primary);
    this.#keys = (primary?.columns ?? []).map(({ columnNumber }) =>
      entry.columns.find(({ number }) => number === columnNumber)!.name
    );
  }

  /** The row that bytes are. */
  decode(bytes: Uint8Array): Row {
    const builders = this.entry.columns.map(({ type }) =>
      new ColumnBuilder(type.type, 1)
    );
    const reader = this.#codec.reader(this.#positions);
    reader.decodeInto(bytes, 0, bytes.length, builders);
    const columns = builders.map((builder) => builder.finish());
    const rows: Row[] = [];
    this.#rows.append({ columns, rowCount: 1 }, rows);
    return rows[0]!;
  }

  /** Its primary key in a row; `undefined` if it has none. */
  keyOf(row: Row): Row | undefined {
    if (this.#keys.length === 0) return undefined;
    return Object.fromEntries(this.#keys.map((name) => [name, row[name]]));
  }
}

/** The tables of a catalog that a feed is of, by storage id. */
export class ChangedTables {
  readonly #byStorage = new Map<number, ChangedTable>();
  readonly #byId = new Map<number, ChangedTable>();

  /** Those that the filter lets through. */
  constructor(
    catalog: CatalogState,
    filter: TableFilter,
    codec: (table: TableEntry) => RowCodec,
  ) {
    for (const entry of catalog.relations()) {
      const isTold = entry.kind === "table" &&
        entry.accessMethod === LSM_TABLE_METHOD &&
        entry.materialized === undefined && filter(entry);
      if (!isTold) continue;
      const table = new ChangedTable(entry, catalog, codec(entry));
      this.#byStorage.set(entry.storageId, table);
      this.#byId.set(entry.id, table);
    }
  }

  /** The table whose rows are under a storage id. */
  at(storageId: number): ChangedTable | undefined {
    return this.#byStorage.get(storageId);
  }

  /** The table with that id. */
  of(id: number): ChangedTable | undefined {
    return this.#byId.get(id);
  }
}
