/**
 * What a `jsonpath` says, as a tree.
 *
 * An expression is something to begin with (`$`, `@`, a literal, a computation)
 * and the steps behind it: `$.a[*] ? (@ > 1).type()`.
 *
 * @module
 */

/** A comparison. */
export type PathComparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** A computation of two numbers. */
export type PathArithmetic = "+" | "-" | "*" | "/" | "%";

/** An item method: `.size()`. */
export type PathMethod =
  | "type"
  | "size"
  | "abs"
  | "ceiling"
  | "floor"
  | "double"
  | "bigint"
  | "integer"
  | "number"
  | "decimal"
  | "boolean"
  | "string"
  | "keyvalue"
  | PathMoment;

/** An item method that makes a date or time of a text: `.timestamp_tz(3)`. */
export type PathMoment =
  | "datetime"
  | "date"
  | "time"
  | "time_tz"
  | "timestamp"
  | "timestamp_tz";

/** What an expression begins with. */
export type PathStart =
  | { readonly kind: "root" | "current" | "last" | "null" }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | {
    readonly kind: "arithmetic";
    readonly operator: PathArithmetic;
    readonly left: PathExpression;
    readonly right: PathExpression;
  }
  | {
    readonly kind: "sign";
    readonly operator: "+" | "-";
    readonly operand: PathExpression;
  }
  | { readonly kind: "predicate"; readonly predicate: PathPredicate }
  | { readonly kind: "group"; readonly inner: PathExpression };

/** A range of subscripts; `to` absent: one. */
export interface PathSubscript {
  readonly from: PathExpression;
  readonly to: PathExpression | undefined;
}

/** A step. */
export type PathStep =
  | { readonly kind: "member"; readonly key: string }
  | { readonly kind: "any_member" | "any_element" }
  | {
    readonly kind: "any_level";
    /** `Infinity` for `last`. */
    readonly from: number;
    readonly to: number;
  }
  | { readonly kind: "elements"; readonly subscripts: readonly PathSubscript[] }
  | { readonly kind: "filter"; readonly predicate: PathPredicate }
  | {
    readonly kind: "method";
    readonly name: PathMethod;
    /** Precision and scale of `decimal`; precision of times. */
    readonly args: readonly number[];
    /** The template of `datetime`. */
    readonly template?: string;
  };

/** An expression. */
export interface PathExpression {
  readonly start: PathStart;
  readonly steps: readonly PathStep[];
}

/** A condition. */
export type PathPredicate =
  | {
    readonly kind: "comparison";
    readonly operator: PathComparison;
    readonly left: PathExpression;
    readonly right: PathExpression;
  }
  | {
    readonly kind: "and" | "or";
    readonly left: PathPredicate;
    readonly right: PathPredicate;
  }
  | { readonly kind: "not" | "is_unknown"; readonly operand: PathPredicate }
  | { readonly kind: "exists"; readonly operand: PathExpression }
  | {
    readonly kind: "starts_with";
    readonly operand: PathExpression;
    readonly prefix: PathExpression;
  }
  | {
    readonly kind: "like_regex";
    readonly operand: PathExpression;
    readonly pattern: string;
    readonly flags: string;
  };

/** A path. */
export interface JsonPath {
  /** Whether structure that is not there is an error. */
  readonly strict: boolean;
  readonly expression: PathExpression;
}
