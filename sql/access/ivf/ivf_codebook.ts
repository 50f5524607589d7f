/**
 * Makes the codebook of a clustered index: of what a sample of its vectors is
 * more than the centroids of their clusters.
 *
 * @module
 */
import type { Cancellation } from "../../../base/cancellation.ts";
import { delay, type Environment } from "../../../base/environment.ts";
import {
  partsFor,
  ProductCodebook,
} from "../../../vector/codes/product/product_codebook.ts";
import {
  originOf,
  residualOf,
} from "../../../vector/codes/product/product_coder.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
import type { SeededRandom } from "../../../vector/hnsw/seeded_random.ts";
import type {
  CentroidSet,
  CentroidVersion,
} from "../../../vector/ivf/centroid_set.ts";
import type { CodesDefinition } from "./ivf_codes.ts";

/** Vectors that a codebook is made of, at least … */
export const CODEBOOK_MIN = 512;
/** … and at most … */
const CODEBOOK_MAX = 8192;
/** … and of how many bytes. */
const CODEBOOK_BYTES_MAX = 64 * 1024 * 1024;

/** A codebook of few vectors is made again once there are so many times more. */
const GROWN = 8;

/** What a codebook is made of. */
export interface CodebookTraining {
  readonly vectors: readonly AnyVector[];
  readonly set: CentroidSet;
  readonly version: CentroidVersion;
  readonly codes: CodesDefinition;
  readonly dims: number;
  readonly random: SeededRandom;
  readonly environment: Environment;
  readonly signal?: Cancellation | undefined;
}

/** How many vectors a codebook is made of, where there are enough. */
export function codebookSample(dims: number): number {
  const most = Math.floor(CODEBOOK_BYTES_MAX / (4 * dims));
  return Math.min(CODEBOOK_MAX, Math.max(CODEBOOK_MIN, most));
}

/** Whether an index of so many rows wants a codebook, or another. */
export function wantsCodebook(
  rows: number,
  trained: number | undefined,
  dims: number,
): boolean {
  if (trained === undefined) return rows >= CODEBOOK_MIN;
  return trained < codebookSample(dims) && rows >= GROWN * trained;
}

/** Makes a codebook, in slices; `undefined` of too few vectors. */
export async function trainCodebook(
  { vectors, set, version, codes, dims, random, environment, signal }:
    CodebookTraining,
): Promise<ProductCodebook | undefined> {
  const most = Math.min(vectors.length, codebookSample(dims));
  const residuals = new Float32Array(most * dims);
  const residual = new Float64Array(dims);
  const origins: (Float32Array | undefined)[] = [];
  let count = 0;
  for (const vector of vectors.slice(0, most)) {
    const place = set.nearest(version, vector);
    const along = place < 0 ? undefined : residualOf(
      vector as Float32Array,
      origins[place] ??= originOf(
        set.vectorAt(version, place) as Float32Array,
        codes.metric,
      ),
      codes.metric,
      residual,
    );
    if (along !== undefined) residuals.set(residual, dims * count++);
  }
  if (count < Math.min(CODEBOOK_MIN, most)) return undefined;
  const origin = new Float32Array(dims);
  if (codes.metric === "l2") {
    const known = origins.filter((each) => each !== undefined);
    for (const each of known) {
      for (let i = 0; i < dims; i++) origin[i]! += each[i]! / known.length;
    }
  }
  const work = ProductCodebook.train(residuals.subarray(0, count * dims), {
    origin,
    parts: partsFor(dims, codes.parts),
    random,
  });
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
    await delay(environment, 0);
    signal?.throwIfAborted();
  }
}
