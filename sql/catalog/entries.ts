/**
 * What the catalog knows: tables, columns, indexes. Plain immutable facts.
 *
 * An entry's `id` names the relation for as long as it lives. Its `storageId`
 * is the prefix of its keys in the tree: TRUNCATE gives a new one, so that the
 * old rows go with one range tombstone.
 *
 * @module
 */
import type { TypeRef } from "../types/data_type.ts";

/** A column of a table. */
export interface ColumnEntry {
  /** 1-based, never reused in its table (pg_attribute.attnum). */
  readonly number: number;
  /** The name. */
  readonly name: string;
  /** Type and modifier. */
  readonly type: TypeRef;
  /** Whether NULL is refused. */
  readonly notNull: boolean;
  /** The DEFAULT expression's text, as deparsed SQL; absent: NULL. */
  readonly defaultSql?: string | undefined;
}

/** A table. */
export interface TableEntry {
  /** Tells it from an index. */
  readonly kind: "table";
  /** Names the table as long as it lives (pg_class.oid). */
  readonly id: number;
  /** The prefix of its rows' keys. */
  readonly storageId: number;
  /** The schema. */
  readonly schema: string;
  /** The name. */
  readonly name: string;
  /** The table access method: `lsm_s3`. */
  readonly accessMethod: string;
  /** The columns, in order. */
  readonly columns: readonly ColumnEntry[];
  /** Storage parameters, WITH (…). */
  readonly options: Readonly<Record<string, string>>;
}

/** A key column of an index. */
export interface IndexColumn {
  /** The column's `number` in the table. */
  readonly columnNumber: number;
  /** The operator class, always filled in: `lsm_vector_l2_ops`. */
  readonly operatorClass: string;
  /** Whether the order is descending. */
  readonly descending: boolean;
  /** Whether NULLs come first. */
  readonly nullsFirst: boolean;
}

/** An index. */
export interface IndexEntry {
  /** Tells it from a table. */
  readonly kind: "index";
  /** Names the index as long as it lives. */
  readonly id: number;
  /** The prefix of its entries' keys. */
  readonly storageId: number;
  /** The schema: its table's. */
  readonly schema: string;
  /** The name. */
  readonly name: string;
  /** The table's `id`. */
  readonly tableId: number;
  /** The index access method: `lsm_hnsw`, `btree`. */
  readonly accessMethod: string;
  /** The key columns. */
  readonly columns: readonly IndexColumn[];
  /** Whether two rows may not have equal keys. */
  readonly unique: boolean;
  /** Whether it is the primary key's. */
  readonly primary: boolean;
  /** The constraint it enforces, by name, if any: `t_pkey`. */
  readonly constraintName?: string | undefined;
  /** Storage parameters, WITH (…). */
  readonly options: Readonly<Record<string, string>>;
}

/** A relation of the catalog. */
export type RelationEntry = TableEntry | IndexEntry;

/**
 * The catalog as a transaction sees it: its snapshot, with its own changes.
 * Everything answers at once, from memory.
 */
export interface CatalogView {
  /** Changes whenever anything in the catalog does: the plan cache's key. */
  readonly version: number;
  /** A relation by name; `schema` absent: by the search path. */
  relation(schema: string | undefined, name: string): RelationEntry | undefined;
  /** A relation by id. */
  relationById(id: number): RelationEntry | undefined;
  /** The indexes of a table, in order of creation. */
  indexesOf(tableId: number): readonly IndexEntry[];
  /** Every relation, in order of creation. */
  relations(): Iterable<RelationEntry>;
  /** Whether the schema exists. */
  hasSchema(name: string): boolean;
}
