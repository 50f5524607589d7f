/**
 * The rows of a result as messages: RowDescription, then a DataRow for each.
 *
 * Rows of a query are sent while it runs, and it waits for a slow client. Rows
 * that may yet turn out void gather until the statement is done.
 *
 * @module
 */
import {
  type Chunk,
  type Field,
  type RowForm,
  type RowSink,
  selectedCount,
  SqlError,
} from "../../mod.ts";
import { type ColumnWriter, columnWriter } from "./column_writer.ts";
import type { MessageOutput } from "./message_output.ts";
import { typeSize } from "./type_sizes.ts";

/** Writes the rows of one statement after the other. */
export class RowMessages implements RowSink {
  readonly #output: MessageOutput;
  /** What writers were made for. */
  #form: RowForm | undefined;
  #formatsKey = "";
  #writers: ColumnWriter[] = [];
  /** Of the statement that runs. */
  #formats: readonly number[] = [];
  #describes = false;
  #final = false;
  /** Where its messages begin, while they can be taken back. */
  #mark = 0;
  #sent = false;
  /** Whether the rows of the statement have been described. */
  described = false;

  /** Rows into `output`. */
  constructor(output: MessageOutput) {
    this.#output = output;
  }

  /**
   * A statement is about to run. `formats` are the form of each column, one for
   * all, or none: text.
   */
  start(formats: readonly number[], describes: boolean): void {
    this.#formats = formats;
    this.#describes = describes;
    this.#mark = this.#output.length;
    this.#sent = false;
    this.described = false;
  }

  /** @throws {SqlError} `40001` when rows that are void now were sent. */
  begin(form: RowForm): void {
    if (this.#sent) {
      throw new SqlError(
        "40001",
        "could not serialize access: rows were sent before the statement had to run again",
      );
    }
    if (this.described) this.#output.truncate(this.#mark);
    const { fields, types, datetime } = form;
    checkFormats(this.#formats, fields.length);
    const key = this.#formats.join();
    if (
      this.#form?.fields !== fields || this.#form.datetime !== datetime ||
      this.#formatsKey !== key
    ) {
      this.#form = form;
      this.#formatsKey = key;
      this.#writers = types.map((type, i) =>
        columnWriter(type, formatAt(this.#formats, i), datetime)
      );
    }
    this.#final = form.final;
    this.described = true;
    // What changes rows, and gives none back, has no columns.
    if (this.#describes && (fields.length > 0 || form.final)) {
      writeRowDescription(this.#output, fields, this.#formats);
    }
  }

  take(chunk: Chunk): Promise<void> | undefined {
    const { columns, selection } = chunk;
    const writers = this.#writers;
    const output = this.#output;
    const count = selectedCount(chunk);
    for (let i = 0; i < count; i++) {
      const row = selection === undefined ? i : selection[i]!;
      output.begin("D");
      output.i16(writers.length);
      for (let j = 0; j < writers.length; j++) {
        writers[j]!(output, columns[j]!, row);
      }
      output.end();
    }
    if (!this.#final || !output.isFull) return undefined;
    this.#sent = true;
    return output.flush();
  }
}

/** The form of a column, as a client asked for it. */
export function formatAt(formats: readonly number[], index: number): number {
  return (formats.length === 1 ? formats[0] : formats[index]) ?? 0;
}

/** @throws {SqlError} `08P01` if there are neither none, one, nor all. */
function checkFormats(formats: readonly number[], count: number): void {
  if (formats.length <= 1 || formats.length === count) return;
  throw new SqlError(
    "08P01",
    `bind message has ${formats.length} result formats but query has ${count} columns`,
  );
}

/** What columns rows have. */
export function writeRowDescription(
  output: MessageOutput,
  fields: readonly Field[],
  formats: readonly number[],
): void {
  output.begin("T");
  output.i16(fields.length);
  fields.forEach((field, i) => {
    const { name, dataTypeID, dataTypeModifier, tableID, columnID } = field;
    output.zeroEnded(name);
    output.i32(tableID);
    output.i16(columnID);
    output.i32(dataTypeID);
    output.i16(typeSize(dataTypeID));
    output.i32(dataTypeModifier);
    output.i16(formatAt(formats, i));
  });
  output.end();
}

/** A row whose values have their form already. */
export function writeRow(
  output: MessageOutput,
  row: readonly unknown[],
): void {
  output.begin("D");
  output.i16(row.length);
  for (const value of row) {
    if (value === null || value === undefined) output.i32(-1);
    else if (value instanceof Uint8Array) {
      output.i32(value.length);
      output.raw(value);
    } else output.sizedText(String(value));
  }
  output.end();
}
