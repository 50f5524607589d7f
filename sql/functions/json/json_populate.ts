/**
 * Rows of a given type out of JSON: `json_populate_record`,
 * `json_populate_recordset`, their `jsonb` twins, and
 * `jsonb_populate_record_valid`.
 *
 * The first argument says the type, and has the values of what the JSON leaves
 * out. Where it is of no type of its own (`record`), its fields are those of
 * its value, or in FROM those of the column definitions.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable, RowField } from "../../types/data_type.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { anyElement } from "../../types/pseudo_types.ts";
import { isRowType } from "../../types/row/row_type.ts";
import { SqlRow } from "../../types/row/row_value.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { NO_ROWS, rowsSource, type SetColumn } from "../sets/set_source.ts";
import { objectsOf } from "./json_parts.ts";
import { recordOf, rowOf } from "./json_record.ts";

const OPTIONS = { strict: false, volatility: "stable" } as const;

/** The type of the rows. */
function rowTypeOf(type: DataType, name: string): DataType {
  if (isRowType(type)) return type;
  throw new SqlError(
    "42804",
    `first argument of ${name} must be a row type`,
  );
}

function fieldsOf(
  type: DataType,
  base: SqlRow | null,
  name: string,
): readonly RowField[] {
  const fields = type.fields ?? base?.fields;
  if (fields !== undefined) return fields;
  throw new SqlError(
    "0A000",
    `could not determine row type for result of ${name}`,
    {
      hint:
        "Provide a non-null record argument, or call the function in the FROM clause using a column definition list.",
    },
  );
}

/** One object as one row. */
function populateRecord(
  type: DataType,
  hasFlag: boolean,
): FunctionDefinition {
  const name = `${type.name}_populate_record`;
  const rest = hasFlag ? [type, bool] : [type];
  const make = (types: readonly DataType[]): FunctionDefinition => {
    const target = rowTypeOf(types[0]!, name);
    const scalar = (
      [given, document]: readonly Nullable[],
      context: FunctionContext,
    ): Nullable => {
      const base = given as SqlRow | null;
      if (document === null) return base;
      const fields = fieldsOf(target, base, name);
      return new SqlRow(
        fields,
        rowOf(document!, type, fields, context, base?.values),
      );
    };
    return {
      ...define(name, types, target, scalar, OPTIONS),
      inFrom: recordInFrom(name, type, types),
    };
  };
  return {
    ...define(name, [anyElement, ...rest], anyElement, () => null, OPTIONS),
    specialize: make,
  };
}

/** The row in FROM, where column definitions may say its fields. */
function recordInFrom(
  name: string,
  type: DataType,
  types: readonly DataType[],
): FunctionDefinition {
  const target = types[0]!;
  return {
    name,
    argumentTypes: types,
    returnType: target,
    ...OPTIONS,
    columns: columnsOf(target.fields),
    set: ([given, document], context, columns) => {
      const base = (given as SqlRow | null)?.values;
      return rowsSource([
        document === null
          ? base ?? columns.map(() => null)
          : rowOf(document!, type, columns, context, base),
      ]);
    },
  };
}

/** The columns of rows of a type; `record` has those that are asked for. */
function columnsOf(
  fields: readonly RowField[] | undefined,
): readonly SetColumn[] | "record" {
  return fields?.map(({ name, type }) => ({ name, type })) ?? "record";
}

/** An array of objects as rows. */
function populateRecordSet(
  type: DataType,
  hasFlag: boolean,
): FunctionDefinition {
  const name = `${type.name}_populate_recordset`;
  const rest = hasFlag ? [type, bool] : [type];
  const make = (types: readonly DataType[]): FunctionDefinition => {
    const target = rowTypeOf(types[0]!, name);
    return {
      name,
      argumentTypes: types,
      returnType: target,
      strict: false,
      volatility: "stable",
      columns: columnsOf(target.fields),
      set: ([given, document], context, columns) => {
        if (document === null) return NO_ROWS;
        const base = given as SqlRow | null;
        return rowsSource(
          objectsOf(type, document!, name).map((members) =>
            recordOf(members, columns, context, base?.values)
          ),
        );
      },
    };
  };
  const declared = [anyElement, ...rest];
  return {
    name,
    argumentTypes: declared,
    returnType: anyElement,
    strict: false,
    volatility: "stable",
    set: () => NO_ROWS,
    specialize: make,
  };
}

/** Whether an object fits a row type. */
const isValidRecord: FunctionDefinition = {
  ...define(
    "jsonb_populate_record_valid",
    [anyElement, jsonb],
    bool,
    () => null,
    OPTIONS,
  ),
  specialize: (types) => {
    // As in PostgreSQL, errors name the function that it asks.
    const name = "jsonb_populate_record";
    const target = rowTypeOf(types[0]!, name);
    return define(
      `${name}_valid`,
      types,
      bool,
      ([given, document], context) => {
        const base = given as SqlRow | null;
        if (document === null) return null;
        try {
          rowOf(
            document!,
            jsonb,
            fieldsOf(target, base, name),
            context,
            base?.values,
          );
          return true;
        } catch (error) {
          if (error instanceof SqlError && error.code.startsWith("22")) {
            return false;
          }
          throw error;
        }
      },
      OPTIONS,
    );
  },
};

/** Functions that fill rows of a given type with JSON. */
export const jsonPopulateFunctions: readonly FunctionDefinition[] = [
  populateRecord(json, false),
  populateRecord(json, true),
  populateRecord(jsonb, false),
  populateRecordSet(json, false),
  populateRecordSet(json, true),
  populateRecordSet(jsonb, false),
  isValidRecord,
];
