/**
 * Which JavaScript values stand for the values of a result, where the usual ones
 * do not fit; and what is made of parameters before their types take them.
 *
 * | type | usual form | others |
 * | --- | --- | --- |
 * | `int8` | a number, a bigint where a number is not exact | `number`, `bigint`, `string` |
 * | `numeric` | text | `number` |
 * | `date` | text, `2024-01-02` | `date`: midnight in Greenwich |
 * | `timestamp`, `timestamptz` | a `Date` | `string`: PostgreSQL's text |
 * | `json`, `jsonb` | what the text means | `text` |
 * | `bytea` | a `Uint8Array` | `hex`: PostgreSQL's text |
 * | `vector`, `halfvec` | a `Float32Array` | `array`: numbers, `text` |
 * | `sparsevec` | a `SparseVector` | `text`, where `vector` is `text` |
 *
 * The forms reach into arrays and rows.
 *
 * @module
 */
import { arrayToJs } from "../types/array/array_type.ts";
import type { SqlArray } from "../types/array/array_value.ts";
import type { DataType, SqlValue } from "../types/data_type.ts";
import type { DateTimeSettings } from "../types/datetime_settings.ts";
import { isRowType, rowToJs } from "../types/row/row_type.ts";
import type { SqlRow } from "../types/row/row_value.ts";
import {
  DATE_INFINITY,
  DATE_NEGATIVE_INFINITY,
} from "../types/temporal_types.ts";
import { EPOCH_MS } from "../types/calendar.ts";

/** The forms of values by type; those that are not named keep their own. */
export interface ValueForms {
  /** `number` loses digits beyond 2^53. */
  readonly int8?: "number" | "bigint" | "string" | undefined;
  /** `number` loses digits. */
  readonly numeric?: "string" | "number" | undefined;
  readonly date?: "string" | "date" | undefined;
  readonly timestamp?: "date" | "string" | undefined;
  readonly timestamptz?: "date" | "string" | undefined;
  readonly json?: "object" | "text" | undefined;
  readonly bytea?: "bytes" | "hex" | undefined;
  readonly vector?: "float32" | "array" | "text" | undefined;
}

/** Makes a value of PostgreSQL's text of it; by the OID of its type. */
export type Parsers = Readonly<
  Record<number, (text: string, dataTypeID: number) => unknown>
>;

/** Makes of a parameter what its type takes; by the OID of the type. */
export type Serializers = Readonly<Record<number, (value: unknown) => unknown>>;

/** What the values of a result look like. */
export interface ResultForms {
  /** The forms of values by type. */
  readonly types?: ValueForms | undefined;
  /** What makes values of text, by OID; stronger than `types`. */
  readonly parsers?: Parsers | undefined;
}

/** What makes a JavaScript value of one that is not NULL. */
export type ToJs = (value: SqlValue) => unknown;

/** What a type's values become where it is not their usual form. */
export function formOf(
  type: DataType,
  forms: ResultForms,
  datetime: DateTimeSettings | undefined,
): ToJs | undefined {
  const text: ToJs = (value) => type.output(value, datetime);
  const parser = forms.parsers?.[type.oid];
  if (parser !== undefined) {
    return (value) => parser(text(value) as string, type.oid);
  }
  const { element } = type;
  if (element !== undefined) {
    const each = formOf(element, forms, datetime);
    return each && ((value) => arrayToJs(each, value as SqlArray));
  }
  if (isRowType(type)) {
    return (value) =>
      rowToJs(
        value as SqlRow,
        (field) => formOf(field, forms, datetime) ?? field.toJs.bind(field),
      );
  }
  return forms.types === undefined
    ? undefined
    : namedForm(type, forms.types, text);
}

function namedForm(
  { name }: DataType,
  forms: ValueForms,
  text: ToJs,
): ToJs | undefined {
  switch (name) {
    case "int8":
      return forms.int8 === undefined ? undefined : INTEGERS[forms.int8];
    case "numeric":
      return forms.numeric === "number"
        ? (value) => Number(text(value))
        : undefined;
    case "date":
      return forms.date === "date" ? dateOf : undefined;
    case "timestamp":
    case "timestamptz":
      return forms[name] === "string" ? text : undefined;
    case "json":
    case "jsonb":
      return forms.json === "text" ? text : undefined;
    case "bytea":
      return forms.bytea === "hex" ? text : undefined;
    case "vector":
    case "halfvec":
      if (forms.vector === "text") return text;
      return forms.vector === "array"
        ? (value) => Array.from(value as Float32Array)
        : undefined;
    case "sparsevec":
      return forms.vector === "text" ? text : undefined;
    default:
      return undefined;
  }
}

const INTEGERS: Readonly<Record<"number" | "bigint" | "string", ToJs>> = {
  number: (value) => Number(value as number | bigint),
  bigint: (value) => BigInt(value as number | bigint),
  string: (value) => String(value),
};

/** Midnight in Greenwich; the infinities as timestamps have them. */
function dateOf(value: SqlValue): unknown {
  if (value === DATE_INFINITY) return Infinity;
  if (value === DATE_NEGATIVE_INFINITY) return -Infinity;
  return new Date(EPOCH_MS + (value as number) * 86_400_000);
}
