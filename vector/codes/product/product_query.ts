/**
 * A query as product codes are compared with it: tables that are the same for
 * all clusters, and what differs between them.
 *
 * @module
 */
import { SQUARES_MAX } from "../code_form.ts";
import { codeBytesOf, type QueryTables } from "./product_codebook.ts";
import type { Frame, ProductCoder, ProductMetric } from "./product_coder.ts";

/** A query's tables, and where they are. */
export interface PlacedTables extends QueryTables {
  /** 32 bytes of each pair of parts. */
  readonly bytes: Uint8Array;
}

/**
 * What codes of one cluster are compared with: a row is at `base` + `scale` × its
 * t + `factor` × its product with the query.
 */
export interface ProductQuery {
  /** Absent: no code says how far a row is. */
  readonly tables: PlacedTables | undefined;
  /** The name of the frame whose codes count. */
  readonly frame: number;
  readonly base: number;
  readonly scale: number;
  readonly factor: number;
}

/** What says nothing of any code. */
const UNKNOWN: ProductQuery = {
  tables: undefined,
  frame: 0,
  base: 0,
  scale: 0,
  factor: 0,
};

/** A query for all clusters. */
export class ProductQueries {
  readonly #metric: ProductMetric;
  readonly #tables: PlacedTables | undefined;
  #length = 1;

  /** A query of vectors that are compared by a metric; without a coder, nothing. */
  constructor(
    coder: ProductCoder | undefined,
    metric: ProductMetric,
    query: Float32Array,
  ) {
    this.#metric = metric;
    if (coder === undefined) return;
    let squares = 0;
    for (const x of query) squares += x * x;
    this.#length = Math.sqrt(squares);
    if (!(squares < SQUARES_MAX)) return;
    if (metric === "cosine" && squares === 0) return;
    const scaled = metric === "cosine"
      ? query.map((x) => x / this.#length)
      : query;
    const { codebook } = coder;
    const bytes = new Uint8Array(32 * codeBytesOf(codebook.parts));
    const tables = codebook.tables(scaled, bytes, 0);
    this.#tables = tables && { ...tables, bytes };
  }

  /**
   * The query for a cluster, whose centroid is at a distance: squared under `l2`,
   * else 1 less the product of directions.
   */
  of(frame: Frame | undefined, distance: number): ProductQuery {
    if (this.#tables === undefined || frame === undefined) return UNKNOWN;
    const tables = this.#tables;
    const { name } = frame;
    if (this.#metric === "l2") {
      return { tables, frame: name, base: distance, scale: 1, factor: -2 };
    }
    const product = Number.isNaN(distance) ? 0 : 1 - distance;
    return this.#metric === "cosine"
      ? { tables, frame: name, base: 1, scale: -product, factor: -1 }
      : {
        tables,
        frame: name,
        base: 0,
        scale: -product * this.#length,
        factor: -1,
      };
  }
}
