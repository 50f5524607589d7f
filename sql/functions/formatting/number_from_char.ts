/**
 * `to_number`: reads digits by a template.
 *
 * Text in the template skips as many characters of the input, whatever they
 * are; a pattern of digits takes one digit if there is one.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { Numeric } from "../../types/numeric.ts";
import { multiply } from "../../types/numeric_arithmetic.ts";
import { power } from "../../types/numeric_functions.ts";
import { numeric } from "../../types/numeric_type.ts";
import {
  type NumberNode,
  type NumberTemplate,
  parseNumberTemplate,
} from "./number_template.ts";
import { fromRoman, ROMAN_LENGTH_MAX } from "./roman.ts";

/** The number that `input` means by a template; `null` without one. */
export function numberFromChar(input: string, text: string): Numeric | null {
  if (text === "") return null;
  const template = parseNumberTemplate(text);
  if (template.scientific) {
    throw new SqlError("0A000", '"EEEE" not supported for input');
  }
  const reader = new NumberReader(template, [...input]);
  const digits = reader.read();
  const pre = reader.romanLength ?? template.pre;
  const precision = pre + template.multi + reader.scale;
  // The form of a typmod; this one may be longer than any that is declared.
  const typmod = precision > 1000 ? -1 : (precision << 16) + reader.scale + 4;
  const value = numeric.input(digits, typmod) as Numeric;
  if (!template.shifted) return value;
  return multiply(
    value,
    power(Numeric.fromInteger(10), Numeric.fromInteger(-template.multi)),
  );
}

class NumberReader {
  readonly #template: NumberTemplate;
  readonly #input: readonly string[];
  #position = 0;
  #sign: "" | "+" | "-" = "";
  #digits = "";
  #readPre = 0;
  #readPost = 0;
  #pointRead = false;
  /** How many digits a Roman numeral gave. */
  romanLength: number | undefined;

  constructor(template: NumberTemplate, input: readonly string[]) {
    this.#template = template;
    this.#input = input;
  }

  /** How many decimals were read. */
  get scale(): number {
    return this.#readPost;
  }

  #character(ahead = 0): string | undefined {
    return this.#input[this.#position + ahead];
  }

  read(): string {
    for (const node of this.#template.nodes) {
      if (this.#character() === undefined) break;
      this.#node(node);
    }
    const sign = this.#sign === "" ? " " : this.#sign;
    return sign + this.#digits.replace(/\.$/, "");
  }

  #node(node: NumberNode): void {
    const next = this.#character();
    if (node.kind === "text") {
      this.#position++;
      return;
    }
    switch (node.name) {
      case "9":
      case "0":
      case ".":
      case "D":
        this.#digit(node.name);
        this.#position++;
        return;
      case ",":
      case "G":
        // A filled template has no separators before its digits.
        if (next === "," && !this.#template.fill) this.#position++;
        return;
      case "L":
        return this.#skipWords(1);
      case "TH":
        if (
          this.#template.roman || this.#sign === "-" || this.#template.decimal
        ) return;
        return this.#skipWords(2);
      case "RN":
        return this.#roman();
      case "MI":
        if (next === "-") this.#setSign("-");
        else this.#skipWords(1);
        return;
      case "PL":
        if (next === "+") this.#setSign("+");
        else this.#skipWords(1);
        return;
      case "SG":
        if (next === "-" || next === "+") this.#setSign(next);
        else this.#skipWords(1);
    }
  }

  #setSign(sign: "+" | "-"): void {
    this.#sign = sign;
    this.#position++;
  }

  /** Skips characters that no number has. */
  #skipWords(count: number): void {
    for (let i = 0; i < count; i++) {
      const next = this.#character();
      if (next === undefined || "0123456789.,+-".includes(next)) return;
      this.#position++;
    }
  }

  #digit(name: string): void {
    const { bracket, decimal } = this.#template;
    if (this.#character() === " ") this.#position++;
    if (this.#character() === undefined) return;
    const isFirst = this.#readPre + this.#readPost === 0;
    if (this.#sign === "" && (name === "0" || name === "9") && isFirst) {
      const next = this.#character();
      if (next === "-" || (bracket && next === "<")) this.#setSign("-");
      else if (next === "+") this.#setSign("+");
    }
    const next = this.#character();
    if (next === undefined) return;
    let isRead = false;
    if (/^[0-9]$/.test(next)) {
      if (this.#pointRead && this.#readPost === this.#template.post) return;
      this.#digits += next;
      if (this.#pointRead) this.#readPost++;
      else this.#readPre++;
      isRead = true;
    } else if (decimal && !this.#pointRead && next === ".") {
      this.#digits += ".";
      this.#pointRead = true;
      isRead = true;
    }
    this.#trailingSign(isRead);
  }

  /** A sign behind the last digit. */
  #trailingSign(isRead: boolean): void {
    if (this.#sign !== "" || this.#readPre + this.#readPost === 0) return;
    if (this.#template.sign === "none" || !isRead) return;
    const behind = this.#character(1);
    if (behind === "-" || behind === "+") this.#setSign(behind);
  }

  #roman(): void {
    while (this.#character() === " ") this.#position++;
    let numeral = "";
    while (
      numeral.length < ROMAN_LENGTH_MAX &&
      /^[MDCLXVI]$/i.test(this.#character() ?? "")
    ) {
      numeral += this.#character();
      this.#position++;
    }
    const value = fromRoman(numeral);
    if (value === undefined) {
      throw new SqlError("22P02", "invalid Roman numeral");
    }
    this.#digits = String(value);
    this.romanLength = this.#digits.length;
  }
}
