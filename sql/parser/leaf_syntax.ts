/**
 * Parts of expressions and statements that have no expressions in them, as they
 * were written.
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

/** A function that is called without parentheses: `CURRENT_TIMESTAMP`. */
export interface NiladicSyntax {
  readonly kind: "niladic";
  /** Lower case: `current_timestamp`, `current_user`. */
  readonly name: string;
  /** `CURRENT_TIMESTAMP(3)`: -1 without. */
  readonly precision: number;
  readonly offset: number;
}

/** `DEFAULT`, where a value is assigned. */
export interface DefaultSyntax {
  readonly kind: "default";
  readonly offset: number;
}

/** The name of a table or index. */
export interface RelationName {
  readonly schema: string | undefined;
  readonly name: string;
  /** Whether it was said to be TEMPORARY. */
  readonly temporary?: boolean | undefined;
  /** ONLY: without the tables that inherit from it. */
  readonly only?: boolean | undefined;
  readonly offset: number;
}

/** A statement of WITH that changes a table; see `change_syntax.ts`. */
export interface CteChange {
  readonly kind: "insert" | "update" | "delete" | "merge";
}

/** `name = value` in WITH (…) and the like. */
export interface OptionSyntax {
  readonly name: string;
  /** As text; absent: only the name was given. */
  readonly value: string | undefined;
  readonly offset: number;
}

/** `COLLATE name`. */
export interface CollationName {
  readonly schema: string | undefined;
  readonly name: string;
  readonly offset: number;
}
