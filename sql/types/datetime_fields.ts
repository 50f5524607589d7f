/**
 * The fields of a date or time in text: how PostgreSQL cuts it before it looks
 * at what the parts mean.
 *
 * | field | what | such as |
 * | --- | --- | --- |
 * | `number` | digits, perhaps with a point | `2024`, `20240102`, `040506.789`, `1999.008` |
 * | `date` | digits or letters joined by `-`, `/` or `.`; a name of a zone | `2024-01-02`, `2-Jan-24`, `040506-08`, `europe/berlin` |
 * | `time` | digits joined by `:` | `03:04:05.678` |
 * | `word` | letters | `january`, `bc`, `t`, `pst` |
 * | `zone` | a sign and digits | `+05:30` |
 * | `special` | a sign and letters | `-infinity` |
 *
 * Blanks and other punctuation part fields and mean nothing.
 *
 * @module
 */
import { DATE_WORDS } from "./datetime_words.ts";

/** What a field looks like. */
export type FieldKind =
  | "number"
  | "date"
  | "time"
  | "word"
  | "zone"
  | "special";

/** One field, in lower case. */
export interface DateTimeField {
  readonly kind: FieldKind;
  readonly text: string;
}

/** More than these are no date. */
const FIELDS_MAX = 25;
/** Characters of all fields together. */
const LENGTH_MAX = 153;

const FIELD =
  /(\d+:[\d:.]*)|(\d+(?:-\d+(?:-[\d-]*)?|\/\d+(?:\/[\d/]*)?|\.\d+\.[\d.]*|-[a-z\d-]*|\/[a-z\d/]*|\.(?!\d)[a-z\d.]*))|(\d+(?:\.\d+)?|\.\d*)|([a-z]+)|([+-]\s*\d[\d:.-]*)|([+-]\s*[a-z]+)|([!-/:-@[-`{-~\s])/y;

/** What may stand in the name of a zone after its first letters. */
const NAME_REST = /[-+/_.:a-z\d]*/y;

/** The fields of a text; `undefined` where it has what no date has. */
export function dateTimeFields(
  text: string,
): DateTimeField[] | undefined {
  const source = text.toLowerCase();
  const fields: DateTimeField[] = [];
  let length = 0;
  let at = 0;
  while (at < source.length) {
    FIELD.lastIndex = at;
    const match = FIELD.exec(source);
    if (match === null) return;
    at = FIELD.lastIndex;
    if (match[7] !== undefined) {
      // A sign that nothing follows.
      if (match[7] === "+" || match[7] === "-") return;
      continue;
    }
    let field = fieldOf(match);
    if (field.kind === "word" && isNameStart(field.text, source[at] ?? "")) {
      NAME_REST.lastIndex = at;
      const rest = NAME_REST.exec(source)![0];
      at += rest.length;
      field = { kind: "date", text: field.text + rest };
    }
    length += field.text.length + 1;
    if (fields.length >= FIELDS_MAX || length > LENGTH_MAX) return;
    fields.push(field);
  }
  return fields;
}

function fieldOf(match: RegExpExecArray): DateTimeField {
  const [, time, date, number, word, zone, special] = match;
  if (time !== undefined) return { kind: "time", text: time };
  if (date !== undefined) return { kind: "date", text: date };
  if (number !== undefined) return { kind: "number", text: number };
  if (word !== undefined) return { kind: "word", text: word };
  return {
    kind: zone === undefined ? "special" : "zone",
    text: (zone ?? special!).replace(/\s+/g, ""),
  };
}

/** Whether letters go on as a date or as the name of a zone. */
function isNameStart(word: string, next: string): boolean {
  if (next === "-" || next === "/" || next === ".") return true;
  return /[+\d]/.test(next) && !DATE_WORDS.has(word);
}
