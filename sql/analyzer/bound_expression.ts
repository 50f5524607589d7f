/**
 * Expressions with every name and type resolved: what the analyzer makes and
 * what the planner, the optimizer, the executor and the deparser read.
 *
 * The trees are immutable. Every node has its `type`; operands have been cast
 * to what their function wants, so that nothing below decides about types.
 *
 * Columns are named by relation and column number. The analyzer numbers the
 * relations of a query's range table from 0; the planner gives further numbers
 * to what it computes (groups, projections).
 *
 * @module
 */
import type {
  AggregateDefinition,
  FunctionDefinition,
} from "../functions/registry.ts";
import type { CoercionContext, Convert } from "../types/cast.ts";
import type { Nullable, TypeRef } from "../types/data_type.ts";

/** The column number of `ctid`. */
export const CTID_COLUMN = -1;
/** The column number of `tableoid`. */
export const TABLEOID_COLUMN = -6;

/** A value. */
export interface BoundConstant {
  readonly kind: "constant";
  readonly type: TypeRef;
  readonly value: Nullable;
  /** Where it stands in the text; -1 if nowhere. */
  readonly offset: number;
}

/** A parameter. */
export interface BoundParameter {
  readonly kind: "parameter";
  /** 0-based. */
  readonly index: number;
  readonly type: TypeRef;
  readonly offset: number;
}

/** A column of a relation. */
export interface BoundColumn {
  readonly kind: "column";
  /** The number of the relation in its query. */
  readonly relation: number;
  /** The position in the relation's columns; negative for system columns. */
  readonly column: number;
  readonly type: TypeRef;
  /** For people: how EXPLAIN shows it. */
  readonly name: string;
  readonly offset: number;
}

/** A call of a function, or of the function behind an operator. */
export interface BoundCall {
  readonly kind: "call";
  readonly function: FunctionDefinition;
  readonly args: readonly BoundExpression[];
  readonly type: TypeRef;
  /** The operator's symbol where it was written as one. */
  readonly operator: string | undefined;
  readonly offset: number;
}

/** A conversion to another type or modifier. */
export interface BoundCast {
  readonly kind: "cast";
  readonly operand: BoundExpression;
  /** The type it converts to. */
  readonly type: TypeRef;
  readonly context: CoercionContext;
  /** What converts; absent where the value stays as it is. */
  readonly convert: Convert | undefined;
  /** Whether nobody wrote it: not shown by EXPLAIN. */
  readonly hidden: boolean;
  readonly offset: number;
}

/** AND, OR, NOT. */
export interface BoundLogical {
  readonly kind: "logical";
  readonly operation: "and" | "or" | "not";
  readonly operands: readonly BoundExpression[];
  readonly type: TypeRef;
  readonly offset: number;
}

/** `IS [NOT] NULL` */
export interface BoundNullTest {
  readonly kind: "null_test";
  readonly operand: BoundExpression;
  readonly negated: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `IS [NOT] TRUE | FALSE | UNKNOWN` */
export interface BoundBooleanTest {
  readonly kind: "boolean_test";
  readonly operand: BoundExpression;
  readonly test: "true" | "false" | "unknown";
  readonly negated: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `IS [NOT] DISTINCT FROM` */
export interface BoundDistinctFrom {
  readonly kind: "distinct_from";
  readonly left: BoundExpression;
  readonly right: BoundExpression;
  /** The function of `=`. */
  readonly equal: FunctionDefinition;
  readonly negated: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `NULLIF`: the left operand, unless the two are equal. */
export interface BoundNullIf {
  readonly kind: "null_if";
  readonly left: BoundExpression;
  readonly right: BoundExpression;
  /** The function of `=`. */
  readonly equal: FunctionDefinition;
  readonly type: TypeRef;
  readonly offset: number;
}

/** `COALESCE` */
export interface BoundCoalesce {
  readonly kind: "coalesce";
  readonly operands: readonly BoundExpression[];
  readonly type: TypeRef;
  readonly offset: number;
}

/** `GREATEST`, `LEAST` */
export interface BoundExtreme {
  readonly kind: "extreme";
  readonly greatest: boolean;
  readonly operands: readonly BoundExpression[];
  readonly type: TypeRef;
  readonly offset: number;
}

/** `operand IN (…)` where all items have one type. */
export interface BoundIn {
  readonly kind: "in";
  readonly operand: BoundExpression;
  readonly items: readonly BoundExpression[];
  /** The function of `=`, or of `<>` where it is negated. */
  readonly function: FunctionDefinition;
  readonly negated: boolean;
  readonly type: TypeRef;
  readonly offset: number;
}

/** A branch of CASE. */
export interface BoundCaseBranch {
  /** A boolean; {@linkcode BoundCaseOperand} stands for the operand. */
  readonly condition: BoundExpression;
  readonly result: BoundExpression;
}

/** `CASE` */
export interface BoundCase {
  readonly kind: "case";
  /** Evaluated once, before the conditions. */
  readonly operand: BoundExpression | undefined;
  readonly branches: readonly BoundCaseBranch[];
  /** NULL where nobody wrote ELSE. */
  readonly otherwise: BoundExpression;
  readonly type: TypeRef;
  readonly offset: number;
}

/** The operand of the nearest CASE around it. */
export interface BoundCaseOperand {
  readonly kind: "case_operand";
  readonly type: TypeRef;
  readonly offset: number;
}

/** A key that the rows of an aggregate are ordered by. */
export interface BoundOrder {
  readonly expression: BoundExpression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** An aggregate; stands in select lists, HAVING and ORDER BY only. */
export interface BoundAggregate {
  readonly kind: "aggregate";
  readonly definition: AggregateDefinition;
  readonly args: readonly BoundExpression[];
  readonly star: boolean;
  readonly distinct: boolean;
  readonly filter: BoundExpression | undefined;
  /** The order in which it takes its rows; empty: as they come. */
  readonly orderBy: readonly BoundOrder[];
  readonly type: TypeRef;
  readonly offset: number;
}

/** A bound expression. */
export type BoundExpression =
  | BoundConstant
  | BoundParameter
  | BoundColumn
  | BoundCall
  | BoundCast
  | BoundLogical
  | BoundNullTest
  | BoundBooleanTest
  | BoundDistinctFrom
  | BoundNullIf
  | BoundCoalesce
  | BoundExtreme
  | BoundIn
  | BoundCase
  | BoundCaseOperand
  | BoundAggregate;
