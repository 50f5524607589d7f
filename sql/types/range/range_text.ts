/**
 * The text forms of ranges and multiranges: `[1,5)`, `empty`, `{[1,2),[5,)}`
 * (PostgreSQL's `range_parse`, `multirange_in`).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DateTimeSettings } from "../datetime_settings.ts";
import type { DataType, Nullable, SqlValue } from "../data_type.ts";
import { SPACES } from "../numeric.ts";
import { type Bound, type RangeKind, SqlRange } from "./range_value.ts";

/** Reads a bound. */
export type ReadBound = (text: string) => SqlValue;

/**
 * Reads a range.
 *
 * @throws {SqlError} `22P02` when the text is none; what `read` throws.
 */
export function parseRange(
  kind: RangeKind,
  text: string,
  read: ReadBound,
): SqlRange {
  return new RangeParser(text).parse(kind, read);
}

class RangeParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(kind: RangeKind, read: ReadBound): SqlRange {
    this.#skip();
    if (/^empty/i.test(this.#text.slice(this.#at, this.#at + 5))) {
      this.#at += 5;
      this.#finish('Junk after "empty" key word.');
      return SqlRange.EMPTY;
    }
    const open = this.#text[this.#at++];
    if (open !== "[" && open !== "(") {
      throw this.#malformed("Missing left parenthesis or bracket.");
    }
    const lower = this.#bound();
    if (this.#text[this.#at++] !== ",") {
      throw this.#malformed("Missing comma after lower bound.");
    }
    const upper = this.#bound();
    const close = this.#text[this.#at++];
    if (close !== "]" && close !== ")") {
      throw this.#malformed("Too many commas.");
    }
    this.#finish("Junk after right parenthesis or bracket.");
    const first = lower === null ? null : read(lower);
    const last = upper === null ? null : read(upper);
    return rangeOf(kind, first, last, `${open}${close}`);
  }

  #skip(): void {
    while (
      this.#at < this.#text.length && SPACES.includes(this.#text[this.#at]!)
    ) this.#at++;
  }

  #finish(junk: string): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#malformed(junk);
  }

  #malformed(detail: string): SqlError {
    return new SqlError("22P02", `malformed range literal: "${this.#text}"`, {
      detail,
    });
  }

  /** The text of a bound; NULL where nothing stands: infinite. */
  #bound(): string | null {
    const source = this.#text;
    const start = this.#at;
    let value = "";
    let quoted = false;
    for (;;) {
      const character = source[this.#at];
      if (character === undefined) {
        throw this.#malformed("Unexpected end of input.");
      }
      if (!quoted && ",)]".includes(character)) {
        return this.#at === start ? null : value;
      }
      this.#at++;
      if (character === "\\") {
        const next = source[this.#at++];
        if (next === undefined) {
          throw this.#malformed("Unexpected end of input.");
        }
        value += next;
      } else if (character === '"') {
        if (quoted && source[this.#at] === '"') {
          value += '"';
          this.#at++;
        } else quoted = !quoted;
      } else value += character;
    }
  }
}

/** The range between two values; `flags` are its brackets: `[)`. */
export function rangeOf(
  kind: RangeKind,
  lower: Nullable,
  upper: Nullable,
  flags: string,
): SqlRange {
  return SqlRange.between(
    kind,
    {
      value: lower,
      inclusive: lower !== null && flags[0] === "[",
      isLower: true,
    },
    {
      value: upper,
      inclusive: upper !== null && flags[1] === "]",
      isLower: false,
    },
  );
}

/** The text form of a range. */
export function formatRange(
  subtype: DataType,
  range: SqlRange,
  settings?: DateTimeSettings,
): string {
  if (range.isEmpty) return "empty";
  const { lower, upper } = range;
  const textOf = ({ value }: Bound): string =>
    value === null ? "" : quoteBound(subtype.output(value, settings));
  return (lower.inclusive ? "[" : "(") + textOf(lower) + "," + textOf(upper) +
    (upper.inclusive ? "]" : ")");
}

function quoteBound(text: string): string {
  if (text !== "" && !/["\\()[\], \t\n\v\f\r]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "$&$&")}"`;
}

/**
 * The texts of the ranges in the text of a multirange.
 *
 * @throws {SqlError} `22P02` when it is none.
 */
export function splitMultirange(text: string): string[] {
  const malformed = (detail: string): SqlError =>
    new SqlError("22P02", `malformed multirange literal: "${text}"`, {
      detail,
    });
  let at = 0;
  const skip = (): void => {
    while (at < text.length && SPACES.includes(text[at]!)) at++;
  };
  skip();
  if (text[at] !== "{") throw malformed("Missing left brace.");
  at++;
  const parts: string[] = [];
  for (;;) {
    skip();
    if (text[at] === "}" && parts.length === 0) break;
    if (at >= text.length) throw malformed("Unexpected end of input.");
    const end = endOfRange(text, at);
    if (end === undefined) throw malformed("Expected range start.");
    if (end > text.length) throw malformed("Unexpected end of input.");
    parts.push(text.slice(at, end));
    at = end;
    skip();
    if (text[at] === "}") break;
    if (at >= text.length) throw malformed("Unexpected end of input.");
    if (text[at] !== ",") {
      throw malformed("Expected comma or end of multirange.");
    }
    at++;
  }
  at++;
  skip();
  if (at < text.length) throw malformed("Junk after closing right brace.");
  return parts;
}

/** Where the range that begins at `start` ends; absent if none begins there. */
function endOfRange(text: string, start: number): number | undefined {
  if (/^empty/i.test(text.slice(start, start + 5))) return start + 5;
  if (text[start] !== "[" && text[start] !== "(") return undefined;
  let quoted = false;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "]" || character === ")")) return at + 1;
  }
  return text.length + 1;
}
