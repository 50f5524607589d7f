/**
 * What one compaction does, and the words it is said with.
 *
 * Invariants of a plan:
 * 1. No entry of a key that is in an input lies between the inputs in age: what
 *    is newer than one input and older than another is an input, as far as it
 *    overlaps them. So the outputs can stand where the oldest input stood.
 * 2. The outputs lie within the ranges of the inputs, so in a level below 0
 *    they overlap nothing that stays.
 *
 * @module
 */
import type { TableMeta } from "../manifest/manifest.ts";

/** Why a compaction is due. */
export type CompactionReason =
  /** Level 0 has too many tables or bytes. */
  | "level-0"
  /** Level 0 has many small tables, and the level below is large. */
  | "level-0-merge"
  /** A level has more bytes than it should. */
  | "level-size"
  /** A table holds mostly deletions and old versions, or range tombstones. */
  | "deletions"
  /** All of a table has outlived its time. */
  | "expired"
  /** Size-tiered: the newer runs together are large beside the oldest. */
  | "space"
  /** Size-tiered: runs of like size. */
  | "size-ratio"
  /** Size-tiered: too many runs. */
  | "run-count"
  /** Somebody asked for it. */
  | "asked";

/** Tables of one level, in the order of the level. */
export interface CompactionInput {
  /** The level. */
  readonly level: number;
  /** The tables. */
  readonly tables: readonly TableMeta[];
}

/** What one compaction does. */
export interface CompactionPlan {
  /** Why. */
  readonly reason: CompactionReason;
  /** What is merged, the newest first. */
  readonly inputs: readonly CompactionInput[];
  /** Where the outputs go. */
  readonly outputLevel: number;
  /** Whether the input only changes its level: nothing is read or written. */
  readonly move: boolean;
  /**
   * The tables of the level below the output that overlap it, in order: outputs
   * are ended where they would overlap too many of them.
   */
  readonly grandparents: readonly TableMeta[];
}

/** How compactions are chosen. */
export interface PickerOptions {
  /** How the tree is shaped. */
  readonly compaction: "leveled" | "size-tiered";
  /** Tables in level 0 (size-tiered: runs) at which one is due. */
  readonly l0CompactionTrigger: number;
  /** How many times larger each level is than the one above. */
  readonly levelSizeRatio: number;
  /** Bytes of level 1. */
  readonly levelBaseBytes: number;
  /** Bytes at which an output table is ended. */
  readonly tableBytesMax: number;
  /**
   * The highest sequence of which everything that is hidden may go, for a
   * table: only those that are as old as a whole are rewritten for it.
   */
  readonly droppableTo: (table: TableMeta) => number;
  /** Whether every entry of a table has outlived its time. */
  readonly isExpired: (table: TableMeta) => boolean;
}

/** Bytes of tables. */
export function bytesOf(tables: readonly TableMeta[]): number {
  let bytes = 0;
  for (const { size } of tables) bytes += size;
  return bytes;
}

/** All inputs of a plan. */
export function inputTables(plan: CompactionPlan): TableMeta[] {
  return plan.inputs.flatMap(({ tables }) => tables);
}
