/**
 * Trigrams: the triples of letters in the words of a text, each word with two
 * blanks before it and one after.
 *
 * | text | trigrams |
 * | --- | --- |
 * | `cat` | `··c` `·ca` `at·` `cat` |
 * | `%ca_e%` of a LIKE pattern | none: no three letters are certain |
 *
 * @module
 */

/** Letters and digits, with the marks that belong to them. */
const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

/** A trigram where it stands in a text. */
export interface PlacedTrigram {
  readonly trigram: string;
  /** Whether a word begins with it. */
  readonly opensWord: boolean;
  /** Whether a word ends with it. */
  readonly closesWord: boolean;
}

/** The trigrams of a text in order. */
export function placedTrigrams(text: string): PlacedTrigram[] {
  const placed: PlacedTrigram[] = [];
  for (const [word] of text.toLowerCase().matchAll(WORDS)) {
    const letters = [...`  ${word} `];
    const count = letters.length - 2;
    for (let i = 0; i < count; i++) {
      placed.push({
        trigram: letters[i]! + letters[i + 1]! + letters[i + 2]!,
        opensWord: i === 0,
        closesWord: i === count - 1,
      });
    }
  }
  return placed;
}

/** The trigrams of a text, none twice. */
export function trigramsOf(text: string): Set<string> {
  return new Set(placedTrigrams(text).map(({ trigram }) => trigram));
}

/** A part of a LIKE pattern between wildcards. */
interface PatternPart {
  text: string;
  /** Whether it begins where the text does. */
  readonly opens: boolean;
  /** Whether it ends where the text does. */
  closes: boolean;
}

function partsOfPattern(pattern: string): PatternPart[] {
  const parts: PatternPart[] = [{ text: "", opens: true, closes: false }];
  for (let i = 0; i < pattern.length; i++) {
    const letter = pattern[i]!;
    if (letter === "%" || letter === "_") {
      parts.push({ text: "", opens: false, closes: false });
      continue;
    }
    const escaped = letter === "\\" && i + 1 < pattern.length;
    parts.at(-1)!.text += escaped ? pattern[++i]! : letter;
  }
  parts.at(-1)!.closes = true;
  return parts;
}

/** Trigrams that every text has which a LIKE pattern matches. */
export function trigramsOfPattern(pattern: string): Set<string> {
  const found = new Set<string>();
  for (const { text, opens, closes } of partsOfPattern(pattern)) {
    const lowered = text.toLowerCase();
    for (const match of lowered.matchAll(WORDS)) {
      const [word] = match;
      const end = match.index + word.length;
      // A word may go on beyond the part where a wildcard stands next to it.
      const hasStart = match.index > 0 || opens;
      const hasEnd = end < lowered.length || closes;
      const letters = [
        ...`${hasStart ? "  " : ""}${word}${hasEnd ? " " : ""}`,
      ];
      for (let i = 0; i + 2 < letters.length; i++) {
        found.add(letters[i]! + letters[i + 1]! + letters[i + 2]!);
      }
    }
  }
  return found;
}
