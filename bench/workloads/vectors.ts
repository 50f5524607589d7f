/**
 * The vector index without SQL beside hnswlib, both m 16 and ef_construction
 * 200: searches at a recall.
 *
 * A search gives the 10 nearest. Each side gets the smallest width that
 * reaches the recall on the 1000 queries.
 *
 * @module
 */
import { join } from "node:path";
import { crc32c } from "../../base/checksum.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { wasmBytes } from "../../vector/kernels/wasm_kernels.ts";
import { SegmentBuilder } from "../../vector/segments/segment_builder.ts";
import { encodeSegment } from "../../vector/segments/segment_encoder.ts";
import { decodeSegment } from "../../vector/segments/segment_loader.ts";
import { VectorIndex } from "../../vector/segments/vector_index.ts";
import { dataFolder, exists } from "../cache.ts";
import type { Side, Workload } from "../harness.ts";
import { DATA, type DataName } from "../vectors/data_sets.ts";
import { Hnswlib, prepareHnswlib } from "../vectors/hnswlib.ts";
import { NEAREST, type VectorData } from "../vectors/vector_data.ts";

/** Queries of a round; all are asked in turn. */
const QUERIES = 100;

/** Widths that are tried. */
const WIDTHS: readonly number[] = Array.from(
  { length: 64 },
  (_, i) => Math.ceil(10 * 2 ** (i / 8)),
);

/** What the sides share: the smallest width that reaches a recall. */
abstract class SearchSide implements Side {
  protected readonly data: VectorData;
  readonly #recall: number;
  #next = 0;

  constructor(data: VectorData, recall: number) {
    this.data = data;
    this.#recall = recall;
  }

  /** Makes the index; says how. */
  protected abstract build(): string;
  protected abstract setWidth(ef: number): void;
  /** The nearest of query `i`. */
  protected abstract ask(i: number): ArrayLike<number>;
  abstract close(): Promise<void>;

  setup(): Promise<string> {
    const built = this.build();
    for (const ef of WIDTHS) {
      this.setWidth(ef);
      const recall = this.#measure();
      if (recall < this.#recall) continue;
      return Promise.resolve(`${built}, ef ${ef}: recall ${recall.toFixed(4)}`);
    }
    throw new Error(`${built}: no width gives ${this.#recall}`);
  }

  #measure(): number {
    const { queryCount } = this.data;
    let sum = 0;
    for (let i = 0; i < queryCount; i++) {
      sum += this.data.recall(i, Array.from(this.ask(i)));
    }
    return sum / queryCount;
  }

  round(): Promise<number> {
    for (let i = 0; i < QUERIES; i++) {
      this.ask(this.#next);
      this.#next = (this.#next + 1) % this.data.queryCount;
    }
    return Promise.resolve(QUERIES);
  }
}

/** A builder that has all rows, with codes as `auto` chooses. */
function builderOf(data: VectorData): SegmentBuilder {
  const builder = new SegmentBuilder({
    dims: data.dimensions,
    metric: data.metric,
    m: 16,
    efConstruction: 200,
    quantization: "auto",
    seed: 1,
    environment: systemEnvironment,
  }, data.count);
  for (let i = 0; i < data.count; i++) builder.add(i, data.vector(i), 1);
  return builder;
}

class OurSearch extends SearchSide {
  #index: VectorIndex | undefined;
  #ef = 0;

  protected build(): string {
    const { data } = this;
    // What was built by other kernels is built anew.
    const kernels = crc32c(wasmBytes("relaxed-simd")).toString(16);
    const file = join(dataFolder(), `segment-${data.name}-${kernels}`);
    if (!exists(file)) {
      const task = builderOf(data).build({ from: 1, to: 1 });
      while (!task.step(1000)) continue;
      Deno.writeFileSync(file, encodeSegment(task.result.segment));
    }
    const segment = decodeSegment(Deno.readFileSync(file), file);
    const { dimensions: dims, metric } = data;
    this.#index = new VectorIndex({ dims, metric });
    this.#index.addSealed(segment);
    return `${segment.quantization}, ${segment.byteLength} bytes in memory`;
  }

  protected setWidth(ef: number): void {
    this.#ef = ef;
  }

  protected ask(i: number): ArrayLike<number> {
    const options = { k: NEAREST, ef: this.#ef };
    return this.#index!.search(this.data.query(i), options).next(NEAREST)
      .locators;
  }

  async close(): Promise<void> {}
}

class HnswlibSearch extends SearchSide {
  readonly #index = new Hnswlib(this.data);
  readonly #queries = Array.from(
    { length: this.data.queryCount },
    (_, i) => this.#index.rowOf(this.data.query(i)),
  );

  protected build(): string {
    this.#index.ready();
    return "m 16, ef_construction 200";
  }

  protected setWidth(ef: number): void {
    this.#index.setWidth(ef);
  }

  protected ask(i: number): ArrayLike<number> {
    return this.#index.search(this.#queries[i]!, NEAREST);
  }

  close(): Promise<void> {
    this.#index.close();
    return Promise.resolve();
  }
}

function search(name: DataName, recall: number): Workload {
  return {
    name: `vectors-${name}-${Math.round(1000 * recall)}`,
    unit: "queries/s",
    peers: { hnswlib: { name: "hnswlib", target: 1.6 } },
    sides: {
      ours: () => new OurSearch(DATA[name].load(), recall),
      hnswlib: () => new HnswlibSearch(DATA[name].load(), recall),
    },
    async prepare(): Promise<void> {
      await DATA[name].prepare();
      await prepareHnswlib();
    },
  };
}

/** Searches of the index. */
export const vectorSearches: readonly Workload[] = [
  search("glove", 0.9),
  search("glove", 0.95),
  search("glove", 0.99),
  search("mnist", 0.95),
  search("mnist", 0.99),
  search("sentences", 0.95),
];
