/**
 * The data blocks of an open table: read, checked against the index, decoded,
 * and kept on a shelf of the cache.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { ObjectSource } from "../object_store/object_store.ts";
import { decodeBlock, type DecodedBlock } from "./block.ts";
import type { BlockGroup } from "./block_groups.ts";
import type { BlockShelf, BlockSource } from "./block_source.ts";
import { readBlock } from "./format.ts";
import type { BlockIndex } from "./index_block.ts";
import type { PartitionIndex } from "./partition_index.ts";
import type { AheadSource } from "./read_ahead.ts";
import { corruptAt, readPart } from "./table_parts.ts";

/** Which object the blocks are in. */
export interface BlockLocation {
  /** The object's path. */
  readonly path: string;
  /** Overrides the sequences of an ingested table. */
  readonly commitSequence?: number | undefined;
}

/** The data blocks of a table. */
export class TableBlocks implements AheadSource {
  readonly #store: ObjectSource;
  readonly #location: BlockLocation;
  readonly #partitions: PartitionIndex;
  readonly #indexes: BlockShelf<BlockIndex>;
  readonly #shelf: BlockShelf<DecodedBlock>;

  /** The `blockCount` blocks of the object at `location`. */
  constructor(
    store: ObjectSource,
    location: BlockLocation,
    source: BlockSource,
    blockCount: number,
    partitions: PartitionIndex,
    indexes: BlockShelf<BlockIndex>,
  ) {
    this.#store = store;
    this.#location = location;
    this.#partitions = partitions;
    this.#indexes = indexes;
    this.#shelf = source.shelf("data", blockCount, {
      load: (block) => this.#loadBlock(block),
      decode: (block, bytes) => this.#decodeBlock(block, bytes),
    });
  }

  /** Data block `block`, decoded. */
  block(block: number): MaybePromise<DecodedBlock> {
    return this.#shelf.get(block);
  }

  /** Data block `block` if it is in memory. */
  touch(block: number): DecodedBlock | undefined {
    return this.#shelf.touch(block);
  }

  /** Decodes the stored bytes of a block. */
  decodeStored(block: number, stored: Uint8Array): MaybePromise<DecodedBlock> {
    const partition = this.#partitions.partitionOf(block);
    return then(this.#index(partition), (index) => {
      const { firstBlock, dataOffset } = this.#partitions.at(partition);
      const at = block - firstBlock;
      return this.#decodeAt(stored, dataOffset + index.offset(at), index, at);
    });
  }

  /** Lets go of all blocks. */
  close(): void {
    this.#shelf.close();
  }

  /** Whether a data block is in memory, or on its way there. */
  isComing(block: number): boolean {
    return this.#shelf.isComing(block);
  }

  /** Bytes that the cache has. */
  get cacheBytesMax(): number {
    return this.#shelf.bytesMax;
  }

  /** See {@linkcode AheadSource}. Ends at the partition's end. */
  readAhead(block: number, step: 1 | -1, last: number, bytes: number): number {
    const partition = this.#partitions.partitionOf(block);
    const index = this.#indexes.touch(partition);
    if (index === undefined) {
      this.#expectIndex(partition);
      return block;
    }
    const { firstBlock, blockCount } = this.#partitions.at(partition);
    const bound = step === 1
      ? Math.min(last, firstBlock + blockCount - 1)
      : Math.max(last, firstBlock);
    let end = block;
    let length = index.length(block - firstBlock);
    while (end !== bound && !this.isComing(end + step)) {
      length += index.length(end + step - firstBlock);
      if (length > bytes) break;
      end += step;
    }
    if (end === block) return block;
    this.request(partition, index, {
      first: Math.min(block, end) - firstBlock,
      end: Math.max(block, end) + 1 - firstBlock,
    });
    return end;
  }

  /** The scan will want this index soon; if it fails, the scan gets to know. */
  #expectIndex(partition: number): void {
    if (this.#indexes.isComing(partition)) return;
    try {
      const index = this.#indexes.get(partition);
      if (isPromise(index)) index.catch(() => {});
    } catch {
      // As above.
    }
  }

  /**
   * Reads blocks of a partition, counted from its first, in one request, after
   * `before`. Resolves when they are there, or did not come.
   */
  request(
    partition: number,
    index: BlockIndex,
    { first, end }: BlockGroup,
    before?: Promise<unknown>,
  ): Promise<unknown> | undefined {
    const { firstBlock, dataOffset } = this.#partitions.at(partition);
    const start = index.offset(first);
    const length = index.offset(end) - start;
    const stage = (bytes: Uint8Array): void => {
      for (let at = first; at < end; at++) {
        const from = index.offset(at) - start;
        const stored = bytes.subarray(from, from + index.length(at));
        this.#shelf.stage(firstBlock + at, stored);
      }
    };
    const read = (): MaybePromise<void> => {
      const { path } = this.#location;
      try {
        return then(
          readPart(this.#store, path, dataOffset + start, length),
          stage,
        );
      } catch {
        // Whoever asks for a block gets the error, or the block.
      }
    };
    const reading = before === undefined ? read() : before.then(read, read);
    if (!isPromise(reading)) return undefined;
    this.#shelf.expect(firstBlock + first, firstBlock + end, reading);
    return reading.catch(() => {});
  }

  #index(partition: number): MaybePromise<BlockIndex> {
    return this.#indexes.touch(partition) ?? this.#indexes.get(partition);
  }

  #loadBlock(block: number): MaybePromise<DecodedBlock> {
    const partition = this.#partitions.partitionOf(block);
    return then(
      this.#index(partition),
      (index) => {
        const { firstBlock, dataOffset } = this.#partitions.at(partition);
        const at = block - firstBlock;
        const offset = dataOffset + index.offset(at);
        return then(
          readPart(this.#store, this.#location.path, offset, index.length(at)),
          (bytes) => this.#decodeAt(bytes, offset, index, at),
        );
      },
    );
  }

  /** Decodes a block that was staged, if its partition's index is here. */
  #decodeBlock(block: number, bytes: Uint8Array): DecodedBlock | undefined {
    const partition = this.#partitions.partitionOf(block);
    const index = this.#indexes.touch(partition);
    if (index === undefined) return undefined;
    const { firstBlock, dataOffset } = this.#partitions.at(partition);
    const at = block - firstBlock;
    return this.#decodeAt(bytes, dataOffset + index.offset(at), index, at);
  }

  #decodeAt(
    bytes: Uint8Array,
    offset: number,
    index: BlockIndex,
    at: number,
  ): DecodedBlock {
    const { path, commitSequence } = this.#location;
    const raw = readBlock(bytes, path, offset);
    const decoded = decodeBlock(raw, path, commitSequence);
    // A whole block in another's place would pass its own checksum.
    const { count, keys, keyStarts, keyEnds } = decoded;
    const last = keys.subarray(keyStarts[count - 1], keyEnds[count - 1]);
    if (
      count !== index.entryCount(at) ||
      compareBytes(last, index.lastKey(at)) !== 0
    ) {
      throw corruptAt(
        path,
        offset,
        "the block is not the one that the index names",
      );
    }
    return decoded;
  }
}
