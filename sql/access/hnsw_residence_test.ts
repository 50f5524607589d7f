import { assert, assertEquals } from "@std/assert";
import type { HnswDefinition } from "./hnsw_definition.ts";
import { leavesVectors, segmentRowsMaxOf } from "./hnsw_residence.ts";

const DEFINITION: HnswDefinition = {
  metric: "l2",
  element: "float32",
  m: 16,
  efConstruction: 200,
  quantization: "auto",
  vectors: "auto",
  flushIntervalSeconds: 600,
  flushSizeMb: 100,
  dims: 512,
};

const GIB = 2 ** 30;

Deno.test("vectors are left in the bucket where memory is short, or somebody says so", () => {
  const asked = { dims: 512, memoryBytesMax: 2 * GIB };
  const leaves = (rows: number, what: Partial<HnswDefinition> = {}): boolean =>
    leavesVectors({ ...asked, rows, definition: { ...DEFINITION, ...what } });
  assertEquals(leaves(300_000), false);
  assertEquals(leaves(600_000), true);
  assertEquals(leaves(600_000, { vectors: "memory" }), false);
  assertEquals(leaves(1000, { vectors: "bucket" }), true);
  // What has no codes cannot be searched without its vectors.
  assertEquals(leaves(600_000, { quantization: "none" }), false);
  assertEquals(leaves(600_000, { metric: "l1" }), false);
  assertEquals(leaves(9e6, { element: "bit", metric: "hamming" }), false);
});

Deno.test("segments are as large as can be built in a quarter of the memory", () => {
  const facts = { definition: DEFINITION, dims: 512, memoryBytesMax: GIB };
  assertEquals(segmentRowsMaxOf({ ...facts, rows: 1000 }), undefined);
  const rows = segmentRowsMaxOf({ ...facts, rows: 1e6 })!;
  assert(rows * 2048 < GIB / 4 && rows * 4096 > GIB / 4, `${rows}`);
  const little = { ...facts, memoryBytesMax: 1e6, rows: 1e6 };
  assertEquals(segmentRowsMaxOf(little), 10_000);
});
