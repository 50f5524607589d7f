/**
 * The expressions that we accept, as plain data. Nothing is resolved yet: names
 * are text as the grammar folded it, types are names.
 *
 * Every `offset` counts UTF-16 code units from the start of the whole text that
 * was parsed; -1 where PostgreSQL keeps none.
 *
 * @module
 */

/** A constant, as it was written. */
export type Literal =
  | { readonly form: "null" }
  | { readonly form: "boolean"; readonly value: boolean }
  /** Digits that fit an `integer`. */
  | { readonly form: "integer"; readonly value: number }
  /** Any other number: too long, or with a point or an exponent. */
  | { readonly form: "decimal"; readonly text: string }
  | { readonly form: "string"; readonly text: string }
  /** `B'…'` or `X'…'`: `b` or `x`, then the digits. */
  | { readonly form: "bits"; readonly text: string };

/** The name of a type, with its modifiers. */
export interface TypeName {
  /** The schema, if one was given (or implied by the grammar). */
  readonly schema: string | undefined;
  /** The name: `int4`, `varchar`, `lsmvector`. */
  readonly name: string;
  /** What stands in parentheses after it. */
  readonly modifiers: readonly Expression[];
  /** Where it stands. */
  readonly offset: number;
}

/** A constant. */
export interface ConstantSyntax {
  readonly kind: "constant";
  readonly literal: Literal;
  readonly offset: number;
}

/** A column, `a`, `t.a`, `s.t.a`; or all of them, `*`, `t.*`. */
export interface ColumnSyntax {
  readonly kind: "column";
  /** The names, without the star. */
  readonly path: readonly string[];
  readonly star: boolean;
  readonly offset: number;
}

/** A parameter, `$1`. */
export interface ParameterSyntax {
  readonly kind: "parameter";
  /** 1-based. */
  readonly number: number;
  readonly offset: number;
}

/** An operator and its operands; LIKE and its kin are operators too. */
export interface OperatorSyntax {
  readonly kind: "operator";
  readonly schema: string | undefined;
  /** The symbol: `<->`, `~~`. */
  readonly name: string;
  /** Absent for a prefix operator. */
  readonly left: Expression | undefined;
  readonly right: Expression;
  readonly offset: number;
}

/** AND, OR, NOT. */
export interface LogicalSyntax {
  readonly kind: "logical";
  readonly operation: "and" | "or" | "not";
  readonly operands: readonly Expression[];
  readonly offset: number;
}

/** `left [NOT] IN (…)`. */
export interface InSyntax {
  readonly kind: "in";
  readonly left: Expression;
  readonly items: readonly Expression[];
  readonly negated: boolean;
  readonly offset: number;
}

/** `operand [NOT] BETWEEN [SYMMETRIC] low AND high`. */
export interface BetweenSyntax {
  readonly kind: "between";
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly negated: boolean;
  readonly symmetric: boolean;
  readonly offset: number;
}

/** `left IS [NOT] DISTINCT FROM right`. */
export interface DistinctFromSyntax {
  readonly kind: "distinct_from";
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
  readonly offset: number;
}

/** `operand IS [NOT] NULL`. */
export interface NullTestSyntax {
  readonly kind: "null_test";
  readonly operand: Expression;
  readonly negated: boolean;
  readonly offset: number;
}

/** `operand IS [NOT] TRUE | FALSE | UNKNOWN`. */
export interface BooleanTestSyntax {
  readonly kind: "boolean_test";
  readonly operand: Expression;
  readonly test: "true" | "false" | "unknown";
  readonly negated: boolean;
  readonly offset: number;
}

/** `NULLIF(left, right)`. */
export interface NullIfSyntax {
  readonly kind: "null_if";
  readonly left: Expression;
  readonly right: Expression;
  readonly offset: number;
}

/** `COALESCE(…)`. */
export interface CoalesceSyntax {
  readonly kind: "coalesce";
  readonly operands: readonly Expression[];
  readonly offset: number;
}

/** `GREATEST(…)`, `LEAST(…)`. */
export interface ExtremeSyntax {
  readonly kind: "extreme";
  readonly greatest: boolean;
  readonly operands: readonly Expression[];
  readonly offset: number;
}

/** `CASE [operand] WHEN … THEN … ELSE … END`. */
export interface CaseSyntax {
  readonly kind: "case";
  readonly operand: Expression | undefined;
  readonly branches: readonly CaseBranchSyntax[];
  readonly otherwise: Expression | undefined;
  readonly offset: number;
}

/** One WHEN of a CASE. */
export interface CaseBranchSyntax {
  readonly condition: Expression;
  readonly result: Expression;
  readonly offset: number;
}

/** `operand::type`, `CAST(operand AS type)`, `type 'text'`. */
export interface CastSyntax {
  readonly kind: "cast";
  readonly operand: Expression;
  readonly type: TypeName;
  readonly offset: number;
}

/** `operand COLLATE name`. */
export interface CollateSyntax {
  readonly kind: "collate";
  readonly operand: Expression;
  readonly schema: string | undefined;
  readonly name: string;
  readonly offset: number;
}

/** A function or aggregate call. */
export interface CallSyntax {
  readonly kind: "call";
  readonly schema: string | undefined;
  readonly name: string;
  readonly args: readonly Expression[];
  /** `count(*)` */
  readonly star: boolean;
  /** `count(DISTINCT x)` */
  readonly distinct: boolean;
  /** `string_agg(a, ',' ORDER BY b)` */
  readonly orderBy: readonly SortSyntax[];
  /** `FILTER (WHERE …)` */
  readonly filter: Expression | undefined;
  readonly offset: number;
}

/** An entry of ORDER BY. */
export interface SortSyntax {
  readonly expression: Expression;
  readonly direction: "default" | "ascending" | "descending";
  readonly nulls: "default" | "first" | "last";
  /** `USING <` */
  readonly operator: string | undefined;
  readonly offset: number;
}

/** A function that is called without parentheses: `CURRENT_TIMESTAMP`. */
export interface NiladicSyntax {
  readonly kind: "niladic";
  /** Lower case: `current_timestamp`, `current_user`. */
  readonly name: string;
  /** `CURRENT_TIMESTAMP(3)`: -1 without. */
  readonly precision: number;
  readonly offset: number;
}

/** `(a, b)`, `ROW(a, b)`. */
export interface RowSyntax {
  readonly kind: "row";
  readonly items: readonly Expression[];
  readonly offset: number;
}

/** `DEFAULT`, where a value is assigned. */
export interface DefaultSyntax {
  readonly kind: "default";
  readonly offset: number;
}

/** An expression. */
export type Expression =
  | ConstantSyntax
  | ColumnSyntax
  | ParameterSyntax
  | OperatorSyntax
  | LogicalSyntax
  | InSyntax
  | BetweenSyntax
  | DistinctFromSyntax
  | NullTestSyntax
  | BooleanTestSyntax
  | NullIfSyntax
  | CoalesceSyntax
  | ExtremeSyntax
  | CaseSyntax
  | CastSyntax
  | CollateSyntax
  | CallSyntax
  | NiladicSyntax
  | RowSyntax
  | DefaultSyntax;
