/**
 * Templates of numbers: `FM999,990.00` as `to_char` and `to_number` read them
 * (PostgreSQL's chapter 9.8).
 *
 * Besides its parts a template is described as a whole: how many digits stand
 * before and behind the decimal point, where zeros are shown, where the sign
 * goes. Some patterns exclude each other; that is found while reading.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";

/** A part of a template: a pattern in capitals, or a character of text. */
export type NumberNode =
  | { readonly kind: "pattern"; readonly name: string; readonly lower: boolean }
  | { readonly kind: "text"; readonly character: string };

/** What a template says as a whole. */
export interface NumberTemplate {
  readonly nodes: readonly NumberNode[];
  /** Digits before the decimal point. */
  readonly pre: number;
  /** Digits behind it. */
  readonly post: number;
  /** Digits behind `V`. */
  readonly multi: number;
  /** Where the first `0` stands among the digits, from 1; 0: nowhere. */
  readonly zeroStart: number;
  /** Where the last `0` stands. */
  readonly zeroEnd: number;
  /** Where `S` stands. */
  readonly sign: "none" | "before" | "behind";
  /** How many digits stand before `S`. */
  readonly digitsBeforeSign: number;
  /** `FM`. */
  readonly fill: boolean;
  /** Whether there is a decimal point. */
  readonly decimal: boolean;
  /** Whether there is a `0` before the decimal point. */
  readonly zero: boolean;
  /** `MI` or `SG`. */
  readonly minus: boolean;
  /** `PL` or `SG`. */
  readonly plus: boolean;
  /** `PR`. */
  readonly bracket: boolean;
  /** `RN`. */
  readonly roman: boolean;
  /** `V`. */
  readonly shifted: boolean;
  /** `EEEE`. */
  readonly scientific: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const PATTERN =
  /EEEE|FM|MI|PL|PR|RN|SG|SP|TH|eeee|fm|mi|pl|pr|rn|sg|sp|th|[,.09BCDGLSVbcdglsv]/y;

function wrong(message: string, detail?: string): SqlError {
  return new SqlError(
    "42601",
    message,
    detail === undefined ? {} : { detail },
  );
}

const CACHE_MAX = 200;
const cache = new Map<string, NumberTemplate>();

/**
 * Reads a template; the last ones that were asked for are kept.
 *
 * @throws {SqlError} `42601` when patterns do not go together.
 */
export function parseNumberTemplate(text: string): NumberTemplate {
  let template = cache.get(text);
  if (template === undefined) {
    template = read(text);
    if (cache.size >= CACHE_MAX) cache.clear();
    if (text.length <= 200) cache.set(text, template);
  }
  return template;
}

function read(text: string): NumberTemplate {
  const nodes: NumberNode[] = [];
  const template: Mutable<NumberTemplate> = {
    nodes,
    pre: 0,
    post: 0,
    multi: 0,
    zeroStart: 0,
    zeroEnd: 0,
    sign: "none",
    digitsBeforeSign: 0,
    fill: false,
    decimal: false,
    zero: false,
    minus: false,
    plus: false,
    bracket: false,
    roman: false,
    shifted: false,
    scientific: false,
  };
  let at = 0;
  while (at < text.length) {
    PATTERN.lastIndex = at;
    const match = PATTERN.exec(text);
    if (match === null) {
      at = readText(text, at, nodes);
      continue;
    }
    at += match[0].length;
    const name = match[0].toUpperCase();
    nodes.push({ kind: "pattern", name, lower: match[0] !== name });
    describe(template, name);
  }
  return template;
}

function readText(text: string, start: number, nodes: NumberNode[]): number {
  let at = start;
  const take = (): void => {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    nodes.push({ kind: "text", character });
    at += character.length;
  };
  if (text[at] === '"') {
    at++;
    while (at < text.length) {
      if (text[at] === '"') return at + 1;
      if (text[at] === "\\" && at + 1 < text.length) at++;
      take();
    }
    return at;
  }
  if (text[at] === "\\" && text[at + 1] === '"') at++;
  take();
  return at;
}

/** Adds a pattern to the description. */
function describe(template: Mutable<NumberTemplate>, name: string): void {
  if (template.scientific && name !== "EEEE") {
    throw wrong('"EEEE" must be the last pattern used');
  }
  switch (name) {
    case "9":
    case "0":
      describeDigit(template, name);
      break;
    case ".":
    case "D":
      if (template.decimal) throw wrong("multiple decimal points");
      if (template.shifted) {
        throw wrong('cannot use "V" and decimal point together');
      }
      template.decimal = true;
      break;
    case "FM":
      template.fill = true;
      break;
    case "V":
      if (template.decimal) {
        throw wrong('cannot use "V" and decimal point together');
      }
      template.shifted = true;
      break;
    case "EEEE":
      describeScientific(template);
      break;
    case "RN":
      if (template.roman) throw wrong('cannot use "RN" twice');
      template.roman = true;
      break;
    default:
      describeSign(template, name);
  }
  if (template.roman && hasMoreThanRoman(template)) {
    throw wrong(
      '"RN" is incompatible with other formats',
      '"RN" may only be used together with "FM".',
    );
  }
}

function hasMoreThanRoman(template: NumberTemplate): boolean {
  return template.decimal || template.zero || template.minus ||
    template.plus || template.bracket || template.shifted ||
    template.scientific || template.sign !== "none";
}

function describeDigit(template: Mutable<NumberTemplate>, name: string): void {
  if (template.bracket) throw wrong(`"${name}" must be ahead of "PR"`);
  if (name === "9" && template.shifted) {
    template.multi++;
    return;
  }
  if (name === "0" && !template.zero && !template.decimal) {
    template.zero = true;
    template.zeroStart = template.pre + 1;
  }
  if (template.decimal) template.post++;
  else template.pre++;
  if (name === "0") template.zeroEnd = template.pre + template.post;
}

function describeScientific(template: Mutable<NumberTemplate>): void {
  if (template.scientific) throw wrong('cannot use "EEEE" twice');
  if (
    template.fill || template.sign !== "none" || template.bracket ||
    template.minus || template.plus || template.roman || template.shifted
  ) {
    throw wrong(
      '"EEEE" is incompatible with other formats',
      '"EEEE" may only be used together with digit and decimal point patterns.',
    );
  }
  template.scientific = true;
}

function describeSign(template: Mutable<NumberTemplate>, name: string): void {
  const hasSign = template.sign !== "none";
  switch (name) {
    case "S":
      if (hasSign) throw wrong('cannot use "S" twice');
      if (template.plus || template.minus || template.bracket) {
        throw wrong('cannot use "S" and "PL"/"MI"/"SG"/"PR" together');
      }
      template.sign = template.decimal ? "behind" : "before";
      template.digitsBeforeSign = template.pre;
      return;
    case "MI":
    case "PL":
    case "SG":
      if (hasSign) throw wrong(`cannot use "S" and "${name}" together`);
      if (name !== "PL") template.minus = true;
      if (name !== "MI") template.plus = true;
      return;
    case "PR":
      if (hasSign || template.plus || template.minus) {
        throw wrong('cannot use "PR" and "S"/"PL"/"MI"/"SG" together');
      }
      template.bracket = true;
  }
}
