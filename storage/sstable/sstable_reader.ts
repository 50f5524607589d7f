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
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { EntryRun, KeyRange, RunSource } from "../mvcc/entry_run.ts";
import type { RangeTombstone } from "../mvcc/internal_key.ts";
import type { ObjectSource } from "../object_store/object_store.ts";
import { type DecodedBlock, findInBlock } from "./block.ts";
import type { BlockShelf, BlockSource } from "./block_source.ts";
import { BloomFilter } from "./bloom_filter.ts";
import { decodeFooter, readBlock } from "./format.ts";
import { BlockIndex } from "./index_block.ts";
import { KeyRequests, REQUEST_BYTES_MAX } from "./key_requests.ts";
import { PartitionIndex } from "./partition_index.ts";
import { ReadAhead } from "./read_ahead.ts";
import {
  decodeProperties,
  decodeTombstones,
  type TableProperties,
} from "./properties.ts";
import { TableBlocks } from "./table_blocks.ts";
import { TablePlace } from "./table_place.ts";
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

/** How a table is read. */
export interface SstableReadOptions {
  /**
   * Bytes that one request of a scan reads ahead at most (default 1 MiB); 0:
   * a scan asks for each block when it gets there.
   */
  readonly readAheadBytes?: number | undefined;
  /** Whether `pinned` has an effect (default true). */
  readonly pinMetadata?: boolean | undefined;
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
  readonly #store: ObjectSource;
  readonly #location: SstableLocation;
  readonly #partitions: PartitionIndex;
  readonly #blocks: TableBlocks;
  readonly #indexes: BlockShelf<BlockIndex>;
  readonly #filters: BlockShelf<BloomFilter>;
  readonly #readAheadBytes: number;
  readonly #pinMetadata: boolean;
  /** The range tombstones of the table. */
  readonly tombstones: readonly RangeTombstone[];
  /** What the table says of itself. */
  readonly properties: TableProperties;
  /** How many entries it has. */
  readonly entryCount: number;
  /** How many data blocks the table has. */
  readonly blockCount: number;

  private constructor(
    store: ObjectSource,
    location: SstableLocation,
    blocks: BlockSource,
    options: SstableReadOptions,
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
    this.#pinMetadata = options.pinMetadata ?? true;
    this.#readAheadBytes = options.readAheadBytes ?? REQUEST_BYTES_MAX;
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
    this.#indexes = blocks.shelf("index", count, {
      load: (partition) => this.#loadIndex(partition),
    });
    this.#filters = blocks.shelf("filter", count, {
      load: (partition) => this.#loadFilter(partition),
    });
    this.#blocks = new TableBlocks(
      store,
      location,
      blocks,
      footer.blockCount,
      this.#partitions,
      this.#indexes,
    );
    if (whole !== undefined) {
      this.#indexes.put(0, whole.index);
      this.#filters.put(0, whole.filter);
    }
  }

  /**
   * Opens the table at `location` with one request, or with none if its
   * metadata was asked for `ahead`.
   *
   * @throws {KriyaError} `corrupt` when it is damaged or missing.
   */
  static open(
    store: ObjectSource,
    location: SstableLocation,
    blocks: BlockSource,
    options: SstableReadOptions = {},
    ahead: Promise<Uint8Array> | undefined = undefined,
  ): MaybePromise<SstableReader> {
    const { path, size, metaOffset } = location;
    const read = (): MaybePromise<Uint8Array> =>
      readPart(store, path, metaOffset, size - metaOffset);
    const meta = ahead?.catch(read) ?? read();
    return then(
      meta,
      (meta) => new SstableReader(store, location, blocks, options, meta),
    );
  }

  /** The object's path. */
  get path(): string {
    return this.#location.path;
  }

  /** Whether scans read ahead. */
  get readsAhead(): boolean {
    return this.#readAheadBytes > 0;
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
    if (!this.#pinMetadata) return;
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
    const at = index.blockFor(key);
    return this.#findFrom(partition, index, at, key, snapshot);
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
    const run = this.#blocks.block(block);
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

  /** A place in the table, for many keys. */
  place(): TablePlace {
    return new TablePlace(
      this.#partitions,
      this.#filters,
      this.#indexes,
      this.#blocks,
      this.blockCount,
    );
  }

  /** Whether a data block is in memory, or on its way there. */
  isComing(block: number): boolean {
    return this.#blocks.isComing(block);
  }

  /** Data block `block`, decoded. */
  block(block: number): MaybePromise<DecodedBlock> {
    return this.#blocks.block(block);
  }

  /** About where the blocks with keys from `key` on begin; at once. */
  aboutBlock(key: Uint8Array): number {
    const partition = this.#partitions.partitionFor(key);
    if (partition === this.#partitions.count) return this.blockCount;
    const index = this.#indexes.touch(partition);
    const { firstBlock } = this.#partitions.at(partition);
    return firstBlock + (index?.blockFor(key) ?? 0);
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
    return this.#blocks.decodeStored(block, stored);
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
    let ahead: ReadAhead | undefined;
    const nextRun = (
      { first, last }: { first: number; last: number },
    ): MaybePromise<EntryRun | undefined> => {
      ahead ??= reverse
        ? new ReadAhead(this.#blocks, last, first, -1, this.#readAheadBytes)
        : new ReadAhead(this.#blocks, first, last, 1, this.#readAheadBytes);
      return ahead.next();
    };
    return { nextRun: () => then(bounds, nextRun) };
  }

  /**
   * Begins to read the blocks that a lookup of these keys will want, see
   * {@linkcode KeyRequests}.
   *
   * REQUIRES: keys ascending, with their filter hashes.
   */
  prepare(
    keys: readonly Uint8Array[],
    hashes: ArrayLike<number>,
  ): MaybePromise<void> {
    return new KeyRequests(
      this.#partitions,
      this.#filters,
      this.#indexes,
      this.#blocks,
    ).prepare(keys, hashes);
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
}
