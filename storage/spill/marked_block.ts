/**
 * A block of versions with a mark each.
 *
 * @module
 */
import type { DecodedBlock } from "../sstable/block.ts";

/** A block of versions with a mark each. */
export interface MarkedBlock extends DecodedBlock {
  /** The marks: 0 or 1. */
  readonly marks: Uint8Array;
}

/** A block without its versions above `sequence`. */
export function withoutCut(block: MarkedBlock, sequence: number): MarkedBlock {
  const { sequences } = block;
  let count = 0;
  for (let i = 0; i < block.count; i++) {
    if (sequences[i]! <= sequence) count++;
  }
  if (count === block.count) return block;
  const rows = new Uint32Array(count);
  let next = 0;
  for (let i = 0; i < block.count; i++) {
    if (sequences[i]! <= sequence) rows[next++] = i;
  }
  const picked = <T extends Uint8Array | Uint32Array | Float64Array>(
    from: T,
  ): T => from.filter((_, i) => sequences[i]! <= sequence) as T;
  return {
    ...block,
    count,
    keyStarts: rows.map((row) => block.keyStarts[row]!),
    keyEnds: rows.map((row) => block.keyEnds[row]!),
    valueStarts: rows.map((row) => block.valueStarts[row]!),
    valueEnds: rows.map((row) => block.valueEnds[row]!),
    heads: rows.map((row) => block.heads[row]!),
    kinds: picked(block.kinds),
    marks: picked(block.marks),
    sequences: picked(block.sequences),
  };
}
