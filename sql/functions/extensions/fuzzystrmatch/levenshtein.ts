/**
 * The Levenshtein distance of two texts, by characters: how much it costs to
 * insert, delete and substitute until one is the other.
 *
 * Rows of the matrix one after another, as everywhere; within a bound, only
 * what can be within it is looked at.
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";

/** The most characters that a text may have. */
const CHARACTERS_MAX = 255;

/** What each change costs. */
export interface ChangeCosts {
  readonly insertion: number;
  readonly deletion: number;
  readonly substitution: number;
}

function charactersOf(text: string): string[] {
  const characters = [...text];
  if (characters.length <= CHARACTERS_MAX) return characters;
  throw new SqlError(
    "22023",
    `levenshtein argument exceeds maximum length of ${CHARACTERS_MAX} characters`,
  );
}

/**
 * What it costs to make `target` of `source`; where that is more than `most`,
 * some number above it.
 */
export function levenshtein(
  source: string,
  target: string,
  { insertion, deletion, substitution }: ChangeCosts,
  most = -1,
): number {
  const from = charactersOf(source);
  const to = charactersOf(target);
  if (from.length === 0) return to.length * insertion;
  if (to.length === 0) return from.length * deletion;
  let before = Float64Array.from(from.keys(), (i) => i * deletion);
  before = Float64Array.of(...before, from.length * deletion);
  for (const [j, letter] of to.entries()) {
    const row = new Float64Array(from.length + 1);
    row[0] = (j + 1) * insertion;
    let least = row[0];
    for (let i = 0; i < from.length; i++) {
      const substituted = before[i]! +
        (from[i] === letter ? 0 : substitution);
      const cost = Math.min(
        before[i + 1]! + insertion,
        row[i]! + deletion,
        substituted,
      );
      row[i + 1] = cost;
      if (cost < least) least = cost;
    }
    if (most >= 0 && least > most) return most + 1;
    before = row;
  }
  const distance = before[from.length]!;
  return most >= 0 && distance > most ? most + 1 : distance;
}
