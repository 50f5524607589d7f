/**
 * A memtable in a temporary file: versions in order, found by key and by range
 * without waiting.
 *
 * It is blocks as sstables have them (`sstable/block.ts`), each found by its
 * first key; a bloom filter says which keys are not there. In memory are the
 * first keys and the filter.
 *
 * Every version has a mark (0 or 1) besides its sequence: a block says
 * `(sequence - base) * 2 + mark` in the place of the sequence.
 *
 * Invariants:
 * 1. Versions above `cutTo` are gone, as if they had never been there.
 * 2. Nothing is read of a run that is closed.
 *
 * @module
 */
import { ByteWriter, compareBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { Memtable } from "../memtable/memtable.ts";
import type { EntryRun, KeyRange, RunSource } from "../mvcc/entry_run.ts";
import { compareRanges } from "../mvcc/internal_key.ts";
import { BlockBuilder, decodeBlock, findInBlock } from "../sstable/block.ts";
import {
  BloomFilter,
  BloomFilterBuilder,
  filterHash,
} from "../sstable/bloom_filter.ts";
import type { SpillBlocks } from "./spill_blocks.ts";
import type { SpillFile } from "./spill_file.ts";
import { type MarkedBlock, withoutCut } from "./marked_block.ts";

const SOURCE = "a temporary file";

/** Bytes at which a block is full. */
const BLOCK_BYTES = 16 * 1024;

/** How a run is written. */
export interface SpillRunOptions {
  /** Where to. */
  readonly file: SpillFile;
  /** Sequences begin above it. */
  readonly base: number;
  /** The mark of the version with a sequence. */
  readonly markOf: (sequence: number) => number;
}

/** Versions in order, in a file. */
export class SpillRun {
  readonly #file: SpillFile;
  readonly #blocks: SpillBlocks;
  readonly #base: number;
  readonly #offsets: Float64Array;
  /** The first keys of the blocks, one after the other. */
  readonly #firstKeys: Uint8Array;
  readonly #firstEnds: Uint32Array;
  readonly #filter: BloomFilter;
  readonly #lastKey: Uint8Array;
  /** How many versions were written. */
  readonly count: number;
  /** The lowest sequence in it. */
  readonly sequenceMin: number;
  #cutTo = Infinity;

  private constructor(
    options: SpillRunOptions,
    blocks: SpillBlocks,
    parts: RunParts,
  ) {
    this.#file = options.file;
    this.#base = options.base;
    this.#blocks = blocks;
    this.#offsets = Float64Array.from(parts.offsets);
    this.#firstKeys = parts.keys.toBytes();
    this.#firstEnds = Uint32Array.from(parts.keyEnds);
    this.#filter = new BloomFilter(parts.filter.finish(), SOURCE);
    this.#lastKey = parts.lastKey;
    this.count = parts.count;
    this.sequenceMin = parts.sequenceMin;
  }

  /**
   * Writes a memtable that is not empty.
   *
   * @throws {KriyaError} as {@linkcode SpillFile.append} does; then the file is
   * closed, and the memtable is as it was.
   */
  static write(
    memtable: Memtable,
    options: SpillRunOptions,
    blocks: SpillBlocks,
  ): SpillRun {
    try {
      const parts = writeBlocks(memtable, options);
      options.file.flush();
      return new SpillRun(options, blocks, parts);
    } catch (error) {
      options.file.close();
      throw error;
    }
  }

  /** Bytes of memory it takes. */
  get memoryBytes(): number {
    return this.#filter.memoryBytes + this.#firstKeys.length +
      this.#firstEnds.byteLength + this.#offsets.byteLength;
  }

  /** Bytes in the file. */
  get fileBytes(): number {
    return this.#file.length;
  }

  /** Forgets versions above `sequence`. */
  cutBack(sequence: number): void {
    this.#cutTo = Math.min(this.#cutTo, sequence);
  }

  /** Whether it has nothing any more. */
  get isEmpty(): boolean {
    return this.#cutTo < this.sequenceMin;
  }

  /** Lets go of the file. */
  close(): void {
    this.#blocks.forget(this);
    this.#file.close();
  }

  /** The newest version of `key` that `snapshot` sees: a block and an index. */
  find(
    key: Uint8Array,
    snapshot: number,
  ): { readonly block: MarkedBlock; readonly index: number } | undefined {
    if (compareBytes(key, this.#lastKey) > 0) return undefined;
    if (!this.#filter.mayContain(filterHash(key, 0, key.length))) {
      return undefined;
    }
    const sequence = Math.min(snapshot, this.#cutTo);
    for (let at = this.#blockBefore(key); at < this.#offsets.length; at++) {
      if (at >= 0) {
        const block = this.#decoded(at);
        const index = findInBlock(block, key, sequence);
        if (index >= 0) return { block, index };
      }
      if (
        at + 1 < this.#offsets.length && this.#compareFirst(at + 1, key) > 0
      ) {
        break;
      }
    }
    return undefined;
  }

  /** Runs over a range, as a memtable gives them. */
  runs(range: KeyRange, reverse: boolean): RunSource {
    const { start, end } = range;
    const first = start === undefined
      ? 0
      : Math.max(0, this.#blockBefore(start));
    const last = end === undefined
      ? this.#offsets.length - 1
      : this.#blockBefore(end);
    return new BlockRuns(this, first, last, reverse);
  }

  /** A block without versions that are gone; it may be empty. */
  blockAt(index: number): MarkedBlock {
    return withoutCut(this.#decoded(index), this.#cutTo);
  }

  #decoded(index: number): MarkedBlock {
    return this.#blocks.get(this, index, () => this.#decode(index));
  }

  #decode(index: number): MarkedBlock {
    const block = decodeBlock(this.#file.read(this.#offsets[index]!), SOURCE);
    const { count, sequences } = block;
    const marks = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const tag = sequences[i]!;
      marks[i] = tag % 2;
      sequences[i] = this.#base + (tag - marks[i]!) / 2;
    }
    return { ...block, marks, sequenceMax: undefined, isPlain: undefined };
  }

  /** The last block whose first key is before `key`, -1 if none is. */
  #blockBefore(key: Uint8Array): number {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compareFirst(middle, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #compareFirst(block: number, key: Uint8Array): number {
    const start = block === 0 ? 0 : this.#firstEnds[block - 1]!;
    const end = this.#firstEnds[block]!;
    return compareRanges(this.#firstKeys, start, end, key, 0, key.length);
  }
}

/** What is known of a run once it is written. */
interface RunParts {
  readonly offsets: number[];
  readonly keys: ByteWriter;
  readonly keyEnds: number[];
  readonly filter: BloomFilterBuilder;
  lastKey: Uint8Array;
  count: number;
  sequenceMin: number;
}

function writeBlocks(
  memtable: Memtable,
  { file, base, markOf }: SpillRunOptions,
): RunParts {
  const parts: RunParts = {
    offsets: [],
    keys: new ByteWriter(4096),
    keyEnds: [],
    filter: new BloomFilterBuilder(),
    lastKey: new Uint8Array(0),
    count: memtable.count,
    sequenceMin: Infinity,
  };
  const builder = new BlockBuilder();
  const finish = (): void => {
    parts.lastKey = builder.lastKey.slice();
    parts.offsets.push(file.append(builder.finish()));
  };
  const source = memtable.runs({});
  for (let run = source.nextRun(); run; run = source.nextRun()) {
    invariant(!(run instanceof Promise), "a memtable never waits");
    const { keys, keyStarts, keyEnds, sequences } = run;
    for (let i = 0; i < run.count; i++) {
      const sequence = sequences[i]!;
      const start = keyStarts[i]!;
      const end = keyEnds[i]!;
      if (builder.count === 0) {
        parts.keys.rawRange(keys, start, end);
        parts.keyEnds.push(parts.keys.length);
      }
      if (sequence < parts.sequenceMin) parts.sequenceMin = sequence;
      parts.filter.add(keys, start, end);
      builder.add(
        keys,
        start,
        end,
        run.values,
        run.valueStarts[i]!,
        run.valueEnds[i]!,
        (sequence - base) * 2 + markOf(sequence),
        run.kinds[i]!,
      );
      if (builder.length >= BLOCK_BYTES) finish();
    }
  }
  if (builder.count > 0) finish();
  return parts;
}

/** Blocks `first` to `last` of a run, in either direction. */
class BlockRuns implements RunSource {
  readonly #run: SpillRun;
  readonly #last: number;
  readonly #step: number;
  #next: number;

  constructor(run: SpillRun, first: number, last: number, reverse: boolean) {
    this.#run = run;
    this.#step = reverse ? -1 : 1;
    this.#next = reverse ? last : first;
    this.#last = reverse ? first : last;
  }

  nextRun(): EntryRun | undefined {
    while ((this.#last - this.#next) * this.#step >= 0) {
      const block = this.#run.blockAt(this.#next);
      this.#next += this.#step;
      if (block.count > 0) return block;
    }
    return undefined;
  }
}
