/**
 * The live segment: rows as they come, searched exactly.
 *
 * It takes rows until it is frozen; a frozen one still has versions ended,
 * and is replaced by the sealed segment made of it.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { AnyVector } from "../distance/metric.ts";
import {
  SegmentMemory,
  type SegmentMemoryOptions,
} from "../hnsw/segment_memory.ts";
import { VersionTable } from "./version_table.ts";

/** Rows in order of arrival: see the module. */
export class LiveSegment {
  /** The vectors. */
  readonly memory: SegmentMemory;
  /** The versions. */
  readonly versions: VersionTable = VersionTable.empty();
  /** A live segment has no graph to be searched by. */
  readonly calibration = undefined;
  /** Its vectors are in memory. */
  readonly stored = undefined;
  #coveredFrom: number;
  #coveredTo: number | undefined;
  #capacity = 0;

  /** Creates an empty segment for rows from a sequence on. */
  constructor(options: SegmentMemoryOptions, coveredFrom: number) {
    this.memory = new SegmentMemory(options);
    this.#coveredFrom = coveredFrom;
  }

  /** Rows that begin at this sequence or later are here. */
  get coveredFrom(): number {
    return this.#coveredFrom;
  }

  /** Rows up to this sequence are here; `undefined` until frozen. */
  get coveredTo(): number | undefined {
    return this.#coveredTo;
  }

  /** Bytes held, about. */
  get byteLength(): number {
    return this.memory.byteLength + this.versions.byteLength;
  }

  /** Adds an open version. */
  insert(locator: number, vector: AnyVector, begin: number): void {
    invariant(this.#coveredTo === undefined, "row added to a frozen segment");
    const at = this.versions.count;
    if (at === this.#capacity) {
      // In steps of a quarter: rows of 16000 dimensions are 64 KB each.
      const capacity = Math.ceil(at * 1.25) + 16;
      this.memory.reserveRows(capacity);
      this.#capacity = capacity;
    }
    this.memory.setRow(at, vector);
    this.versions.push(locator, begin);
  }

  /** Ends additions: rows up to a sequence are here. */
  freeze(coveredTo: number): void {
    this.#coveredTo = coveredTo;
  }

  /** See {@linkcode VersionTable.rollbackTo}. */
  rollbackTo(seq: number): void {
    this.versions.rollbackTo(seq);
    this.#coveredFrom = Math.min(this.#coveredFrom, seq);
    if (this.#coveredTo !== undefined) {
      this.#coveredTo = Math.min(this.#coveredTo, seq);
    }
  }
}
