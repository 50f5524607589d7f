/**
 * The text form of rows: `(1,"a b",)`. Nothing between two commas is NULL, `""`
 * an empty text (PostgreSQL's `record_in` and `record_out`).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { InputContext, Nullable, RowField } from "../data_type.ts";
import type { DateTimeSettings } from "../datetime_settings.ts";
import { SPACES } from "../numeric.ts";
import { SqlRow } from "./row_value.ts";

/** The text form of a row. */
export function formatRow(
  { fields, values }: SqlRow,
  settings?: DateTimeSettings,
): string {
  const texts = values.map((value, i) =>
    value === null
      ? ""
      : quoteField(fields[i]!.type.type.output(value, settings))
  );
  return `(${texts.join(",")})`;
}

function quoteField(text: string): string {
  if (text !== "" && !/["\\(), \t\n\v\f\r]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "$&$&")}"`;
}

/**
 * Reads a row with these fields.
 *
 * @throws {SqlError} `22P02` when the text is none; what a field's input throws.
 */
export function parseRow(
  text: string,
  fields: readonly RowField[],
  context?: InputContext,
): SqlRow {
  return new RowParser(text, fields, context).parse();
}

class RowParser {
  readonly #text: string;
  readonly #fields: readonly RowField[];
  readonly #context: InputContext | undefined;
  #at = 0;

  constructor(
    text: string,
    fields: readonly RowField[],
    context: InputContext | undefined,
  ) {
    this.#text = text;
    this.#fields = fields;
    this.#context = context;
  }

  parse(): SqlRow {
    this.#skip();
    if (this.#text[this.#at] !== "(") {
      throw this.#malformed("Missing left parenthesis.");
    }
    this.#at++;
    const values = this.#fields.map((field, i) => {
      if (i > 0) {
        if (this.#text[this.#at] !== ",") {
          throw this.#malformed("Too few columns.");
        }
        this.#at++;
      }
      return this.#value(field);
    });
    if (this.#text[this.#at] !== ")") {
      throw this.#malformed("Too many columns.");
    }
    this.#at++;
    this.#skip();
    if (this.#at < this.#text.length) {
      throw this.#malformed("Junk after right parenthesis.");
    }
    return new SqlRow(this.#fields, values);
  }

  #value({ type }: RowField): Nullable {
    const next = this.#text[this.#at];
    if (next === "," || next === ")") return null;
    const read = type.type.input(this.#field(), type.typmod, this.#context);
    const { applyTypmod } = type.type;
    return applyTypmod === undefined || type.typmod < 0
      ? read
      : applyTypmod(read, type.typmod, false);
  }

  /** The text of a field; quotes may begin and end anywhere in it. */
  #field(): string {
    const source = this.#text;
    let value = "";
    let quoted = false;
    for (;;) {
      const character = source[this.#at++];
      if (character === undefined) {
        throw this.#malformed("Unexpected end of input.");
      }
      if (character === "\\") {
        if (this.#at >= source.length) {
          throw this.#malformed("Unexpected end of input.");
        }
        value += source[this.#at++]!;
      } else if (character === '"') {
        if (quoted && source[this.#at] === '"') {
          value += '"';
          this.#at++;
        } else quoted = !quoted;
      } else if (!quoted && (character === "," || character === ")")) {
        this.#at--;
        return value;
      } else value += character;
    }
  }

  #skip(): void {
    while (
      this.#at < this.#text.length && SPACES.includes(this.#text[this.#at]!)
    ) this.#at++;
  }

  #malformed(detail: string): SqlError {
    return new SqlError("22P02", `malformed record literal: "${this.#text}"`, {
      detail,
    });
  }
}
