/**
 * Constraints and columns as they are written in CREATE and ALTER TABLE.
 *
 * @module
 */
import type {
  CollationName,
  Expression,
  RelationName,
  TypeName,
} from "./expression_syntax.ts";
import type { IndexElement } from "./index_syntax.ts";
import type { SequenceOption } from "./sequence_syntax.ts";

/** `PRIMARY KEY (…)`, `UNIQUE (…)` */
export interface KeySyntax {
  readonly form: "primary_key" | "unique";
  readonly name: string | undefined;
  /** The key columns; the column itself for a column's constraint. */
  readonly columns: readonly string[];
  /** INCLUDE: columns that are no keys. */
  readonly include: readonly string[];
  /** UNIQUE NULLS NOT DISTINCT. */
  readonly nullsNotDistinct: boolean;
  /** USING INDEX: the index that is there; it has the columns. */
  readonly usingIndex: string | undefined;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly offset: number;
}

/** `CHECK (…)` */
export interface CheckSyntax {
  readonly form: "check";
  readonly name: string | undefined;
  readonly expression: Expression;
  /** The column that it stands at, if any. */
  readonly column: string | undefined;
  /** NOT VALID. */
  readonly notValid: boolean;
  readonly notEnforced: boolean;
  /** NO INHERIT. */
  readonly noInherit: boolean;
  readonly offset: number;
}

/** What becomes of rows that refer to one that goes or changes. */
export type ReferentialAction =
  | "no_action"
  | "restrict"
  | "cascade"
  | "set_null"
  | "set_default";

/** `FOREIGN KEY (…) REFERENCES …` */
export interface ForeignKeySyntax {
  readonly form: "foreign_key";
  readonly name: string | undefined;
  readonly columns: readonly string[];
  readonly referenced: RelationName;
  /** Empty: the primary key. */
  readonly referencedColumns: readonly string[];
  /** Whether the last column is a PERIOD, here and in the other table. */
  readonly period: boolean;
  readonly referencedPeriod: boolean;
  readonly matchFull: boolean;
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  /** ON DELETE SET NULL (…); empty: all. */
  readonly setColumns: readonly string[];
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly notValid: boolean;
  readonly notEnforced: boolean;
  readonly offset: number;
}

/** `NOT NULL column` of a table. */
export interface NotNullSyntax {
  readonly form: "not_null";
  readonly name: string | undefined;
  readonly columns: readonly string[];
  readonly offset: number;
}

/** `EXCLUDE USING … (… WITH …)` */
export interface ExcludeSyntax {
  readonly form: "exclude";
  readonly name: string | undefined;
  /** `btree` when USING is absent. */
  readonly accessMethod: string;
  readonly elements: readonly IndexElement[];
  /** The operator of each element. */
  readonly operators: readonly OperatorName[];
  /** The key that it is, written with WITHOUT OVERLAPS. */
  readonly temporal?: "primary_key" | "unique" | undefined;
  /** INCLUDE: columns that are no keys. */
  readonly include: readonly string[];
  /** Which rows it is about. */
  readonly where: Expression | undefined;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly offset: number;
}

/** An operator by name. */
export interface OperatorName {
  readonly schema: string | undefined;
  readonly name: string;
}

/** A constraint of a column or a table. */
export type ConstraintSyntax =
  | KeySyntax
  | ExcludeSyntax
  | CheckSyntax
  | ForeignKeySyntax
  | NotNullSyntax;

/** `GENERATED ALWAYS | BY DEFAULT AS IDENTITY (…)` */
export interface IdentitySyntax {
  readonly when: "always" | "by_default";
  readonly options: readonly SequenceOption[];
  readonly offset: number;
}

/** `GENERATED ALWAYS AS (…) [STORED | VIRTUAL]` */
export interface GeneratedSyntax {
  readonly expression: Expression;
  readonly stored: boolean;
  readonly offset: number;
}

/** A column of CREATE TABLE. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: TypeName;
  /** COLLATE. */
  readonly collation: CollationName | undefined;
  /** NOT NULL, NULL, or neither. */
  readonly nullability: "not_null" | "null" | undefined;
  readonly default: Expression | undefined;
  /** Where DEFAULT stands. */
  readonly defaultOffset: number;
  /** GENERATED … AS IDENTITY. */
  readonly identity: IdentitySyntax | undefined;
  /** GENERATED ALWAYS AS (…). */
  readonly generated: GeneratedSyntax | undefined;
  readonly offset: number;
}
