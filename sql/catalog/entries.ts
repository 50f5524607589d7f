/**
 * What the catalog knows: schemas, tables, columns, indexes, views. Plain
 * immutable facts.
 *
 * Ids are one space for objects of every kind. An entry's `id` names the relation for as long as it lives. Its `storageId`
 * is the prefix of its keys in the tree: TRUNCATE gives a new one, so that the
 * old rows go with one range tombstone.
 *
 * @module
 */
import type { EnumLabel } from "../types/enum_type.ts";
import type { TypeRef } from "../types/data_type.ts";
import type { CheckEntry, ForeignKeyEntry } from "./constraint_entry.ts";
import type { CompositeEntry } from "./composite_entry.ts";
import type { DomainEntry } from "./domain_entry.ts";
import type { CastEntry } from "./operators/cast_entry.ts";
import type { OperatorEntry } from "./operators/operator_entry.ts";
import type { EntryCommon } from "./entry_common.ts";
import type {
  PartitionBound,
  PartitionKey,
} from "./inheritance/partition_entry.ts";
import type { ExpressionNeed } from "./expression_need.ts";
import type { ExtendedStatistics } from "./extended_statistics.ts";
import type { HostTypeEntry } from "./host_type_entry.ts";
import type { IndexColumn } from "./index_column.ts";
import type { MultirangeEntry, RangeEntry } from "./range_entry.ts";
import type { RoutineEntry } from "./routine_entry.ts";
import type { SequenceEntry } from "./sequence_entry.ts";
import type { StatisticsEntry } from "./statistics_entry.ts";
import type { TriggerEntry } from "./trigger_entry.ts";

export type { CheckEntry, ForeignKeyEntry } from "./constraint_entry.ts";
export type { CompositeAttribute, CompositeEntry } from "./composite_entry.ts";
export type { DomainEntry } from "./domain_entry.ts";
export type { CastEntry } from "./operators/cast_entry.ts";
export type { OperatorEntry } from "./operators/operator_entry.ts";
import type { ExtensionEntry } from "./extension_entry.ts";
import type { RoleEntry } from "./role_entry.ts";
export type {
  PartitionBound,
  PartitionKey,
} from "./inheritance/partition_entry.ts";
export type { IndexColumn, IndexExpression } from "./index_column.ts";
export type { AclItem, Dependency } from "./entry_common.ts";
export type { ExtensionEntry } from "./extension_entry.ts";
export type { RoleEntry } from "./role_entry.ts";
export type { HostTypeEntry } from "./host_type_entry.ts";
export type { MultirangeEntry, RangeEntry } from "./range_entry.ts";
export type { RoutineEntry } from "./routine_entry.ts";
export type { SequenceEntry } from "./sequence_entry.ts";
export type { StatisticsEntry } from "./statistics_entry.ts";
export type { TriggerEntry } from "./trigger_entry.ts";

/** A schema. */
export interface SchemaEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "schema";
  /**
   * Whether it is gone: `public` is there without a row, so a row has to say
   * that it is not.
   */
  readonly dropped?: boolean | undefined;
}

/** GENERATED ALWAYS AS (…). */
export interface GeneratedColumn {
  /** The expression. */
  readonly sql: string;
  /** STORED, or VIRTUAL; its value is kept with the row in either case. */
  readonly stored: boolean;
}

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
  /** Whether it is an identity column, and whether values may be given. */
  readonly identity?: "always" | "by_default" | undefined;
  /** What computes it, as deparsed SQL over the table's columns. */
  readonly generated?: GeneratedColumn | undefined;
  /**
   * The value that rows have from before the column was added, in the type's
   * text form; absent: NULL.
   */
  readonly missing?: string | undefined;
  /** What COMMENT says of it. */
  readonly comment?: string | undefined;
  /** From how many parents the table has it (attinhcount); absent: none. */
  readonly inheritCount?: number | undefined;
  /** Whether it is there for its parents alone; absent: it was written. */
  readonly onlyInherited?: boolean | undefined;
}

