/**
 * `to_char` of numbers: digits that are there already, put into a template.
 *
 * The digits run through the template from left to right. As long as the
 * template has more places than the number has digits (`leadingBlanks`), places
 * become blanks, or zeros from the first `0` on; the sign is written before the
 * first digit that shows.
 *
 * @module
 */
import { ordinalEnding } from "./ordinal.ts";
import type { NumberTemplate } from "./number_template.ts";
import { ROMAN_LENGTH_MAX } from "./roman.ts";

/** A number for a template. */
export interface NumberDigits {
  /** Its digits without sign, rounded to what the template shows. */
  readonly digits: string;
  readonly negative: boolean;
  /** Digits before the decimal point that the template has room for. */
  readonly pre: number;
  /** Digits behind it that the template shows. */
  readonly post: number;
}

/** The text of a number by a template that is not scientific or Roman. */
export function formatNumber(
  template: NumberTemplate,
  number: NumberDigits,
): string {
  return new NumberFormatter(template, number).run();
}

/** A Roman numeral by a template. */
export function formatRoman(
  { nodes, fill }: NumberTemplate,
  numeral: string,
): string {
  let text = "";
  for (const node of nodes) {
    if (node.kind === "text") text += node.character;
    else if (node.name === "RN") {
      const shown = node.lower ? numeral.toLowerCase() : numeral;
      text += fill ? shown : shown.padStart(ROMAN_LENGTH_MAX);
    } else if (node.name === "L" || (!fill && /[,G]/.test(node.name))) {
      text += " ";
    }
  }
  return text;
}

class NumberFormatter {
  readonly #template: NumberTemplate;
  readonly #digits: string;
  readonly #negative: boolean;
  readonly #bracket: boolean;
  readonly #post: number;
  readonly #leadingBlanks: number;
  readonly #signBehind: boolean;
  readonly #zeroStart: number;
  /** The last place of the digits that `FM` shows; -1: all of them. */
  readonly #lastRelevant: number;
  readonly #placeCount: number;
  #signWritten: boolean;
  /** The next digit. */
  #digit = 0;
  /** How many places of the template are behind. */
  #place = 0;
  /** Whether the place before showed a digit. */
  #inNumber = false;
  #text = "";
  /** Where the text ends, if before all of the template. */
  #end: number | undefined;

  constructor(template: NumberTemplate, number: NumberDigits) {
    const { digits, negative, pre, post } = number;
    const point = digits.indexOf(".");
    const digitsBefore = point < 0 ? digits.length : point;
    this.#template = template;
    this.#negative = negative;
    this.#post = post;
    this.#digits = digitsBefore > pre
      ? `${"#".repeat(pre)}.${"#".repeat(post)}`
      : digits;
    this.#leadingBlanks = Math.max(0, pre - digitsBefore);
    this.#bracket = template.bracket && (negative || !template.fill);
    this.#zeroStart = Math.max(0, template.zeroStart - 1);
    this.#signWritten = this.#isSignApart();
    this.#signBehind = template.sign === "behind" ||
      (template.sign === "before" && !(template.plus || template.minus) &&
        pre === template.digitsBeforeSign);
    this.#lastRelevant = this.#findLastRelevant();
    this.#placeCount = post + pre - 1 +
      (!this.#signWritten && this.#leadingBlanks === 0 ? 1 : 0);
  }

  /** Whether no sign belongs to the number: a pattern has it, or none does. */
  #isSignApart(): boolean {
    const { plus, minus, fill, sign } = this.#template;
    if (plus || minus) return minus;
    return !this.#negative && fill && sign === "none";
  }

  /** Decimals that are zero are left out, unless a `0` asks for them. */
  #findLastRelevant(): number {
    const { fill, decimal, zeroEnd } = this.#template;
    if (!fill || !decimal) return -1;
    const point = this.#digits.indexOf(".");
    if (point < 0) return -1;
    let last = point;
    for (let i = point + 1; i < this.#digits.length; i++) {
      if (this.#digits[i] !== "0") last = i;
    }
    if (zeroEnd > this.#leadingBlanks) {
      const zero = Math.min(
        this.#digits.length - 1,
        zeroEnd - this.#leadingBlanks,
      );
      last = Math.max(last, zero);
    }
    return last;
  }

