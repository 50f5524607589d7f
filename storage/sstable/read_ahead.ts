/**
 * The blocks of a scan, read before they are asked for.
 *
 * The first block that is missing is read alone: most scans are short. From the
 * second on whole windows are read, one request each: 64 KiB, then twice as
 * much each time, up to a limit. While a window is used the next one is on its
 * way. What comes is put on the cache's shelf as it is stored, and decoded when
 * the scan gets there; so it counts in the cache's budget, serves others too,
 * and is nobody's burden when the scan is given up.
 *
 * | state | what is asked |
 * | --- | --- |
 * | block is here | nothing; where a window begins: the next window |
 * | first miss | the block; all of a range of up to 4 blocks |
 * | later misses | a window from the block on |
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { DecodedBlock } from "./block.ts";

/** The first window, in bytes. */
const WINDOW_BYTES_MIN = 64 * 1024;
/** A range of so many blocks is read at once. */
const SHORT_RANGE_BLOCKS = 4;
/** The part of the cache that one window may take. */
const CACHE_SHARE = 1 / 8;

/** What is read ahead from. */
export interface AheadSource {
  /** Block `block`, decoded. */
  block(block: number): MaybePromise<DecodedBlock>;
  /** Whether a block is in memory, or on its way there. */
  isComing(block: number): boolean;
  /** Bytes that the cache has for blocks. */
  readonly cacheBytesMax: number;
  /**
   * Begins to read up to `bytes` bytes of blocks in one request: `block` and
   * those after it (`step` 1) or before it (-1), to `last` at most and not past
   * one that is in memory. Returns the last block that is coming.
   */
  readAhead(block: number, step: 1 | -1, last: number, bytes: number): number;
}

/** Blocks from one to another, in order, with read-ahead. */
export class ReadAhead {
  readonly #source: AheadSource;
  readonly #last: number;
  readonly #step: 1 | -1;
  readonly #bytesMax: number;
  #next: number;
  #misses = 0;
  #windowBytes = 0;
  /** When the scan gets to this block of the newest window, the next is due. */
  #trigger: number | undefined;
  /** The last block of the newest window. */
  #aheadTo = 0;

  /**
   * Blocks from `first` to `last`, downward if `last` is before `first` by
   * `step`. Windows are at most `bytesMax` bytes; 0: nothing is read ahead.
   */
  constructor(
    source: AheadSource,
    first: number,
    last: number,
    step: 1 | -1,
    bytesMax: number,
  ) {
    this.#source = source;
    this.#next = first;
    this.#last = last;
    this.#step = step;
    this.#bytesMax = Math.min(bytesMax, source.cacheBytesMax * CACHE_SHARE);
  }

  /** The next block, `undefined` at the end. */
  next(): MaybePromise<DecodedBlock | undefined> {
    const block = this.#next;
    if ((this.#last - block) * this.#step < 0) return undefined;
    this.#next = block + this.#step;
    if (this.#bytesMax > 0) this.#lookAhead(block);
    return this.#source.block(block);
  }

  #lookAhead(block: number): void {
    if (!this.#source.isComing(block)) {
      const left = Math.abs(this.#last - block) + 1;
      if (this.#misses++ > 0) {
        this.#readFrom(block);
        this.#trigger = block + this.#step;
      } else if (left > 1 && left <= SHORT_RANGE_BLOCKS) {
        const bytes = Math.min(WINDOW_BYTES_MIN, this.#bytesMax);
        this.#source.readAhead(block, this.#step, this.#last, bytes);
      }
    } else if (block === this.#trigger) {
      const from = this.#aheadTo + this.#step;
      this.#trigger = undefined;
      if (
        (this.#last - from) * this.#step >= 0 && !this.#source.isComing(from)
      ) this.#readFrom(from);
    }
  }

  #readFrom(block: number): void {
    this.#windowBytes = Math.min(
      Math.max(WINDOW_BYTES_MIN, this.#windowBytes * 2),
      this.#bytesMax,
    );
    this.#aheadTo = this.#source.readAhead(
      block,
      this.#step,
      this.#last,
      this.#windowBytes,
    );
    this.#trigger = block;
  }
}
