/**
 * The text form of COPY: fields between delimiters, with backslashes.
 *
 * | written | means |
 * | --- | --- |
 * | `\b` `\f` `\n` `\r` `\t` `\v` | the control character |
 * | `\101`, `\x41` | the byte |
 * | `\` and anything else | that, a delimiter or an end of line too |
 * | `\.` alone | the end of the data |
 *
 * Lines without a backslash, which most are, are only cut at the delimiters.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { CopyFormat } from "../../analyzer/copy/copy_format.ts";
import { badFormat } from "./copy_error.ts";
import {
  DEFAULT_FIELD,
  type Field,
  type ReadState,
  RecordReader,
} from "./record_reader.ts";

const CONTROLS: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Reads records in the text form. */
export class TextRecords extends RecordReader {
  readonly #delimiter: string;
  readonly #nullText: string;
  readonly #defaultText: string | undefined;
  /** The next backslash and carriage return; -1: not looked for. */
  #backslash = -1;
  #carriage = -1;
  #ended = false;

  /** A reader of that format. */
  constructor({ delimiter, nullText, defaultText }: CopyFormat) {
    super();
    this.#delimiter = delimiter;
    this.#nullText = nullText;
    this.#defaultText = defaultText;
  }

  protected forget(): void {
    this.#backslash = -1;
    this.#carriage = -1;
  }

  protected readRecord(): ReadState {
    const { text, at } = this;
    if (this.#ended || (this.isFinal && at >= text.length)) return "end";
    if (this.lineEnd === undefined && !this.findLineEnd(at)) return "more";
    if (this.#backslash < at) this.#backslash = placeOf(text, "\\", at);
    const end = this.#endOfLine();
    if (end === undefined) return "more";
    this.recordStart = at;
    this.recordEnd = end;
    this.at = Math.min(text.length, end + this.lineEnd!.length);
    this.count = 0;
    if (this.#backslash >= end) {
      this.#cut(at, end);
    } else {
      if (this.#isEndMark()) {
        this.#ended = true;
        return "end";
      }
      this.#cutEscaped(at, end);
    }
    return "record";
  }

  /** Where the line at `at` ends; `undefined` if that is not there yet. */
  #endOfLine(): number | undefined {
    const { text, at, isFinal } = this;
    const lineEnd = this.lineEnd!;
    let end = text.indexOf(lineEnd, at);
    if (end < 0 ? this.#backslash < text.length : this.#backslash < end) {
      end = this.#endBehindBackslashes();
    }
    if (end < 0) {
      if (!isFinal) return undefined;
      end = text.length;
    }
    this.#refuseLiteral(end);
    return end;
  }

  /** The end of a line with backslashes, which may hide an end. */
  #endBehindBackslashes(): number {
    const { text } = this;
    const lineEnd = this.lineEnd!;
    for (let i = this.#backslash; i < text.length; i++) {
      if (text[i] === "\\") i++;
      else if (text.startsWith(lineEnd, i)) return i;
    }
    return -1;
  }

  /** Refuses an end of line of another kind within the line. */
  #refuseLiteral(end: number): void {
    const { text, at, lineEnd } = this;
    if (lineEnd !== "\r") {
      if (this.#carriage < at) this.#carriage = placeOf(text, "\r", at);
      if (this.#carriage < end && text[this.#carriage - 1] !== "\\") {
        throw badFormat("literal carriage return found in data", {
          hint: 'Use "\\r" to represent carriage return.',
        });
      }
    }
    if (lineEnd === "\n") return;
    const feed = text.indexOf("\n", at);
    if (feed >= 0 && feed < end && text[feed - 1] !== "\\") {
      throw badFormat("literal newline found in data", {
        hint: 'Use "\\n" to represent newline.',
      });
    }
  }

  #isEndMark(): boolean {
    const { line } = this;
    if (line === "\\.") return true;
    if (/^\\\./.test(line)) {
      throw badFormat("end-of-copy marker is not alone on its line");
    }
    return false;
  }

  #cut(start: number, end: number): void {
    const { text } = this;
    const delimiter = this.#delimiter;
    let from = start;
    for (;;) {
      const to = text.indexOf(delimiter, from);
      if (to < 0 || to >= end) break;
      this.add(this.#field(text.slice(from, to)));
      from = to + 1;
    }
    this.add(this.#field(text.slice(from, end)));
  }

  #cutEscaped(start: number, end: number): void {
    const { text } = this;
    let from = start;
    let escaped = false;
    for (let i = start; i < end; i++) {
      const char = text[i];
      if (char === "\\") {
        escaped = true;
        i++;
      } else if (char === this.#delimiter) {
        this.#addEscaped(text.slice(from, i), escaped);
        from = i + 1;
        escaped = false;
      }
    }
    this.#addEscaped(text.slice(from, end), escaped);
  }

  #addEscaped(raw: string, escaped: boolean): void {
    const field = this.#field(raw);
    this.add(escaped && field === raw ? unescape(raw) : field);
  }

  /** NULL and DEFAULT are known before backslashes are looked at. */
  #field(raw: string): Field {
    if (raw === this.#nullText) return null;
    return raw === this.#defaultText ? DEFAULT_FIELD : raw;
  }
}

function placeOf(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? Infinity : at;
}

const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([^]))/g;

function unescape(raw: string): string {
  let hasBytes = false;
  const text = raw.replace(ESCAPE, (_, octal, hex, char) => {
    if (char !== undefined) return CONTROLS[char] ?? char;
    const byte = octal === undefined
      ? parseInt(hex, 16)
      : parseInt(octal, 8) & 0xff;
    if (byte === 0) throw invalidBytes("0x00");
    if (byte >= 128) hasBytes = true;
    return String.fromCharCode(byte);
  });
  return hasBytes ? unescapeBytes(raw) : text;
}

/** Escaped bytes may be parts of one character. */
function unescapeBytes(raw: string): string {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  let from = 0;
  for (const match of raw.matchAll(ESCAPE)) {
    bytes.push(...encoder.encode(raw.slice(from, match.index)));
    const [whole, octal, hex, char] = match;
    if (char !== undefined) {
      bytes.push(...encoder.encode(CONTROLS[char] ?? char));
    } else {
      bytes.push(
        octal === undefined ? parseInt(hex!, 16) : parseInt(octal, 8) & 0xff,
      );
    }
    from = match.index + whole.length;
  }
  bytes.push(...encoder.encode(raw.slice(from)));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Uint8Array.from(bytes));
  } catch {
    const at = bytes.findIndex((byte) => byte >= 128);
    throw invalidBytes(`0x${bytes[at]!.toString(16)}`);
  }
}

/** `22021`: bytes that are no text. */
export function invalidBytes(bytes: string): SqlError {
  return new SqlError(
    "22021",
    `invalid byte sequence for encoding "UTF8": ${bytes}`,
  );
}
