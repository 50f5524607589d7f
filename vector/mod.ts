/**
 * Vectors without SQL: the type, its distances, and an index that is searched
 * at a snapshot.
 *
 * Here belong vectors and graphs; nothing here reads or writes, and nothing
 * knows of tables: whoever stores segments hands their bytes over.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import {
 *   decodeSegment,
 *   encodeSegment,
 *   parseVector,
 *   VectorIndex,
 * } from "./mod.ts";
 *
 * const index = new VectorIndex({ dims: 3, metric: "cosine", seed: 1 });
 * index.insert(1, parseVector("[1, 0, 0]"), 1);
 * index.insert(2, parseVector("[0, 1, 0]"), 2);
 * index.insert(3, parseVector("[1, 1, 0]"), 3);
 * const nearest = index.search([1, 0.2, 0]).next(2);
 * assertEquals([...nearest.locators], [1, 3]);
 *
 * // Rows that came so far become a sealed segment: a graph, and bytes.
 * const job = index.startSeal();
 * while (job?.step(5) === false) await Promise.resolve();
 * if (job !== undefined) index.install(job);
 * const bytes = encodeSegment(index.sealed[0]!);
 *
 * const reopened = new VectorIndex({ dims: 3, metric: "cosine" });
 * reopened.addSealed(decodeSegment(bytes, "my segment"));
 * assertEquals([...reopened.search([1, 0.2, 0]).next(9).locators], [1, 3, 2]);
 * ```
 *
 * @module
 */
export {
  checkDims,
  checkSameDims,
  compareVectors,
  decodeVector,
  encodeVector,
  formatVector,
  parseVector,
  toVector,
  VECTOR_DIMS_MAX,
  type VectorLike,
} from "./types/vector.ts";
export { BIT_DIMS_MAX, BitVector } from "./types/bit_vector.ts";
export { parseHalfvec, toHalfvec } from "./types/halfvec.ts";
export {
  SPARSE_DIMS_MAX,
  SPARSE_ELEMENTS_MAX,
  type SparseElement,
  SparseVector,
} from "./types/sparse_vector.ts";
export {
  cosine,
  innerProduct,
  l1,
  l2,
  negativeInnerProduct,
  norm,
  squaredL2,
} from "./distance/reference.ts";
export {
  type AnyVector,
  type DistanceFunction,
  distanceOf,
  ELEMENTS,
  type Metric,
  METRICS,
  metricsOf,
  type VectorElement,
} from "./distance/metric.ts";
export type { Environment, Timer, TimerOptions } from "../base/environment.ts";
export { ByteWriter } from "../base/bytes.ts";
export type { AnyVectorLike } from "./hnsw/row_form.ts";
export {
  type Quantization,
  type QuantizationChoice,
  QUANTIZATIONS,
} from "./codes/quantization.ts";
export type { KernelVariant } from "./kernels/kernels.ts";
export { supportedVariants } from "./hnsw/create_kernels.ts";
export {
  estimateGraphBytes,
  segmentEntriesMax,
} from "./hnsw/segment_layout.ts";
export {
  type FlatEntry,
  FlatIndex,
  type FlatResult,
  type FlatSearchOptions,
} from "./search/flat_search.ts";
export type { Calibration, CalibrationPoint } from "./segments/calibration.ts";
export {
  decodeDeletions,
  type DeletionLog,
  encodeDeletions,
} from "./segments/deletion_log.ts";
export {
  type MergePolicy,
  pickMerge,
  type SegmentFacts,
} from "./segments/pick_merge.ts";
export { searchBatch } from "./segments/search_batch.ts";
export { SealedSegment } from "./segments/sealed_segment.ts";
export {
  type BuildOptions,
  type BuiltSegment,
  type CoveredRange,
  SegmentBuilder,
} from "./segments/segment_builder.ts";
export {
  encodeSegment,
  encodeSegmentWork,
} from "./segments/segment_encoder.ts";
export {
  PART_KINDS,
  type PartKind,
  readSegmentHeader,
  SEGMENT_HEADER_BYTES_MAX,
  type SegmentHeader,
  type SegmentPart,
} from "./segments/segment_format.ts";
export type { PricedPlan, SearchPlan } from "./segments/search_cost.ts";
export { type JobSource, SegmentJob } from "./segments/segment_job.ts";
export type { SearchableSegment } from "./segments/segment_cursor.ts";
export {
  decodeSegment,
  type LoadOptions,
  SegmentLoader,
} from "./segments/segment_loader.ts";
export { SlicedTask, type SlicedWork } from "./segments/sliced_task.ts";
export { type VectorBatch, VectorCursor } from "./segments/vector_cursor.ts";
export type {
  SearchOptions,
  VectorIndexOptions,
} from "./segments/index_options.ts";
export { type VectorEntry, VectorIndex } from "./segments/vector_index.ts";
export type { RowSet } from "./segments/row_set.ts";
export type { VersionColumns, VersionTable } from "./segments/version_table.ts";
