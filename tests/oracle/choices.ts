/**
 * Chance as a list of numbers, so that what is made by chance can be made again
 * smaller, whatever made it.
 *
 * A generator asks `below(n)` for every decision. A first run draws the answers
 * and keeps them; replaying a shorter list, or one of smaller numbers, makes
 * something simpler, since generators put what is simple first and a list that
 * has ended says 0. The other way, a `fast-check` arbitrary for each part of a
 * statement, loses its grip where one part (the columns in sight) decides about
 * another.
 *
 * @module
 */

/** A bound on the tries of one shrinking. */
const TRIES_MAX = 600;

/** Decisions: drawn, or replayed. */
export class Choices {
  readonly #next: (index: number) => number;
  /** What has been decided. */
  readonly taken: number[] = [];

  private constructor(next: (index: number) => number) {
    this.#next = next;
  }

  /** Draws from `random`, numbers in [0, 1). */
  static draw(random: () => number): Choices {
    return new Choices(() => Math.floor(random() * 0x7fffffff));
  }

  /** Says again what `taken` says, then 0. */
  static replay(taken: readonly number[]): Choices {
    return new Choices((index) => taken[index] ?? 0);
  }

  /** A number of [0, count). */
  below(count: number): number {
    const value = this.#next(this.taken.length) % count;
    this.taken.push(value);
    return value;
  }

  /** One of `options`; the first is the simplest. */
  pick<T>(options: readonly T[]): T {
    return options[this.below(options.length)]!;
  }

  /** True once in `times`; a list that has ended says no. */
  once(times: number): boolean {
    return this.below(times) === times - 1;
  }
}

/** The smallest list found of which `fails` is still true. */
export async function shrink(
  taken: readonly number[],
  fails: (taken: readonly number[]) => Promise<boolean>,
): Promise<readonly number[]> {
  let best = taken;
  let tries = 0;
  const attempt = async (candidate: readonly number[]): Promise<boolean> => {
    if (tries++ >= TRIES_MAX || !await fails(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before = -1; before !== tries && tries < TRIES_MAX;) {
    const began = best;
    for (let size = 32; size >= 1; size >>= 1) {
      for (let at = 0; at < best.length;) {
        const shorter = best.toSpliced(at, size);
        if (!await attempt(shorter)) at += size;
      }
    }
    for (let at = 0; at < best.length; at++) {
      const value = best[at]!;
      for (const smaller of new Set([0, value >> 1, value - 1])) {
        if (smaller < 0 || smaller >= value) continue;
        if (await attempt(best.with(at, smaller))) break;
      }
    }
    before = best === began ? tries : -1;
  }
  return best;
}
