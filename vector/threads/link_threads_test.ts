import { assert, assertEquals, assertThrows } from "@std/assert";
import { delay, systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { supportedVariants } from "../hnsw/create_kernels.ts";
import { graphProblem } from "../hnsw/graph_check.ts";
import { efFor } from "../segments/calibration.ts";
import type { SealedSegment } from "../segments/sealed_segment.ts";
import { SegmentBuilder } from "../segments/segment_builder.ts";
import type { SlicedTask } from "../segments/sliced_task.ts";
import { VectorIndex } from "../segments/vector_index.ts";

const ROWS = clusteredVectors({
  seed: 5,
  count: 5000,
  dims: 24,
  clusters: 40,
  spread: 0.4,
});

function builderOf(
  threads: number,
  rows: readonly Float32Array[] = ROWS,
): SegmentBuilder {
  const builder = new SegmentBuilder({
    dims: rows[0]!.length,
    metric: "cosine",
    m: 8,
    efConstruction: 60,
    quantization: "auto",
    seed: 1,
    environment: systemEnvironment,
    threads,
  }, rows.length);
  rows.forEach((row, i) => builder.add(i, row, 1));
  return builder;
}

/** Works to the end; gives whether other threads worked too. */
async function finish(task: SlicedTask<unknown>): Promise<boolean> {
  let waited = false;
  let before = 0;
  while (!task.step(5)) {
    assert(task.progress >= before, "progress goes back");
    before = task.progress;
    waited ||= task.isWaiting;
    await delay(systemEnvironment, task.isWaiting ? 2 : 0);
  }
  return waited;
}

async function build(
  threads: number,
  rows?: readonly Float32Array[],
): Promise<{ segment: SealedSegment; waited: boolean }> {
  const task = builderOf(threads, rows).build({ from: 1, to: 1 });
  const waited = await finish(task);
  return { segment: task.result.segment, waited };
}

Deno.test("linkInThreads: the graph is whole, and as good as one thread's", async () => {
  const alone = await build(0);
  assertEquals(alone.waited, false);
  const width = { k: 10, minRecall: 0.95 };
  const ef = efFor(alone.segment.calibration, width);
  for (const threads of [1, 3]) {
    const { segment, waited } = await build(threads);
    assert(waited);
    assertEquals(graphProblem(segment.memory, segment.levels), undefined);
    assert(efFor(segment.calibration, width) <= 1.25 * ef);
    const index = new VectorIndex({ dims: 24, metric: "cosine" });
    index.addSealed(segment);
    let found = 0;
    for (let i = 0; i < 200; i++) {
      const exact = index.search(ROWS[i]!, { plan: "exact" }).next(10);
      const walked = index.search(ROWS[i]!, { plan: "graph" }).next(10);
      const reach = exact.distances[9]!;
      found += walked.distances.filter((d) => d <= reach).length;
    }
    assert(found / 2000 >= 0.95, `recall ${found / 2000}`);
  }
});

Deno.test("linkInThreads: equal rows and rows without direction are all found", async () => {
  const rows = ROWS.slice(0, 3000).map((row, i) =>
    i % 3 === 0 ? ROWS[i % 30]! : i % 100 === 1 ? new Float32Array(24) : row
  );
  const { segment, waited } = await build(3, rows);
  assert(waited);
  assertEquals(graphProblem(segment.memory, segment.levels), undefined);
  const index = new VectorIndex({ dims: 24, metric: "cosine" });
  index.addSealed(segment);
  const all = index.search(ROWS[0]!).next(4000);
  assertEquals(all.count, 3000);
  assertEquals(new Set(all.locators).size, 3000);
  const equal = index.search(ROWS[3]!, { plan: "graph" }).next(100);
  assertEquals(equal.distances.filter((d) => d < 1e-6).length, 100);
});

Deno.test("linkInThreads: who stops it is not kept waiting, and can begin anew", async () => {
  const task = builderOf(2).build({ from: 1, to: 1 });
  while (!task.isWaiting) task.step(5);
  const before = performance.now();
  task.abort();
  assert(performance.now() - before < 50);
  assertThrows(() => task.step(1), KriyaError, "aborted task");
  assert((await build(2)).waited);
});

Deno.test("linkInThreads: a Worker that fails leaves the work to this thread", async () => {
  const { Worker: actual } = globalThis;
  let started = 0;
  class BrokenWorker {
    onerror?: (event: Event) => void;
    postMessage(): void {
      started++;
      setTimeout(() => this.onerror?.(new Event("error")), 1);
    }
    terminate(): void {}
  }
  Object.assign(globalThis, { Worker: BrokenWorker });
  try {
    const broken = await build(2);
    assertEquals([started, broken.waited], [2, true]);
    const alone = await build(0);
    const { segment } = broken;
    assertEquals(graphProblem(segment.memory, segment.levels), undefined);
    assertEquals(segment.calibration.length, alone.segment.calibration.length);
  } finally {
    Object.assign(globalThis, { Worker: actual });
  }
});

Deno.test({
  name: "linkInThreads: without the permission to load a Worker there is none",
  permissions: { read: false },
  async fn(): Promise<void> {
    assertEquals((await build(2)).waited, false);
  },
});

Deno.test("linkInThreads: kernels that cannot share memory link by themselves", async () => {
  assert(supportedVariants().includes("plain"));
  const rows = ROWS.slice(0, 2500);
  const builder = new SegmentBuilder({
    dims: 24,
    metric: "l2",
    m: 4,
    efConstruction: 8,
    seed: 1,
    environment: systemEnvironment,
    variant: "plain",
    threads: 2,
  }, rows.length);
  rows.forEach((row, i) => builder.add(i, row, 1));
  assertEquals(await finish(builder.build({ from: 1, to: 1 })), false);
});
