/**
 * The statements that we accept, as plain data.
 *
 * `parser.ts` makes them from PostgreSQL's raw parse tree and refuses whatever
 * has no form here, so that who works with them has closed unions. Offsets are
 * those of `expression_syntax.ts`.
 *
 * @module
 */
import type { MaintenanceSyntax } from "./maintenance_syntax.ts";
import type { AccessSyntax, RoleSpec } from "./access_syntax.ts";
import type { AlterTableSyntax, RenameSyntax } from "./alter_syntax.ts";
import type { ChangeSyntax } from "./change_syntax.ts";
import type { CopySyntax } from "./copy_syntax.ts";
import type {
  Expression,
  RelationName,
  SelectSyntax,
  TypeName,
} from "./expression_syntax.ts";
import type { IndexElement } from "./index_syntax.ts";
import type {
  DeclareCursorSyntax,
  ExecuteSyntax,
  LockTableSyntax,
  SessionSyntax,
} from "./session_syntax.ts";

import type {
  ColumnDefinition,
  ConstraintSyntax,
} from "./constraint_syntax.ts";
import type {
  AlterRoutineSyntax,
  AlterTriggerSyntax,
  CallProcedureSyntax,
  CreateAggregateSyntax,
  CreateRoutineSyntax,
  CreateTriggerSyntax,
  DoSyntax,
  DropRoutineSyntax,
  DropTriggerSyntax,
} from "./routine_syntax.ts";
import type { AlterAttributesSyntax } from "./attribute_syntax.ts";
import type { CreateRangeSyntax } from "./range_syntax.ts";
import type { OperatorStatement } from "./operator_syntax.ts";
import type { StatisticsStatement } from "./statistics_syntax.ts";
import type {
  AlterSequenceSyntax,
  CreateSequenceSyntax,
} from "./sequence_syntax.ts";
import type { AlterDomainSyntax, CreateDomainSyntax } from "./domain_syntax.ts";
import type { OptionSyntax } from "./leaf_syntax.ts";
import type {
  PartitionBySyntax,
  PartitionOfSyntax,
} from "./partition_syntax.ts";

export type * from "./change_syntax.ts";
export type * from "./access_syntax.ts";
export type * from "./alter_syntax.ts";
export type * from "./constraint_syntax.ts";
export type * from "./partition_syntax.ts";
export type * from "./copy_syntax.ts";
export type * from "./expression_syntax.ts";
export type * from "./routine_syntax.ts";
export type * from "./sequence_syntax.ts";
export type * from "./session_syntax.ts";

/** `CREATE TABLE …` */
export interface CreateTableSyntax {
  readonly kind: "create_table";
  readonly relation: RelationName;
  readonly columns: readonly ColumnDefinition[];
  readonly constraints: readonly ConstraintSyntax[];
  readonly likes: readonly LikeSyntax[];
  /** INHERITS, or the one table of PARTITION OF. */
  readonly inherits: readonly RelationName[];
  readonly partitionOf: PartitionOfSyntax | undefined;
  readonly partitionBy: PartitionBySyntax | undefined;
  readonly accessMethod: string | undefined;
  readonly options: readonly OptionSyntax[];
  readonly ifNotExists: boolean;
  readonly onCommit: OnCommit | undefined;
}

/** `LIKE other INCLUDING …` among the elements of a table. */
export interface LikeSyntax {
  readonly relation: RelationName;
  /** How many columns stand before it. */
  readonly position: number;
  readonly including: LikeOptions;
}

/** What LIKE copies besides the columns. */
export type LikeOptions = Readonly<
  Record<
    | "comments"
    | "constraints"
    | "defaults"
    | "generated"
    | "identity"
    | "indexes",
    boolean
  >
>;

/** What COMMIT does to a temporary table. */
export type OnCommit = "preserve_rows" | "delete_rows" | "drop";

/** `CREATE INDEX …` */
export interface CreateIndexSyntax {
  readonly kind: "create_index";
  readonly name: string | undefined;
  readonly relation: RelationName;
  /** `btree` when USING is absent. */
  readonly accessMethod: string;
  readonly elements: readonly IndexElement[];
  /** INCLUDE: columns that are no keys. */
  readonly include: readonly string[];
  /** Which rows it has. */
  readonly where: Expression | undefined;
  readonly options: readonly OptionSyntax[];
  readonly unique: boolean;
  readonly nullsNotDistinct: boolean;
  readonly concurrently: boolean;
  readonly ifNotExists: boolean;
}

/** `REINDEX …` */
export interface ReindexSyntax {
  readonly kind: "reindex";
  readonly object: "index" | "table" | "schema" | "database" | "system";
  /** The index or the table; else absent. */
  readonly relation: RelationName | undefined;
  /** The schema. */
  readonly name: string | undefined;
}

/** `CREATE EXTENSION …` */
export interface CreateExtensionSyntax {
  readonly kind: "create_extension";
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly schema: string | undefined;
  readonly version: string | undefined;
  /** CASCADE: what it requires is created, too. */
  readonly cascade: boolean;
}

