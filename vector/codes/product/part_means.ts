/**
 * Means of one part of many vectors: k-means of few components, which are laid
 * side by side first.
 *
 * @module
 */
import type { SeededRandom } from "../../hnsw/seeded_random.ts";

/** Rounds at most; it ends earlier when few vectors move. */
const ROUNDS_MAX = 12;

/** The share of vectors that may move in the last round. */
const MOVED_ENOUGH = 0.005;

/** What means are made of. */
export interface PartMeansOptions {
  /** Components of a vector. */
  readonly dims: number;
  /** The first component of the part … */
  readonly from: number;
  /** … and how many it has. */
  readonly size: number;
  /** How many means are wanted. */
  readonly count: number;
  /** Where chance comes from. */
  readonly random: SeededRandom;
}

/**
 * `count` means of a part of vectors that lie one after the other; some are
 * equal where the vectors are too few or too alike.
 */
export function partMeans(
  vectors: Float32Array,
  { dims, from, size, count, random }: PartMeansOptions,
): Float32Array {
  const rows = vectors.length / dims;
  const part = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < size; i++) {
      part[row * size + i] = vectors[row * dims + from + i]!;
    }
  }
  const means = new Float32Array(count * size);
  if (rows === 0) return means;
  startingMeans(part, means, size, random);
  const owners = new Uint8Array(rows);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const moved = assign(part, means, size, owners);
    move(part, means, size, owners);
    if (moved <= MOVED_ENOUGH * rows) break;
  }
  return means;
}

/** k-means++: each next by chance, in proportion to its distance. */
function startingMeans(
  part: Float32Array,
  means: Float32Array,
  size: number,
  random: SeededRandom,
): void {
  const rows = part.length / size;
  const nearest = new Float64Array(rows).fill(Infinity);
  let next = random.below(rows);
  for (let mean = 0; mean < means.length; mean += size) {
    const chosen = part.subarray(next * size, next * size + size);
    means.set(chosen, mean);
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      let distance = 0;
      for (let i = 0; i < size; i++) {
        const d = part[row * size + i]! - chosen[i]!;
        distance += d * d;
      }
      if (distance < nearest[row]!) nearest[row] = distance;
      sum += nearest[row]!;
    }
    let draw = random.next() / 0x1_0000_0000 * sum;
    next = 0;
    while (next < rows - 1 && (draw -= nearest[next]!) > 0) next++;
  }
}

/** Gives each row the mean it is nearest to; how many had another. */
function assign(
  part: Float32Array,
  means: Float32Array,
  size: number,
  owners: Uint8Array,
): number {
  let moved = 0;
  for (let row = 0; row < owners.length; row++) {
    let owner = 0;
    let least = Infinity;
    for (let mean = 0; mean < means.length; mean += size) {
      let distance = 0;
      for (let i = 0; i < size; i++) {
        const d = part[row * size + i]! - means[mean + i]!;
        distance += d * d;
      }
      if (distance < least) {
        owner = mean / size;
        least = distance;
      }
    }
    if (owners[row] !== owner) moved++;
    owners[row] = owner;
  }
  return moved;
}

/** Moves means to the middle of their rows; who has none stays. */
function move(
  part: Float32Array,
  means: Float32Array,
  size: number,
  owners: Uint8Array,
): void {
  const sums = new Float64Array(means.length);
  const counts = new Uint32Array(means.length / size);
  for (let row = 0; row < owners.length; row++) {
    const owner = owners[row]!;
    counts[owner]!++;
    for (let i = 0; i < size; i++) {
      sums[owner * size + i]! += part[row * size + i]!;
    }
  }
  for (let at = 0; at < means.length; at++) {
    const count = counts[Math.floor(at / size)]!;
    if (count > 0) means[at] = sums[at]! / count;
  }
}
