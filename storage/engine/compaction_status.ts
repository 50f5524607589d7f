/**
 * What compaction did and has to do, in numbers.
 *
 * @module
 */
import type { CompactionResult } from "../compaction/compaction_job.ts";
import { levelBytesMax } from "../compaction/leveled_picker.ts";
import {
  bytesOf,
  type CompactionPlan,
  type CompactionReason,
  type PickerOptions,
} from "../compaction/plan.ts";
import type { Manifest } from "../manifest/manifest.ts";

/** What compaction did since the store was opened, and has to do. */
export interface CompactionStatus {
  /** Why one is running, if one is. */
  readonly running: CompactionReason | undefined;
  /** Compactions that were published. */
  readonly compactions: number;
  /** Jobs that a Worker did, see `compactionWorker`. */
  readonly inWorker: number;
  /** Tables that only changed their level. */
  readonly moves: number;
  /** Compactions that were dropped because the tree had changed. */
  readonly overtaken: number;
  /** Bytes that flushes wrote. */
  readonly flushedBytes: number;
  /** Bytes that compactions read. */
  readonly readBytes: number;
  /** Bytes that compactions wrote. */
  readonly writtenBytes: number;
  /** Entries that are in no table any more. */
  readonly droppedEntries: number;
  /** Bytes written for each byte that flushes wrote, theirs included. */
  readonly writeAmplification: number;
  /** Tables that a lookup may have to ask. */
  readonly readAmplification: number;
  /** Bytes of all tables for each byte of the lowest level. */
  readonly spaceAmplification: number;
  /** Bytes over the limits of their levels. */
  readonly pendingBytes: number;
  /** Why the last one failed, `undefined` once one went well. */
  readonly error: string | undefined;
}

/** Counts compactions. */
export class CompactionCounters {
  #compactions = 0;
  #moves = 0;
  #readBytes = 0;
  #writtenBytes = 0;
  #droppedEntries = 0;
  /** Those that a Worker did. */
  inWorker = 0;
  /** Those that were dropped. */
  overtaken = 0;
  /** What flushes wrote. */
  flushedBytes = 0;

  /** Counts one that was published; without a result a move. */
  add(plan: CompactionPlan, result: CompactionResult | undefined): void {
    if (result === undefined) {
      this.#moves += plan.inputs.length;
      return;
    }
    this.#compactions++;
    this.#readBytes += result.readBytes;
    this.#writtenBytes += result.writtenBytes;
    this.#droppedEntries += result.dropped;
  }

  /** All of it. */
  status(
    manifest: Manifest,
    options: PickerOptions,
    plan: CompactionPlan | undefined,
    error: unknown,
  ): CompactionStatus {
    const { flushedBytes } = this;
    return {
      running: plan?.reason,
      compactions: this.#compactions,
      inWorker: this.inWorker,
      moves: this.#moves,
      overtaken: this.overtaken,
      flushedBytes,
      readBytes: this.#readBytes,
      writtenBytes: this.#writtenBytes,
      droppedEntries: this.#droppedEntries,
      writeAmplification: flushedBytes === 0
        ? 1
        : (flushedBytes + this.#writtenBytes) / flushedBytes,
      ...treeFacts(manifest, options),
      error: error === undefined ? undefined : String(error),
    };
  }
}

function treeFacts(
  { levels }: Manifest,
  options: PickerOptions,
): Pick<
  CompactionStatus,
  "readAmplification" | "spaceAmplification" | "pendingBytes"
> {
  const bytes = levels.map(bytesOf);
  const lowest = bytes.findLast((bytes) => bytes > 0) ?? 0;
  const total = bytes.reduce((sum, each) => sum + each, 0);
  let pendingBytes = levels[0]!.length >= options.l0CompactionTrigger
    ? bytes[0]!
    : 0;
  for (let level = 1; level < levels.length - 1; level++) {
    pendingBytes += Math.max(0, bytes[level]! - levelBytesMax(level, options));
  }
  return {
    readAmplification: levels[0]!.length +
      levels.slice(1).filter((tables) => tables.length > 0).length,
    spaceAmplification: lowest === 0 ? 1 : total / lowest,
    pendingBytes,
  };
}
