/**
 * The blocks of runs that were read last, decoded.
 *
 * @module
 */
import type { MarkedBlock } from "./marked_block.ts";

/** Bytes of decoded blocks that are kept. */
const BYTES_MAX = 2 * 1024 * 1024;

/** Blocks of several runs, the least recently used first. */
export class SpillBlocks {
  /** By run, for a run that goes; a number within a run for each. */
  readonly #numbers = new Map<object, number>();
  readonly #blocks = new Map<number, MarkedBlock>();
  #nextNumber = 0;
  #bytes = 0;

  /** Bytes of memory they take. */
  get memoryBytes(): number {
    return this.#bytes;
  }

  /** Block `index` of `run`: a known one, or what `read` gives. */
  get(run: object, index: number, read: () => MarkedBlock): MarkedBlock {
    const key = this.#numberOf(run) + index;
    const known = this.#blocks.get(key);
    if (known !== undefined) {
      this.#blocks.delete(key);
      this.#blocks.set(key, known);
      return known;
    }
    const block = read();
    this.#blocks.set(key, block);
    this.#bytes += block.memoryBytes;
    for (const [oldest, { memoryBytes }] of this.#blocks) {
      if (this.#bytes <= BYTES_MAX || oldest === key) break;
      this.#blocks.delete(oldest);
      this.#bytes -= memoryBytes;
    }
    return block;
  }

  /** Forgets the blocks of a run that goes. */
  forget(run: object): void {
    const first = this.#numbers.get(run);
    if (first === undefined) return;
    this.#numbers.delete(run);
    for (const [key, { memoryBytes }] of this.#blocks) {
      if (key < first || key >= first + RUN_BLOCKS_MAX) continue;
      this.#blocks.delete(key);
      this.#bytes -= memoryBytes;
    }
  }

  #numberOf(run: object): number {
    let number = this.#numbers.get(run);
    if (number === undefined) {
      number = this.#nextNumber++ * RUN_BLOCKS_MAX;
      this.#numbers.set(run, number);
    }
    return number;
  }
}

/** More blocks than a run has. */
const RUN_BLOCKS_MAX = 2 ** 31;
