/**
 * ALTER TABLE, and the renaming of what belongs to tables, as they are written.
 *
 * @module
 */
import type {
  ColumnDefinition,
  ConstraintSyntax,
  IdentitySyntax,
} from "./constraint_syntax.ts";
import type {
  Expression,
  RelationName,
  TypeName,
} from "./expression_syntax.ts";
import type { OptionSyntax } from "./leaf_syntax.ts";
import type { PartitionBoundSyntax } from "./partition_syntax.ts";
import type { SequenceOption } from "./sequence_syntax.ts";

/** One of the changes of ALTER TABLE. */
export type AlterAction =
  | {
    readonly kind: "add_column";
    readonly column: ColumnDefinition;
    /** Those that stand at the column. */
    readonly constraints: readonly ConstraintSyntax[];
    readonly ifNotExists: boolean;
  }
  | {
    readonly kind: "drop_column" | "drop_constraint";
    readonly name: string;
    readonly ifExists: boolean;
    readonly cascade: boolean;
  }
  | {
    readonly kind: "set_default";
    readonly name: string;
    /** Absent: DROP DEFAULT. */
    readonly expression: Expression | undefined;
  }
  | {
    readonly kind:
      | "set_not_null"
      | "drop_not_null"
      | "validate_constraint";
    readonly name: string;
  }
  | {
    readonly kind: "set_type";
    readonly name: string;
    readonly type: TypeName;
    readonly using: Expression | undefined;
  }
  | {
    readonly kind: "add_constraint";
    readonly constraint: ConstraintSyntax;
  }
  | {
    readonly kind: "alter_constraint";
    readonly name: string;
    /** When it is checked; absent: as before. */
    readonly deferral:
      | { readonly deferrable: boolean; readonly initiallyDeferred: boolean }
      | undefined;
    /** ENFORCED, NOT ENFORCED; absent: as before. */
    readonly enforced: boolean | undefined;
  }
  | {
    readonly kind: "add_identity";
    readonly name: string;
    readonly identity: IdentitySyntax;
  }
  | {
    readonly kind: "set_identity";
    readonly name: string;
    readonly when: IdentitySyntax["when"] | undefined;
    readonly options: readonly SequenceOption[];
  }
  | {
    readonly kind: "drop_identity" | "drop_expression";
    readonly name: string;
    readonly ifExists: boolean;
  }
  /** SET (…), RESET (…). */
  | {
    readonly kind: "set_options";
    readonly options: readonly OptionSyntax[];
    readonly reset: boolean;
  }
  | {
    readonly kind: "inherit" | "no_inherit";
    readonly parent: RelationName;
  }
  | {
    readonly kind: "attach_partition";
    readonly partition: RelationName;
    /** Absent: of an index. */
    readonly bound: PartitionBoundSyntax | undefined;
  }
  | {
    readonly kind: "detach_partition";
    readonly partition: RelationName;
    readonly concurrently: boolean;
  }
  /** What changes nothing here: OWNER TO, SET STATISTICS. */
  | { readonly kind: "nothing" };

/** `ALTER TABLE …` */
export interface AlterTableSyntax {
  readonly kind: "alter_table";
  /** What is said to be altered. */
  readonly object: RenameSyntax["object"];
  readonly relation: RelationName;
  readonly actions: readonly AlterAction[];
  readonly ifExists: boolean;
}

/** `ALTER TABLE | INDEX | SEQUENCE … RENAME … TO …`, `… SET SCHEMA …` */
export interface RenameSyntax {
  readonly kind: "rename";
  readonly object:
    | "table"
    | "index"
    | "sequence"
    | "view"
    | "materialized view";
  readonly relation: RelationName;
  readonly ifExists: boolean;
  readonly action:
    | { readonly kind: "relation"; readonly name: string }
    | {
      readonly kind: "column" | "constraint";
      readonly old: string;
      readonly name: string;
    }
    | { readonly kind: "schema"; readonly name: string };
}