  run(): string {
    const { nodes, fill, decimal } = this.#template;
    for (const node of nodes) {
      if (node.kind === "text") {
        this.#text += node.character;
        continue;
      }
      switch (node.name) {
        case "9":
        case "0":
        case ".":
        case "D":
          this.#writePlace(node.name);
          break;
        case ",":
        case "G":
          if (this.#inNumber) this.#text += ",";
          else if (!fill) this.#text += " ";
          break;
        case "L":
          this.#text += " ";
          break;
        case "TH":
          if (this.#digits[0] !== "#" && !this.#negative && !decimal) {
            this.#text += ordinalEnding(this.#digits, node.lower ? "th" : "TH");
          }
          break;
        case "MI":
          this.#text += this.#negative ? "-" : fill ? "" : " ";
          break;
        case "PL":
          this.#text += this.#negative ? (fill ? "" : " ") : "+";
          break;
        case "SG":
          this.#text += this.#negative ? "-" : "+";
      }
    }
    return this.#text.slice(0, this.#end);
  }

  /** Whether the digit at hand is the zero before the point of `0.5`. */
  #isLeadingZero(): boolean {
    return !this.#template.zero && this.#digit === 0 &&
      this.#digits[0] === "0" && this.#post !== 0;
  }

  #endsAtPoint(): boolean {
    return this.#lastRelevant >= 0 &&
      this.#digits[this.#lastRelevant] === ".";
  }

  #writePlace(name: string): void {
    const { zero, fill } = this.#template;
    this.#inNumber = false;
    const isBlank = this.#place < this.#leadingBlanks;
    const isZero = zero && this.#zeroStart <= this.#place;
    if (
      !this.#signWritten &&
      (!isBlank || (zero && this.#zeroStart === this.#place)) &&
      (!this.#isLeadingZero() || this.#endsAtPoint())
    ) this.#writeSign();
    if (isBlank && !isZero) {
      if (!fill) this.#text += " ";
    } else if (isBlank) {
      this.#text += "0";
      this.#inNumber = true;
    } else {
      this.#writeDigit(name);
    }
    this.#writeEnd();
    this.#place++;
  }

  #writeSign(): void {
    const { sign, fill } = this.#template;
    const hasOwn = sign !== "none";
    if (hasOwn) {
      if (this.#signBehind) return;
      this.#text += this.#negative ? "-" : "+";
    } else if (this.#bracket) {
      this.#text += this.#negative ? "<" : " ";
    } else if (this.#negative) {
      this.#text += "-";
    } else if (!fill) {
      this.#text += " ";
    }
    this.#signWritten = true;
  }

  #writeDigit(name: string): void {
    const { fill } = this.#template;
    const character = this.#digits[this.#digit];
    if (character === ".") {
      if (!this.#endsAtPoint() || fill) this.#text += ".";
    } else if (
      this.#lastRelevant >= 0 && this.#digit > this.#lastRelevant &&
      name !== "0"
    ) {
      // A zero at the end.
    } else if (this.#isLeadingZero()) {
      if (!fill) this.#text += " ";
      else if (this.#endsAtPoint()) this.#text += "0";
    } else if (character === undefined) {
      // A point without decimals: PostgreSQL's text ends here.
      this.#end ??= this.#text.length;
    } else {
      this.#text += character;
      this.#inNumber = true;
    }
    if (character !== undefined) this.#digit++;
  }

  /** What stands behind the last digit: a bracket, or the sign of `S`. */
  #writeEnd(): void {
    const { decimal, sign } = this.#template;
    const end = this.#lastRelevant >= 0 && this.#lastRelevant === this.#digit
      ? this.#place
      : this.#placeCount + (this.#leadingBlanks > 0 ? 1 : 0) +
        (decimal ? 1 : 0);
    if (this.#place + 1 !== end) return;
    if (this.#signWritten && this.#bracket) {
      this.#text += this.#negative ? ">" : " ";
    } else if (sign !== "none" && this.#signBehind) {
      this.#text += this.#negative ? "-" : "+";
    }
  }
}
