/**
 * Where the vectors of an index are, besides in its objects: in memory, or
 * nowhere, and read when they are looked at (decision 054).
 *
 * | `vectors` | |
 * | --- | --- |
 * | `memory` | in memory |
 * | `bucket` | read from the objects |
 * | `auto` | in memory, unless the index would take half of the memory allowed |
 *
 * Only vectors with codes can be left: a walk looks at these.
 *
 * @module
 */
import { canQuantize } from "../../vector/codes/quantization.ts";
import { estimateGraphBytes } from "../../vector/hnsw/segment_layout.ts";
import type { HnswDefinition } from "./hnsw_definition.ts";

/** Of the memory allowed, what an index may take with its vectors. */
const MEMORY_SHARE = 1 / 2;

/** Of the memory allowed, what the build of a segment may take. */
const BUILD_SHARE = 1 / 4;

/** A segment has so many rows in any case: small ones are many to search. */
const SEGMENT_ROWS_MIN = 10_000;

/** An index, and how many rows it has. */
export interface ResidenceFacts {
  /** What CREATE INDEX said. */
  readonly definition: HnswDefinition;
  /** Dimensions of its vectors. */
  readonly dims: number;
  /** Its rows. */
  readonly rows: number;
  /** The memory allowed. */
  readonly memoryBytesMax: number;
}

/** Whether the vectors of an index are left in the bucket. */
export function leavesVectors(
  { definition, dims, rows, memoryBytesMax }: ResidenceFacts,
): boolean {
  const { element, metric, quantization, vectors } = definition;
  if (!canQuantize(element, metric) || quantization === "none") return false;
  if (vectors !== "auto") return vectors === "bucket";
  const bytes = estimateGraphBytes({ ...definition, count: rows, dims });
  return bytes > MEMORY_SHARE * memoryBytesMax;
}

/**
 * How many rows a segment may have, so that memory is enough to build it;
 * `undefined`: as many as there can be.
 */
export function segmentRowsMaxOf(facts: ResidenceFacts): number | undefined {
  if (!leavesVectors(facts)) return undefined;
  const { definition, dims, memoryBytesMax } = facts;
  const count = 100_000;
  const bytes = estimateGraphBytes({ ...definition, count, dims });
  const fitting = Math.floor(BUILD_SHARE * memoryBytesMax * count / bytes);
  return Math.max(SEGMENT_ROWS_MIN, fitting);
}
