import { assert, assertEquals, assertRejects } from "@std/assert";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { searchBatch } from "./search_batch.ts";
import { newCounters } from "./search_counters.ts";
import { VectorIndex } from "./vector_index.ts";

const vectors = clusteredVectors({
  seed: 3,
  count: 3000,
  dims: 8,
  clusters: 12,
  spread: 0.4,
});

/** Two sealed segments and a live one, with rows that ended. */
function filledIndex(): VectorIndex {
  const index = new VectorIndex({ dims: 8, seed: 4 });
  vectors.slice(0, 2900).forEach((vector, row) => {
    index.insert(row, vector, 1 + row);
    if (row !== 1400 && row !== 2600) return;
    const job = index.startSeal()!;
    while (!job.step(1000)) continue;
    index.install(job);
  });
  for (let row = 0; row < 2900; row += 7) index.end(row, 3000 + row);
  return index;
}

Deno.test("many queries find what each finds alone, filtered or not", async () => {
  const index = filledIndex();
  const queries = vectors.slice(2900);
  const allowed = Float64Array.from({ length: 900 }, (_, i) => 3 * i);
  for (
    const options of [
      { k: 5 },
      { k: 20, allowed },
      { k: 4, allowed, snapshot: 4000 },
      { allowed: new Float64Array(0) },
      { k: 7, plan: "graph", ef: 30 } as const,
    ]
  ) {
    const { k = 10 } = options;
    const batches = await searchBatch(index, queries, options);
    assertEquals(batches.length, queries.length);
    queries.forEach((query, i) => {
      assertEquals(batches[i], index.search(query, { ...options, k }).next(k));
    });
  }
});

Deno.test("all queries of a batch see one moment", async () => {
  const index = filledIndex();
  const coming = searchBatch(index, vectors.slice(0, 50), { k: 1 });
  for (let row = 1; row < 50; row += 2) index.end(row, 9000);
  const nearest = (await coming).map(({ distances }) => distances[0]!);
  for (let row = 1; row < 50; row += 2) {
    assertEquals(nearest[row], row % 7 === 0 ? nearest[row] : 0);
  }
});

Deno.test("one query that does not fit, and none is searched for", async () => {
  const index = filledIndex();
  const counters = newCounters();
  const queries = [vectors[0]!, new Float32Array(7)];
  await assertRejects(() => searchBatch(index, queries, { counters }), Error);
  assertEquals(counters.distances, 0);
  assertEquals(await searchBatch(index, []), []);
  assert(
    (await searchBatch(index, [vectors[0]!], { counters }))[0]!.count === 10,
  );
  assert(counters.distances > 0);
});
