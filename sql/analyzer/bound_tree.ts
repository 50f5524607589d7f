/**
 * Statements with every name and type resolved.
 *
 * A statement's `parameterTypes` are the types of `$1`, `$2` …, declared or
 * inferred. Statements that change the catalog, the transaction or a setting
 * come with their names resolved and their rules checked, and are run by the
 * session.
 *
 * @module
 */
import type { BoundMaintenance } from "./bound_maintenance.ts";
import type {
  BoundAlterType,
  BoundCreateComposite,
  BoundCreateEnum,
  BoundCreateRange,
} from "./bound_type.ts";
import type {
  CatalogEntry,
  CheckEntry,
  GeneratedColumn,
  IndexColumn,
  PartitionKey,
  RelationEntry,
  RoutineEntry,
  SchemaEntry,
  TableEntry,
  ViewEntry,
} from "../catalog/entries.ts";
import type { ParsedStatement } from "../parser/parser.ts";
import type {
  AccessSyntax,
  AlterSystemSyntax,
  CreateExtensionSyntax,
  DeclareCursorSyntax,
  DropSyntax,
  ExplainOptions,
  RoleSpec,
  RoutineWord,
  SelectSyntax,
  SessionSyntax,
  SetConstraintsSyntax,
  SetSyntax,
  ShowSyntax,
  SnapshotSyntax,
  TransactionSyntax,
} from "../parser/syntax.ts";
import type { TypeRef } from "../types/data_type.ts";
import type {
  BoundCommon,
  BoundDelete,
  BoundInsert,
  BoundMerge,
  BoundUpdate,
} from "./bound_change.ts";
import type { BoundChangeEntry, BoundDo } from "./routines/bound_routine.ts";
import type { CopyFormat } from "./copy/copy_format.ts";
import type { BoundQuery, ResultField } from "./bound_expression.ts";

import type { BoundConstraint } from "./constraints/bound_constraint.ts";
import type {
  BoundAlterTable,
  BoundReindex,
  BoundRename,
} from "./bound_alter.ts";
import type {
  BoundAlterSequence,
  BoundCreateSequence,
  ColumnSequence,
} from "./sequences/bound_sequence.ts";
import type { LikeIndex } from "./bound_like.ts";
import type {
  BoundPartitionBound,
  MergeNotice,
} from "./inheritance/bound_partition.ts";
import type {
  BoundAlterDomain,
  BoundCreateDomain,
} from "./domains/bound_domain.ts";
import type { SchemaElement } from "../parser/syntax.ts";

export type {
  BoundAssignment,
  BoundChange,
  BoundConflict,
  BoundConflictUpdate,
  BoundDelete,
  BoundInsert,
  BoundMerge,
  BoundMergeAction,
  BoundMergeClause,
  BoundUpdate,
  RowImages,
} from "./bound_change.ts";
export type {
  BoundCell,
  BoundCte,
  BoundFrom,
  BoundQuery,
  BoundSort,
  BoundTarget,
  BoundValues,
  BoundValuesColumn,
  CteRelation,
  JoinRelation,
  QueryRelation,
  ResultField,
  SetRelation,
  SetSide,
  TableRelation,
  ValuesRelation,
} from "./bound_expression.ts";

/** SELECT and VALUES. */
export interface BoundSelect extends BoundCommon {
  readonly kind: "select";
  readonly query: BoundQuery;
  readonly fields: readonly ResultField[];
}

/** A column of CREATE TABLE. */
export interface BoundColumnDefinition {
  readonly name: string;
  readonly type: TypeRef;
  readonly notNull: boolean;
  /** DEFAULT as deparsed SQL, cast to the column's type. */
  readonly defaultSql: string | undefined;
  /** The sequence that it draws from, of its own. */
  readonly sequence: ColumnSequence | undefined;
  /** GENERATED ALWAYS AS (…). */
  readonly generated: GeneratedColumn | undefined;
  /** A partition's: as that of its table. */
  readonly identity?: "always" | "by_default" | undefined;
  /** From how many parents it comes. */
  readonly inheritCount?: number | undefined;
  /** Whether nothing of it was written. */
  readonly onlyInherited?: boolean | undefined;
}

/** CREATE TABLE. Columns of a primary key are `notNull` already. */
export interface BoundCreateTable extends BoundCommon {
  readonly kind: "create_table";
  readonly schema: string;
  readonly name: string;
  /** The access method; the default one where USING is absent. */
  readonly accessMethod: string;
  readonly columns: readonly BoundColumnDefinition[];
  /** The primary key first, then the other keys, then the rest in order. */
  readonly constraints: readonly BoundConstraint[];
  readonly options: Readonly<Record<string, string>>;
  /** Indexes that are made as those of other tables are. */
  readonly indexes: readonly LikeIndex[];
  /** What COMMIT does to it. */
  readonly onCommit: TableEntry["onCommit"];
  /** The tables that it inherits from. */
  readonly parents: readonly TableEntry[];
  /** CHECKs that it has of them. */
  readonly inheritedChecks: readonly CheckEntry[];
  /** How its rows are divided. */
  readonly partitionKey: PartitionKey | undefined;
  /** Which rows of its one parent it has. */
  readonly partitionBound: BoundPartitionBound | undefined;
  /** What the user is told. */
  readonly notices: readonly MergeNotice[];
  /** The relation that has the name already, under IF NOT EXISTS. */
  readonly exists: boolean;
}

