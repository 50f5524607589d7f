/**
 * Bound parts of queries that have no expressions in them: tables and queries of
 * WITH where they are read, fields of results, entries of ORDER BY.
 *
 * @module
 */
import type { ColumnEntry, TableEntry } from "../catalog/entries.ts";
import type { Collation, RowField, TypeRef } from "../types/data_type.ts";

/** A column of a query's result. */
export interface ResultField {
  /** The name. */
  readonly name: string;
  /** Its type. */
  readonly type: TypeRef;
  /** The fields of its rows, where the type does not say them. */
  readonly rowFields?: readonly RowField[] | undefined;
  /** The table it comes from unchanged, if any. */
  readonly table: TableEntry | undefined;
  /** The column it comes from unchanged, if any. */
  readonly column: ColumnEntry | undefined;
}

/** A table in a range table. */
export interface TableRelation {
  readonly kind: "table";
  /** Its number: the `relation` of its columns. */
  readonly relation: number;
  readonly table: TableEntry;
  /**
   * The tables whose rows are meant, each with the columns of `table` first;
   * absent: those of the table alone.
   */
  readonly tree?: readonly TableEntry[] | undefined;
  /** How the statement calls it. */
  readonly alias: string;
  /** How the statement calls its columns. */
  readonly columnNames: readonly string[];
}

/** A query of WITH where it is read. */
export interface CteRelation {
  readonly kind: "cte";
  readonly relation: number;
  readonly id: number;
  readonly name: string;
  readonly alias: string;
  readonly columnNames: readonly string[];
  readonly types: readonly TypeRef[];
  /** Whether it stands in the second part of the query itself. */
  readonly working: boolean;
}

/** An entry of ORDER BY. */
export interface BoundSort {
  /** The position in the targets. */
  readonly target: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** In which order texts are; absent: the default. */
  readonly collation?: Collation | undefined;
}
