/**
 * Where the outputs of a compaction are ended, and what goes into each.
 *
 * A table is ended
 *
 * - when it has `tableBytesMax` bytes,
 * - at the end of a 4-byte prefix that has an eighth of that, once it has a
 *   quarter: the next DROP of a table or an index then frees whole tables,
 * - when it overlaps {@linkcode GRANDPARENT_TABLES_MAX} tables' bytes of the
 *   level below its own, so that its next compaction is not too large.
 *
 * It is never ended between versions of one key.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import type { EntryRun } from "../mvcc/entry_run.ts";
import {
  type BuiltSstable,
  SstableBuilder,
  type SstableOptions,
} from "../sstable/sstable_builder.ts";
import type { HiddenRanges } from "./hidden_ranges.ts";
import { GRANDPARENT_TABLES_MAX } from "./leveled_picker.ts";

/** How outputs are built. */
export interface OutputOptions extends SstableOptions {
  /** Bytes at which a table is ended. */
  readonly tableBytesMax: number;
  /** The tables of the level below the output's. */
  readonly grandparents: readonly TableMeta[];
  /** Whether there must be one output only (level 0). */
  readonly single: boolean;
}

/** Builds the outputs. */
export class OutputTables {
  readonly #options: OutputOptions;
  readonly #ranges: HiddenRanges;
  readonly #onBuilt: (built: BuiltSstable) => void;
  #builder: SstableBuilder | undefined;
  #prefix = -1;
  /** How long the output was when its prefix began. */
  #prefixStart = 0;
  #grandparent = 0;
  #grandparentBytes = 0;
  /** Blocks that could have been taken whole, one after the other. */
  #wholeBlocks = 0;

  /** No output yet; `onBuilt` gets each. */
  constructor(
    options: OutputOptions,
    ranges: HiddenRanges,
    onBuilt: (built: BuiltSstable) => void,
  ) {
    this.#options = options;
    this.#ranges = ranges;
    this.#onBuilt = onBuilt;
  }

  /** Whether the output has enough. */
  get isFull(): boolean {
    const builder = this.#builder;
    return builder !== undefined && !this.#options.single &&
      builder.length >= this.#options.tableBytesMax;
  }

  /** Whether the output would be ended if another prefix came. */
  get mayEndAtPrefix(): boolean {
    const builder = this.#builder;
    if (builder === undefined || this.#options.single) return false;
    const { tableBytesMax } = this.#options;
    const { length } = builder;
    return length >= tableBytesMax / 4 &&
      length - this.#prefixStart >= tableBytesMax / 8;
  }

  /** Says that the last entry has this prefix. */
  notePrefix(prefix: number): void {
    if (prefix === this.#prefix) return;
    this.#prefix = prefix;
    this.#prefixStart = this.#builder?.length ?? 0;
  }

  /**
   * Is called before the first entry of a new key, of prefix `prefix`: ends the
   * output there if it is time.
   */
  atKey(key: Uint8Array, prefix: number): void {
    const grown = this.#noteGrandparents(key);
    if (this.#builder === undefined || this.#options.single) return;
    if (
      this.isFull || (prefix !== this.#prefix && this.mayEndAtPrefix) ||
      (grown && this.#grandparentBytes >
          GRANDPARENT_TABLES_MAX * this.#options.tableBytesMax)
    ) this.end();
  }

  /** Adds an entry. */
  add(run: EntryRun, index: number): void {
    this.#wholeBlocks = 0;
    (this.#builder ??= this.#begin()).add(run, index);
  }

  /** Adds an entry as a deletion. */
  addDeletion(run: EntryRun, index: number): void {
    this.#wholeBlocks = 0;
    (this.#builder ??= this.#begin()).addDeletion(run, index);
  }

  /**
   * Adds a block of which every entry stays, as it is stored. False if it does
   * not fit: an unfinished block would have to be ended that is very short.
   */
  addBlock(run: EntryRun, stored: Uint8Array): boolean {
    const builder = this.#builder ??= this.#begin();
    const { blockBytes = 16 * 1024 } = this.#options;
    const unfinished = builder.unfinishedBytes;
    if (
      unfinished > 0 && unfinished < blockBytes / 4 && this.#wholeBlocks === 0
    ) return false;
    builder.addBlock(run, stored);
    this.#wholeBlocks++;
    return true;
  }

  /** Says that a whole block was added entry by entry. */
  passedBlock(): void {
    this.#wholeBlocks = 1;
  }

  /** Ends the output, with the range tombstones up to its last key. */
  end(): void {
    const builder = this.#builder;
    if (builder === undefined) return;
    this.#builder = undefined;
    this.#grandparentBytes = 0;
    this.#wholeBlocks = 0;
    this.#prefixStart = 0;
    for (const tombstone of this.#ranges.takeUpTo(builder.lastEntryKey)) {
      builder.addTombstone(tombstone);
    }
    this.#onBuilt(builder.finish());
  }

  /** Ends the last output, with all range tombstones that are left. */
  finish(): void {
    if (this.#ranges.hasLeft()) {
      const builder = this.#builder ??= this.#begin();
      for (const tombstone of this.#ranges.takeUpTo(undefined)) {
        builder.addTombstone(tombstone);
      }
    }
    this.end();
  }

  #begin(): SstableBuilder {
    return new SstableBuilder(this.#options);
  }

  /** Counts the tables below that lie before `key`; whether one was passed. */
  #noteGrandparents(key: Uint8Array): boolean {
    const { grandparents } = this.#options;
    const from = this.#grandparent;
    let at = from;
    while (
      at < grandparents.length &&
      compareBytes(grandparents[at]!.lastKey, key) < 0
    ) {
      if (this.#builder !== undefined) {
        this.#grandparentBytes += grandparents[at]!.size;
      }
      at++;
    }
    this.#grandparent = at;
    return at > from;
  }
}
