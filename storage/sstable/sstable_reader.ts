/**
 * An open table: point lookups and runs of entries.
 *
 * Tombstones, properties and the partition index are read in one request and
 * stay while the table is open. Filters, indexes and data blocks are on shelves
 * of a cache that the caller supplies; what it let go is read again when it is
 * needed. What is in memory answers at once.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { EntryRun, KeyRange, RunSource } from "../mvcc/entry_run.ts";
import type { RangeTombstone } from "../mvcc/internal_key.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { decodeBlock, type DecodedBlock, findInBlock } from "./block.ts";
import type { BlockShelf, BlockSource } from "./block_source.ts";
import { BloomFilter } from "./bloom_filter.ts";
import { decodeFooter, readBlock } from "./format.ts";
import { BlockIndex } from "./index_block.ts";
import { PartitionIndex } from "./partition_index.ts";
import {
  decodeProperties,
  decodeTombstones,
  type TableProperties,
} from "./properties.ts";
import { corruptAt, readPart } from "./table_parts.ts";

/** Where a table lies, as the manifest knows it. */
export interface SstableLocation {
  /** The object's path. */
  readonly path: string;
  /** The object's size in bytes. */
  readonly size: number;
  /** Where what is read on opening begins. */
  readonly metaOffset: number;
  /** Overrides the sequences of an ingested table. */
  readonly commitSequence?: number | undefined;
}

/** An entry that was found: entry `index` of `run`. */
export interface FoundEntry {
  /** The block it is in. */
  readonly run: EntryRun;
  /** Where in it. */
  readonly index: number;
}

/** An open table. */
export class SstableReader {
  readonly #store: ObjectStore;
  readonly #location: SstableLocation;
  readonly #partitions: PartitionIndex;
  readonly #blocks: BlockShelf<DecodedBlock>;
  readonly #indexes: BlockShelf<BlockIndex>;
  readonly #filters: BlockShelf<BloomFilter>;
  /** The range tombstones of the table. */
  readonly tombstones: readonly RangeTombstone[];
  /** What the table says of itself. */
  readonly properties: TableProperties;
  /** How many entries it has. */
  readonly entryCount: number;
  /** How many data blocks the table has. */
  readonly blockCount: number;

