/**
 * The states that an exploration has reached, each a row of small numbers, in
 * one flat array: an open-addressing hash table that compares rows exactly. A
 * set of strings took two thirds of an exploration's time.
 *
 * @module
 */

/** A set of rows of numbers, numbered in the order they are added. */
export class StateTable {
  readonly #width: number;
  #rows: Int32Array;
  /** One more than the index of a row; 0 is free. */
  #slots: Int32Array;
  #count = 0;

  /** A set of rows of `width` numbers. */
  constructor(width: number) {
    this.#width = width;
    this.#rows = new Int32Array(1024 * width);
    this.#slots = new Int32Array(4096);
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds a row; its index, or -1 if it was there. */
  add(row: Int32Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(row) & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#isRow(this.#slots[slot]! - 1, row)) return -1;
    }
    const index = this.#count++;
    if ((index + 1) * this.#width > this.#rows.length) {
      const rows = new Int32Array(this.#rows.length * 2);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    this.#rows.set(row, index * this.#width);
    this.#slots[slot] = index + 1;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  /** Writes the row of an index to `row`. */
  read(index: number, row: Int32Array): void {
    const start = index * this.#width;
    for (let i = 0; i < row.length; i++) row[i] = this.#rows[start + i]!;
  }

  #isRow(index: number, row: Int32Array): boolean {
    const start = index * this.#width;
    for (let i = 0; i < row.length; i++) {
      if (this.#rows[start + i] !== row[i]) return false;
    }
    return true;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#count; index++) {
      const start = index * this.#width;
      let slot = hashOf(
        this.#rows.subarray(start, start + this.#width),
      ) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}

/** A hash of a row: multiply and rotate, as murmur3 mixes its blocks. */
function hashOf(row: Int32Array): number {
  let hash = row.length;
  for (let i = 0; i < row.length; i++) {
    const block = Math.imul(row[i]!, 0xcc9e2d51);
    hash ^= Math.imul((block << 15) | (block >>> 17), 0x1b873593);
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
