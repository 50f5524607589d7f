/**
 * k-means: centroids for a sample of vectors.
 *
 * Lloyd's iterations from the starting points of k-means++ (Arthur &
 * Vassilvitskii 2007). More clusters than {@linkcode SPLIT_MAX} are made in two
 * levels: the sample is divided coarsely, and each part again, so that a vector
 * is compared with the square root of all centroids.
 *
 * @module
 */
import type { SeededRandom } from "../hnsw/seeded_random.ts";
import { SegmentMemory } from "../hnsw/segment_memory.ts";
import type { RowForm } from "../hnsw/row_form.ts";
import type { AnyVector } from "../distance/metric.ts";
import { BATCH_MAX } from "../kernels/kernels.ts";
import { newMean, type VectorMean } from "./vector_mean.ts";

/** Clusters that are told apart at once. */
const SPLIT_MAX = 128;

/** Iterations at most; it ends earlier when few vectors move. */
const ITERATIONS_MAX = 12;

/** The share of vectors that may move in the last iteration. */
const MOVED_ENOUGH = 0.005;

/** Vectors between two turns of everything else. */
const VECTORS_A_TURN = 256;

/** What is trained. */
export interface KMeansOptions {
  /** How rows lie; its metric tells what is near. */
  readonly form: RowForm;
  /** The sample. */
  readonly vectors: readonly AnyVector[];
  /** How many clusters are wanted. */
  readonly clusters: number;
  /** Where chance comes from. */
  readonly random: SeededRandom;
}

/**
 * The centroids of a sample: as many as wanted, or fewer where the vectors are
 * too few or too alike. Yields now and then.
 */
export function* kMeans(
  { form, vectors, clusters, random }: KMeansOptions,
): Generator<void, AnyVector[]> {
  if (clusters <= SPLIT_MAX) {
    const { centroids } = yield* lloyd(form, vectors, clusters, random);
    return centroids;
  }
  const coarse = Math.ceil(Math.sqrt(clusters));
  const { centroids, owners } = yield* lloyd(form, vectors, coarse, random);
  const parts: AnyVector[][] = centroids.map(() => []);
  vectors.forEach((vector, i) => parts[owners[i]!]!.push(vector));
  const all: AnyVector[] = [];
  for (const part of parts) {
    const share = Math.round(clusters * part.length / vectors.length);
    all.push(
      ...yield* kMeans({ form, vectors: part, clusters: share || 1, random }),
    );
  }
  return all;
}

interface Division {
  readonly centroids: AnyVector[];
  /** Which centroid each vector is nearest to. */
  readonly owners: Uint32Array;
}

/** One level. The centroids are rows behind those of the sample. */
function* lloyd(
  form: RowForm,
  vectors: readonly AnyVector[],
  clusters: number,
  random: SeededRandom,
): Generator<void, Division> {
  const count = vectors.length;
  const k = Math.min(clusters, count);
  const memory = new SegmentMemory({ ...shapeOf(form), efMax: 1 });
  memory.reserveRows(count + k);
  vectors.forEach((vector, i) => memory.setRow(i, vector));
  const owners = new Uint32Array(count);
  let centroids = yield* startingPoints(memory, vectors, k, random);
  for (let round = 0; round < ITERATIONS_MAX; round++) {
    centroids.forEach((centroid, i) => memory.setRow(count + i, centroid));
    let moved = 0;
    const means: VectorMean[] = centroids.map(() =>
      newMean(form.element, form.dims)
    );
    let farthest = 0;
    let farthestDistance = -Infinity;
    for (let i = 0; i < count; i++) {
      const { owner, distance } = nearestRow(memory, i, count, k);
      if (owner !== owners[i] || round === 0) moved++;
      owners[i] = owner;
      if (distance > farthestDistance) {
        farthest = i;
        farthestDistance = distance;
      }
      means[owner]!.add(memory.vectorAt(i));
      if (i % VECTORS_A_TURN === 0) yield;
    }
    // A cluster that lost its vectors begins again with the one worst served.
    centroids = means.map((mean) =>
      mean.count === 0 ? vectors[farthest]! : mean.mean()
    );
    if (moved <= MOVED_ENOUGH * count) break;
  }
  return { centroids: distinct(centroids, owners), owners };
}

/** Centroids that own vectors; owners are numbered anew. */
function distinct(centroids: AnyVector[], owners: Uint32Array): AnyVector[] {
  const counts = new Uint32Array(centroids.length);
  for (const owner of owners) counts[owner]!++;
  const places = new Uint32Array(centroids.length);
  const kept: AnyVector[] = [];
  centroids.forEach((centroid, i) => {
    places[i] = kept.length;
    if (counts[i]! > 0) kept.push(centroid);
  });
  for (let i = 0; i < owners.length; i++) owners[i] = places[owners[i]!]!;
  return kept;
}

/** k-means++: each next point by chance, in proportion to its distance. */
function* startingPoints(
  memory: SegmentMemory,
  vectors: readonly AnyVector[],
  k: number,
  random: SeededRandom,
): Generator<void, AnyVector[]> {
  const count = vectors.length;
  const nearest = new Float32Array(count).fill(Infinity);
  const chosen: AnyVector[] = [];
  let next = random.below(count);
  while (chosen.length < k) {
    chosen.push(vectors[next]!);
    memory.setQueryToRow(next);
    let sum = 0;
    for (let from = 0; from < count; from += BATCH_MAX) {
      const size = Math.min(BATCH_MAX, count - from);
      memory.kernels.distanceRange(from, size);
      const { distances } = memory;
      for (let i = 0; i < size; i++) {
        // A vector without direction is near to everything.
        const distance = distances[i]! > 0 ? distances[i]! : 0;
        if (distance < nearest[from + i]!) nearest[from + i] = distance;
        sum += nearest[from + i]!;
      }
    }
    if (sum === 0) break;
    let draw = random.next() / 0x1_0000_0000 * sum;
    next = 0;
    while (next < count - 1 && (draw -= nearest[next]!) > 0) next++;
    yield;
  }
  return chosen;
}

/** The row of `k` from `from` on that row `i` is nearest to; NaN is far. */
function nearestRow(
  memory: SegmentMemory,
  i: number,
  from: number,
  k: number,
): { readonly owner: number; readonly distance: number } {
  memory.setQueryToRow(i);
  memory.kernels.distanceRange(from, k);
  const { distances } = memory;
  let owner = 0;
  for (let c = 1; c < k; c++) {
    if (isNearer(distances[c]!, distances[owner]!)) owner = c;
  }
  return { owner, distance: distances[owner]! };
}

/** Whether a distance is less; what is not known is more than all others. */
export function isNearer(a: number, b: number): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a));
}

/** What a memory for rows of a form is made with. */
export function shapeOf(
  { dims, metric, element }: RowForm,
): Pick<RowForm, "dims" | "metric" | "element"> {
  return { dims, metric, element };
}
