/**
 * Templates of dates and times: `YYYY-MM-DD HH24:MI:SS` as `to_char`, `to_date`
 * and `to_timestamp` read them (PostgreSQL's chapter 9.8).
 *
 * A template is read from left to right, the longest pattern first. `FM` and
 * `TM` stand before a pattern, `TH`, `th` and `SP` behind it. What is no pattern
 * is text; text in double quotes is never a pattern, and a backslash in it
 * quotes the next character.
 *
 * @module
 */

/** The convention of dates that a pattern belongs to, if it does to one. */
export type DateConvention = "gregorian" | "iso" | undefined;

/** A part of a template. */
export type TemplateNode =
  | {
    readonly kind: "pattern";
    /** The pattern as it was written: `Month`. */
    readonly name: string;
    /** What it stands for, whatever its case: `MONTH`. */
    readonly field: string;
    /** `FM`: without padding. */
    readonly fill: boolean;
    /** `TM`: in the words of the locale. */
    readonly translate: boolean;
    /** `TH` or `th`: an ordinal. */
    readonly ordinal: "TH" | "th" | undefined;
    /** Whether it is digits, and nothing else, in the input. */
    readonly isDigits: boolean;
    readonly convention: DateConvention;
  }
  | {
    readonly kind: "space" | "separator" | "text";
    /** One character. */
    readonly character: string;
  };

/** Patterns in capitals: whether digits, and the convention. */
const FIELDS: Readonly<Record<string, readonly [boolean, DateConvention]>> = {
  "A.D.": [false, undefined],
  "A.M.": [false, undefined],
  "AD": [false, undefined],
  "AM": [false, undefined],
  "B.C.": [false, undefined],
  "BC": [false, undefined],
  "CC": [true, undefined],
  "DAY": [false, undefined],
  "DDD": [true, "gregorian"],
  "DD": [true, "gregorian"],
  "DY": [false, undefined],
  "D": [true, "gregorian"],
  "FF1": [false, undefined],
  "FF2": [false, undefined],
  "FF3": [false, undefined],
  "FF4": [false, undefined],
  "FF5": [false, undefined],
  "FF6": [false, undefined],
  "FX": [false, undefined],
  "HH24": [true, undefined],
  "HH12": [true, undefined],
  "HH": [true, undefined],
  "IDDD": [true, "iso"],
  "ID": [true, "iso"],
  "IW": [true, "iso"],
  "IYYY": [true, "iso"],
  "IYY": [true, "iso"],
  "IY": [true, "iso"],
  "I": [true, "iso"],
  "J": [true, undefined],
  "MI": [true, undefined],
  "MM": [true, "gregorian"],
  "MONTH": [false, "gregorian"],
  "MON": [false, "gregorian"],
  "MS": [true, undefined],
  "OF": [false, undefined],
  "P.M.": [false, undefined],
  "PM": [false, undefined],
  "Q": [true, undefined],
  "RM": [false, "gregorian"],
  "SSSSS": [true, undefined],
  "SSSS": [true, undefined],
  "SS": [true, undefined],
  "TZH": [false, undefined],
  "TZM": [true, undefined],
  "TZ": [false, undefined],
  "US": [true, undefined],
  "WW": [true, "gregorian"],
  "W": [true, "gregorian"],
  "Y,YYY": [true, "gregorian"],
  "YYYY": [true, "gregorian"],
  "YYY": [true, "gregorian"],
  "YY": [true, "gregorian"],
  "Y": [true, "gregorian"],
};

/** Every spelling with its pattern, the longest first. */
const SPELLINGS: readonly (readonly [string, string])[] = [
  ...Object.keys(FIELDS).flatMap((field) =>
    [[field, field], [field.toLowerCase(), field]] as const
  ),
  ["Day", "DAY"] as const,
  ["Dy", "DY"] as const,
  ["Month", "MONTH"] as const,
  ["Mon", "MON"] as const,
].sort(([a], [b]) => b.length - a.length);

const byFirst = new Map<string, (readonly [string, string])[]>();
for (const entry of SPELLINGS) {
  const first = entry[0][0]!;
  const list = byFirst.get(first);
  if (list === undefined) byFirst.set(first, [entry]);
  else list.push(entry);
}

/** Whether the character is printable ASCII, but no letter, digit or blank. */
export function isSeparator(character: string | undefined): boolean {
  return character !== undefined && /^[!-/:-@[-`{-~]/.test(character);
}

/** Whether the character is white space. */
export function isSpace(character: string | undefined): boolean {
  return character !== undefined && /^[ \t\n\v\f\r]/.test(character);
}

const CACHE_MAX = 200;
const cache = new Map<string, readonly TemplateNode[]>();

/** The parts of a template; the last ones that were asked for are kept. */
export function parseDateTimeTemplate(text: string): readonly TemplateNode[] {
  let nodes = cache.get(text);
  if (nodes === undefined) {
    nodes = read(text);
    if (cache.size >= CACHE_MAX) cache.clear();
    if (text.length <= 200) cache.set(text, nodes);
  }
  return nodes;
}

function read(text: string): TemplateNode[] {
  const nodes: TemplateNode[] = [];
  let at = 0;
  while (at < text.length) {
    const prefix = /^(?:FM|fm|TM|tm)$/.test(text.slice(at, at + 2))
      ? text.slice(at, at + 2).toUpperCase()
      : "";
    at += prefix.length;
    const found = byFirst.get(text[at] ?? "")?.find(([spelling]) =>
      text.startsWith(spelling, at)
    );
    if (found === undefined) {
      if (at < text.length) at = readText(text, at, nodes);
      continue;
    }
    const [name, field] = found;
    at += name.length;
    const suffix = text.slice(at, at + 2);
    const isSuffix = suffix === "TH" || suffix === "th" || suffix === "SP";
    if (isSuffix) at += 2;
    const [isDigits, convention] = FIELDS[field]!;
    nodes.push({
      kind: "pattern",
      name,
      field,
      fill: prefix === "FM",
      translate: prefix === "TM",
      ordinal: isSuffix && suffix !== "SP" ? suffix : undefined,
      isDigits,
      convention,
    });
  }
  return nodes;
}

/** Reads one character of text, or a quoted text; gives where it ends. */
function readText(text: string, start: number, nodes: TemplateNode[]): number {
  let at = start;
  const take = (kind: "space" | "separator" | "text"): void => {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    nodes.push({ kind, character });
    at += character.length;
  };
  if (text[at] === '"') {
    at++;
    while (at < text.length) {
      if (text[at] === '"') return at + 1;
      if (text[at] === "\\" && at + 1 < text.length) at++;
      take("text");
    }
    return at;
  }
  if (text[at] === "\\" && text[at + 1] === '"') at++;
  take(
    isSeparator(text[at]) ? "separator" : isSpace(text[at]) ? "space" : "text",
  );
  return at;
}
