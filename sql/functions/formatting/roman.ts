/**
 * Roman numerals from 1 to 3999.
 *
 * @module
 */

const STEPS: readonly (readonly [number, string])[] = [
  [1000, "M"],
  [900, "CM"],
  [500, "D"],
  [400, "CD"],
  [100, "C"],
  [90, "XC"],
  [50, "L"],
  [40, "XL"],
  [10, "X"],
  [9, "IX"],
  [5, "V"],
  [4, "IV"],
  [1, "I"],
];

/** The longest numeral: MMMDCCCLXXXVIII. */
export const ROMAN_LENGTH_MAX = 15;

/** The numeral of an integer; `#` all over when there is none. */
export function toRoman(value: number): string {
  if (!(value >= 1 && value <= 3999)) return "#".repeat(ROMAN_LENGTH_MAX);
  let text = "";
  let rest = value;
  for (const [worth, numeral] of STEPS) {
    while (rest >= worth) {
      text += numeral;
      rest -= worth;
    }
  }
  return text;
}

const NUMERAL =
  /^M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/;

/** The value of a numeral in any case; `undefined` if it is none. */
export function fromRoman(text: string): number | undefined {
  let rest = text.toUpperCase();
  if (rest === "" || !NUMERAL.test(rest)) return undefined;
  let value = 0;
  for (const [worth, numeral] of STEPS) {
    while (rest.startsWith(numeral)) {
      value += worth;
      rest = rest.slice(numeral.length);
    }
  }
  return value;
}
