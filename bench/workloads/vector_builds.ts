/**
 * Building the vector index beside hnswlib, both m 16 and ef_construction 200:
 * by one thread, by the CPU time of the process; and how much sooner two
 * threads are done than one, by the clock.
 *
 * @module
 */
import { systemEnvironment } from "../../base/environment.ts";
import { SegmentBuilder } from "../../vector/segments/segment_builder.ts";
import type { LimitWorkload, Side, Workload } from "../harness.ts";
import { DATA } from "../vectors/data_sets.ts";
import { Hnswlib, prepareHnswlib } from "../vectors/hnswlib.ts";
import type { VectorData } from "../vectors/vector_data.ts";

/** Rows of a round, at most. */
const ROWS = 20_000;

/** Builds a segment of the first rows, and calibrates it. */
async function build(data: VectorData, threads: number): Promise<number> {
  const count = Math.min(ROWS, data.count);
  const builder = new SegmentBuilder({
    dims: data.dimensions,
    metric: data.metric,
    m: 16,
    efConstruction: 200,
    quantization: "auto",
    seed: 1,
    environment: systemEnvironment,
    threads,
  }, count);
  for (let i = 0; i < count; i++) builder.add(i, data.vector(i), 1);
  const task = builder.build({ from: 1, to: 1 });
  while (!task.step(50)) {
    await new Promise((resolve) => setTimeout(resolve, task.isWaiting ? 4 : 0));
  }
  return count;
}

class OurBuild implements Side {
  readonly #data: VectorData;
  readonly #threads: number;

  constructor(data: VectorData, threads: number) {
    this.#data = data;
    this.#threads = threads;
  }

  setup(): Promise<string> {
    return Promise.resolve(`${this.#threads} Workers`);
  }

  round(): Promise<number> {
    return build(this.#data, this.#threads);
  }

  async close(): Promise<void> {}
}

class HnswlibBuild implements Side {
  readonly #data: VectorData;

  constructor(data: VectorData) {
    this.#data = data;
  }

  setup(): Promise<string> {
    return Promise.resolve("m 16, ef_construction 200");
  }

  round(): Promise<number> {
    const count = Math.min(ROWS, this.#data.count);
    const index = new Hnswlib(this.#data);
    index.create();
    for (let i = 0; i < count; i++) index.add(i);
    index.close();
    return Promise.resolve(count);
  }

  async close(): Promise<void> {}
}

function oneThread(name: "glove" | "mnist"): Workload {
  return {
    name: `vectors-build-${name}`,
    unit: "rows/s",
    peers: { hnswlib: { name: "hnswlib", target: 1.2 } },
    sides: {
      ours: () => new OurBuild(DATA[name].load(), 0),
      hnswlib: () => new HnswlibBuild(DATA[name].load()),
    },
    async prepare(): Promise<void> {
      await DATA[name].prepare();
      await prepareHnswlib();
    },
  };
}

/** Builds by one thread. */
export const vectorBuilds: readonly Workload[] = [
  oneThread("glove"),
  oneThread("mnist"),
];

/** The time of one Worker over that of two, as a share of what is wanted. */
async function measureThreads(): Promise<number> {
  const data = DATA.glove.load();
  const timed = async (threads: number): Promise<number> => {
    const start = performance.now();
    await build(data, threads);
    return performance.now() - start;
  };
  await timed(2);
  const [before, two, after] = [await timed(1), await timed(2), await timed(1)];
  return two / ((before + after) / 2);
}

/** Two Workers beside one: the share of its time that they take. */
export const vectorThreads: LimitWorkload = {
  name: "vectors-threads",
  unit: "of one's time",
  limit: 1 / 1.7,
  turns: 3,
  measure: measureThreads,
  prepare: () => DATA.glove.prepare(),
};