/** CREATE INDEX. */
export interface BoundCreateIndex extends BoundCommon {
  readonly kind: "create_index";
  readonly table: TableEntry;
  /** The name that was given. */
  readonly name: string | undefined;
  /** The name it gets otherwise, before it is made unique. */
  readonly defaultName: string;
  readonly accessMethod: string;
  readonly columns: readonly IndexColumn[];
  /** Columns that are no keys, by their numbers. */
  readonly include: readonly number[];
  /** Which rows it has, as text; absent: all. */
  readonly predicate: string | undefined;
  /** The numbers of the columns that expressions and predicate use. */
  readonly usedColumns: readonly number[];
  readonly unique: boolean;
  readonly nullsNotDistinct: boolean;
  /** CONCURRENTLY: not within a transaction block. */
  readonly concurrently: boolean;
  /** ONLY: not of the partitions. */
  readonly only: boolean;
  readonly options: Readonly<Record<string, string>>;
  /** Whether the name is taken, under IF NOT EXISTS. */
  readonly exists: boolean;
}

/** CREATE EXTENSION. */
export interface BoundCreateExtension
  extends BoundCommon, CreateExtensionSyntax {}

/** CREATE VIEW; the view has no id yet, unless it takes the place of another. */
export interface BoundCreateView extends BoundCommon {
  readonly kind: "create_view";
  readonly view: ViewEntry;
  /** The view whose place it takes. */
  readonly before: ViewEntry | undefined;
  /** What the user is told. */
  readonly notices: readonly string[];
}

/** CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW. */
export interface BoundCreateTableAs extends BoundCommon {
  readonly kind: "create_table_as";
  /** The table, without ids. */
  readonly table: TableEntry;
  /** Where its rows come from; absent: WITH NO DATA. */
  readonly source: SelectSyntax | undefined;
  /** Whether the name is taken, under IF NOT EXISTS. */
  readonly exists: boolean;
}

/** REFRESH MATERIALIZED VIEW. */
export interface BoundRefresh extends BoundCommon {
  readonly kind: "refresh";
  readonly table: TableEntry;
  /** Where its rows come from; absent: WITH NO DATA. */
  readonly source: SelectSyntax | undefined;
}

/** ALTER VIEW and ALTER MATERIALIZED VIEW. */
export interface BoundAlterView extends BoundCommon {
  readonly kind: "alter_view";
  readonly materialized: boolean;
  /** Whether it was written ALTER TABLE. */
  readonly isTable?: boolean;
  /** Absent: it is not there, under IF EXISTS. */
  readonly change: {
    readonly before: ViewEntry | TableEntry;
    readonly after: ViewEntry | TableEntry;
    /** The views that read it, as they are afterwards. */
    readonly readers: readonly (ViewEntry | TableEntry)[];
  } | undefined;
  readonly notices: readonly string[];
}

/** COMMENT: the object, without the comment and with it. */
export interface BoundComment extends BoundCommon {
  readonly kind: "comment";
  readonly before: CatalogEntry;
  readonly after: CatalogEntry;
}

/** DROP of objects of one kind. */
export interface BoundDrop extends BoundCommon {
  readonly kind: "drop";
  /** What DROP calls the kind: `table`. */
  readonly object:
    | DropSyntax["object"]
    | RoutineWord
    | "trigger"
    | "operator"
    | "cast";
  readonly entries: readonly CatalogEntry[];
  readonly cascade: boolean;
  /** What to tell about names that are not there, under IF EXISTS. */
  readonly notices: readonly string[];
}

/** CREATE SCHEMA. */
export interface BoundCreateSchema extends BoundCommon {
  readonly kind: "create_schema";
  readonly name: string;
  /** AUTHORIZATION */
  readonly owner: RoleSpec | undefined;
  /** What is made in it, bound when it is its turn. */
  readonly elements: readonly SchemaElement[];
  /** Whether it is there, under IF NOT EXISTS. */
  readonly exists: boolean;
}

/** ALTER SCHEMA … RENAME. */
export interface BoundRenameSchema extends BoundCommon {
  readonly kind: "rename_schema";
  readonly schema: SchemaEntry;
  readonly name: string;
  /** All that is in it, and the views that read it, as they are afterwards. */
  readonly moved: readonly (RelationEntry | RoutineEntry)[];
}

