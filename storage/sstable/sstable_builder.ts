/**
 * Sorted entries in, the bytes of a table out.
 *
 * @module
 */
import { ByteWriter, compareBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { EntryRun } from "../mvcc/entry_run.ts";
import {
  compareRanges,
  KIND_DELETE,
  type RangeTombstone,
} from "../mvcc/internal_key.ts";
import { BlockBuilder } from "./block.ts";
import { BloomFilterBuilder } from "./bloom_filter.ts";
import { type BlockCodec, BlockCompressor } from "./codec.ts";
import { encodeFooter, writeBlock, writeStored } from "./format.ts";
import { IndexBuilder } from "./index_block.ts";
import { PartitionBuilder } from "./partition_index.ts";
import {
  encodeProperties,
  encodeTombstones,
  lastKeyBefore,
  PrefixCounter,
  prefixOf,
  type TableProperties,
} from "./properties.ts";

/** Index bytes from which a table has partitions. */
const PARTITIONED_INDEX_BYTES = 64 * 1024;
/** How many partitions a table has that has just enough for them. */
const PARTITIONS_MIN = 16;

/** How tables are built. */
export interface SstableOptions {
  /** A data block is ended at so many bytes (default 16 KiB). */
  readonly blockBytes?: number | undefined;
  /** How blocks are compressed (default `zstd`). */
  readonly compression?: BlockCodec | undefined;
  /** Bits of bloom filter a key (default 10); 0: no filter. */
  readonly filterBitsPerKey?: number | undefined;
  /**
   * Bytes of index above which index and filter are written in partitions
   * (default 64 KiB); a partition takes a sixteenth of it.
   */
  readonly partitionedIndexBytes?: number | undefined;
  /**
   * About how long the file will be, in bytes (default 256 KiB): memory that
   * grows is copied, all of it at once.
   */
  readonly expectedBytes?: number | undefined;
}

/** A built table. */
export interface BuiltSstable {
  /** The file. */
  readonly bytes: Uint8Array;
  /** Where everything but the data begins. */
  readonly metaOffset: number;
  /** How many entries it has. */
  readonly entryCount: number;
  /** How many entries have a newer version in the table. */
  readonly shadowedCount: number;
  /** How many range tombstones it has. */
  readonly tombstoneCount: number;
  /** What it says of itself. */
  readonly properties: TableProperties;
}

/** Builds one table. */
export class SstableBuilder {
  readonly #blockBytes: number;
  readonly #compression: BlockCodec;
  readonly #compressor: BlockCompressor;
  readonly #writer: ByteWriter;
  readonly #block = new BlockBuilder();
  readonly #index = new IndexBuilder();
  readonly #filter: BloomFilterBuilder;
  readonly #partitions: PartitionBuilder;
  readonly #partitionedIndexBytes: number;
  readonly #prefixes = new PrefixCounter();
  readonly #tombstones: RangeTombstone[] = [];
  #firstKey: Uint8Array | undefined;
  #lastKey: Uint8Array | undefined;
  #lastSequence = 0;
  #entryCount = 0;
  #deletionCount = 0;
  #shadowedCount = 0;
  #keyBytes = 0;
  #valueBytes = 0;
  #sequenceMin = Number.MAX_SAFE_INTEGER;
  #sequenceMax = 0;

  /** An empty builder. */
  constructor(options: SstableOptions = {}) {
    this.#writer = new ByteWriter(options.expectedBytes ?? 256 * 1024);
    this.#blockBytes = options.blockBytes ?? 16 * 1024;
    this.#compression = options.compression ?? "zstd";
    this.#compressor = new BlockCompressor(this.#compression);
    this.#filter = new BloomFilterBuilder(options.filterBitsPerKey ?? 10);
    this.#partitionedIndexBytes = options.partitionedIndexBytes ??
      PARTITIONED_INDEX_BYTES;
    this.#partitions = new PartitionBuilder(
      this.#index,
      this.#filter,
      this.#partitionedIndexBytes / PARTITIONS_MIN,
    );
  }

  /** Whether nothing was added. */
  get isEmpty(): boolean {
    return this.#entryCount === 0 && this.#tombstones.length === 0;
  }

  /** About how long the file is so far. */
  get length(): number {
    return this.#writer.length + this.#block.length;
  }

  /** Bytes that the block has which is not ended yet. */
  get unfinishedBytes(): number {
    return this.#block.length;
  }

  /** The key of the last entry, a copy; `undefined` if there is none. */
  get lastEntryKey(): Uint8Array | undefined {
    return this.#block.count > 0 ? this.#block.lastKey.slice() : this.#lastKey;
  }

  /**
   * Adds entry `index` of `run`.
   *
   * REQUIRES: it comes after the one before.
   */
  add(run: EntryRun, index: number): void {
    this.#add(run, index, run.kinds[index]!, run.valueEnds[index]!);
  }

  /** Adds the key of entry `index` of `run` as a deletion. As `add`. */
  addDeletion(run: EntryRun, index: number): void {
    this.#add(run, index, KIND_DELETE, run.valueStarts[index]!);
  }

  #add(run: EntryRun, index: number, kind: number, valueEnd: number): void {
    const { keys, values } = run;
    const keyStart = run.keyStarts[index]!;
    const keyEnd = run.keyEnds[index]!;
    const valueStart = run.valueStarts[index]!;
    const sequence = run.sequences[index]!;
    this.#checkOrder(keys, keyStart, keyEnd, sequence);

    this.#block.add(
      keys,
      keyStart,
      keyEnd,
      values,
      valueStart,
      valueEnd,
      sequence,
      kind,
    );
    this.#filter.add(keys, keyStart, keyEnd);
    const deletion = kind === KIND_DELETE;
    this.#prefixes.add(
      prefixOf(keys, keyStart, keyEnd),
      keyEnd - keyStart + valueEnd - valueStart,
      deletion,
    );
    this.#entryCount++;
    this.#keyBytes += keyEnd - keyStart;
    this.#valueBytes += valueEnd - valueStart;
    if (deletion) this.#deletionCount++;
    this.#noteSequence(sequence);
    if (this.#block.length >= this.#blockBytes) this.#endBlock();
  }

  /**
   * Adds a block as another table has stored it; `run` is what is in it.
   *
   * REQUIRES: it comes after what was added before, and the stored bytes hold
   * these sequences.
   */
  addBlock(run: EntryRun, stored: Uint8Array): void {
    const { count, keys, keyStarts, keyEnds, valueStarts, valueEnds } = run;
    this.#checkOrder(keys, keyStarts[0]!, keyEnds[0]!, run.sequences[0]!);
    if (this.#block.count > 0) this.#endBlock();
    let last = -1;
    for (let i = 0; i < count; i++) {
      const start = keyStarts[i]!;
      const end = keyEnds[i]!;
      const valueBytes = valueEnds[i]! - valueStarts[i]!;
      const deletion = run.kinds[i] === KIND_DELETE;
      if (
        last >= 0 && compareRanges(
            keys,
            keyStarts[last]!,
            keyEnds[last]!,
            keys,
            start,
            end,
          ) === 0
      ) this.#shadowedCount++;
      last = i;
      this.#filter.add(keys, start, end);
      this.#prefixes.add(
        prefixOf(keys, start, end),
        end - start + valueBytes,
        deletion,
      );
      this.#keyBytes += end - start;
      this.#valueBytes += valueBytes;
      if (deletion) this.#deletionCount++;
      this.#noteSequence(run.sequences[i]!);
    }
    this.#entryCount += count;
    this.#lastSequence = run.sequences[count - 1]!;
    this.#lastKey = keys.slice(keyStarts[count - 1], keyEnds[count - 1]);
    this.#writer.raw(stored);
    this.#index.add(this.#lastKey, stored.length, count);
    this.#partitions.noteBlock(this.#lastKey, this.#writer.length);
  }

  /** Adds a range tombstone; they come in any order. */
  addTombstone(tombstone: RangeTombstone): void {
    this.#tombstones.push(tombstone);
    this.#noteSequence(tombstone.sequence);
  }

  /** The table. The builder must not be used afterwards. */
  finish(): BuiltSstable {
    invariant(!this.isEmpty, "an sstable needs an entry or a tombstone");
    if (this.#block.count > 0) this.#endBlock();
    const properties = this.#properties();
    const writer = this.#writer;
    const partitioned = this.#index.length > this.#partitionedIndexBytes;
    const partitionIndex = partitioned
      ? this.#partitions.write(writer, this.#compression)
      : undefined;
    const metaOffset = writer.length;
    const filterLength = partitioned
      ? 0
      : writeBlock(writer, this.#filter.finish(), "none");
    const indexLength = writeBlock(
      writer,
      partitionIndex ?? this.#index.finish(),
      this.#compression,
    );
    const tombstonesLength = writeBlock(
      writer,
      encodeTombstones(this.#tombstones),
      "none",
    );
    const propertiesLength = writeBlock(
      writer,
      encodeProperties(properties),
      "none",
    );
    writer.raw(encodeFooter({
      metaOffset,
      partitioned,
      filterLength,
      indexLength,
      tombstonesLength,
      propertiesLength,
      entryCount: this.#entryCount,
      blockCount: this.#index.count,
      compression: this.#compression,
    }));
    return {
      bytes: writer.written,
      metaOffset,
      entryCount: this.#entryCount,
      shadowedCount: this.#shadowedCount,
      tombstoneCount: this.#tombstones.length,
      properties,
    };
  }

  #properties(): TableProperties {
    let firstKey = this.#firstKey;
    let lastKey = this.#lastKey;
    for (const { start, end } of this.#tombstones) {
      if (!firstKey || compareBytes(start, firstKey) < 0) firstKey = start;
      const last = lastKeyBefore(end);
      if (!lastKey || compareBytes(last, lastKey) > 0) lastKey = last;
    }
    return {
      firstKey: firstKey!,
      lastKey: lastKey!,
      sequenceMin: this.#sequenceMin,
      sequenceMax: this.#sequenceMax,
      deletionCount: this.#deletionCount,
      keyBytes: this.#keyBytes,
      valueBytes: this.#valueBytes,
      prefixes: this.#prefixes.finish(),
    };
  }

  #noteSequence(sequence: number): void {
    if (sequence < this.#sequenceMin) this.#sequenceMin = sequence;
    if (sequence > this.#sequenceMax) this.#sequenceMax = sequence;
  }

  #checkOrder(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    sequence: number,
  ): void {
    if (this.#entryCount === 0) {
      this.#firstKey = keys.slice(keyStart, keyEnd);
    } else {
      const last = this.#block.count > 0 ? this.#block.lastKey : this.#lastKey!;
      const order = compareRanges(
        last,
        0,
        last.length,
        keys,
        keyStart,
        keyEnd,
      );
      invariant(
        order < 0 || (order === 0 && this.#lastSequence > sequence),
        "sstable entries out of order",
      );
      if (order === 0) this.#shadowedCount++;
    }
    this.#lastSequence = sequence;
  }

  #endBlock(): void {
    const lastKey = this.#lastKey = this.#block.lastKey.slice();
    const count = this.#block.count;
    const raw = this.#block.finish();
    const stored = this.#compressor.compress(raw);
    const length = writeStored(this.#writer, stored, raw.length);
    this.#index.add(lastKey, length, count);
    this.#partitions.noteBlock(lastKey, this.#writer.length);
  }
}
