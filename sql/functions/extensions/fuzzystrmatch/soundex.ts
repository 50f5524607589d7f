/**
 * Soundex: the first letter of a name, and digits for the consonants after it.
 *
 * @module
 */

/** The digit of each letter from A to Z; 0: none. */
const CODES = "01230120022455012623010202";

const LENGTH = 4;

function codeOf(letter: string): string {
  return CODES[letter.charCodeAt(0) - 65] ?? letter;
}

/** The code of a text: `S530`; nothing where there is no letter. */
export function soundex(text: string): string {
  const letters = text.toUpperCase().replace(/^[^A-Z]+/, "");
  if (letters === "") return "";
  let code = letters[0]!;
  let last = letters[0]!;
  for (const letter of letters.slice(1)) {
    if (code.length === LENGTH) break;
    if (!/[A-Z]/.test(letter)) {
      last = letter;
      continue;
    }
    const digit = codeOf(letter);
    if (digit !== codeOf(last) && digit !== "0") code += digit;
    // H and W do not stand between letters of one sound.
    last = letter;
  }
  return code.padEnd(LENGTH, "0");
}

/** How many places of the codes are the same. */
export function difference(a: string, b: string): number {
  const first = soundex(a);
  const second = soundex(b);
  let same = 0;
  for (let i = 0; i < LENGTH; i++) if (first[i] === second[i]) same++;
  return same;
}