/** `CREATE SCHEMA …` */
export interface CreateSchemaSyntax {
  readonly kind: "create_schema";
  readonly name: string;
  /** AUTHORIZATION */
  readonly owner: RoleSpec | undefined;
  readonly ifNotExists: boolean;
  /** What is made in it, in order. */
  readonly elements: readonly SchemaElement[];
}

/** What CREATE SCHEMA makes in a schema. */
export type SchemaElement = Extract<
  Statement,
  { readonly relation: unknown }
>;

/** `ALTER SCHEMA … RENAME TO …` */
export interface RenameSchemaSyntax {
  readonly kind: "rename_schema";
  readonly name: string;
  readonly newName: string;
}

/** `ALTER VIEW …`: RENAME TO, RENAME COLUMN, SET SCHEMA, SET and RESET. */
export interface AlterViewSyntax {
  readonly kind: "alter_view";
  readonly relation: RelationName;
  readonly materialized: boolean;
  readonly ifExists: boolean;
  readonly action:
    | { readonly kind: "rename"; readonly name: string }
    | {
      readonly kind: "rename_column";
      readonly column: string;
      readonly name: string;
    }
    | { readonly kind: "set_schema"; readonly schema: string }
    | {
      readonly kind: "set_options";
      readonly options: readonly OptionSyntax[];
      readonly reset: boolean;
    };
}

/** The text of a query within a statement, and where it starts. */
export interface QueryText {
  readonly text: string;
  readonly offset: number;
}

/** `CREATE VIEW …` */
export interface CreateViewSyntax {
  readonly kind: "create_view";
  readonly relation: RelationName;
  readonly columns: readonly string[];
  readonly query: SelectSyntax;
  readonly source: QueryText;
  /** CREATE RECURSIVE VIEW: `query` has the WITH that `source` has not. */
  readonly recursive: boolean;
  readonly replace: boolean;
  readonly options: readonly OptionSyntax[];
  readonly checkOption: "local" | "cascaded" | undefined;
}

/** `CREATE TABLE … AS`, `SELECT INTO`, `CREATE MATERIALIZED VIEW` */
export interface CreateTableAsSyntax {
  readonly kind: "create_table_as";
  readonly relation: RelationName;
  readonly columns: readonly string[];
  readonly accessMethod: string | undefined;
  readonly options: readonly OptionSyntax[];
  readonly withData: boolean;
  readonly query: SelectSyntax | ExecuteSyntax;
  readonly ifNotExists: boolean;
  /** The query's text, for a materialized view. */
  readonly materialized: QueryText | undefined;
  readonly onCommit: OnCommit | undefined;
}

/** `REFRESH MATERIALIZED VIEW …` */
export interface RefreshSyntax {
  readonly kind: "refresh";
  readonly relation: RelationName;
  readonly concurrently: boolean;
  readonly withData: boolean;
}

/** `CREATE TYPE … AS ENUM (…)` */
export interface CreateEnumSyntax {
  readonly kind: "create_enum";
  readonly name: RelationName;
  readonly labels: readonly string[];
}

/** `CREATE TYPE … AS (…)` */
export interface CreateCompositeSyntax {
  readonly kind: "create_composite";
  readonly name: RelationName;
  readonly attributes: readonly AttributeSyntax[];
}

/** An attribute of a composite type. */
export interface AttributeSyntax {
  readonly name: string;
  readonly type: TypeName;
}

/** `ALTER TYPE …` */
export interface AlterTypeSyntax {
  readonly kind: "alter_type";
  readonly name: RelationName;
  readonly action:
    | { readonly kind: "rename"; readonly name: string }
    | { readonly kind: "set_schema"; readonly schema: string }
    | {
      readonly kind: "rename_value";
      readonly label: string;
      readonly newLabel: string;
    }
    | {
      readonly kind: "add_value";
      readonly label: string;
      /** Absent: at the end. */
      readonly neighbor:
        | { readonly label: string; readonly after: boolean }
        | undefined;
      readonly ifNotExists: boolean;
    };
}

/** `COMMENT ON …` */
export interface CommentSyntax {
  readonly kind: "comment";
  readonly object:
    | "table"
    | "view"
    | "materialized view"
    | "index"
    | "sequence"
    | "schema"
    | "column"
    | "type"
    | "domain"
    | "extension"
    | "role"
    | "table constraint"
    | "domain constraint";
  /** Its name, after those of what it is in. */
  readonly path: readonly string[];
  /** Absent: NULL. */
  readonly text: string | undefined;
}

/** `DROP TABLE | VIEW | SCHEMA …` */
export interface DropSyntax {
  readonly kind: "drop";
  readonly object:
    | "table"
    | "index"
    | "view"
    | "materialized view"
    | "sequence"
    | "type"
    | "domain"
    | "schema"
    | "extension";
  readonly names: readonly RelationName[];
  readonly ifExists: boolean;
  readonly cascade: boolean;
}

/** `TRUNCATE …` */
export interface TruncateSyntax {
  readonly kind: "truncate";
  readonly relations: readonly RelationName[];
  readonly restartIdentity: boolean;
  readonly cascade: boolean;
}

