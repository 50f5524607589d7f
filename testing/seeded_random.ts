/**
 * Random numbers from a seed: sfc32, a small fast counting generator by
 * Chris Doty-Humphrey, which passes PractRand; seeded through SplitMix32.
 *
 * Not for secrets. The same seed gives the same numbers on every machine.
 *
 * @module
 */

/** A stream of random numbers that its seed determines. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** The stream of `seed`; texts and numbers are different seeds. */
  constructor(seed: number | string) {
    let state = 0x9e3779b9;
    for (const char of `${typeof seed}:${seed}`) {
      state = Math.imul(state ^ char.codePointAt(0)!, 0x85ebca6b);
      state ^= state >>> 13;
    }
    const split = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = state ^ (state >>> 16);
      mixed = Math.imul(mixed, 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = split();
    this.#b = split();
    this.#c = split();
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum >>> 0;
  }

  /** A number in [0, 1), with 53 random bits. */
  next(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** A number in [min, max). */
  between(range: { readonly min: number; readonly max: number }): number {
    return range.min + this.next() * (range.max - range.min);
  }

  /** An integer in [0, count). */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** True with a chance of `probability`. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of `items`. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)]!;
  }

  /** Fills and returns `bytes`. */
  fill(bytes: Uint8Array): Uint8Array {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.uint32();
      for (let j = i; j < i + 4 && j < bytes.length; j++) {
        bytes[j] = word >>> (8 * (j - i));
      }
    }
    return bytes;
  }

  /** A stream of its own: numbers drawn from it leave this one as it is. */
  fork(): SeededRandom {
    return new SeededRandom(`fork ${this.uint32()} ${this.uint32()}`);
  }
}
