/**
 * A sealed segment: a graph that is searched, its vectors, and whose they are.
 *
 * Nothing in it changes but the ends of versions, and what a rollback takes back.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { Quantization } from "../codes/quantization.ts";
import type { Metric } from "../distance/metric.ts";
import type { SegmentMemory } from "../hnsw/segment_memory.ts";
import type { Calibration } from "./calibration.ts";
import type { DeletionLog } from "./deletion_log.ts";
import type { VersionTable } from "./version_table.ts";

/** What a sealed segment is made of. */
export interface SealedSegmentParts {
  /** Vectors and graph. */
  readonly memory: SegmentMemory;
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
  /**
   * Vectors and graph.
   *
   * @internal
   */
  readonly memory: SegmentMemory;
  /** The highest layer of each node. */
  readonly levels: Uint8Array<ArrayBuffer>;
  /** Locators, begins and ends. */
  readonly versions: VersionTable;
  /** What search widths give. */
  readonly calibration: Calibration;
  /** Search width while building. */
  readonly efConstruction: number;
  #coveredFrom: number;
  #coveredTo: number;

  /** Makes a segment of its parts, which become its own. */
  constructor(parts: SealedSegmentParts) {
    this.memory = parts.memory;
    this.levels = parts.levels;
    this.versions = parts.versions;
    this.calibration = parts.calibration;
    this.efConstruction = parts.efConstruction;
    this.#coveredFrom = parts.coveredFrom;
    this.#coveredTo = parts.coveredTo;
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
      this.versions.byteLength;
  }
}
