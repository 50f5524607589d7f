/**
 * What an open transaction has written and memory does not hold: runs, each a
 * memtable that was full.
 *
 * Runs are in the order in which they were written, and so are their
 * sequences: all of a run are above those of the runs before it. That holds
 * among the versions that are left after a savepoint was gone back to, whose
 * sequences are given out again.
 *
 * @module
 */
import type { Memtable } from "../memtable/memtable.ts";
import type { KeyRange, RunSource } from "../mvcc/entry_run.ts";
import { SpillBlocks } from "./spill_blocks.ts";
import type { SpillFiles } from "./spill_space.ts";
import { SpillRun } from "./spill_run.ts";
import type { MarkedBlock } from "./marked_block.ts";

/** A version that was found. */
export interface SpilledVersion {
  /** Where it is. */
  readonly block: MarkedBlock;
  /** Which of it. */
  readonly index: number;
}

/** Runs of one transaction. */
export class SpilledWrites {
  readonly #files: SpillFiles;
  readonly #base: number;
  readonly #blocks = new SpillBlocks();
  #runs: SpillRun[] = [];

  /** None yet; they will be in `files`, with sequences above `base`. */
  constructor(files: SpillFiles, base: number) {
    this.#files = files;
    this.#base = base;
  }

  /** Versions in all runs, those that were taken back too. */
  get count(): number {
    return this.#runs.reduce((sum, { count }) => sum + count, 0);
  }

  /** How many runs there are. */
  get runCount(): number {
    return this.#runs.length;
  }

  /** Bytes of memory it takes. */
  get memoryBytes(): number {
    return this.#blocks.memoryBytes +
      this.#runs.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  /** Bytes in files. */
  get fileBytes(): number {
    return this.#runs.reduce((sum, { fileBytes }) => sum + fileBytes, 0);
  }

  /**
   * Writes a memtable out; `markOf` gives the mark of each of its sequences.
   *
   * @throws {KriyaError} `53100`, `53200`, `53400`; nothing has changed then.
   */
  add(memtable: Memtable, markOf: (sequence: number) => number): void {
    const file = this.#files.file();
    const base = this.#base;
    this.#runs.push(
      SpillRun.write(memtable, { file, base, markOf }, this.#blocks),
    );
  }

  /** The newest version of `key` up to `sequence`. */
  find(key: Uint8Array, sequence: number): SpilledVersion | undefined {
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i]!;
      if (run.sequenceMin > sequence) continue;
      const found = run.find(key, sequence);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All runs over a range, the newest first. */
  sources(range: KeyRange, reverse: boolean): RunSource[] {
    return this.#runs.map((run) => run.runs(range, reverse)).reverse();
  }

  /** Takes back everything above `sequence`. */
  cutBack(sequence: number): void {
    const kept: SpillRun[] = [];
    for (const run of this.#runs) {
      run.cutBack(sequence);
      if (run.isEmpty) run.close();
      else kept.push(run);
    }
    this.#runs = kept;
  }

  /** Lets go of everything. */
  close(): void {
    for (const run of this.#runs) run.close();
    this.#runs = [];
  }
}
