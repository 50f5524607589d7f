/**
 * The CSV form of COPY: fields between delimiters, in quotes where they must.
 *
 * Quotes may begin and end anywhere in a field; within them a delimiter and an
 * end of line are text, and the escape character before a quote or itself means
 * that. A field with quotes is never NULL, unless FORCE_NULL says so.
 *
 * @module
 */
import type { CopyFormat } from "../../analyzer/copy/copy_format.ts";
import { badFormat } from "./copy_error.ts";
import {
  DEFAULT_FIELD,
  type Field,
  type ReadState,
  RecordReader,
} from "./record_reader.ts";

/** Reads records in the CSV form. */
export class CsvRecords extends RecordReader {
  readonly #format: CopyFormat;
  /** The next quote and carriage return; -1: not looked for. */
  #quote = -1;
  #carriage = -1;

  /** A reader of that format. */
  constructor(format: CopyFormat) {
    super();
    this.#format = format;
  }

  protected forget(): void {
    this.#quote = -1;
    this.#carriage = -1;
  }

  protected readRecord(): ReadState {
    const { text, at, isFinal } = this;
    if (isFinal && at >= text.length) return "end";
    if (this.lineEnd === undefined && !this.#findFirstLineEnd()) return "more";
    if (this.#quote < at) this.#quote = placeOf(text, this.#format.quote, at);
    let end = text.indexOf(this.lineEnd!, at);
    if (end < 0) {
      // An end of line of two characters may be half there.
      if (!isFinal) return "more";
      end = text.length;
    }
    this.count = 0;
    this.recordStart = at;
    if (this.#quote >= end) {
      this.#refuseLiteral(at, end);
      this.#cut(at, end);
    } else {
      const found = this.#cutQuoted(at);
      if (found === undefined) return "more";
      end = found;
    }
    this.recordEnd = end;
    this.at = Math.min(text.length, end + this.lineEnd!.length);
    return "record";
  }

  /** Ends of lines within quotes do not count. */
  #findFirstLineEnd(): boolean {
    const { text, at, isFinal } = this;
    const { quote, escape } = this.#format;
    let inQuotes = false;
    for (let i = at; i < text.length; i++) {
      const char = text[i];
      if (inQuotes && char === escape && escape !== quote) i++;
      else if (char === quote) inQuotes = !inQuotes;
      else if (!inQuotes && (char === "\n" || char === "\r")) {
        return this.findLineEnd(i);
      }
    }
    if (!isFinal) return false;
    this.lineEnd = "\n";
    return true;
  }

  #cut(start: number, end: number): void {
    const { text } = this;
    const { delimiter } = this.#format;
    let from = start;
    for (;;) {
      const to = text.indexOf(delimiter, from);
      if (to < 0 || to >= end) break;
      this.add(this.#field(text.slice(from, to), false));
      from = to + 1;
    }
    this.add(this.#field(text.slice(from, end), false));
  }

  /** Cuts a record with quotes; where it ends, if it does in this text. */
  #cutQuoted(start: number): number | undefined {
    const { text, lineEnd } = this;
    const { delimiter, quote, escape } = this.#format;
    let value = "";
    let from = start;
    let saw = false;
    let inQuotes = false;
    // As long as the kind is not known, PostgreSQL counts these.
    const counted = this.lineNumber > 1 && lineEnd === "\n" ? "\n" : "\r";
    let lines = 0;
    let i = start;
    const endField = (): void => {
      this.add(this.#field(value + text.slice(from, i), saw));
      value = "";
      saw = false;
    };
    for (; i < text.length; i++) {
      const char = text[i]!;
      if (inQuotes) {
        if (char === escape && i + 1 >= text.length && !this.isFinal) {
          return undefined;
        }
        const next = text[i + 1];
        if (char === escape && (next === quote || next === escape)) {
          value += text.slice(from, i) + next;
          i++;
          from = i + 1;
        } else if (char === quote) {
          value += text.slice(from, i);
          from = i + 1;
          inQuotes = false;
        } else if (char === counted) {
          lines++;
        }
      } else if (char === quote) {
        value += text.slice(from, i);
        from = i + 1;
        saw = true;
        inQuotes = true;
      } else if (char === delimiter) {
        endField();
        from = i + 1;
      } else if (char === "\n" || char === "\r") {
        if (char === "\r" && i + 1 >= text.length && !this.isFinal) {
          return undefined;
        }
        if (text.startsWith(lineEnd!, i)) {
          endField();
          this.lineNumber += lines;
          return i;
        }
        this.#refuseLiteral(i, i + 1);
      }
    }
    if (!this.isFinal) return undefined;
    this.lineNumber += lines;
    this.recordEnd = text.length;
    if (inQuotes) {
      this.hasLine = true;
      throw badFormat("unterminated CSV quoted field");
    }
    endField();
    return text.length;
  }

  /** Refuses an end of line of another kind outside of quotes. */
  #refuseLiteral(start: number, end: number): void {
    const { text, lineEnd } = this;
    if (lineEnd !== "\r") {
      if (this.#carriage < start) this.#carriage = placeOf(text, "\r", start);
      if (this.#carriage < end) {
        throw badFormat("unquoted carriage return found in data", {
          hint: "Use quoted CSV field to represent carriage return.",
        });
      }
    }
    if (lineEnd === "\n") return;
    const feed = text.indexOf("\n", start);
    if (feed < 0 || feed >= end) return;
    throw badFormat("unquoted newline found in data", {
      hint: "Use quoted CSV field to represent newline.",
    });
  }

  #field(value: string, quoted: boolean): Field {
    const { nullText, defaultText, forceNull, forceNotNull } = this.#format;
    const column = this.count;
    if (value === nullText) {
      if (quoted ? forceNull[column] : !forceNotNull[column]) return null;
    }
    return value === defaultText && !quoted ? DEFAULT_FIELD : value;
  }
}

function placeOf(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? Infinity : at;
}
