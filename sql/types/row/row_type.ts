/**
 * Row types: `record`, the type of rows of any fields, and the types of certain
 * fields, such as a table's rows have.
 *
 * In JavaScript a row is an object of its fields.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type {
  DataType,
  InputContext,
  RowField,
  SqlValue,
} from "../data_type.ts";
import type { DateTimeSettings } from "../datetime_settings.ts";
import { textOfJs } from "../js_value.ts";
import { formatRow, parseRow } from "./row_text.ts";
import { compareRows, hashKeyOfRow, SqlRow } from "./row_value.ts";

/** The fields by name, each as what `toJsOf` gives for its type makes it. */
export function rowToJs(
  { fields, values }: SqlRow,
  toJsOf: (type: DataType) => (value: SqlValue) => unknown,
): Record<string, unknown> {
  const entries = fields.map(({ name, type }, i): [string, unknown] => {
    const item = values[i]!;
    return [name, item === null ? null : toJsOf(type.type)(item)];
  });
  return Object.fromEntries(entries);
}

/** What all row types do alike, since each row knows its fields. */
export const COMMON = {
  preferred: false,
  length: -1,
  storage: "reference",
  output: (value: SqlValue, settings?: DateTimeSettings): string =>
    formatRow(value as SqlRow, settings),
  compare: (a: SqlValue, b: SqlValue): number =>
    compareRows(a as SqlRow, b as SqlRow),
  hashKey: (value: SqlValue): string => hashKeyOfRow(value as SqlRow),
  toJs: (value: SqlValue): unknown =>
    rowToJs(value as SqlRow, (type) => (item) => type.toJs(item)),
} as const;

function noInput(): never {
  throw new SqlError(
    "0A000",
    "input of anonymous composite types is not implemented",
  );
}

/** `record`: rows of any fields. */
export const record: DataType = {
  ...COMMON,
  oid: 2249,
  name: "record",
  displayName: "record",
  category: "P",
  input: noInput,
  fromJs: noInput,
};

/** What a row type is called. */
export interface RowTypeNames {
  readonly oid: number;
  /** With its schema, so that no other type has the name. */
  readonly name: string;
  /** As people see it. */
  readonly displayName: string;
}

/** The type of rows with these fields. */
export function rowType(
  names: RowTypeNames,
  fields: readonly RowField[],
): DataType {
  return {
    ...COMMON,
    ...names,
    category: "C",
    fields,
    input: (text, _typmod, context) => parseRow(text, fields, context),
    fromJs: (value, context) => rowOfJs(fields, value, context),
  };
}

/** An object by its keys, a list by position, else the text of a row. */
export function rowOfJs(
  fields: readonly RowField[],
  value: unknown,
  context: InputContext | undefined,
): SqlRow {
  const isObject = typeof value === "object" && value !== null;
  if (!isObject) return parseRow(textOfJs(value), fields, context);
  const given = value as Record<string, unknown>;
  return new SqlRow(
    fields,
    fields.map(({ name, type }, i) => {
      const item = Array.isArray(value)
        ? value[i]
        : Object.hasOwn(given, name)
        ? given[name]
        : null;
      return item === null || item === undefined
        ? null
        : type.type.fromJs(item, context);
    }),
  );
}

/** Whether values of the type are rows. */
export function isRowType(type: DataType): boolean {
  return type === record || type.fields !== undefined;
}
