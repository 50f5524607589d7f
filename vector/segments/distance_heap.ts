/**
 * A binary heap of rows by distance: what an exact scan found, handed out
 * nearest first. Made in time linear in its size; each row taken costs its
 * logarithm, so a cursor that stops early never pays for a full sort.
 *
 * @module
 */
import { comesBefore } from "../hnsw/candidate_pool.ts";

/** Rows and distances, the nearest at the root. */
export class DistanceHeap {
  readonly #ids: Uint32Array;
  readonly #distances: Float32Array;
  #count: number;

  /** Takes over both arrays, of which the first `count` items are rows. */
  constructor(ids: Uint32Array, distances: Float32Array, count: number) {
    this.#ids = ids;
    this.#distances = distances;
    this.#count = count;
    for (let i = (count >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  /** How many rows are left. */
  get count(): number {
    return this.#count;
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.#ids.byteLength + this.#distances.byteLength;
  }

  /** The nearest row. REQUIRES: `count` > 0. */
  get id(): number {
    return this.#ids[0]!;
  }

  /** The nearest row's distance. REQUIRES: `count` > 0. */
  get distance(): number {
    return this.#distances[0]!;
  }

  /** Takes the nearest row out. REQUIRES: `count` > 0. */
  pop(): void {
    const last = --this.#count;
    this.#ids[0] = this.#ids[last]!;
    this.#distances[0] = this.#distances[last]!;
    this.#sink(0);
  }

  #sink(from: number): void {
    const ids = this.#ids;
    const distances = this.#distances;
    const id = ids[from]!;
    const distance = distances[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#count) break;
      const right = child + 1;
      if (
        right < this.#count &&
        comesBefore(
          distances[right]!,
          ids[right]!,
          distances[child]!,
          ids[child]!,
        )
      ) child = right;
      if (!comesBefore(distances[child]!, ids[child]!, distance, id)) break;
      ids[at] = ids[child]!;
      distances[at] = distances[child]!;
      at = child;
    }
    ids[at] = id;
    distances[at] = distance;
  }
}
