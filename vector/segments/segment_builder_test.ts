import { assert, assertEquals, assertThrows } from "@std/assert";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { systemEnvironment } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { distanceOf } from "../distance/metric.ts";
import {
  estimateGraphBytes,
  segmentEntriesMax,
} from "../hnsw/segment_layout.ts";
import { SegmentBuilder } from "./segment_builder.ts";
import { VectorIndex } from "./vector_index.ts";

Deno.test("SegmentBuilder builds one segment of many rows for an index to take", () => {
  const rows = clusteredVectors({
    seed: 3,
    count: 3000,
    dims: 6,
    clusters: 9,
    spread: 0.3,
  });
  const builder = new SegmentBuilder({
    dims: 6,
    metric: "inner_product",
    m: 8,
    efConstruction: 60,
    seed: 1,
    environment: systemEnvironment,
  });
  rows.forEach((row, i) => builder.add(i, row, 5, i % 10 === 0 ? 8 : Infinity));
  assertThrows(
    () => builder.add(1, Float32Array.of(1), 5),
    KriyaError,
    "expected 6 dimensions, not 1",
  );
  assertEquals(builder.count, 3000);
  const { segment } = builder.build({ from: 0, to: 9 }).finish();
  assertThrows(() => builder.add(1, rows[0]!, 5), KriyaError);
  const index = new VectorIndex({ dims: 6, metric: "inner_product" });
  index.addSealed(segment);
  assertEquals(index.lastSeq, 9);
  const batch = index.search(rows[5]!).next(4000);
  assertEquals(batch.count, 2700);
  const distance = distanceOf("inner_product");
  const nearest = rows.map((row, i) =>
    i % 10 === 0 ? 0 : distance(rows[5]!, row)
  );
  assertEquals(nearest[batch.locators[0]!], Math.min(...nearest));
  assertEquals(index.search(rows[5]!, { snapshot: 7 }).next(4000).count, 3000);
});

Deno.test("SegmentBuilder refuses more rows than a memory of 4 GiB takes", () => {
  const most = segmentEntriesMax(16_000, 16);
  assert(most > 50_000 && most < 67_000);
  const error = assertThrows(
    () =>
      new SegmentBuilder({
        dims: 16_000,
        metric: "l2",
        m: 16,
        efConstruction: 200,
        seed: 1,
        environment: systemEnvironment,
      }, most + 1),
    KriyaError,
    `Cannot build a vector segment of more than ${most} rows`,
  );
  assertEquals([error.kind, error.code], ["invalid", "54000"]);
});

Deno.test("a graph takes about 150 bytes a row beside its vector, as estimated", () => {
  const count = 5000;
  const rows = clusteredVectors({
    seed: 3,
    count,
    dims: 30,
    clusters: 9,
    spread: 0.3,
  });
  const options = {
    dims: 30,
    metric: "l2",
    m: 16,
    efConstruction: 40,
    seed: 1,
    environment: systemEnvironment,
  } as const;
  for (const expected of [count, undefined]) {
    const builder = new SegmentBuilder(options, expected);
    rows.forEach((row, i) => builder.add(i, row, 1));
    const { segment } = builder.build({ from: 0, to: 1 }).finish();
    const { level0, visited } = segment.memory.graph;
    const perRow = (visited + count - level0) / count;
    assert(perRow > 135 && perRow < 155, `${perRow} bytes a row`);
    const estimate = estimateGraphBytes({ count, dims: 30, m: 16 });
    const share = segment.memory.byteLength / estimate;
    // Without the count, rows are reserved a quarter ahead.
    const most = expected === undefined ? 1.3 : 1.1;
    assert(share > 0.9 && share < most, `${share} of the estimate`);
  }
});
