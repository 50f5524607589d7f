/**
 * Chunks to the lines that COPY … TO writes.
 *
 * @module
 */
import type { CopyFormat } from "../../analyzer/copy/copy_format.ts";
import { type Chunk, selectedCount, valueAt } from "../../chunk/chunk.ts";
import type { DataType } from "../../types/data_type.ts";
import type { DateTimeSettings } from "../../types/datetime_settings.ts";

/** Writes a value that is not NULL as a field. */
type WriteField = (text: string, column: number) => string;

/** Writes chunks in the text or the CSV form. */
export class CopyWriter {
  readonly #format: CopyFormat;
  readonly #types: readonly DataType[];
  readonly #datetime: DateTimeSettings;
  readonly #writeField: WriteField;
  readonly #encoder = new TextEncoder();

  /** A writer of rows with columns of these types. */
  constructor(
    format: CopyFormat,
    types: readonly DataType[],
    datetime: DateTimeSettings,
  ) {
    this.#datetime = datetime;
    this.#format = format;
    this.#types = types;
    this.#writeField = format.form === "csv"
      ? csvField(format, types.length)
      : textField(format);
  }

  /** The first line, if there is one. */
  header(names: readonly string[]): Uint8Array | undefined {
    if (this.#format.header === false) return undefined;
    const { form, delimiter } = this.#format;
    const fields = form === "csv"
      ? names.map(csvField({ ...this.#format, forceQuote: [] }, names.length))
      : names.map(this.#writeField);
    return this.#encoder.encode(`${fields.join(delimiter)}\n`);
  }

  /** There is no line behind the last one. */
  trailer(): Uint8Array | undefined {
    return undefined;
  }

  /** The lines of the selected rows. */
  lines(chunk: Chunk): Uint8Array {
    const { selection } = chunk;
    const count = selectedCount(chunk);
    let text = "";
    for (let i = 0; i < count; i++) {
      text += this.#line(chunk, selection === undefined ? i : selection[i]!);
    }
    return this.#encoder.encode(text);
  }

  /** The line of one row of a chunk. */
  row(chunk: Chunk, row: number): Uint8Array {
    return this.#encoder.encode(this.#line(chunk, row));
  }

  #line({ columns }: Chunk, row: number): string {
    const { delimiter, nullText } = this.#format;
    let text = "";
    for (let column = 0; column < columns.length; column++) {
      if (column > 0) text += delimiter;
      const value = valueAt(columns[column]!, row);
      text += value === null ? nullText : this.#writeField(
        this.#types[column]!.output(value, this.#datetime),
        column,
      );
    }
    return text + "\n";
  }
}

const CONTROLS: ReadonlyMap<string, string> = new Map([
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

function textField({ delimiter }: CopyFormat): WriteField {
  const escaped = delimiter === "\t"
    ? /[\b\f\n\r\t\v\\]/
    : new RegExp(`[\\b\\f\\n\\r\\t\\v\\\\${quoteInClass(delimiter)}]`);
  const all = new RegExp(escaped, "g");
  return (text) =>
    escaped.test(text)
      ? text.replace(all, (char) => {
        return CONTROLS.get(char) ?? `\\${char}`;
      })
      : text;
}

function csvField(
  { delimiter, quote, escape, nullText, forceQuote }: CopyFormat,
  columnCount: number,
): WriteField {
  const needs = new RegExp(
    `[\\n\\r${quoteInClass(delimiter)}${quoteInClass(quote)}]`,
  );
  const escaped = new RegExp(
    `[${quoteInClass(quote)}${quoteInClass(escape)}]`,
    "g",
  );
  return (text, column) => {
    const isQuoted = forceQuote[column] === true || text === nullText ||
      needs.test(text) || (columnCount === 1 && text === "\\.");
    return isQuoted
      ? `${quote}${text.replace(escaped, (char) => escape + char)}${quote}`
      : text;
  };
}

/** A character within `[…]` of a regular expression. */
function quoteInClass(char: string): string {
  return char.replace(/[\\\]^-]/, "\\$&");
}
