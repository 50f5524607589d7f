/**
 * Bound expressions that have no others in them: values, parameters, columns.
 *
 * @module
 */
import type { Nullable, RowField, TypeRef } from "../types/data_type.ts";

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
  /** The domain that it is of, if it is; `type` is the base. */
  readonly domain?: TypeRef | undefined;
  /** The fields of its rows, where `record` does not say and its query does. */
  readonly rowFields?: readonly RowField[] | undefined;
  /** For people: how EXPLAIN shows it. */
  readonly name: string;
  readonly offset: number;
}

/** The operand of the nearest CASE around it. */
export interface BoundCaseOperand {
  readonly kind: "case_operand";
  readonly type: TypeRef;
  readonly offset: number;
}

/** A value of the row around the query that it stands in. */
export interface BoundOuter {
  readonly kind: "outer";
  /** Where the value is kept while the query runs. */
  readonly slot: number;
  readonly type: TypeRef;
  /** The fields of its rows, as the column's. */
  readonly rowFields?: readonly RowField[] | undefined;
  /** For people: the column's name. */
  readonly name: string;
  readonly offset: number;
}