/** A table. */
export interface TableEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "table";
  /** The prefix of its rows' keys. */
  readonly storageId: number;
  /** The schema. */
  readonly schema: string;
  /** The table access method: `lsm_s3`. */
  readonly accessMethod: string;
  /** The columns, in order. */
  readonly columns: readonly ColumnEntry[];
  /**
   * The highest number that a column ever had, where that is gone; numbers are
   * not used again.
   */
  readonly columnNumberMax?: number | undefined;
  /** CHECK constraints, in order of creation. */
  readonly checks?: readonly CheckEntry[] | undefined;
  /** What its expressions call; absent: nothing of the database. */
  readonly needs?: readonly ExpressionNeed[] | undefined;
  /** FOREIGN KEY constraints, in order of creation. */
  readonly foreignKeys?: readonly ForeignKeyEntry[] | undefined;
  /** Storage parameters, WITH (…). */
  readonly options: Readonly<Record<string, string>>;
  /** What COMMIT does to a temporary table; absent: nothing. */
  readonly onCommit?: "delete_rows" | "drop" | undefined;
  /** CREATE STATISTICS, in order of creation. */
  readonly statistics?: readonly ExtendedStatistics[] | undefined;
  /** The query whose rows it keeps, if it is a materialized view. */
  readonly materialized?: MaterializedQuery | undefined;
  /** The tables whose rows its own are, too, in the order of INHERITS. */
  readonly parents?: readonly number[] | undefined;
  /** How its rows are divided; then it has none of its own. */
  readonly partitionKey?: PartitionKey | undefined;
  /** Which rows it has, where it is a partition of its one parent. */
  readonly partitionBound?: PartitionBound | undefined;
}

/** The query of a materialized view. */
export interface MaterializedQuery {
  /** Its text, as that of a view. */
  readonly sql: string;
  /** Whether it was run: without rows, it cannot be read. */
  readonly populated: boolean;
}

/** An index. */
export interface IndexEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "index";
  /** The prefix of its entries' keys. */
  readonly storageId: number;
  /** The schema: its table's. */
  readonly schema: string;
  /** The table's `id`. */
  readonly tableId: number;
  /** The index access method: `lsm_hnsw`, `btree`. */
  readonly accessMethod: string;
  /** The key columns. */
  readonly columns: readonly IndexColumn[];
  /** INCLUDE: columns that are no keys, by their numbers. */
  readonly include?: readonly number[] | undefined;
  /** Which rows it has (WHERE), as deparsed SQL; absent: all. */
  readonly predicate?: string | undefined;
  /** The numbers of the columns that its expressions and predicate use. */
  readonly usedColumns?: readonly number[] | undefined;
  /** Whether two rows may not have equal keys. */
  readonly unique: boolean;
  /** Whether it is the primary key's. */
  readonly primary: boolean;
  /** Whether NULL equals NULL in a unique one. */
  readonly nullsNotDistinct?: boolean | undefined;
  /** The constraint it enforces, by name, if any: `t_pkey`. */
  readonly constraintName?: string | undefined;
  /** EXCLUDE: the operator of each key column; absent: it is no such one's. */
  readonly exclusion?: readonly string[] | undefined;
  /** Whether it is a key, written with WITHOUT OVERLAPS. */
  readonly temporal?: boolean | undefined;
  /** What COMMENT says of that constraint. */
  readonly constraintComment?: string | undefined;
  /** Whether SET CONSTRAINTS may put off its check; absent: no. */
  readonly deferrable?: boolean | undefined;
  /** Whether it is put off to COMMIT unless SET CONSTRAINTS says otherwise. */
  readonly initiallyDeferred?: boolean | undefined;
  /** The index of the partitioned table that it is a part of. */
  readonly parentId?: number | undefined;
  /** Storage parameters, WITH (…). */
  readonly options: Readonly<Record<string, string>>;
}

/** A view: a query with a name. */
export interface ViewEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "view";
  /** The schema. */
  readonly schema: string;
  /** The columns; their defaults are those of rows inserted through it. */
  readonly columns: readonly ColumnEntry[];
  /** The query's text, every name in it with its schema, stars spelled out. */
  readonly sql: string;
  /** WITH CHECK OPTION: what rows that go through it must satisfy. */
  readonly checkOption?: "local" | "cascaded" | undefined;
}

