/**
 * A sealed segment: a graph that is searched, its vectors, and whose they are.
 *
 * Nothing in it changes but the ends of versions, what a rollback takes back,
 * and once, perhaps, where its rows are.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { Quantization } from "../codes/quantization.ts";
import type { Metric } from "../distance/metric.ts";
import { withoutRows } from "../hnsw/leave_rows.ts";
import type { SegmentMemory } from "../hnsw/segment_memory.ts";
import { type Calibration, hasWindows } from "./calibration.ts";
import type { DeletionLog } from "./deletion_log.ts";
import type { SlicedWork } from "./sliced_task.ts";
import type { StoredRows } from "./stored_rows.ts";
import type { VersionTable } from "./version_table.ts";

/** What a sealed segment is made of. */
export interface SealedSegmentParts {
  /** Vectors and graph. */
  readonly memory: SegmentMemory;
  /** Where vectors are, if not in memory. */
  readonly stored?: StoredRows | undefined;
  /** Codes that walks are to look at, which are not made yet (default none). */
  readonly codesToMake?: Quantization | undefined;
  /** The highest layer of each node. */
  readonly levels: Uint8Array<ArrayBuffer>;
  /** Locators, begins and ends. */
  readonly versions: VersionTable;
  /** What search widths give. */
  readonly calibration: Calibration;
  /** Search width while building. */
  readonly efConstruction: number;
  /** The lowest sequence whose rows are here. */
  readonly coveredFrom: number;
  /** The highest sequence whose rows are here. */
  readonly coveredTo: number;
}

/** See the module. */
export class SealedSegment {
  /** The highest layer of each node. */
  readonly levels: Uint8Array<ArrayBuffer>;
  /** Locators, begins and ends. */
  readonly versions: VersionTable;
  /** What search widths give. */
  readonly calibration: Calibration;
  /** Search width while building. */
  readonly efConstruction: number;
  #memory: SegmentMemory;
  #stored: StoredRows | undefined;
  #codesToMake: Quantization;
  #coveredFrom: number;
  #coveredTo: number;

  /** Makes a segment of its parts, which become its own. */
  constructor(parts: SealedSegmentParts) {
    this.#memory = parts.memory;
    this.#stored = parts.stored;
    this.#codesToMake = parts.codesToMake ?? "none";
    this.levels = parts.levels;
    this.versions = parts.versions;
    this.calibration = parts.calibration;
    this.efConstruction = parts.efConstruction;
    this.#coveredFrom = parts.coveredFrom;
    this.#coveredTo = parts.coveredTo;
  }

  /**
   * Vectors and graph; the graph alone if vectors are stored elsewhere.
   *
   * @internal
   */
  get memory(): SegmentMemory {
    return this.#memory;
  }

  /** Where vectors are, if not in memory. */
  get stored(): StoredRows | undefined {
    return this.#stored;
  }

  /**
   * Codes that walks are to look at and that are not there yet: until then walks
   * look at rows, and find no less.
   */
  get codesToMake(): Quantization {
    return this.#codesToMake;
  }

  /** Makes the codes that are missing; yields now and then. */
  *makeCodes(): SlicedWork<void> {
    if (this.#codesToMake === "none") return;
    const coding = this.#memory.addCodes(this.#codesToMake);
    while (coding.next().done !== true) yield 0;
    this.#codesToMake = "none";
  }

  /**
   * Whether vectors can be left where the segment is stored: there are codes
   * to walk by, and it is known how many rows have to be read for a recall.
   */
  get canLeaveRows(): boolean {
    return this.quantization !== "none" && hasWindows(this.calibration);
  }

  /**
   * Lets go of the vectors: they are read from `stored` from now on. Searches
   * that have begun keep them. REQUIRES: `canLeaveRows`, and they are in memory.
   */
  leaveRows(stored: StoredRows): void {
    this.#memory = withoutRows(this.#memory, this.levels);
    this.#stored = stored;
  }

  /** The lowest sequence whose rows are here. */
  get coveredFrom(): number {
    return this.#coveredFrom;
  }

  /** The highest sequence whose rows are here. */
  get coveredTo(): number {
    return this.#coveredTo;
  }

  /** See {@linkcode VersionTable.rollbackTo}. */
  rollbackTo(seq: number): void {
    this.versions.rollbackTo(seq);
    this.#coveredFrom = Math.min(this.#coveredFrom, seq);
    this.#coveredTo = Math.min(this.#coveredTo, seq);
  }

  /**
   * Sets the ends that a deletion log has.
   *
   * @throws {KriyaError} of kind `corrupt` if it is another segment's.
   */
  applyDeletions(log: DeletionLog): void {
    if (log.count !== this.count) {
      throw new KriyaError(
        "corrupt",
        `Cannot use a deletion log of ${log.count} rows with a segment of ${this.count}`,
      );
    }
    const ends = new Float64Array(this.count).fill(Infinity);
    log.ordinals.forEach((ordinal, i) => {
      if (log.ends[i]! <= this.versions.beginOf(ordinal)) {
        throw new KriyaError(
          "corrupt",
          `Cannot end version ${ordinal} at ${log.ends[i]}: it begins later`,
        );
      }
      ends[ordinal] = log.ends[i]!;
    });
    this.versions.setEnds(ends);
  }

  /** Dimensions of every vector. */
  get dims(): number {
    return this.memory.dims;
  }

  /** The metric. */
  get metric(): Metric {
    return this.memory.metric;
  }

  /** What walks look at. */
  get quantization(): Quantization {
    return this.memory.quantization;
  }

  /** Most links per node above layer 0. */
  get m(): number {
    return this.memory.graph.m;
  }

  /** How many versions there are, ended ones with them. */
  get count(): number {
    return this.versions.count;
  }

  /** Bytes held, about. */
  get byteLength(): number {
    return this.memory.byteLength + this.levels.byteLength +
      this.versions.byteLength + (this.#stored?.byteLength ?? 0);
  }
}