  private constructor(
    store: ObjectStore,
    location: SstableLocation,
    blocks: BlockSource,
    meta: Uint8Array,
  ) {
    const { path, size, metaOffset, commitSequence } = location;
    const footer = decodeFooter(meta, size, path);
    if (footer.metaOffset !== metaOffset) {
      throw corruptAt(
        path,
        footer.metaOffset,
        `metadata begins here, the manifest says at ${metaOffset}`,
      );
    }
    let at = 0;
    const part = (length: number): Uint8Array => {
      const bytes = meta.subarray(at, at + length);
      const raw = readBlock(bytes, path, metaOffset + at);
      at += length;
      return raw;
    };
    this.#store = store;
    this.#location = location;
    this.blockCount = footer.blockCount;
    this.entryCount = footer.entryCount;
    let whole: { filter: BloomFilter; index: BlockIndex } | undefined;
    if (footer.partitioned) {
      this.#partitions = PartitionIndex.decode(
        part(footer.indexLength),
        metaOffset,
        footer.blockCount,
        path,
      );
    } else {
      const filter = new BloomFilter(part(footer.filterLength), path);
      const index = new BlockIndex(part(footer.indexLength), metaOffset, path);
      if (index.count !== footer.blockCount) {
        throw corruptAt(path, size - 64, "wrong data block count");
      }
      whole = { filter, index };
      this.#partitions = new PartitionIndex([{
        lastKey: undefined,
        firstBlock: 0,
        blockCount: footer.blockCount,
        dataOffset: 0,
        dataLength: metaOffset,
        offset: metaOffset,
        filterLength: footer.filterLength,
        indexLength: footer.indexLength,
      }]);
    }
    this.tombstones = decodeTombstones(
      part(footer.tombstonesLength),
      path,
      commitSequence,
    );
    this.properties = decodeProperties(part(footer.propertiesLength), path);
    const { count } = this.#partitions;
    this.#blocks = blocks.shelf("data", footer.blockCount, {
      load: (block) => this.#loadBlock(block),
      decode: (block, bytes) => this.#decodeBlock(block, bytes),
    });
    this.#indexes = blocks.shelf("index", count, {
      load: (partition) => this.#loadIndex(partition),
    });
    this.#filters = blocks.shelf("filter", count, {
      load: (partition) => this.#loadFilter(partition),
    });
    if (whole !== undefined) {
      this.#indexes.put(0, whole.index);
      this.#filters.put(0, whole.filter);
    }
  }

  /**
   * Opens the table at `location` with one request.
   *
   * @throws {KriyaError} `corrupt` when it is damaged or missing.
   */
  static open(
    store: ObjectStore,
    location: SstableLocation,
    blocks: BlockSource,
  ): MaybePromise<SstableReader> {
    const { path, size, metaOffset } = location;
    const meta = readPart(store, path, metaOffset, size - metaOffset);
    return then(
      meta,
      (meta) => new SstableReader(store, location, blocks, meta),
    );
  }

  /** The object's path. */
  get path(): string {
    return this.#location.path;
  }

  /** How many partitions its index and filter have. */
  get partitionCount(): number {
    return this.#partitions.count;
  }

  /** Whether its filters and indexes are kept before other things. */
  get pinned(): boolean {
    return this.#indexes.pinned;
  }

  set pinned(pinned: boolean) {
    this.#indexes.pinned = pinned;
    this.#filters.pinned = pinned;
  }

  /** Whether `key`, whose filter hash is `keyHash`, may be here. */
  mayContain(key: Uint8Array, keyHash: number): MaybePromise<boolean> {
    const partition = this.#partitions.partitionFor(key);
    if (partition === this.#partitions.count) return false;
    return then(
      this.#filters.touch(partition) ?? this.#filters.get(partition),
      (filter) => filter.mayContain(keyHash),
    );
  }

  /**
   * The newest version of `key` that `snapshot` sees, deletions included. With
   * `keyHash`, the key's filter hash, the filter is asked first.
   */
  find(
    key: Uint8Array,
    snapshot: number,
    keyHash?: number,
  ): MaybePromise<FoundEntry | undefined> {
    const partition = this.#partitions.partitionFor(key);
    if (partition === this.#partitions.count) return undefined;
    if (keyHash !== undefined) {
      const filter = this.#filters.touch(partition) ??
        this.#filters.get(partition);
      if (isPromise(filter)) {
        return filter.then((filter) =>
          filter.mayContain(keyHash) ? this.find(key, snapshot) : undefined
        );
      }
      if (!filter.mayContain(keyHash)) return undefined;
    }
    const index = this.#index(partition);
    if (isPromise(index)) {
      return index.then((index) =>
        this.#findFrom(partition, index, index.blockFor(key), key, snapshot)
      );
    }
    return this.#findFrom(
      partition,
      index,
      index.blockFor(key),
      key,
      snapshot,
    );
  }

  /** Looks from block `at` of a partition on. */
  #findFrom(
    partition: number,
    index: BlockIndex,
    at: number,
    key: Uint8Array,
    snapshot: number,
  ): MaybePromise<FoundEntry | undefined> {
    if (at >= index.count) return undefined;
    const block = this.#partitions.at(partition).firstBlock + at;
    const run = this.#blocks.get(block);
    if (isPromise(run)) {
      return run.then((run) =>
        this.#findIn(run, partition, index, at, key, snapshot)
      );
    }
    return this.#findIn(run, partition, index, at, key, snapshot);
  }

  #findIn(
    run: DecodedBlock,
    partition: number,
    index: BlockIndex,
    at: number,
    key: Uint8Array,
    snapshot: number,
  ): MaybePromise<FoundEntry | undefined> {
    const found = findInBlock(run, key, snapshot);
    if (found >= 0) return { run, index: found };
    // The versions of one key may go on in the next block.
    if (!index.isLastKey(at, key)) return undefined;
    if (at + 1 < index.count) {
      return this.#findFrom(partition, index, at + 1, key, snapshot);
    }
    const next = partition + 1;
    if (next === this.#partitions.count) return undefined;
    return then(
      this.#index(next),
      (index) => this.#findFrom(next, index, 0, key, snapshot),
    );
  }

  /** Data block `block`, decoded. */
  block(block: number): MaybePromise<DecodedBlock> {
    return this.#blocks.get(block);
  }

  /** The first block that can hold `key`; the block count if none can. */
  #blockFor(key: Uint8Array): MaybePromise<number> {
    const partition = this.#partitions.partitionFor(key);
    if (partition === this.#partitions.count) return this.blockCount;
    return then(
      this.#index(partition),
      (index) =>
        this.#partitions.at(partition).firstBlock + index.blockFor(key),
    );
  }

  /** Where the data blocks begin in the object, and where the last one ends. */
  async blockOffsets(): Promise<Float64Array> {
    const offsets = new Float64Array(this.blockCount + 1);
    for (let i = 0; i < this.#partitions.count; i++) {
      const index = await this.#index(i);
      const { firstBlock, dataOffset } = this.#partitions.at(i);
      for (let at = 0; at < index.count; at++) {
        const offset = dataOffset + index.offset(at);
        offsets[firstBlock + at] = offset;
        offsets[firstBlock + at + 1] = offset + index.length(at);
      }
    }
    return offsets;
  }

  /**
   * Decodes the stored bytes of data block `block`, which whoever calls has
   * read.
   *
   * @throws {KriyaError} `corrupt`.
   */
  decodeStored(block: number, stored: Uint8Array): MaybePromise<DecodedBlock> {
    const partition = this.#partitions.partitionOf(block);
    return then(this.#index(partition), (index) => {
      const { firstBlock, dataOffset } = this.#partitions.at(partition);
      const at = block - firstBlock;
      return this.#decodeAt(stored, dataOffset + index.offset(at), index, at);
    });
  }

  /** Runs over `range`, forward or backward. */
  runs(range: KeyRange, reverse = false): RunSource {
    const { start, end } = range;
    const bounds = then(
      start === undefined ? 0 : this.#blockFor(start),
      (first) =>
        then(
          end === undefined ? this.blockCount - 1 : this.#blockFor(end),
          (last) => ({ first, last: Math.min(last, this.blockCount - 1) }),
        ),
    );
    const step = reverse ? -1 : 1;
    let next: number | undefined;
    const nextRun = (
      { first, last }: { first: number; last: number },
    ): MaybePromise<EntryRun | undefined> => {
      next ??= reverse ? last : first;
      if (next < first || next > last) return undefined;
      const run = this.block(next);
      next += step;
      return run;
    };
    return { nextRun: () => then(bounds, nextRun) };
  }

  /** Lets go of all it has in memory; what is read later is not kept. */
  close(): void {
    this.#blocks.close();
    this.#indexes.close();
    this.#filters.close();
  }

  #index(partition: number): MaybePromise<BlockIndex> {
    return this.#indexes.touch(partition) ?? this.#indexes.get(partition);
  }

  #loadIndex(partition: number): MaybePromise<BlockIndex> {
    const { offset, filterLength, indexLength } = this.#partitions.at(
      partition,
    );
    const { path } = this.#location;
    const from = offset + filterLength;
    return then(
      readPart(this.#store, path, from, indexLength),
      (bytes) => this.#decodeIndex(partition, bytes),
    );
  }

  /** A filter that passes wants the index next: both come in one request. */
  #loadFilter(partition: number): MaybePromise<BloomFilter> {
    const { offset, filterLength, indexLength } = this.#partitions.at(
      partition,
    );
    const { path } = this.#location;
    const both = !this.#indexes.isComing(partition);
    const length = both ? filterLength + indexLength : filterLength;
    return then(readPart(this.#store, path, offset, length), (bytes) => {
      const stored = bytes.subarray(0, filterLength);
      // A copy: the bytes of both would stay while the filter does.
      const raw = readBlock(stored, path, offset).slice();
      if (both) {
        const index = bytes.subarray(filterLength);
        this.#indexes.put(partition, this.#decodeIndex(partition, index));
      }
      return new BloomFilter(raw, path);
    });
  }

  #decodeIndex(partition: number, bytes: Uint8Array): BlockIndex {
    const { path } = this.#location;
    const place = this.#partitions.at(partition);
    const offset = place.offset + place.filterLength;
    const raw = readBlock(bytes, path, offset);
    const index = new BlockIndex(raw, place.dataLength, path);
    const last = index.count - 1;
    if (
      index.count !== place.blockCount ||
      (place.lastKey !== undefined && !index.isLastKey(last, place.lastKey))
    ) {
      throw corruptAt(path, offset, "the index is not its partition's");
    }
    return index;
  }

  #loadBlock(block: number): MaybePromise<DecodedBlock> {
    const partition = this.#partitions.partitionOf(block);
    return then(this.#index(partition), (index) => {
      const { firstBlock, dataOffset } = this.#partitions.at(partition);
      const at = block - firstBlock;
      const offset = dataOffset + index.offset(at);
      return then(
        readPart(this.#store, this.path, offset, index.length(at)),
        (bytes) => this.#decodeAt(bytes, offset, index, at),
      );
    });
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
