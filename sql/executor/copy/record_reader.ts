/**
 * Lines of text to records of fields: what the text and the CSV form of COPY
 * have in common.
 *
 * Text comes in pieces. A record is read from the pieces that are there, or, if
 * it does not end in them, again when there is more. So that a long record is
 * not read over and over, the next try waits until the text has doubled.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";

/** How long a record may be, in characters. */
const RECORD_CHARS_MAX = 256 * 1024 * 1024;

/** What reading a record came to. */
export type ReadState = "record" | "more" | "end";

/** Stands for a column's DEFAULT in the fields of a record. */
export const DEFAULT_FIELD: unique symbol = Symbol("default");

/** A field: its text, NULL, or DEFAULT. */
export type Field = string | null | typeof DEFAULT_FIELD;

/** How lines end. */
export type LineEnd = "\n" | "\r\n" | "\r";

/** Reads records. */
export abstract class RecordReader {
  /** The text that is there, and where the next record begins in it. */
  protected text = "";
  protected at = 0;
  /** Whether no more text comes. */
  protected isFinal = false;
  protected lineEnd: LineEnd | undefined;
  #wanted = 0;
  /** The fields of the last record. */
  readonly fields: Field[] = [];
  /** How many they are. */
  count = 0;
  /** The number of the line that the last record ends in. */
  lineNumber = 0;
  /** Whether `line` is known: not where a record has no end. */
  hasLine = false;
  /** Where the last record is in the text, without its end of line. */
  protected recordStart = 0;
  protected recordEnd = 0;

  /** The last record as it was written. */
  get line(): string {
    return this.text.slice(this.recordStart, this.recordEnd);
  }

  /** How many characters it waits for before it can go on, at least. */
  get wantedChars(): number {
    return this.#wanted;
  }

  /** Adds text. */
  feed(more: string): void {
    this.text = this.at === 0 ? this.text + more : this.text.slice(this.at) +
      more;
    this.at = 0;
    this.recordStart = 0;
    this.recordEnd = 0;
    this.forget();
  }

  /** No more text comes. */
  finish(): void {
    this.isFinal = true;
  }

  /** Reads the next record into `fields`. */
  read(): ReadState {
    const before = this.lineNumber++;
    this.hasLine = false;
    const state = this.readRecord();
    if (state === "record") this.hasLine = true;
    else this.lineNumber = before;
    if (state === "more") {
      this.#wanted = this.text.length - this.at;
      if (this.#wanted > RECORD_CHARS_MAX) {
        throw new SqlError("54000", "out of memory", {
          detail: `A record has more than ${RECORD_CHARS_MAX} characters.`,
        });
      }
    }
    return state;
  }

  /** Forgets what it knows of places in the text, which was replaced. */
  protected abstract forget(): void;

  /** Reads the record at `at`. */
  protected abstract readRecord(): ReadState;

  /**
   * Finds how lines end, by the first end of line at or after `from`; `false`
   * if the text does not tell yet.
   */
  protected findLineEnd(from: number): boolean {
    const { text } = this;
    const feed = text.indexOf("\n", from);
    const carriage = text.indexOf("\r", from);
    if (carriage < 0 || (feed >= 0 && feed < carriage)) {
      if (feed < 0 && !this.isFinal) return false;
      this.lineEnd = "\n";
      return true;
    }
    if (carriage + 1 === text.length && !this.isFinal) return false;
    this.lineEnd = text[carriage + 1] === "\n" ? "\r\n" : "\r";
    return true;
  }

  /** Adds a field to the record. */
  protected add(field: Field): void {
    this.fields[this.count++] = field;
  }
}