/** The modes of a transaction that a statement names. */
export interface TransactionModes {
  readonly isolation:
    | "read uncommitted"
    | "read committed"
    | "repeatable read"
    | "serializable"
    | undefined;
  readonly readOnly: boolean | undefined;
  readonly deferrable: boolean | undefined;
}

/** `BEGIN`, `COMMIT`, `SAVEPOINT` and their kin. */
export type TransactionSyntax =
  | {
    readonly kind: "begin";
    /** Whether it was written START TRANSACTION. */
    readonly start: boolean;
    readonly modes: TransactionModes;
  }
  | { readonly kind: "commit"; readonly chain: boolean }
  | { readonly kind: "rollback"; readonly chain: boolean }
  | { readonly kind: "savepoint"; readonly name: string }
  | { readonly kind: "release"; readonly name: string }
  | { readonly kind: "rollback_to"; readonly name: string };

/** `SET …`, `RESET …` */
export type SetSyntax =
  | {
    readonly kind: "set";
    readonly name: string;
    /** `SET LOCAL` */
    readonly local: boolean;
    /** One text each; absent: DEFAULT (and RESET). */
    readonly values: readonly string[] | undefined;
    /** Whether it was written RESET. */
    readonly reset: boolean;
  }
  | { readonly kind: "reset_all" }
  | {
    readonly kind: "set_transaction";
    /** SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION. */
    readonly session: boolean;
    readonly modes: TransactionModes;
  };

/** `SET CONSTRAINTS …` */
export interface SetConstraintsSyntax {
  readonly kind: "set_constraints";
  /** Absent: ALL. */
  readonly names: readonly RelationName[] | undefined;
  readonly deferred: boolean;
}

/** `SHOW …` */
export interface ShowSyntax {
  readonly kind: "show";
  /** `all` for SHOW ALL. */
  readonly name: string;
}

/** `ALTER SYSTEM SET …`, `ALTER SYSTEM RESET …` */
export interface AlterSystemSyntax {
  readonly kind: "alter_system";
  readonly set: SetSyntax;
}

/** `CREATE SNAPSHOT`, `DROP SNAPSHOT` */
export type SnapshotSyntax =
  | {
    readonly kind: "create_snapshot";
    readonly name: string;
    readonly ifNotExists: boolean;
  }
  | {
    readonly kind: "drop_snapshot";
    readonly name: string;
    readonly ifExists: boolean;
  };

/** `EXPLAIN …` */
export interface ExplainSyntax {
  readonly kind: "explain";
  readonly statement:
    | SelectSyntax
    | ChangeSyntax
    | ExecuteSyntax
    | DeclareCursorSyntax
    | CreateTableAsSyntax;
  readonly options: ExplainOptions;
}

/** The options of EXPLAIN, with PostgreSQL's defaults filled in. */
export interface ExplainOptions {
  readonly analyze: boolean;
  readonly verbose: boolean;
  readonly costs: boolean;
  /** Whether requests to the object store are shown; ours. */
  readonly requests: boolean;
  /** Whether blocks are shown that were found in memory, and that were read. */
  readonly buffers: boolean;
  readonly timing: boolean;
  readonly summary: boolean;
  /** Whether settings that are not as they come are shown. */
  readonly settings: boolean;
  /** Whether parameters have no values. */
  readonly genericPlan: boolean;
  /** As what the result is written, to see how long that takes. */
  readonly serialize: "none" | "text" | "binary";
  readonly format: "text" | "json" | "xml" | "yaml";
}

/** A statement. */
export type Statement =
  | SelectSyntax
  | ChangeSyntax
  | CopySyntax
  | CreateTableSyntax
  | CreateIndexSyntax
  | ReindexSyntax
  | CreateExtensionSyntax
  | CreateSchemaSyntax
  | RenameSchemaSyntax
  | CreateViewSyntax
  | CreateTableAsSyntax
  | RefreshSyntax
  | AlterViewSyntax
  | CommentSyntax
  | CreateEnumSyntax
  | CreateCompositeSyntax
  | AlterTypeSyntax
  | CreateRangeSyntax
  | AlterAttributesSyntax
  | CreateDomainSyntax
  | AlterDomainSyntax
  | DropSyntax
  | TruncateSyntax
  | MaintenanceSyntax
  | AlterTableSyntax
  | RenameSyntax
  | CreateSequenceSyntax
  | CreateRoutineSyntax
  | CreateAggregateSyntax
  | AlterRoutineSyntax
  | DropRoutineSyntax
  | CallProcedureSyntax
  | DoSyntax
  | OperatorStatement
  | StatisticsStatement
  | CreateTriggerSyntax
  | AlterTriggerSyntax
  | DropTriggerSyntax
  | AlterSequenceSyntax
  | TransactionSyntax
  | SetSyntax
  | ShowSyntax
  | SetConstraintsSyntax
  | AccessSyntax
  | ExecuteSyntax
  | SessionSyntax
  | LockTableSyntax
  | AlterSystemSyntax
  | SnapshotSyntax
  | ExplainSyntax;
