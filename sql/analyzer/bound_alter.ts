/**
 * ALTER TABLE, RENAME and REINDEX with names resolved.
 *
 * @module
 */
import type {
  IndexEntry,
  RelationEntry,
  TableEntry,
} from "../catalog/entries.ts";
import type { AlterAction, RenameSyntax } from "../parser/alter_syntax.ts";

/**
 * ALTER TABLE. What an action means depends on those before it: each is bound
 * when it is its turn.
 */
export interface BoundAlterTable {
  readonly kind: "alter_table";
  /** Absent: there is none, under IF EXISTS. */
  readonly table: TableEntry | undefined;
  /** The index, of ALTER INDEX. */
  readonly index?: IndexEntry | undefined;
  /** The name, for the notice. */
  readonly name: string;
  readonly actions: readonly AlterAction[];
  /** Whether the tables that inherit from it stay as they are. */
  readonly only: boolean;
}

/** Entries that are replaced together. */
export interface BoundRename {
  readonly kind: "rename";
  readonly object: RenameSyntax["object"];
  /** Entries as they will be, each under its id. */
  readonly changed: readonly RelationEntry[];
  readonly notices: readonly string[];
}

/** REINDEX. */
export interface BoundReindex {
  readonly kind: "reindex";
  readonly indexes: readonly IndexEntry[];
}
