/**
 * Constraints with names resolved, and what holds in a table as expressions.
 *
 * @module
 */
import type { IndexColumn, TableEntry } from "../../catalog/entries.ts";
import type { ReferentialAction } from "../../parser/constraint_syntax.ts";
import type { BoundExpression } from "../bound_expression.ts";
import type { DomainRules } from "../domains/domain_rules.ts";

/** What every constraint has. */
interface ConstraintCommon {
  /** The name that was given. */
  readonly name: string | undefined;
  /** The name it gets otherwise, before it is made unique: `t_a_key`. */
  readonly defaultName: string;
}

/** A PRIMARY KEY or UNIQUE. */
export interface BoundKey extends ConstraintCommon {
  readonly form: "primary_key" | "unique";
  /** Positions in the table's columns. */
  readonly columns: readonly number[];
  /** Positions of the columns that are included. */
  readonly include: readonly number[];
  readonly nullsNotDistinct: boolean;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
}

/** A CHECK. */
export interface BoundCheck extends ConstraintCommon {
  readonly form: "check";
  /** The condition as deparsed SQL. */
  readonly sql: string;
  readonly notValid: boolean;
  readonly notEnforced: boolean;
  readonly noInherit: boolean;
}

/** A FOREIGN KEY. */
export interface BoundForeignKey extends ConstraintCommon {
  readonly form: "foreign_key";
  /** Positions in the table's columns. */
  readonly columns: readonly number[];
  /** The table that is referred to; absent: the table itself. */
  readonly referenced: TableEntry | undefined;
  /** Positions in its columns. */
  readonly referencedColumns: readonly number[];
  /** Whether the last column is a PERIOD. */
  readonly period?: boolean;
  readonly matchFull: boolean;
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  /** Positions; empty: all of `columns`. */
  readonly setColumns: readonly number[];
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly notValid: boolean;
  readonly notEnforced: boolean;
}

/** An EXCLUDE. Columns are told by their numbers. */
export interface BoundExclude extends ConstraintCommon {
  readonly form: "exclude";
  readonly accessMethod: string;
  /** The key columns. */
  readonly columns: readonly IndexColumn[];
  /** The operator of each. */
  readonly operators: readonly string[];
  /** The key that it is, written with WITHOUT OVERLAPS. */
  readonly temporal?: "primary_key" | "unique" | undefined;
  readonly include: readonly number[];
  /** The condition of its rows as deparsed SQL. */
  readonly predicate: string | undefined;
  /** The columns that expressions and the condition use. */
  readonly usedColumns: readonly number[];
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
}

/** A constraint that is put on a table. */
export type BoundConstraint =
  | BoundKey
  | BoundExclude
  | BoundCheck
  | BoundForeignKey;

/** A condition that a view puts on what is written through it. */
export interface ViewCheck {
  /** The name of the view. */
  readonly view: string;
  /** Over the columns of the table. */
  readonly condition: BoundExpression;
}

/** What holds in a table: expressions over its columns. */
export interface BoundTableRules {
  /** CHECK constraints, in order of their names. */
  readonly checks: readonly {
    readonly name: string;
    readonly expression: BoundExpression;
  }[];
  /** The domains that columns are of. */
  readonly domains: readonly {
    /** The position in the columns. */
    readonly column: number;
    /** Conditions over the columns of the table. */
    readonly rules: DomainRules;
  }[];
  /** Generated columns. */
  readonly generated: readonly {
    /** The position in the columns. */
    readonly column: number;
    readonly expression: BoundExpression;
  }[];
  /** The check options of the views through which it is changed. */
  readonly views: readonly ViewCheck[];
}