/** An enumeration. */
export interface EnumEntry extends EntryCommon {
  /** Tells it from others. */
  readonly kind: "enum";
  /** The schema. */
  readonly schema: string;
  /** The OID of the type of its arrays. */
  readonly arrayId: number;
  /** The labels, in order; a label keeps its number. */
  readonly labels: readonly EnumLabel[];
}

/** A type of the database. */
export type TypeEntry =
  | EnumEntry
  | DomainEntry
  | CompositeEntry
  | RangeEntry
  | MultirangeEntry
  | HostTypeEntry;

/** Whether an entry is a type. */
export function isTypeEntry(
  entry: { readonly kind: string } | undefined,
): entry is TypeEntry {
  return entry?.kind === "enum" || entry?.kind === "domain" ||
    entry?.kind === "composite" || entry?.kind === "range" ||
    entry?.kind === "multirange" || entry?.kind === "base";
}

/** A relation of the catalog. */
export type RelationEntry =
  | TableEntry
  | IndexEntry
  | ViewEntry
  | SequenceEntry;

/** An entry of the catalog. */
export type CatalogEntry =
  | RelationEntry
  | SchemaEntry
  | TypeEntry
  | RoutineEntry
  | TriggerEntry
  | StatisticsEntry
  | OperatorEntry
  | CastEntry
  | RoleEntry
  | ExtensionEntry;

/**
 * The catalog as a transaction sees it: its snapshot, with its own changes.
 * Everything answers at once, from memory.
 */
export interface CatalogView {
  /** Changes whenever anything in the catalog does: the plan cache's key. */
  readonly version: number;
  /** A relation by name; `schema` absent: by the search path. */
  relation(schema: string | undefined, name: string): RelationEntry | undefined;
  /** A type of the database by name; `schema` absent: by the search path. */
  type(schema: string | undefined, name: string): TypeEntry | undefined;
  /**
   * The routines of a name, in order of creation; `schema` absent: those of all
   * schemas of the search path, the first schema's first.
   */
  routines(schema: string | undefined, name: string): readonly RoutineEntry[];
  /**
   * The operators of a symbol, in order of creation; `schema` absent: those of
   * all schemas of the search path, the first schema's first; of all schemas,
   * where the path is empty.
   */
  operators(schema: string | undefined, name: string): readonly OperatorEntry[];
  /** The casts of the database by `castName`. */
  readonly casts: ReadonlyMap<string, CastEntry>;
  /** Whether the database has operators or casts of its own. */
  readonly hasOperators: boolean;
  /** The triggers of a table or view, in the order of their names. */
  triggersOf(tableId: number): readonly TriggerEntry[];
  /** What ANALYZE found out about a table. */
  statisticsOf(tableId: number): StatisticsEntry | undefined;
  /** A relation by id. */
  relationById(id: number): RelationEntry | undefined;
  /** An object of any kind by id. */
  byId(id: number): CatalogEntry | undefined;
  /** The indexes of a table, in order of creation. */
  indexesOf(tableId: number): readonly IndexEntry[];
  /** Every relation, in order of creation. */
  relations(): Iterable<RelationEntry>;
  /** Every object, in order of creation; of the system's, none. */
  entries(): Iterable<CatalogEntry>;
  /** Every schema, the system's first. */
  schemas(): Iterable<SchemaEntry>;
  /** A schema by name, those of the system included. */
  schema(name: string): SchemaEntry | undefined;
  /** Whether the schema exists. */
  hasSchema(name: string): boolean;
  /** The schema that objects named without one are made in, if there is one. */
  readonly creationSchema: string | undefined;
  /** The extensions that were created. */
  extensions(): readonly ExtensionEntry[];
  /** The same after some objects were changed. */
  changed(entries: readonly CatalogEntry[]): CatalogView;
  /** The same where nothing but the system's schema is searched. */
  readonly bare: CatalogView;
  /** Whether the object's name means it without its schema. */
  isVisible(
    entry: RelationEntry | TypeEntry | RoutineEntry | OperatorEntry,
  ): boolean;
}
