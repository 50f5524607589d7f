/**
 * Numbers by value: open addressing over typed arrays, with linear probing (Knuth, The
 * Art of Computer Programming, vol. 3, 6.4). The first value is number 0, the next one
 * that differs is 1, and so on.
 *
 * @module
 */

/** The least number of places. */
const CAPACITY_MIN = 64;

const floats = new Float64Array(1);
const words = new Uint32Array(floats.buffer);

/** Numbers of floats; -0 is 0, and NaN is equal to itself. */
export class NumberIndex {
  #keys: Float64Array = new Float64Array(CAPACITY_MIN);
  /** The number of the key in each place, and one; 0 where there is none. */
  #numbers: Uint32Array = new Uint32Array(CAPACITY_MIN);
  #mask = CAPACITY_MIN - 1;
  #count = 0;
  #nan = -1;

  /** How many values there are. */
  get count(): number {
    return this.#count;
  }

  /** The bytes that it takes. */
  get bytes(): number {
    return 12 * this.#keys.length;
  }

  /** The number of a value, a new one if it did not come before. */
  add(value: number): number {
    if (value !== value) {
      return this.#nan < 0 ? this.#nan = this.#count++ : this.#nan;
    }
    const place = this.#place(value);
    const known = this.#numbers[place]!;
    if (known > 0) return known - 1;
    this.#keys[place] = value;
    this.#numbers[place] = ++this.#count;
    const added = this.#count - 1;
    if (this.#count * 2 > this.#keys.length) this.#grow();
    return added;
  }

  /** The number of a value; -1 if it did not come. */
  find(value: number): number {
    if (value !== value) return this.#nan;
    return this.#numbers[this.#place(value)]! - 1;
  }

  /** Where a value is, or would be. */
  #place(value: number): number {
    const keys = this.#keys;
    const numbers = this.#numbers;
    const mask = this.#mask;
    let place = hashOf(value) & mask;
    while (numbers[place] !== 0 && keys[place] !== value) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #grow(): void {
    const keys = this.#keys;
    const numbers = this.#numbers;
    const capacity = 2 * keys.length;
    this.#keys = new Float64Array(capacity);
    this.#numbers = new Uint32Array(capacity);
    this.#mask = capacity - 1;
    for (let i = 0; i < keys.length; i++) {
      if (numbers[i] === 0) continue;
      const place = this.#place(keys[i]!);
      this.#keys[place] = keys[i]!;
      this.#numbers[place] = numbers[i]!;
    }
  }
}

function hashOf(value: number): number {
  let hash = value | 0;
  if (hash !== value) {
    floats[0] = value;
    hash = words[0]! ^ Math.imul(words[1]!, 0x85ebca6b);
  }
  hash = Math.imul(hash, 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
