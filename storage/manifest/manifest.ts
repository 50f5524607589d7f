/**
 * A version of the database: which objects make it up, and from where the log
 * goes on.
 *
 * A manifest is immutable; a change is an edit that makes the next one. It
 * holds everything that a reader needs to plan, so one read tells where each
 * key may be.
 *
 * Invariants (`checkManifest`, `checkSuccession`):
 * 1. Numbers, epochs, sequences and the replay point never go back from one
 *    manifest to the next.
 * 2. Level 0 may overlap and is newest first; the tables of another level do
 *    not overlap and are in the order of their keys.
 * 3. No table and no segment is named twice.
 * 4. The horizon is at or below the sequence.
 * 5. The setsum is that of what is named (`manifest_setsum.ts`).
 * 6. The writer's own last manifest is not a later one than this.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { PrefixStatistics } from "../sstable/properties.ts";

/** Levels L0 to L6. */
export const LEVEL_COUNT = 7;

/** An sstable of the tree. */
export interface TableMeta {
  /** The object's path. */
  readonly path: string;
  /** The object's size in bytes. */
  readonly size: number;
  /** Where everything but the data begins. */
  readonly metaOffset: number;
  /** CRC-32C of the object from there on: index, filter and counts. */
  readonly digest?: number | undefined;
  /** How many entries it has. */
  readonly entryCount: number;
  /** Of them deletions. */
  readonly deletionCount: number;
  /** Entries that have a newer version in the same table (not said: none). */
  readonly shadowedCount?: number | undefined;
  /** How many range tombstones it has. */
  readonly tombstoneCount: number;
  /** The first user key. */
  readonly firstKey: Uint8Array;
  /** The last user key. */
  readonly lastKey: Uint8Array;
  /** The lowest sequence. */
  readonly sequenceMin: number;
  /** The highest sequence. */
  readonly sequenceMax: number;
  /** Overrides the sequences of an ingested table. */
  readonly commitSequence?: number | undefined;
  /** Entries by 4-byte key prefix. */
  readonly prefixes: readonly PrefixStatistics[];
}

/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * An object of an index that keeps its own format (a vector segment): pinned
 * by the manifest, understood by the layer above.
 */
export interface SegmentMeta {
  /** The object's path. */
  readonly path: string;
  /** The object's size in bytes. */
  readonly size: number;
  /** Whose it is: an index's storage id. */
  readonly owner: number;
  /** What the owner wants to know without reading the object. */
  readonly info: { readonly [key: string]: Json };
}

/** A job that may write objects: its uploads are not garbage. */
export interface JobMeta {
  /** The job's number within the epoch. */
  readonly job: number;
  /** The epoch that registered it. */
  readonly epoch: number;
  /** What it does. */
  readonly kind: string;
  /** Tells who registered it from everybody else (not said: the writer). */
  readonly token?: string | undefined;
  /** Paths of tables that it is about to replace (not said: none). */
  readonly inputs?: readonly string[] | undefined;
  /**
   * When it counts as abandoned, and anybody may forget it, by the clock of who
   * registered it: ms since the epoch (not said: never). Safety does not depend
   * on it: who was forgotten finds that out when it publishes.
   */
  readonly untilMs?: number | undefined;
}

/** An index that follows the log and is not in segments as a whole. */
export interface HeldChanges {
  /** The 4-byte prefix of its keys. */
  readonly prefix: number;
  /** It wants every change after this sequence. */
  readonly from: number;
}

/** A manifest pinned against collection. */
export interface CheckpointMeta {
  /** The checkpoint's name. */
  readonly name: string;
  /** The number of the manifest it pins. */
  readonly manifest: number;
  /** The sequence it stands for. */
  readonly sequence: number;
  /** The first WAL id that is not in the manifest's tables … */
  readonly walFrom: number;
  /** … and the first that it does not need: [walFrom, walEnd) is kept. */
  readonly walEnd: number;
  /** When it was made, by the writer's clock: ms since the epoch. */
  readonly createdMs: number;
}

/** A position that stays readable until its name is dropped. */
export interface NamedSnapshot {
  /** The name. */
  readonly name: string;
  /** Everything up to this sequence is what it shows. */
  readonly sequence: number;
  /** When it was made, by the writer's clock: ms since the epoch. */
  readonly createdMs: number;
}

