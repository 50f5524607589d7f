/**
 * A place in an open table, moved from key to key.
 *
 * Who looks for many keys in order finds most of them in the block where the one
 * before was. So the place keeps its block: a key inside of it is searched there,
 * with neither the filter nor the indexes asked.
 *
 * Nothing is waited for. Where something is not in memory a call says so
 * ({@linkcode LATER}, or false), and whoever asked goes another way.
 *
 * @module
 */
import type { KeyPlace } from "../mvcc/key_place.ts";
import { type DecodedBlock, findInBlock } from "./block.ts";
import type { BlockShelf } from "./block_source.ts";
import type { BloomFilter } from "./bloom_filter.ts";
import type { BlockIndex } from "./index_block.ts";
import type { PartitionIndex } from "./partition_index.ts";
import { searchKeys } from "./sorted_keys.ts";
import type { TableBlocks } from "./table_blocks.ts";

/** The key is not here. */
export const NOT_HERE = -1;

/** What it takes to tell is not in memory. */
export const LATER = -2;

const NO_BYTES = new Uint8Array(0);

/** A place in an open table, see the module. */
export class TablePlace implements KeyPlace {
  readonly #partitions: PartitionIndex;
  readonly #filters: BlockShelf<BloomFilter>;
  readonly #indexes: BlockShelf<BlockIndex>;
  readonly #blocks: TableBlocks;
  readonly #blockCount: number;
  /** The block, and which one it is. */
  #run: DecodedBlock | undefined;
  #block = 0;
  #index = 0;
  isAtEnd = true;
  keys: Uint8Array = NO_BYTES;
  keyStart = 0;
  keyEnd = 0;
  values: Uint8Array = NO_BYTES;
  valueStart = 0;
  valueEnd = 0;
  sequence = 0;
  kind = 0;

  /** A place in the table of these. */
  constructor(
    partitions: PartitionIndex,
    filters: BlockShelf<BloomFilter>,
    indexes: BlockShelf<BlockIndex>,
    blocks: TableBlocks,
    blockCount: number,
  ) {
    this.#partitions = partitions;
    this.#filters = filters;
    this.#indexes = indexes;
    this.#blocks = blocks;
    this.#blockCount = blockCount;
  }

  /** The block in which the last key was found. */
  get run(): DecodedBlock {
    return this.#run!;
  }

  /**
   * The index in `run` of the newest version of `key` that `snapshot` sees,
   * deletions included, {@linkcode NOT_HERE} or {@linkcode LATER}; `hash` is the
   * key's for filters.
   */
  find(key: Uint8Array, snapshot: number, hash: number): number {
    if (!this.#isInside(key)) {
      const partition = this.#partitions.partitionFor(key);
      if (partition === this.#partitions.count) return NOT_HERE;
      const filter = this.#filters.touch(partition);
      if (filter === undefined) return LATER;
      if (!filter.mayContain(hash)) return NOT_HERE;
      if (!this.#goTo(key, partition)) return LATER;
    }
    const run = this.#run;
    if (run === undefined) return NOT_HERE;
    const index = findInBlock(run, key, snapshot);
    // The versions of one key may go on in the next block.
    return index < 0 && compareAt(run, run.count - 1, key) === 0
      ? LATER
      : index;
  }

  seek(key: Uint8Array): boolean {
    if (!this.#isInside(key)) {
      const partition = this.#partitions.partitionFor(key);
      if (partition === this.#partitions.count) {
        this.isAtEnd = true;
        return true;
      }
      if (!this.#goTo(key, partition)) return false;
    }
    const run = this.#run;
    if (run === undefined) {
      this.isAtEnd = true;
      return true;
    }
    this.#index = searchKeys(run, key);
    if (this.#index < run.count) this.#show(run);
    else return this.#nextBlock();
    return true;
  }

  next(): boolean {
    const run = this.#run!;
    if (++this.#index === run.count) return this.#nextBlock();
    this.#show(run);
    return true;
  }

  /** Whether the first entry at or after `key` is in the block for certain. */
  #isInside(key: Uint8Array): boolean {
    const run = this.#run;
    return run !== undefined && compareAt(run, run.count - 1, key) >= 0 &&
      compareAt(run, 0, key) < 0;
  }

  /** Goes to the block for `key`, to none where none can have it. */
  #goTo(key: Uint8Array, partition: number): boolean {
    const index = this.#indexes.touch(partition);
    if (index === undefined) return false;
    const at = index.blockFor(key);
    if (at < index.count) {
      return this.#take(this.#partitions.at(partition).firstBlock + at);
    }
    this.#run = undefined;
    return true;
  }

  #take(block: number): boolean {
    const run = this.#blocks.touch(block);
    if (run === undefined) return false;
    this.#run = run;
    this.#block = block;
    return true;
  }

  #nextBlock(): boolean {
    const block = this.#block + 1;
    if (block === this.#blockCount) {
      this.isAtEnd = true;
      this.#run = undefined;
      return true;
    }
    if (!this.#take(block)) return false;
    this.#index = 0;
    this.#show(this.#run!);
    return true;
  }

  #show(run: DecodedBlock): void {
    const index = this.#index;
    this.isAtEnd = false;
    this.keys = run.keys;
    this.keyStart = run.keyStarts[index]!;
    this.keyEnd = run.keyEnds[index]!;
    this.values = run.values;
    this.valueStart = run.valueStarts[index]!;
    this.valueEnd = run.valueEnds[index]!;
    this.sequence = run.sequences[index]!;
    this.kind = run.kinds[index]!;
  }
}

/** Orders key `index` of a block and `key`. */
function compareAt(
  { keys, keyStarts, keyEnds }: DecodedBlock,
  index: number,
  key: Uint8Array,
): number {
  const start = keyStarts[index]!;
  const length = keyEnds[index]! - start;
  const n = length < key.length ? length : key.length;
  for (let i = 0; i < n; i++) {
    const difference = keys[start + i]! - key[i]!;
    if (difference !== 0) return difference;
  }
  return length - key.length;
}
