/**
 * Upper and lower case.
 *
 * By Unicode's full case mapping, whatever the language: PostgreSQL's
 * collation `PG_UNICODE_FAST`, whose order (code points) is ours too. So
 * `upper('ß')` is `SS`. A database of PostgreSQL with the collation `C` would
 * only change ASCII letters.
 *
 * @module
 */

/** Lower case. */
export function lowerCase(text: string): string {
  return text.toLowerCase();
}

/** Upper case. */
export function upperCase(text: string): string {
  return text.toUpperCase();
}

const LETTER_OR_DIGIT = /[\p{Alphabetic}\p{Nd}]/u;
const WORD = /[\p{Alphabetic}\p{Nd}]+/gu;

/** Title case: the first letter of every word upper, the others lower. */
export function initCap(text: string): string {
  if (!LETTER_OR_DIGIT.test(text)) return text;
  return text.replace(WORD, (word) => {
    const first = String.fromCodePoint(word.codePointAt(0)!);
    return upperCase(first) + lowerCase(word.slice(first.length));
  });
}
