/**
 * How similar a text is to the part of another one that resembles it most
 * (`word_similarity`), or to the most similar run of whole words
 * (`strict_word_similarity`): PostgreSQL's `iterate_word_similarity`.
 *
 * The part grows to the right trigram by trigram, and whenever it ends well its
 * left end moves to where the similarity is greatest.
 *
 * @module
 */
import { placedTrigrams } from "./trigrams.ts";

/** Shared trigrams of two sets, over all of them. */
export function ratio(shared: number, a: number, b: number): number {
  const all = Math.fround(a + b - shared);
  return all === 0 ? 0 : Math.fround(Math.fround(shared) / all);
}

/** The part of the second text that is looked at. */
class Part {
  readonly #indexes: readonly number[];
  readonly #wanted: readonly boolean[];
  readonly #lastPlaces: Int32Array;
  lower: number;
  /** How many different trigrams are in it, and how many of those wanted. */
  count = 0;
  shared = 0;

  constructor(
    indexes: readonly number[],
    wanted: readonly boolean[],
    lower: number,
  ) {
    this.#indexes = indexes;
    this.#wanted = wanted;
    this.#lastPlaces = new Int32Array(wanted.length).fill(-1);
    this.lower = lower;
  }

  isWanted(place: number): boolean {
    return this.#wanted[this.#indexes[place]!]!;
  }

  /** Takes the trigram at `place` in. */
  take(place: number): void {
    const index = this.#indexes[place]!;
    if (this.lower < 0 && !this.#wanted[index]) return;
    if (this.#lastPlaces[index]! < 0) {
      this.count++;
      if (this.#wanted[index]) this.shared++;
    }
    this.#lastPlaces[index] = place;
  }

  /** Moves the left end to where the part up to `upper` is most similar. */
  shrink(
    upper: number,
    wantedCount: number,
    mayBegin: (place: number) => boolean,
  ): number {
    let best = ratio(this.shared, wantedCount, this.count);
    const before = this.lower;
    let { count, shared } = this;
    for (let place = before; place <= upper; place++) {
      if (mayBegin(place)) {
        const similarity = ratio(shared, wantedCount, count);
        if (similarity > best) {
          best = similarity;
          this.count = count;
          this.shared = shared;
          this.lower = place;
        }
      }
      const index = this.#indexes[place]!;
      if (this.#lastPlaces[index] !== place) continue;
      count--;
      if (this.#wanted[index]) shared--;
    }
    for (let place = before; place < this.lower; place++) {
      const index = this.#indexes[place]!;
      if (this.#lastPlaces[index] === place) this.#lastPlaces[index] = -1;
    }
    return best;
  }
}

/** How similar `a` is to a part of `b`, of whole words if `isStrict`. */
export function wordSimilarity(
  a: string,
  b: string,
  isStrict: boolean,
): number {
  const places = placedTrigrams(b);
  const numbers = new Map<string, number>();
  const numberOf = (trigram: string): number => {
    const known = numbers.get(trigram);
    if (known !== undefined) return known;
    numbers.set(trigram, numbers.size);
    return numbers.size - 1;
  };
  const first = new Set(placedTrigrams(a).map(({ trigram }) => trigram));
  for (const trigram of first) numberOf(trigram);
  const indexes = places.map(({ trigram }) => numberOf(trigram));
  const wanted = Array.from(numbers.keys(), (trigram) => first.has(trigram));
  const part = new Part(indexes, wanted, isStrict ? 0 : -1);
  let best = 0;
  for (let place = 0; place < places.length; place++) {
    part.take(place);
    const mayEnd = isStrict ? places[place]!.closesWord : part.isWanted(place);
    if (!mayEnd) continue;
    if (part.lower === -1) {
      part.lower = place;
      part.count = 1;
    }
    const similarity = part.shrink(
      place,
      first.size,
      (at) => !isStrict || places[at]!.opensWord,
    );
    best = Math.max(best, similarity);
  }
  return best;
}
