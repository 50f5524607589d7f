/**
 * A rotation that looks random: three times signs turned at random, then the
 * fast Walsh-Hadamard transform. Rows of d components become rows of a power
 * of two; lengths and angles stay as they are.
 *
 * Rejected: a random orthogonal matrix, as in the RaBitQ paper. It takes d^2
 * steps a row where this takes d log d, and 4 d^2 bytes.
 *
 * @module
 */
import { SeededRandom } from "../hnsw/seeded_random.ts";

/** The same signs everywhere: codes are made again, not stored. */
const SEED = 0x4a11;

const ROUNDS = 3;

/** A rotation to `width` components. */
export class Rotation {
  /** Components of a rotated row: a power of two. */
  readonly width: number;
  readonly #signs: Int8Array;
  readonly #scale: number;

  /** REQUIRES: `width` is a power of two. */
  constructor(width: number) {
    this.width = width;
    const random = new SeededRandom(SEED);
    this.#signs = Int8Array.from(
      { length: ROUNDS * width },
      () => (random.next() & 1) === 0 ? 1 : -1,
    );
    this.#scale = width ** -(ROUNDS / 2);
  }

  /** Rotates `row`, which has `width` components, in place. */
  turn(row: Float64Array): void {
    const { width } = this;
    for (let round = 0; round < ROUNDS; round++) {
      const signs = round * width;
      for (let i = 0; i < width; i++) row[i]! *= this.#signs[signs + i]!;
      transform(row, width);
    }
    for (let i = 0; i < width; i++) row[i]! *= this.#scale;
  }
}

/** The Walsh-Hadamard transform, not scaled. */
function transform(row: Float64Array, width: number): void {
  for (let half = 1; half < width; half *= 2) {
    for (let start = 0; start < width; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const a = row[i]!;
        const b = row[i + half]!;
        row[i] = a + b;
        row[i + half] = a - b;
      }
    }
  }
}
