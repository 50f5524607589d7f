/**
 * Product codes in a memory for kernels.
 *
 * ```text
 * memory   [ tables: 32 bytes a pair of parts ][ sums ][ block 0 ][ block 1 ]…
 * block    [ pair 0 of 16 rows ][ pair 1 of the same rows ]…
 * ```
 *
 * A byte is a pair: the code of the first part in its low half. So an
 * instruction looks up a part of 16 rows.
 *
 * @module
 */
import { createKernels } from "../../hnsw/create_kernels.ts";
import type { ClusterRows } from "../../ivf/cluster_rows.ts";
import {
  BATCH_MAX,
  type Kernels,
  type KernelVariant,
  PAGE_BYTES,
} from "../../kernels/kernels.ts";
import { codeBytesOf } from "./product_codebook.ts";
import { CODE_HEAD_BYTES } from "./product_coder.ts";
import type { ProductQuery } from "./product_query.ts";

/** Rows of a block. */
const BLOCK_ROWS = 16;

const TABLES_AT = 1024;

/** Rows of codes. */
export class ProductRows implements ClusterRows<Uint8Array, ProductQuery> {
  readonly #pairs: number;
  readonly #kernels: Kernels;
  readonly #sumsAt: number;
  readonly #codesAt: number;
  readonly #distances = new Float32Array(BATCH_MAX);
  /** The names of frames by place; 0: there is no code. */
  #frames = new Uint32Array(0);
  #tails = new Float32Array(0);
  #bytes: Uint8Array;
  #sums: Uint32Array;
  #query: ProductQuery | undefined;

  /** None; codes have so many parts. */
  constructor(parts: number, variant?: KernelVariant) {
    this.#pairs = codeBytesOf(parts);
    this.#sumsAt = Math.ceil((TABLES_AT + 32 * this.#pairs) / 64) * 64;
    this.#codesAt = this.#sumsAt + 4 * BATCH_MAX;
    const pages = Math.ceil(this.#codesAt / PAGE_BYTES);
    this.#kernels = createKernels(variant, pages);
    [this.#bytes, this.#sums] = this.#view();
  }

  #view(): [Uint8Array, Uint32Array] {
    const { buffer } = this.#kernels.memory;
    return [
      new Uint8Array(buffer),
      new Uint32Array(buffer, this.#sumsAt, BATCH_MAX),
    ];
  }

  get stride(): number {
    return this.#pairs + CODE_HEAD_BYTES;
  }

  get byteLength(): number {
    return this.#bytes.length + CODE_HEAD_BYTES * this.#frames.length;
  }

  reserve(count: number): void {
    if (count <= this.#frames.length) return;
    const blocks = Math.ceil(count / BLOCK_ROWS);
    const bytes = this.#codesAt + BLOCK_ROWS * this.#pairs * blocks;
    const pages = Math.ceil((bytes - this.#bytes.length) / PAGE_BYTES);
    if (pages > 0) this.#kernels.memory.grow(pages);
    [this.#bytes, this.#sums] = this.#view();
    const frames = new Uint32Array(BLOCK_ROWS * blocks);
    frames.set(this.#frames);
    this.#frames = frames;
    const tails = new Float32Array(BLOCK_ROWS * blocks);
    tails.set(this.#tails);
    this.#tails = tails;
  }

  /** Where the first pair of a row is; the next is a block's rows on. */
  #at(place: number): number {
    const block = Math.floor(place / BLOCK_ROWS);
    return this.#codesAt + BLOCK_ROWS * this.#pairs * block +
      place % BLOCK_ROWS;
  }

  put(place: number, code: Uint8Array): void {
    if (code.length !== this.stride) {
      this.#frames[place] = 0;
      return;
    }
    const view = new DataView(code.buffer, code.byteOffset, code.length);
    this.#frames[place] = view.getUint32(0, true);
    this.#tails[place] = view.getFloat32(4, true);
    let at = this.#at(place);
    for (let i = CODE_HEAD_BYTES; i < code.length; i++, at += BLOCK_ROWS) {
      this.#bytes[at] = code[i]!;
    }
  }

  copy(to: number, from: number): void {
    this.#frames[to] = this.#frames[from]!;
    this.#tails[to] = this.#tails[from]!;
    let at = this.#at(to);
    let source = this.#at(from);
    for (let i = 0; i < this.#pairs; i++) {
      this.#bytes[at] = this.#bytes[source]!;
      at += BLOCK_ROWS;
      source += BLOCK_ROWS;
    }
  }

  setQuery(query: ProductQuery): void {
    this.#query = query;
    if (query.tables !== undefined) {
      this.#bytes.set(query.tables.bytes, TABLES_AT);
    }
  }

  distances(from: number, count: number): ArrayLike<number> {
    const distances = this.#distances;
    const { tables, frame, base, scale, factor } = this.#query!;
    if (tables === undefined) return distances.fill(-Infinity, 0, count);
    const blocks = Math.ceil(count / BLOCK_ROWS);
    this.#kernels.sumNibbles(
      TABLES_AT,
      this.#at(from),
      this.#pairs,
      blocks,
      this.#sumsAt,
    );
    const low = base + factor * tables.low;
    const step = factor * tables.step;
    const frames = this.#frames;
    const tails = this.#tails;
    const sums = this.#sums;
    for (let i = 0; i < count; i++) {
      distances[i] = frames[from + i] === frame
        ? low + scale * tails[from + i]! + step * sums[i]!
        : -Infinity;
    }
    return distances;
  }
}
