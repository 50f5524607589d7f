/**
 * What CREATE TABLE of a table that inherits is bound to.
 *
 * @module
 */
import type { BoundExpression } from "../bound_expression.ts";

/** Something that the user is told. */
export interface MergeNotice {
  readonly message: string;
  readonly detail?: string;
}

/** A point of a range whose value is yet to be computed. */
export type BoundPoint = BoundExpression | "minvalue" | "maxvalue";

/** A bound whose values are yet to be computed. */
export type BoundPartitionBound =
  & { readonly offset: number }
  & (
    | { readonly kind: "default" }
    | { readonly kind: "list"; readonly values: readonly BoundExpression[] }
    | {
      readonly kind: "range";
      readonly from: readonly BoundPoint[];
      readonly to: readonly BoundPoint[];
    }
    | {
      readonly kind: "hash";
      readonly modulus: number;
      readonly remainder: number;
    }
  );