/** DROP EXTENSION. */
export interface BoundDropExtension extends BoundCommon {
  readonly kind: "drop_extension";
  readonly names: readonly string[];
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

/** TRUNCATE. */
export interface BoundTruncate extends BoundCommon {
  readonly kind: "truncate";
  readonly tables: readonly TableEntry[];
  /** Whether the sequences of their columns start again. */
  readonly restartIdentity: boolean;
  /** Whether tables that refer to them are emptied, too. */
  readonly cascade: boolean;
}

/** CALL: a query of the procedure, whose row is the result. */
export interface BoundCallProcedure extends BoundCommon {
  readonly kind: "call_procedure";
  readonly statement: BoundPlannable;
  readonly fields: readonly ResultField[];
}

/** BEGIN, COMMIT, SAVEPOINT and their kin, as they were written. */
export interface BoundTransaction extends BoundCommon {
  readonly kind: "transaction";
  readonly syntax: TransactionSyntax;
}

/** SET and RESET, as they were written. */
export interface BoundSet extends BoundCommon {
  readonly kind: "set";
  readonly syntax: SetSyntax;
}

/** SHOW, as it was written. */
export interface BoundShow extends BoundCommon {
  readonly kind: "show";
  readonly syntax: ShowSyntax;
}

/** Roles and privileges, as they were written. */
export interface BoundAccess extends BoundCommon {
  readonly kind: "access";
  readonly syntax: AccessSyntax;
}

/** DECLARE CURSOR. */
export interface BoundDeclareCursor extends BoundCommon {
  readonly kind: "declare_cursor";
  readonly syntax: DeclareCursorSyntax;
  /** Its query; the place of each row comes last where `table` is. */
  readonly statement: BoundSelect;
  /** The columns that FETCH gives. */
  readonly cursorFields: readonly ResultField[];
  /** The table whose rows the query gives one by one. */
  readonly table: TableEntry | undefined;
}

/** What changes what the session has, as it was written. */
export interface BoundSession extends BoundCommon {
  readonly kind: "session";
  readonly syntax: Exclude<SessionSyntax, DeclareCursorSyntax>;
}

/** LOCK TABLE. */
export interface BoundLockTable extends BoundCommon {
  readonly kind: "lock_table";
  /** What is locked, views and what they read among them. */
  readonly relations: readonly (TableEntry | ViewEntry)[];
  /** The mode's number, from 1 on. */
  readonly mode: number;
  readonly nowait: boolean;
}

/** ALTER SYSTEM, as it was written. */
export interface BoundAlterSystem extends BoundCommon {
  readonly kind: "alter_system";
  readonly syntax: AlterSystemSyntax;
}

/** CREATE SNAPSHOT or DROP SNAPSHOT, as it was written. */
export interface BoundSnapshot extends BoundCommon {
  readonly kind: "snapshot";
  readonly syntax: SnapshotSyntax;
}

/** A statement that asks for another moment: it is bound as of then. */
export interface BoundPast extends BoundCommon {
  readonly kind: "past";
  readonly statement: ParsedStatement;
}

/** SET CONSTRAINTS, as it was written. */
export interface BoundSetConstraints extends BoundCommon {
  readonly kind: "set_constraints";
  readonly syntax: SetConstraintsSyntax;
}

/** COPY. */
export interface BoundCopy extends BoundCommon {
  readonly kind: "copy";
  readonly direction: "from" | "to";
  /** What it runs: an INSERT of rows from outside, or what gives the rows. */
  readonly statement: BoundPlannable;
  /** The table and the positions of its columns; absent for a query. */
  readonly table: TableEntry | undefined;
  readonly columns: readonly number[];
  readonly format: CopyFormat;
  /** Absent: the caller's. */
  readonly file: string | undefined;
}

/** EXPLAIN. */
export interface BoundExplain extends BoundCommon {
  readonly kind: "explain";
  readonly statement: BoundPlannable;
  readonly options: ExplainOptions;
  readonly fields: readonly ResultField[];
}

/** A text without a statement: spaces and comments. */
export interface BoundEmpty extends BoundCommon {
  readonly kind: "empty";
}

/** What the planner takes. */
export type BoundPlannable =
  | BoundSelect
  | BoundInsert
  | BoundUpdate
  | BoundDelete
  | BoundMerge;

/** A bound statement. */
export type BoundStatement =
  | BoundPlannable
  | BoundCreateTable
  | BoundCreateIndex
  | BoundCreateExtension
  | BoundCreateSchema
  | BoundRenameSchema
  | BoundCreateView
  | BoundCreateTableAs
  | BoundRefresh
  | BoundAlterView
  | BoundComment
  | BoundCreateEnum
  | BoundCreateComposite
  | BoundCreateRange
  | BoundAlterType
  | (BoundCommon & BoundCreateDomain)
  | (BoundCommon & BoundAlterDomain)
  | BoundDrop
  | BoundDropExtension
  | BoundTruncate
  | BoundMaintenance
  | (BoundCommon & BoundAlterTable)
  | (BoundCommon & BoundRename)
  | (BoundCommon & BoundReindex)
  | (BoundCommon & BoundCreateSequence)
  | (BoundCommon & BoundAlterSequence)
  | (BoundCommon & BoundChangeEntry)
  | BoundCallProcedure
  | (BoundCommon & BoundDo)
  | BoundTransaction
  | BoundSet
  | BoundShow
  | BoundSetConstraints
  | BoundAccess
  | BoundDeclareCursor
  | BoundSession
  | BoundLockTable
  | BoundAlterSystem
  | BoundSnapshot
  | BoundPast
  | BoundExplain
  | BoundCopy
  | BoundEmpty;
