/**
 * Syntax of partitions: PARTITION BY, PARTITION OF … FOR VALUES.
 *
 * @module
 */
import type { ColumnDefinition } from "./constraint_syntax.ts";
import type { CollationName, Expression } from "./expression_syntax.ts";

/** A column or expression of PARTITION BY. */
export interface PartitionElement {
  /** A column's name, or an expression. */
  readonly key: string | Expression;
  readonly operatorClass: string | undefined;
  readonly collation: CollationName | undefined;
  readonly offset: number;
}

/** PARTITION BY. */
export interface PartitionBySyntax {
  readonly strategy: "list" | "range" | "hash";
  readonly elements: readonly PartitionElement[];
  readonly offset: number;
}

/** A part of a bound of RANGE. */
export type RangePointSyntax = Expression | "minvalue" | "maxvalue";

/** FOR VALUES, or DEFAULT. */
export type PartitionBoundSyntax =
  & { readonly offset: number }
  & (
    | { readonly kind: "default" }
    | { readonly kind: "list"; readonly values: readonly Expression[] }
    | {
      readonly kind: "range";
      readonly from: readonly RangePointSyntax[];
      readonly to: readonly RangePointSyntax[];
    }
    | {
      readonly kind: "hash";
      readonly modulus: number;
      readonly remainder: number;
    }
  );

/** What PARTITION OF says of a column of the parent. */
export type PartitionColumn = Omit<ColumnDefinition, "type">;

/** PARTITION OF, besides the parent. */
export interface PartitionOfSyntax {
  readonly bound: PartitionBoundSyntax;
  readonly columns: readonly PartitionColumn[];
}
