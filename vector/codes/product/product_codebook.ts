/**
 * Product quantization in four bits a part (Jégou et al. 2011; four bits after
 * André et al. 2015 and Guo et al. 2020): a residual is divided into parts, each
 * of which is one of 16 means.
 *
 * Parts are as even as they can be: part j of m is of components ⌊j d / m⌋ to
 * ⌊(j + 1) d / m⌋.
 *
 * As stored, numbers little-endian:
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    4 | CRC-32C of everything after it, the codebook's name |
 * |      4 |    1 | version: 1 |
 * |      5 |    1 | bits of a code: 4 |
 * |      6 |    2 | zeros |
 * |      8 |    4 | dimensions |
 * |     12 |    4 | parts |
 * |     16 |    4 | vectors it was made of |
 * |     20 |  4 d | what queries are less by, float32: see `product_coder.ts` |
 * |  20+4d | 64 d | means, float32: those of part 0, 16 one after the other, … |
 *
 * @module
 */
import { crc32c } from "../../../base/checksum.ts";
import { KriyaError } from "../../../base/errors.ts";
import { invariant } from "../../../base/invariant.ts";
import type { SeededRandom } from "../../hnsw/seeded_random.ts";
import { partMeans } from "./part_means.ts";

/** Means of a part. */
export const MEANS = 16;

/** Dimensions of a part, where nobody says how many parts there are. */
const PART_DIMS = 2;

/** The greatest number of a table: two of them are added in a byte. */
const TABLE_MAX = 127;

const HEAD_BYTES = 20;
const VERSION = 1;
const BITS = 4;

/** What a query's sums are made with: a product is `low` + `step` × the sum. */
export interface QueryTables {
  readonly low: number;
  readonly step: number;
}

/** How many parts vectors have, by what was asked for. */
export function partsFor(dims: number, wanted: number | undefined): number {
  return Math.min(dims, wanted ?? Math.ceil(dims / PART_DIMS));
}

/** Bytes of a code of so many parts. */
export function codeBytesOf(parts: number): number {
  return Math.ceil(parts / 2);
}

/** See the module. */
export class ProductCodebook {
  /** Dimensions of every vector. */
  readonly dims: number;
  /** Parts of a vector. */
  readonly parts: number;
  /** How many vectors it was made of. */
  readonly trained: number;
  /** Its name: a checksum of all there is to it. */
  readonly name: number;
  /** What queries are less by. */
  readonly origin: Float32Array<ArrayBuffer>;
  /** Where each part begins, and the last ends. */
  readonly #starts: Uint32Array;
  readonly #means: Float32Array<ArrayBuffer>;

  private constructor(
    means: Float32Array<ArrayBuffer>,
    { origin, parts, trained }: {
      readonly origin: Float32Array<ArrayBuffer>;
      readonly parts: number;
      readonly trained: number;
    },
  ) {
    const dims = origin.length;
    invariant(means.length === MEANS * dims, "means of other dimensions");
    this.origin = origin;
    this.dims = dims;
    this.parts = parts;
    this.trained = trained;
    this.#means = means;
    this.#starts = startsOf(dims, parts);
    this.name = crc32c(this.encode().subarray(4));
  }

  /** Makes one of residuals, one after the other. Yields after each part. */
  static *train(
    residuals: Float32Array,
    { origin, parts, random }: {
      readonly origin: Float32Array<ArrayBuffer>;
      readonly parts: number;
      readonly random: SeededRandom;
    },
  ): Generator<void, ProductCodebook> {
    const dims = origin.length;
    const starts = startsOf(dims, parts);
    const means = new Float32Array(MEANS * dims);
    for (let part = 0; part < parts; part++) {
      const from = starts[part]!;
      const size = starts[part + 1]! - from;
      means.set(
        partMeans(residuals, { dims, from, size, count: MEANS, random }),
        MEANS * from,
      );
      yield;
    }
    const trained = residuals.length / dims;
    return new ProductCodebook(means, { origin, parts, trained });
  }