/** At a time, the highest sequence that was in tables. */
export interface ClockSample {
  /** The sequence. */
  readonly sequence: number;
  /** The time, by the writer's clock: ms since the epoch. */
  readonly ms: number;
}

/** A version of the database. */
export interface Manifest {
  /** Its number in the chain. */
  readonly number: number;
  /** The epoch of the writer. */
  readonly epoch: number;
  /** The id of the writer. */
  readonly writerId: string;
  /** Who the writer is, for people: host and process. */
  readonly writerName: string;
  /** Whether the writer closed in good order. */
  readonly closed: boolean;
  /** The first WAL id that is not in the tables. */
  readonly replayFrom: number;
  /** The highest sequence in the tables. */
  readonly sequence: number;
  /** The lowest sequence that every table and index here answers exactly. */
  readonly horizon: number;
  /**
   * The lowest sequence that the writer wants to go on answering: the horizon
   * may rise to it, not above.
   */
  readonly retainFrom: number;
  /**
   * What was held when `retainFrom` was written: of these keys nothing above
   * `from` goes. A hold that came later begins at a snapshot above `retainFrom`
   * and needs nothing from below it.
   */
  readonly held: readonly HeldChanges[];
  /** How long versions are kept after newer ones came, in ms; 0: not at all. */
  readonly versionRetentionMs: number;
  /** Positions that are kept by name, the oldest first. */
  readonly snapshots: readonly NamedSnapshot[];
  /** When sequences were written, oldest first: a bounded list. */
  readonly clock: readonly ClockSample[];
  /** The number of the next job in this epoch. */
  readonly nextJob: number;
  /**
   * The newest manifest, up to this one, that the writer of the epoch made
   * itself; a compactor copies it. The gc boundary stays below it.
   */
  readonly byWriter: number;
  /**
   * Of the writer's own object numbers in this epoch the lowest that may still
   * come to be named: every object below it is named, or never will be.
   */
  readonly settled: number;
  /** The tables, by level. */
  readonly levels: readonly (readonly TableMeta[])[];
  /** The segments of indexes. */
  readonly segments: readonly SegmentMeta[];
  /** The registered jobs. */
  readonly jobs: readonly JobMeta[];
  /** The checkpoints. */
  readonly checkpoints: readonly CheckpointMeta[];
  /** The digest of the set of tables and segments; kept by edits. */
  readonly setsum?: string | undefined;
}

/** What a change leaves as it is, it does not name. */
export type ManifestEdit = Partial<
  Omit<
    Manifest,
    "number" | "epoch" | "writerId" | "writerName" | "byWriter" | "setsum"
  >
>;

/** The manifest of a database in which nothing was written yet. */
export function emptyManifest(): Manifest {
  return {
    number: 0,
    epoch: 0,
    writerId: "00000000000000000000000000000000",
    writerName: "",
    closed: true,
    replayFrom: 1,
    sequence: 0,
    horizon: 0,
    retainFrom: 0,
    held: [],
    versionRetentionMs: 0,
    snapshots: [],
    clock: [],
    nextJob: 1,
    byWriter: 0,
    settled: 1,
    levels: Array.from({ length: LEVEL_COUNT }, () => []),
    segments: [],
    jobs: [],
    checkpoints: [],
  };
}

/** Checks invariants 2 to 4. */
export function checkManifest(manifest: Manifest): void {
  invariant(
    manifest.levels.length === LEVEL_COUNT,
    "a manifest has seven levels",
  );
  invariant(
    manifest.horizon <= manifest.sequence || manifest.horizon === 0,
    "the horizon is past the sequence",
  );
  invariant(
    manifest.byWriter <= manifest.number,
    "the writer's own last manifest is a later one",
  );
  const paths = new Set<string>();
  manifest.levels.forEach((tables, level) => {
    let before: TableMeta | undefined;
    for (const table of tables) {
      invariant(!paths.has(table.path), `"${table.path}" is named twice`);
      paths.add(table.path);
      invariant(
        compareBytes(table.firstKey, table.lastKey) <= 0,
        `"${table.path}" ends before it begins`,
      );
      invariant(
        level === 0 || before === undefined ||
          compareBytes(before.lastKey, table.firstKey) < 0,
        `tables of level ${level} overlap`,
      );
      before = table;
    }
  });
  for (const segment of manifest.segments) {
    invariant(!paths.has(segment.path), `"${segment.path}" is named twice`);
    paths.add(segment.path);
  }
}
