/**
 * Recall of the index as users get it, with nothing set: at least 0.95 of the
 * nearest, for any metric, k, filter and history, by an oracle that looks at
 * every row.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  distanceOf,
  type Metric,
  metricsOf,
} from "../../vector/distance/metric.ts";
import {
  type QuantizationChoice,
  QUANTIZATIONS,
} from "../../vector/codes/quantization.ts";
import { supportedVariants } from "../../vector/hnsw/create_kernels.ts";
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";
import type { KernelVariant } from "../../vector/kernels/kernels.ts";
import type { SearchOptions } from "../../vector/segments/index_options.ts";
import { VectorIndex } from "../../vector/segments/vector_index.ts";
import {
  clusteredVectors,
  type ClusterOptions,
} from "../support/vector_data.ts";

const QUERIES = 120;

/** Queries whose exact answer is compared with the definition. */
const CHECKED = 3;

interface Collection {
  readonly index: VectorIndex;
  readonly metric: Metric;
  readonly rows: readonly Float32Array[];
  readonly queries: readonly Float32Array[];
}

/** Rows 0 to n by their numbers, sealed into `segments` segments. */
function collect(
  data: Omit<ClusterOptions, "seed">,
  options: {
    metric: Metric;
    segments?: number;
    variant?: KernelVariant;
    quantization?: QuantizationChoice;
  },
): Collection {
  const { metric, variant, segments = 1, quantization } = options;
  const vectors = clusteredVectors({
    ...data,
    seed: 42,
    count: data.count + QUERIES,
  });
  const rows = vectors.slice(0, data.count);
  const { dims } = data;
  const made = { dims, metric, variant, quantization, seed: 42 };
  const index = new VectorIndex(made);
  rows.forEach((row, i) => {
    index.insert(i, row, 1 + i);
    if ((i + 1) % Math.ceil(rows.length / segments) === 0) seal(index);
  });
  seal(index);
  return { index, metric, rows, queries: vectors.slice(data.count) };
}

function seal(index: VectorIndex): void {
  const job = index.startSeal();
  if (job === undefined) return;
  while (!job.step(1000)) continue;
  index.install(job);
}

/** The share of the nearest `k` that searches give; all give `k` rows. */
function recall(
  collection: Collection,
  k: number,
  options: SearchOptions = {},
  isWanted: (row: number) => boolean = () => true,
): number {
  const { index, queries } = collection;
  let hits = 0;
  queries.forEach((query, i) => {
    const exact = index.search(query, { ...options, k, plan: "exact" }).next(k);
    const kth = exact.distances[k - 1]!;
    if (i < CHECKED) checkKth(collection, query, kth, { k, isWanted });
    const batch = index.search(query, { ...options, k }).next(k);
    assertEquals(batch.count, k);
    for (let j = 0; j < k; j++) {
      assert(isWanted(batch.locators[j]!));
      if (batch.distances[j]! <= kth + 1e-6) hits++;
    }
  });
  return hits / queries.length / k;
}

/** Checks a distance to the k-th nearest by the definition. */
function checkKth(
  { metric, rows }: Collection,
  query: Float32Array,
  kth: number,
  options: { k: number; isWanted: (row: number) => boolean },
): void {
  const distance = distanceOf(metric);
  const distances: number[] = [];
  rows.forEach((row, i) => {
    if (options.isWanted(i)) distances.push(distance(query, row));
  });
  const expected = distances.sort((a, b) => a - b)[options.k - 1]!;
  assertAlmostEquals(kth, expected, 1e-4 * (1 + Math.abs(expected)));
}

/** Like sentences' embeddings: clusters that overlap. */
const CLUSTERED = { count: 12_000, dims: 64, clusters: 120, spread: 0.7 };

for (const metric of metricsOf("float32")) {
  const scaled = metric === "inner_product";
  Deno.test(`recall: ${metric} over clusters, k 10 and 100, any snapshot and filter`, () => {
    const collection = collect({ ...CLUSTERED, scaled }, { metric });
    const { index } = collection;
    const plans = index.search(collection.queries[0]!);
    plans.next(10);
    assertEquals(plans.plans, ["graph"]);
    assert(recall(collection, 10) >= 0.95);
    assert(recall(collection, 100) >= 0.95);

    const random = new SeededRandom(9);
    for (const share of [0.9, 0.5, 0.25, 0.05, 0.01]) {
      const wanted = new Set<number>();
      for (let i = 0; i < CLUSTERED.count; i++) {
        if (random.next() < share * 2 ** 32) wanted.add(i);
      }
      const allowed = Float64Array.from(wanted);
      const isWanted = (row: number): boolean => wanted.has(row);
      const found = recall(collection, 10, { allowed }, isWanted);
      assert(found >= 0.95, `filter ${share}: ${found}`);
    }

    // A filter that leaves out what is near: rows on one side of a plane.
    const side = collection.rows.map((row) => row[0]! + row[1]! > 0.5);
    const allowed = Float64Array.from(
      side.flatMap((isOn, i) => isOn ? [i] : []),
    );
    const onSide = recall(collection, 10, { allowed }, (i) => side[i]!);
    assert(onSide >= 0.95, `plane: ${onSide}`);

    // A third of the rows ended: they are bridges, and no results.
    for (let i = 0; i < CLUSTERED.count; i += 3) index.end(i, 30_000 + i);
    assert(recall(collection, 10, {}, (i) => i % 3 !== 0) >= 0.95);
    const snapshot = 30_000 + 9_000;
    const isOpen = (i: number): boolean => i % 3 !== 0 || i > 9_000;
    assert(recall(collection, 10, { snapshot }, isOpen) >= 0.95);
  });
}

