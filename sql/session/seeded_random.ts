/**
 * Random numbers from a seed: what `setseed` begins, with PostgreSQL's generator
 * (xoroshiro128**), so that the same seed gives the same numbers as there.
 *
 * @module
 */

const MASK = (1n << 64n) - 1n;

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

/** Numbers that follow from a seed. */
export class SeededRandom {
  #first: bigint;
  #second: bigint;

  /** Begins at a seed between -1 and 1. */
  constructor(seed: number) {
    const scaled = BigInt(Math.trunc((2 ** 52 - 1) * seed)) & MASK;
    let state = scaled;
    // splitmix64
    const next = (): bigint => {
      state = (state + 0x9e3779b97f4a7c15n) & MASK;
      let value = state;
      value = ((value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
      value = ((value ^ (value >> 27n)) * 0x94d049bb133111ebn) & MASK;
      return value ^ (value >> 31n);
    };
    this.#first = next();
    this.#second = next();
  }

  /** The next number in [0, 1). */
  next(): number {
    return Number(this.#bits() >> 12n) / 2 ** 52;
  }

  #bits(): bigint {
    const first = this.#first;
    const mixed = this.#second ^ first;
    const value = (rotate((first * 5n) & MASK, 7n) * 9n) & MASK;
    this.#first = rotate(first, 24n) ^ mixed ^ ((mixed << 16n) & MASK);
    this.#second = rotate(mixed, 37n);
    return value;
  }
}
