/**
 * The values of a column, each behind its length, in the text or the binary
 * form; -1 stands for NULL.
 *
 * @module
 */
import {
  type Column,
  type DataType,
  isNull,
  type RowForm,
  valueAt,
  writeBinary,
} from "../../mod.ts";
import type { MessageOutput } from "./message_output.ts";

/** Writes the value of a row, which is not NULL, behind its length. */
type WriteValue = (output: MessageOutput, column: Column, row: number) => void;

/** Writes the values of a column. */
export type ColumnWriter = (
  output: MessageOutput,
  column: Column,
  row: number,
) => void;

/** The form of a column: 0 for text, 1 for binary. */
export type FormatCode = number;

/** What writes a column of a type in a form. */
export function columnWriter(
  type: DataType,
  format: FormatCode,
  datetime: RowForm["datetime"],
): ColumnWriter {
  const write = format === 1 ? binaryWriter(type) : textWriter(type, datetime);
  return (output, column, row) => {
    if (column.validity !== undefined && isNull(column, row)) output.i32(-1);
    else write(output, column, row);
  };
}

const INTEGERS: ReadonlySet<string> = new Set(["int2", "int4", "int8", "oid"]);

const PLAIN_TEXT: ReadonlySet<string> = new Set(["text", "varchar", "uuid"]);

function textWriter(
  type: DataType,
  datetime: RowForm["datetime"],
): WriteValue {
  if (INTEGERS.has(type.name)) return writeNumberText;
  if (PLAIN_TEXT.has(type.name)) {
    return (output, column, row) =>
      output.sizedText(column.values[row] as string);
  }
  return (output, column, row) =>
    output.sizedText(type.output(valueAt(column, row)!, datetime));
}

function writeNumberText(
  output: MessageOutput,
  { values }: Column,
  row: number,
): void {
  output.sizedText(String(values[row]));
}

function binaryWriter(type: DataType): WriteValue {
  switch (type.name) {
    case "int4":
      return (output, { values }, row) => {
        output.i32(4);
        output.i32(values[row] as number);
      };
    case "int8":
      return (output, { values }, row) => {
        output.i32(8);
        output.i64(values[row] as number | bigint);
      };
    case "float8":
      return (output, { values }, row) => {
        output.i32(8);
        output.f64(values[row] as number);
      };
    case "text":
    case "varchar":
      return (output, { values }, row) =>
        output.sizedText(values[row] as string);
    default:
      return (output, column, row) => {
        const at = output.length;
        output.i32(0);
        writeBinary(output, type, valueAt(column, row)!);
        output.setI32(at, output.length - at - 4);
      };
  }
}