Deno.test("recall: data without structure, where a graph is at its worst", () => {
  const data = { count: 10_000, dims: 48, clusters: 10_000, spread: 1 };
  const collection = collect(data, { metric: "l2" });
  assert(recall(collection, 10) >= 0.95);
  // The ladder says what narrower widths would have given.
  const first = collection.index.sealed[0]!.calibration[0]!;
  assert(first.recall10 < 0.95);
});

Deno.test("recall: several segments and a live one", () => {
  const data = { ...CLUSTERED, count: 24_000 };
  const collection = collect(data, { metric: "cosine", segments: 3 });
  const { index } = collection;
  assertEquals(index.sealed.length, 3);
  for (let i = 0; i < 500; i++) {
    index.end(i, 50_000 + i);
    index.insert(i, collection.rows[i]!, 50_000 + i);
  }
  assertEquals(index.liveCount, 500);
  assert(recall(collection, 10) >= 0.95);
});

Deno.test("recall: tight clusters, far apart, and many equal rows", () => {
  const tight = { count: 12_000, dims: 32, clusters: 40, spread: 0.001 };
  assert(recall(collect(tight, { metric: "l2" }), 10) >= 0.95);
  const equal = { count: 12_000, dims: 32, clusters: 300, spread: 0 };
  const collection = collect(equal, { metric: "cosine" });
  assert(recall(collection, 100) >= 0.95);
});

Deno.test("[K-176] a cursor goes on for thousands of rows, to the last of all", () => {
  const { index, queries, rows, metric } = collect(CLUSTERED, { metric: "l2" });
  const distance = distanceOf(metric);
  const query = queries[0]!;
  const order = Array.from(rows.keys()).sort((a, b) =>
    distance(query, rows[a]!) - distance(query, rows[b]!)
  );
  const cursor = index.search(query);
  const seen = new Set<number>();
  let hits = 0;
  for (let batches = 0; batches < 100; batches++) {
    for (const locator of cursor.next(10).locators) seen.add(locator);
  }
  assertEquals(seen.size, 1000);
  for (const row of order.slice(0, 1000)) if (seen.has(row)) hits++;
  assert(hits >= 950, `${hits} of the nearest 1000`);
  while (seen.size < CLUSTERED.count) {
    const batch = cursor.next(1500);
    assertEquals(batch.count, Math.min(1500, CLUSTERED.count - seen.size));
    for (const locator of batch.locators) seen.add(locator);
    if (seen.size !== 5500) continue;
    hits = order.slice(0, 5500).filter((row) => seen.has(row)).length;
    assert(hits >= 0.95 * 5500, `${hits} of the nearest 5500`);
  }
  assertEquals(cursor.next(1).count, 0);
  const batch = index.search(query, { k: 4000 }).next(4000);
  assertEquals(new Set(batch.locators).size, 4000);
});

Deno.test("recall: every kind of codes, k 10 and 100, with a filter, and in tight clusters", () => {
  for (const quantization of QUANTIZATIONS) {
    const options = { metric: "l2", quantization } as const;
    const wide = collect({ ...CLUSTERED, count: 6000 }, options);
    assertEquals(wide.index.sealed[0]!.quantization, quantization);
    const allowed = Float64Array.from({ length: 3000 }, (_, i) => 2 * i);
    const tight = { count: 6000, dims: 32, clusters: 40, spread: 0.001 };
    const found = [
      recall(wide, 10),
      recall(wide, 100),
      recall(wide, 10, { allowed }, (row) => row % 2 === 0),
      recall(collect(tight, options), 10),
    ];
    for (const each of found) assert(each >= 0.95, `${quantization}: ${found}`);
  }
});

Deno.test("recall: without relaxed SIMD the same rows are found", () => {
  assert(supportedVariants().includes("simd"));
  const data = { ...CLUSTERED, count: 8000 };
  const variants = ["relaxed-simd", "simd"] as const;
  const [relaxed, simd] = variants.map((variant) =>
    collect(data, { metric: "cosine", variant })
  );
  let same = 0;
  for (const query of relaxed!.queries) {
    const found = new Set(relaxed!.index.search(query).next(10).locators);
    const other = simd!.index.search(query).next(10).locators;
    for (const locator of other) if (found.has(locator)) same++;
  }
  assert(same >= 0.98 * 10 * QUERIES, `${same}`);
  assert(recall(simd!, 10) >= 0.95);
});
