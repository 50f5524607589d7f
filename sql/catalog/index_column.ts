/**
 * Key columns of indexes and of partitioned tables: columns and expressions.
 *
 * @module
 */
import type { TypeRef } from "../types/data_type.ts";

/** An expression that an index has as a key column. */
export interface IndexExpression {
  /** Its text, as deparsed SQL over the table's columns. */
  readonly sql: string;
  /** The type of its values. */
  readonly type: TypeRef;
  /** What the column of the index is called: `lower`, `expr`. */
  readonly name: string;
}

/** A key column of an index. */
export interface IndexColumn {
  /** The column's `number` in the table; 0: an expression. */
  readonly columnNumber: number;
  /** What its values are, where it is not a column. */
  readonly expression?: IndexExpression | undefined;
  /** The operator class, always filled in: `lsm_vector_l2_ops`. */
  readonly operatorClass: string;
  /** Whether the order is descending. */
  readonly descending: boolean;
  /** Whether NULLs come first. */
  readonly nullsFirst: boolean;
}
