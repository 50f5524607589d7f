/**
 * The index of a large table's partitions.
 *
 * A partition is the index and the filter of some neighbouring data blocks. The
 * partitions lie one after the other where the data ends, each the filter
 * first, then the index; the partition index, which is read when the table is
 * opened and stays in memory, says where.
 *
 * | size | field |
 * | ---: | --- |
 * | varint | partition count |
 *
 * then for each partition:
 *
 * | size | field |
 * | ---: | --- |
 * | bytes | last key |
 * | varint | data block count, at least 1 |
 * | varint | stored length of these blocks |
 * | varint | stored length of the filter, trailer included |
 * | varint | stored length of the index, trailer included |
 *
 * A small table, which has one index and one filter, counts as one partition.
 *
 * @module
 */
import { ByteReader, ByteWriter, compareBytes } from "../../base/bytes.ts";
import type { BloomFilterBuilder } from "./bloom_filter.ts";
import type { BlockCodec } from "./codec.ts";
import { TRAILER_BYTES, writeBlock } from "./format.ts";
import type { IndexBuilder } from "./index_block.ts";

/** Where a partition that is being built ends. */
interface Cut {
  readonly lastKey: Uint8Array;
  readonly blocks: number;
  readonly indexBytes: number;
  readonly keys: number;
  readonly dataEnd: number;
}

/** Divides a table while it is built. */
export class PartitionBuilder {
  readonly #index: IndexBuilder;
  readonly #filter: BloomFilterBuilder;
  readonly #indexBytes: number;
  readonly #cuts: Cut[] = [];
  #last: Cut | undefined;

  /** Makes partitions of at least `indexBytes` bytes of index. */
  constructor(
    index: IndexBuilder,
    filter: BloomFilterBuilder,
    indexBytes: number,
  ) {
    this.#index = index;
    this.#filter = filter;
    this.#indexBytes = indexBytes;
  }

  /** A block was added to the index; `dataEnd` is where it ends. */
  noteBlock(lastKey: Uint8Array, dataEnd: number): void {
    const cut = this.#last = {
      lastKey,
      blocks: this.#index.count,
      indexBytes: this.#index.length,
      keys: this.#filter.count,
      dataEnd,
    };
    const before = this.#cuts.at(-1)?.indexBytes ?? 0;
    if (cut.indexBytes - before < this.#indexBytes) return;
    this.#cuts.push(cut);
    this.#filter.cut();
  }

  /** Writes the partitions; returns the bytes of their index. */
  write(writer: ByteWriter, compression: BlockCodec): Uint8Array {
    const cuts = this.#cuts;
    const last = this.#last;
    if (last !== undefined && cuts.at(-1) !== last) cuts.push(last);
    const top = new ByteWriter(cuts.length * 64 + 8);
    top.varint(cuts.length);
    let from = { blocks: 0, indexBytes: 0, keys: 0, dataEnd: 0 };
    for (const cut of cuts) {
      const blocks = cut.blocks - from.blocks;
      const filter = this.#filter.finish(from.keys, cut.keys);
      const index = this.#index.finish(
        blocks,
        from.indexBytes,
        cut.indexBytes,
      );
      top.bytes(cut.lastKey);
      top.varint(blocks);
      top.varint(cut.dataEnd - from.dataEnd);
      top.varint(writeBlock(writer, filter, "none"));
      top.varint(writeBlock(writer, index, compression));
      from = cut;
    }
    return top.toBytes();
  }
}

/** What one partition covers, and where it lies. */
export interface Partition {
  /** Its last key; none: every key (a small table's only one). */
  readonly lastKey: Uint8Array | undefined;
  /** Its first data block. */
  readonly firstBlock: number;
  /** How many data blocks it has. */
  readonly blockCount: number;
  /** Where its first data block begins. */
  readonly dataOffset: number;
  /** The stored length of its data blocks. */
  readonly dataLength: number;
  /** Where its filter begins; its index follows. */
  readonly offset: number;
  /** The stored length of its filter. */
  readonly filterLength: number;
  /** The stored length of its index. */
  readonly indexLength: number;
}

/** The partitions of an open table. */
export class PartitionIndex {
  readonly #partitions: readonly Partition[];

  /** An index of these. */
  constructor(partitions: readonly Partition[]) {
    this.#partitions = partitions;
  }

  /**
   * Decodes the index of partitions that end, as the data before them, at
   * `end`, and have `blockCount` blocks.
   *
   * @throws {KriyaError} `corrupt`, naming `source`.
   */
  static decode(
    bytes: Uint8Array,
    end: number,
    blockCount: number,
    source: string,
  ): PartitionIndex {
    const reader = new ByteReader(bytes, source);
    const count = reader.varint();
    if (count > reader.remaining) throw reader.corrupt("bad partition count");
    const partitions: Partition[] = [];
    let firstBlock = 0;
    let dataOffset = 0;
    let offset = 0;
    for (let i = 0; i < count; i++) {
      const at = reader.offset;
      const lastKey = reader.bytes().slice();
      if (i > 0 && compareBytes(partitions[i - 1]!.lastKey!, lastKey) > 0) {
        throw reader.corrupt("partitions are out of order", at);
      }
      const partition = {
        lastKey,
        firstBlock,
        blockCount: reader.varint(),
        dataOffset,
        dataLength: reader.varint(),
        offset,
        filterLength: reader.varint(),
        indexLength: reader.varint(),
      };
      if (
        partition.blockCount === 0 ||
        partition.blockCount * TRAILER_BYTES >= partition.dataLength ||
        partition.filterLength <= TRAILER_BYTES ||
        partition.indexLength <= TRAILER_BYTES
      ) throw reader.corrupt("bad partition", at);
      partitions.push(partition);
      firstBlock += partition.blockCount;
      dataOffset += partition.dataLength;
      offset += partition.filterLength + partition.indexLength;
    }
    reader.expectEnd();
    if (firstBlock !== blockCount || dataOffset + offset !== end) {
      throw reader.corrupt("partitions do not add up to the table");
    }
    const dataEnd = dataOffset;
    return new PartitionIndex(
      partitions.map((partition) => ({
        ...partition,
        offset: dataEnd + partition.offset,
      })),
    );
  }

  /** How many partitions there are. */
  get count(): number {
    return this.#partitions.length;
  }

  /** One of them. */
  at(partition: number): Partition {
    return this.#partitions[partition]!;
  }

  /** The first partition that can hold `key`; `count` if none can. */
  partitionFor(key: Uint8Array): number {
    const partitions = this.#partitions;
    let low = 0;
    let high = partitions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { lastKey } = partitions[middle]!;
      if (lastKey !== undefined && compareBytes(lastKey, key) < 0) {
        low = middle + 1;
      } else high = middle;
    }
    return low;
  }

  /** The partition of data block `block`. */
  partitionOf(block: number): number {
    const partitions = this.#partitions;
    let low = 0;
    let high = partitions.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (partitions[middle]!.firstBlock <= block) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
