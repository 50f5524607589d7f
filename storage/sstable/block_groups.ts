/**
 * Which blocks are read together: neighbours, in one request.
 *
 * A request costs far more than the bytes of a small gap, so blocks that lie
 * close by are read with what is between them.
 *
 * @module
 */

/** Bytes between two blocks that are read rather than asked around. */
const GAP_BYTES_MAX = 32 * 1024;

/** Where blocks lie. */
export interface BlockPlaces {
  /** Where a block begins. */
  offset(block: number): number;
  /** Its stored length. */
  length(block: number): number;
}

/** Blocks [first, end), read in one request. */
export interface BlockGroup {
  readonly first: number;
  readonly end: number;
}

/**
 * Divides ascending `blocks` into groups of at most `bytesMax` bytes (or one
 * block).
 */
export function groupBlocks(
  blocks: readonly number[],
  places: BlockPlaces,
  bytesMax: number,
): BlockGroup[] {
  const groups: BlockGroup[] = [];
  let first = -1;
  let end = -1;
  for (const block of blocks) {
    if (first >= 0) {
      const gap = places.offset(block) - places.offset(end - 1) -
        places.length(end - 1);
      const whole = places.offset(block) + places.length(block) -
        places.offset(first);
      if (gap <= GAP_BYTES_MAX && whole <= bytesMax) {
        end = block + 1;
        continue;
      }
      groups.push({ first, end });
    }
    first = block;
    end = block + 1;
  }
  if (first >= 0) groups.push({ first, end });
  return groups;
}
