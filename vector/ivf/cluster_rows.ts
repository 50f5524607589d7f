/**
 * What clusters in memory hold of their rows: vectors, or codes of them.
 *
 * @module
 */
import type { AnyVector } from "../distance/metric.ts";
import type { RowForm } from "../hnsw/row_form.ts";
import { SegmentMemory } from "../hnsw/segment_memory.ts";
import { toDistance } from "../segments/vector_cursor.ts";
import { shapeOf } from "./k_means.ts";

/** Rows in memory, by where they are, that are compared with a query. */
export interface ClusterRows<Item, Query> {
  /** Bytes of a row. */
  readonly stride: number;
  /** Bytes held. */
  readonly byteLength: number;
  /** Makes room for `count` rows in all. */
  reserve(count: number): void;
  /** Puts a row. */
  put(place: number, item: Item): void;
  /** Copies a row. */
  copy(to: number, from: number): void;
  /** Sets what rows are compared with. */
  setQuery(query: Query): void;
  /**
   * How far `count` rows are, `BATCH_MAX` at most, from a place on that is a
   * multiple of 16; valid until the next call. -Infinity: not known.
   */
  distances(from: number, count: number): ArrayLike<number>;
}

/** Vectors as they are. */
export class VectorRows implements ClusterRows<AnyVector, AnyVector> {
  readonly #form: RowForm;
  readonly #memory: SegmentMemory;

  /** None; vectors lie as `form` says. */
  constructor(form: RowForm) {
    this.#form = form;
    this.#memory = new SegmentMemory({ ...shapeOf(form), efMax: 1 });
  }

  get stride(): number {
    return this.#memory.stride;
  }

  get byteLength(): number {
    return this.#memory.byteLength;
  }

  reserve(count: number): void {
    this.#memory.reserveRows(count);
  }

  put(place: number, vector: AnyVector): void {
    this.#memory.setRow(place, vector);
  }

  copy(to: number, from: number): void {
    this.#memory.copyRow(to, this.#memory, from);
  }

  setQuery(query: AnyVector): void {
    this.#memory.setQuery(query);
  }

  distances(from: number, count: number): ArrayLike<number> {
    this.#memory.kernels.distanceRange(from, count);
    const { distances } = this.#memory;
    const { metric } = this.#form;
    if (metric === "l2" || metric === "cosine") {
      for (let i = 0; i < count; i++) {
        distances[i] = toDistance(metric, distances[i]!);
      }
    }
    return distances;
  }
}
