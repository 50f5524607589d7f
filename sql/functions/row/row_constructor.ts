/**
 * Rows made, taken apart and tested: what the analyzer puts for `ROW(…)`, for a
 * table's name in the place of a value, `(row).field`, `row IS NULL`.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { DataType, RowField } from "../../types/data_type.ts";
import { SqlRow } from "../../types/row/row_value.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

/** The function that makes a row of `type` of the values of its fields. */
export function rowConstructor(
  type: DataType,
  fields: readonly RowField[],
): FunctionDefinition {
  return {
    ...define(
      "row",
      fields.map((field) => field.type.type),
      type,
      (args) => new SqlRow(fields, [...args]),
      { strict: false },
    ),
    rowFields: fields,
    deparse: (args) => `ROW(${args.join(", ")})`,
  };
}

/**
 * The same where the row may be missing (the other side of an outer join): a
 * first argument that is NULL means that it is.
 */
export function presentRowConstructor(
  type: DataType,
  fields: readonly RowField[],
  marker: DataType,
): FunctionDefinition {
  return {
    ...define(
      "whole_row",
      [marker, ...fields.map((field) => field.type.type)],
      type,
      ([present, ...values]) =>
        present === null ? null : new SqlRow(fields, values),
      { strict: false },
    ),
    rowFields: fields,
    deparse: ([, ...args]) => `ROW(${args.join(", ")})`,
  };
}

/** The function that gives field `index` of rows of `type`. */
export function fieldFunction(
  type: DataType,
  field: RowField,
  index: number,
): FunctionDefinition {
  return {
    ...define(
      `field_${index}`,
      [type],
      field.type.type,
      ([row]) => (row as SqlRow).values[index] ?? null,
    ),
    deparse: ([row]) => `(${row}).${field.name}`,
  };
}

/** `row IS [NOT] NULL`: whether all fields are, or none is. */
export function rowNullTest(
  type: DataType,
  negated: boolean,
): FunctionDefinition {
  return {
    ...define(
      negated ? "row_is_not_null" : "row_is_null",
      [type],
      bool,
      ([row]) => {
        if (row === null) return !negated;
        return (row as SqlRow).values.every((value) =>
          (value === null) !== negated
        );
      },
      { strict: false },
    ),
    deparse: ([row]) => `(${row} IS ${negated ? "NOT " : ""}NULL)`,
  };
}
