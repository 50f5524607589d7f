/**
 * What a statement gives back: rows as JavaScript values, fields, a command.
 *
 * @module
 */
import type { ResultField } from "../analyzer/bound_tree.ts";
import { type Chunk, isNull, selectedCount } from "../chunk/chunk.ts";
import { encodeBinary } from "../encoding/binary/binary_values.ts";
import { formOf, type ResultForms } from "./value_forms.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import type { DateTimeSettings } from "../types/datetime_settings.ts";

/** A column of a result. */
export interface Field {
  /** The column's name. */
  readonly name: string;
  /** The OID of its type, as in PostgreSQL. */
  readonly dataTypeID: number;
  /** The name of its type: `text`, `int4`, `vector`. */
  readonly dataType: string;
  /** The type's modifier, -1 if none. */
  readonly dataTypeModifier: number;
  /** The OID of the table that the column is of, 0 if it is computed. */
  readonly tableID: number;
  /** Its number there (`pg_attribute.attnum`), 0 if it is computed. */
  readonly columnID: number;
}

/** A row as an object, by column name. */
export type Row = Record<string, unknown>;

/** The forms rows can have. */
export type RowMode = "object" | "array";

/**
 * Whether values come as JavaScript values, as PostgreSQL's text, or as the bytes
 * of its binary form.
 */
export type ResultFormat = "js" | "text" | "binary";

/** What a statement gives back. */
export interface QueryResult<R = Row> {
  /** The rows; empty for a statement that gives none. */
  readonly rows: R[];
  /** The columns of the rows; empty for a statement that gives none. */
  readonly fields: readonly Field[];
  /** Rows inserted, updated, deleted, or selected. */
  readonly affectedRows: number;
  /** PostgreSQL's command tag: `INSERT 0 3`, `SELECT 2`, `CREATE TABLE`. */
  readonly command: string;
}

/** The fields of a result. */
export function fieldsOf(fields: readonly ResultField[]): Field[] {
  return fields.map(({ name, type, table, column }) => ({
    name,
    dataTypeID: type.type.oid,
    dataType: type.type.name,
    dataTypeModifier: type.typmod,
    tableID: column === undefined ? 0 : table?.id ?? 0,
    columnID: column?.number ?? 0,
  }));
}

/** Types whose value is what a result row holds. */
const SAME = new Set([
  "int2",
  "int4",
  "int8",
  "oid",
  "float4",
  "float8",
  "text",
  "varchar",
  "bpchar",
  "citext",
  "name",
  "uuid",
]);

type Convert = ((value: SqlValue) => unknown) | undefined;

/** Turns chunks into rows; made once for a plan. */
export class RowBuilder {
  readonly #names: readonly string[];
  readonly #converts: readonly Convert[];
  readonly #booleans: readonly boolean[];
  readonly #mode: RowMode;

  /** A builder of rows with these fields. */
  constructor(
    fields: readonly ResultField[],
    options: {
      readonly rowMode?: RowMode | undefined;
      readonly resultFormat?:
        | ResultFormat
        | readonly ResultFormat[]
        | undefined;
      /** How dates look in text; default: ISO, UTC. */
      readonly datetime?: DateTimeSettings | undefined;
    } & ResultForms,
  ) {
    this.#names = fields.map(({ name }) => name);
    const { resultFormat } = options;
    this.#converts = fields.map(({ type }, i) =>
      convertOf(type.type, {
        ...options,
        resultFormat: typeof resultFormat === "object"
          ? resultFormat[i]
          : resultFormat,
      })
    );
    this.#booleans = fields.map(({ type }) => type.type.storage === "boolean");
    this.#mode = options.rowMode ?? "object";
  }

  /** Adds the rows of `chunk` to `rows`. */
  append(chunk: Chunk, rows: unknown[]): void {
    const count = selectedCount(chunk);
    const { selection } = chunk;
    for (let i = 0; i < count; i++) {
      const row = selection === undefined ? i : selection[i]!;
      rows.push(
        this.#mode === "array"
          ? this.#array(chunk, row)
          : this.#object(chunk, row),
      );
    }
  }

  /** One row of these values. */
  row(values: readonly Nullable[]): unknown {
    const converts = this.#converts;
    const result = this.#mode === "array" ? [] : {};
    for (let i = 0; i < converts.length; i++) {
      const convert = converts[i];
      const value = values[i]!;
      const shown = value === null || convert === undefined
        ? value
        : convert(value);
      if (this.#mode === "array") (result as unknown[]).push(shown);
      else setField(result as Row, this.#names[i]!, shown);
    }
    return result;
  }

  #object(chunk: Chunk, row: number): Row {
    const names = this.#names;
    const object: Row = {};
    for (let i = 0; i < names.length; i++) {
      setField(object, names[i]!, this.#value(chunk, i, row));
    }
    return object;
  }

  #array(chunk: Chunk, row: number): unknown[] {
    const values: unknown[] = [];
    for (let i = 0; i < this.#names.length; i++) {
      values.push(this.#value(chunk, i, row));
    }
    return values;
  }

  #value(chunk: Chunk, index: number, row: number): unknown {
    const column = chunk.columns[index]!;
    if (column.validity !== undefined && isNull(column, row)) return null;
    const stored = column.values[row]!;
    const value = this.#booleans[index] ? stored === 1 : stored;
    const convert = this.#converts[index];
    return convert === undefined ? value : convert(value as SqlValue);
  }
}

function setField(object: Row, name: string, value: unknown): void {
  if (name === "__proto__") defineOwn(object, name, value);
  else object[name] = value;
}

/** An assignment would reach the setter of Object.prototype. */
function defineOwn(object: Row, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function convertOf(
  type: DataType,
  { resultFormat, datetime, ...forms }: {
    readonly resultFormat?: ResultFormat | undefined;
    readonly datetime?: DateTimeSettings | undefined;
  } & ResultForms,
): Convert {
  if (resultFormat === "text") return (value) => type.output(value, datetime);
  if (resultFormat === "binary") return (value) => encodeBinary(type, value);
  const form = formOf(type, forms, datetime);
  if (form !== undefined) return form;
  if (SAME.has(type.name) || type.name === "bool") return undefined;
  return (value) => type.toJs(value);
}

/** The result of a statement that has nothing but its command tag. */
export function tagOnly(command: string): QueryResult<unknown> {
  return { rows: [], fields: [], affectedRows: 0, command };
}

/** A field of type text. */
export function textField(name: string): Field {
  return {
    name,
    dataTypeID: 25,
    dataType: "text",
    dataTypeModifier: -1,
    tableID: 0,
    columnID: 0,
  };
}
