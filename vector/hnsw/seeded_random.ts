/**
 * Chance while building, from a seed: layers of nodes and the order in which
 * they are linked. The same seed gives the same graph, on every machine.
 *
 * The generator is SplitMix32 (Steele, Lea & Flood 2014, in its 32-bit form
 * with the constants of MurmurHash3's finalizer).
 *
 * @module
 */
import { LEVEL_MAX } from "../kernels/kernels.ts";

/** Unsigned 32-bit numbers, one after the other. */
export class SeededRandom {
  #state: number;

  /** Creates the sequence of `seed`. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The next number: 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  }

  /** A number from 0 to `bound` - 1. REQUIRES: 1 <= bound <= 2^32. */
  below(bound: number): number {
    return Math.floor(this.next() / 0x1_0000_0000 * bound);
  }
}

/**
 * The highest layer of each of `count` nodes: layer l or higher with
 * probability m^-l, so that a layer has 1/m of the nodes of the one below.
 *
 * It is the paper's floor(-ln(u) / ln(m)), compared as integers so that no
 * logarithm's rounding matters.
 */
export function drawLevels(
  random: SeededRandom,
  options: { readonly count: number; readonly m: number },
): Uint8Array<ArrayBuffer> {
  const thresholds: number[] = [];
  for (let l = 1; l <= LEVEL_MAX; l++) {
    thresholds.push(0x1_0000_0000 / options.m ** l);
  }
  const levels = new Uint8Array(options.count);
  for (let i = 0; i < levels.length; i++) {
    const draw = random.next();
    let level = 0;
    while (level < LEVEL_MAX && draw < thresholds[level]!) level++;
    levels[i] = level;
  }
  return levels;
}

/** The numbers 0 to `count` - 1 in random order (Fisher & Yates). */
export function drawOrder(
  random: SeededRandom,
  count: number,
): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const j = random.below(i + 1);
    order[i] = order[j]!;
    order[j] = i;
  }
  return order;
}
