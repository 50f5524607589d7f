/**
 * The names that somebody who misspelled one may have meant: PostgreSQL's
 * `updateFuzzyAttrMatchState`, by Levenshtein distance.
 *
 * A candidate counts when its distance is at most half the length of what was
 * written and, with the penalty, at most 3; the nearest one or two are named, and none when more are equally near.
 *
 * @module
 */

/** A name that might have been meant. */
export interface NameCandidate {
  /** The name. */
  readonly name: string;
  /** How to show it. */
  readonly shown: string;
  /** Added to its distance. */
  readonly penalty: number;
}

/** A distance beyond this is no likeness. */
const DISTANCE_MAX = 3;

/** The nearest one or two of `candidates`, as they are shown. */
export function closestName(
  wanted: string,
  candidates: readonly NameCandidate[],
): string[] {
  let nearest = DISTANCE_MAX + 1;
  let found: string[] = [];
  for (const { name, shown, penalty } of candidates) {
    const different = levenshtein(wanted, name);
    if (different > Math.floor(wanted.length / 2)) continue;
    const distance = different + penalty;
    if (distance > nearest || distance > DISTANCE_MAX) continue;
    if (distance < nearest) found = [];
    nearest = distance;
    found.push(shown);
  }
  return found.length > 2 ? [] : found;
}

/** How many characters have to be added, removed or exchanged. */
function levenshtein(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(Math.min(
        previous[j - 1]! + cost,
        previous[j]! + 1,
        current[j - 1]! + 1,
      ));
    }
    previous = current;
  }
  return previous[b.length]!;
}
