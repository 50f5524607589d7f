/**
 * What one operator holds of the memory of a run. An operator that can put rows
 * elsewhere asks {@linkcode HeldMemory.isFull} after it took some: it is full at half
 * of what the others leave of `work_mem`, so that the next operator finds some too.
 *
 * A sixteenth, and room for a few chunks, is always its own: however many operators
 * there are, each goes on. What has to be in memory is `work_mem` at most, all together.
 *
 * @module
 */
import type { SpillFile } from "../../access/temporary_files.ts";
import type { OperatorUsage } from "../operator.ts";
import type { RunState } from "../run_state.ts";

/** What part of `work_mem` an operator has whatever others hold. */
const OWN_PART = 1 / 16;

/** How many bytes an operator has however small `work_mem` is: a chunk or two. */
const OWN_BYTES = 256 * 1024;

/** Of an operator that held nothing. */
export const NOTHING_USED: OperatorUsage = { memoryBytes: 0, spilledBytes: 0 };

/** The bytes that an operator holds, in memory and in temporary files. */
export class HeldMemory {
  readonly #run: RunState;
  #spills: boolean;
  #bytes = 0;
  #peakBytes = 0;
  #spilledBytes = 0;

  /** Nothing yet; `spills`: the operator can put its rows into files. */
  constructor(run: RunState, spills = false) {
    this.#run = run;
    this.#spills = spills && run.context.temporaryFiles !== undefined;
  }

  /** The bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What was used so far. */
  get usage(): OperatorUsage {
    return { memoryBytes: this.#peakBytes, spilledBytes: this.#spilledBytes };
  }

  /** Counts bytes that are written to a file. */
  spilled(bytes: number): void {
    this.#run.checkAborted();
    this.#spilledBytes += bytes;
  }

  /**
   * Whether rows should go into files now.
   *
   * @throws {SqlError} `53200` when they should, but no file can be made, and the run
   * holds more than it may.
   */
  get isFull(): boolean {
    if (!this.#spills) return false;
    const { memoryBytesMax } = this.#run.context.settings;
    const others = this.#run.memoryBytes - this.#bytes;
    const share = Math.max(
      (memoryBytesMax - others) / 2,
      memoryBytesMax * OWN_PART,
      OWN_BYTES,
    );
    if (this.#bytes <= share) return false;
    if (!this.#run.context.temporaryFiles!.isOn) {
      this.#spills = false;
      this.#run.hold(-this.#bytes);
      this.#run.account(this.#bytes);
    }
    return this.#spills;
  }

  /**
   * Accounts for `bytes` more (or fewer, if negative).
   *
   * @throws {SqlError} `53200` when it is more than the run may hold and there is
   * nowhere else to put rows.
   */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#peakBytes) this.#peakBytes = this.#bytes;
    if (this.#spills) this.#run.hold(bytes);
    else this.#run.account(bytes);
  }

  /**
   * Checks that what is held may be in memory though it cannot go into files.
   *
   * @throws {SqlError} `53200` when it is more than the run may hold.
   */
  requireRoom(): void {
    this.#run.requireRoom(this.#bytes);
  }

  /** Accounts for the peak of an operator that worked for this one. */
  include(other: HeldMemory): void {
    this.#peakBytes = Math.max(this.#peakBytes, other.#peakBytes);
    this.#spilledBytes += other.#spilledBytes;
  }

  /** A new file; close it. */
  createFile(): SpillFile {
    return this.#run.context.temporaryFiles!.file();
  }

  /** Lets go of what is held. */
  release(): void {
    if (this.#spills) this.#run.hold(-this.#bytes);
    else this.#run.account(-this.#bytes);
    this.#bytes = 0;
  }
}
