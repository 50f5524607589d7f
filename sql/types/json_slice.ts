/**
 * Finds values inside of JSON text without making a tree, for `json`, which
 * keeps the text: what `->` gives is the piece of text that was there.
 *
 * REQUIRES, everywhere: the text is valid JSON (`json` was checked).
 *
 * @module
 */

/** A value's place in a text. */
export interface Slice {
  /** Where it begins. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
}

function skipSpace(text: string, at: number): number {
  while (" \t\n\r".includes(text[at] ?? "x")) at++;
  return at;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Where the value that begins at `start` ends. */
function endOfValue(text: string, start: number): number {
  const first = text[start]!;
  if (first === '"') return endOfString(text, start);
  if (first !== "{" && first !== "[") {
    let at = start;
    while (at < text.length && !" \t\n\r,]}:".includes(text[at]!)) at++;
    return at;
  }
  let depth = 0;
  let at = start;
  do {
    const mark = text[at]!;
    if (mark === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (mark === "{" || mark === "[") depth++;
    else if (mark === "}" || mark === "]") depth--;
    at++;
  } while (depth > 0);
  return at;
}

/** The place of the whole value, without blanks around it. */
export function wholeSlice(text: string): Slice {
  const start = skipSpace(text, 0);
  return { start, end: endOfValue(text, start) };
}

/** The elements of the array at `slice`, or `undefined` if it is none. */
export function elementSlices(text: string, slice: Slice): Slice[] | undefined {
  if (text[slice.start] !== "[") return undefined;
  const slices: Slice[] = [];
  let at = skipSpace(text, slice.start + 1);
  while (text[at] !== "]") {
    const end = endOfValue(text, at);
    slices.push({ start: at, end });
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return slices;
}

/** A key and the place of its value. */
export interface Member {
  /** The key, escapes resolved. */
  readonly key: string;
  /** The value. */
  readonly value: Slice;
}

/** The members of the object at `slice`, or `undefined` if it is none. */
export function memberSlices(text: string, slice: Slice): Member[] | undefined {
  if (text[slice.start] !== "{") return undefined;
  const members: Member[] = [];
  let at = skipSpace(text, slice.start + 1);
  while (text[at] !== "}") {
    const keyEnd = endOfString(text, at);
    const key = JSON.parse(text.slice(at, keyEnd)) as string;
    at = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, at);
    members.push({ key, value: { start: at, end } });
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return members;
}
