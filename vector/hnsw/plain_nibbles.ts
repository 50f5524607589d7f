/**
 * Sums over the parts of product codes in plain TypeScript: the twin of
 * `kernels/assembly/nibbles.ts`, and equal to it.
 *
 * @module
 */
import type { PlainState } from "./plain_state.ts";

/** Rows of a block. */
const BLOCK_ROWS = 16;

/** Where things are, in bytes, and how many. */
export interface NibblePlace {
  readonly tables: number;
  readonly codes: number;
  readonly pairs: number;
  readonly blocks: number;
  readonly out: number;
}

/** Writes the sum of each row of blocks to `out`. */
export function sumNibbles(
  { bytes, numbers }: PlainState,
  { tables, codes, pairs, blocks, out }: NibblePlace,
): void {
  for (let row = 0; row < BLOCK_ROWS * blocks; row++) {
    const block = row >> 4;
    let at = codes + block * BLOCK_ROWS * pairs + (row & 15);
    let sum = 0;
    for (let pair = 0; pair < pairs; pair++, at += BLOCK_ROWS) {
      const code = bytes[at]!;
      sum += bytes[tables + 32 * pair + (code & 15)]!;
      sum += bytes[tables + 32 * pair + 16 + (code >> 4)]!;
    }
    numbers[out / 4 + row] = sum;
  }
}