  /**
   * Reads one.
   *
   * @throws {KriyaError} of kind `corrupt`.
   */
  static decode(bytes: Uint8Array, dims: number): ProductCodebook {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (
      bytes.length !== HEAD_BYTES + 4 * (MEANS + 1) * dims ||
      view.getUint32(0, true) !== crc32c(bytes.subarray(4)) ||
      view.getUint32(8, true) !== dims
    ) throw corrupt(bytes.length);
    const parts = view.getUint32(12, true);
    const isKnown = bytes[4] === VERSION && bytes[5] === BITS;
    if (!isKnown || parts < 1 || parts > dims) throw corrupt(bytes.length);
    const numbers = new Float32Array((MEANS + 1) * dims);
    for (let i = 0; i < numbers.length; i++) {
      numbers[i] = view.getFloat32(HEAD_BYTES + 4 * i, true);
      if (!Number.isFinite(numbers[i]!)) throw corrupt(bytes.length);
    }
    const origin = numbers.slice(0, dims);
    const means = numbers.slice(dims);
    const trained = view.getUint32(16, true);
    return new ProductCodebook(means, { origin, parts, trained });
  }

  /** Its bytes, as stored. */
  encode(): Uint8Array<ArrayBuffer> {
    const numbers = [...this.origin, ...this.#means];
    const bytes = new Uint8Array(HEAD_BYTES + 4 * numbers.length);
    const view = new DataView(bytes.buffer);
    bytes[4] = VERSION;
    bytes[5] = BITS;
    view.setUint32(8, this.dims, true);
    view.setUint32(12, this.parts, true);
    view.setUint32(16, this.trained, true);
    numbers.forEach((each, i) =>
      view.setFloat32(HEAD_BYTES + 4 * i, each, true)
    );
    view.setUint32(0, crc32c(bytes.subarray(4)), true);
    return bytes;
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.#means.byteLength + this.origin.byteLength;
  }

  /**
   * Writes the code of a residual at byte `at`, two parts in a byte, the first
   * in the low half; and puts what the code stands for in the residual's place.
   */
  code(residual: Float64Array, out: Uint8Array, at: number): void {
    const means = this.#means;
    out.fill(0, at, at + codeBytesOf(this.parts));
    for (let part = 0; part < this.parts; part++) {
      const from = this.#starts[part]!;
      const to = this.#starts[part + 1]!;
      let best = 0;
      let bestDistance = Infinity;
      let mean = MEANS * from;
      for (let c = 0; c < MEANS; c++) {
        let distance = 0;
        for (let i = from; i < to; i++) {
          const d = residual[i]! - means[mean++]!;
          distance += d * d;
        }
        if (distance < bestDistance) {
          best = c;
          bestDistance = distance;
        }
      }
      const chosen = MEANS * from + best * (to - from);
      for (let i = from; i < to; i++) residual[i] = means[chosen + i - from]!;
      out[at + (part >> 1)]! |= best << 4 * (part & 1);
    }
  }

  /**
   * Writes tables for a query: 16 bytes of each part, which say its product with
   * each mean in steps. `undefined` if numbers are too large.
   */
  tables(
    query: Float32Array,
    out: Uint8Array,
    at: number,
  ): QueryTables | undefined {
    const { origin } = this;
    const means = this.#means;
    const products = new Float64Array(MEANS * this.parts);
    const lows = new Float64Array(this.parts);
    let low = 0;
    let range = 0;
    for (let part = 0; part < this.parts; part++) {
      const from = this.#starts[part]!;
      const to = this.#starts[part + 1]!;
      let least = Infinity;
      let most = -Infinity;
      let mean = MEANS * from;
      for (let c = 0; c < MEANS; c++) {
        let product = 0;
        for (let i = from; i < to; i++) {
          product += (query[i]! - origin[i]!) * means[mean++]!;
        }
        products[MEANS * part + c] = product;
        if (product < least) least = product;
        if (product > most) most = product;
      }
      lows[part] = least;
      low += least;
      range = Math.max(range, most - least);
    }
    if (!Number.isFinite(low) || !Number.isFinite(range)) return undefined;
    const step = range / TABLE_MAX;
    const scale = range > 0 ? TABLE_MAX / range : 0;
    out.fill(0, at, at + 2 * MEANS * codeBytesOf(this.parts));
    for (let i = 0; i < products.length; i++) {
      out[at + i] = (products[i]! - lows[i >> 4]!) * scale + 0.5;
    }
    return { low, step };
  }
}

function startsOf(dims: number, parts: number): Uint32Array {
  return Uint32Array.from(
    { length: parts + 1 },
    (_, j) => Math.floor(j * dims / parts),
  );
}

function corrupt(length: number): KriyaError {
  return new KriyaError(
    "corrupt",
    `Cannot read a codebook of a vector index from ${length} bytes`,
  );
}
