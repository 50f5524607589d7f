/**
 * What a lookup of many keys asks for before it looks: the blocks of all of
 * them, neighbours in one request, several requests at a time.
 *
 * @module
 */
import {
  forEachOf,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import { groupBlocks } from "./block_groups.ts";
import type { BlockShelf } from "./block_source.ts";
import type { BloomFilter } from "./bloom_filter.ts";
import type { BlockIndex } from "./index_block.ts";
import type { PartitionIndex } from "./partition_index.ts";
import type { TableBlocks } from "./table_blocks.ts";

/** Bytes that one request reads at most, unless a block is larger. */
export const REQUEST_BYTES_MAX: number = 1024 * 1024;
/** Requests of one lookup that are on their way at once. */
const REQUESTS_MAX = 16;
/** The part of the cache that they may take. */
const CACHE_SHARE = 1 / 4;

/** Keys [first, end), with their filter hashes. */
interface KeyStretch {
  readonly keys: readonly Uint8Array[];
  readonly hashes: ArrayLike<number>;
  readonly first: number;
  readonly end: number;
}

/** The requests of one lookup. */
export class KeyRequests {
  readonly #partitions: PartitionIndex;
  readonly #filters: BlockShelf<BloomFilter>;
  readonly #indexes: BlockShelf<BlockIndex>;
  readonly #blocks: TableBlocks;

  /** Requests for the table of these. */
  constructor(
    partitions: PartitionIndex,
    filters: BlockShelf<BloomFilter>,
    indexes: BlockShelf<BlockIndex>,
    blocks: TableBlocks,
  ) {
    this.#partitions = partitions;
    this.#filters = filters;
    this.#indexes = indexes;
    this.#blocks = blocks;
  }

  /**
   * Begins to read the blocks that a lookup of these keys will want: neighbours
   * in one request, several at a time. Done when filters and indexes are here
   * and the requests for blocks are on their way.
   *
   * REQUIRES: keys ascending, with their filter hashes.
   */
  prepare(
    keys: readonly Uint8Array[],
    hashes: ArrayLike<number>,
  ): MaybePromise<void> {
    const partitions = this.#partitionsOf(keys);
    // With the filter comes the index.
    const loading = forEachOf(
      partitions,
      REQUESTS_MAX,
      ({ partition }) => {
        if (this.#filters.touch(partition) !== undefined) return;
        return then(this.#filters.get(partition), () => {});
      },
    );
    const start = (): void => {
      const reads: (Promise<unknown> | undefined)[] = [];
      // What the cache has no room for would be read again.
      let room = this.#blocks.cacheBytesMax * CACHE_SHARE;
      for (const { partition, first, end } of partitions) {
        const some = { keys, hashes, first, end };
        room -= this.#prepareIn(partition, some, room, reads);
      }
    };
    return then(loading, start);
  }

  /** Which of ascending keys, [first, end), are in which partition. */
  #partitionsOf(
    keys: readonly Uint8Array[],
  ): { partition: number; first: number; end: number }[] {
    const found: { partition: number; first: number; end: number }[] = [];
    keys.forEach((key, i) => {
      const partition = this.#partitions.partitionFor(key);
      if (partition === this.#partitions.count) return;
      const last = found.at(-1);
      if (last?.partition === partition) last.end = i + 1;
      else found.push({ partition, first: i, end: i + 1 });
    });
    return found;
  }

  /** One partition's part of `prepare`; returns the bytes it asked for. */
  #prepareIn(
    partition: number,
    { keys, hashes, first, end }: KeyStretch,
    room: number,
    reads: (Promise<unknown> | undefined)[],
  ): number {
    const filter = this.#filters.touch(partition);
    const index = this.#indexes.touch(partition);
    if (filter === undefined || index === undefined) return 0;
    const { firstBlock } = this.#partitions.at(partition);
    const blocks: number[] = [];
    for (let i = first; i < end; i++) {
      if (!filter.mayContain(hashes[i]!)) continue;
      const at = index.blockFor(keys[i]!);
      if (
        at < index.count && at !== blocks.at(-1) &&
        !this.#blocks.isComing(firstBlock + at)
      ) blocks.push(at);
    }
    let bytes = 0;
    for (const group of groupBlocks(blocks, index, REQUEST_BYTES_MAX)) {
      bytes += index.offset(group.end) - index.offset(group.first);
      if (bytes > room) return room;
      const before = reads[reads.length - REQUESTS_MAX];
      reads.push(this.#blocks.request(partition, index, group, before));
    }
    return bytes;
  }
}
