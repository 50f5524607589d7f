import { assert, assertEquals } from "@std/assert";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { distanceOf, metricsOf } from "../distance/metric.ts";
import { SeededRandom } from "../hnsw/seeded_random.ts";
import { permuteRows } from "../hnsw/row_permutation.ts";
import { SegmentMemory } from "../hnsw/segment_memory.ts";
import { orderRows } from "./row_order.ts";

Deno.test("orderRows is a permutation that brings near rows together", () => {
  for (const metric of metricsOf("float32")) {
    const rows = clusteredVectors({
      seed: 8,
      count: 3000,
      dims: 16,
      clusters: 60,
      spread: 0.2,
    });
    rows[5] = new Float32Array(16);
    const memory = new SegmentMemory({ dims: 16, metric });
    memory.reserveRows(rows.length);
    rows.forEach((row, i) => memory.setRow(i, row));
    const ordering = orderRows(memory, rows.length, new SeededRandom(1));
    let next = ordering.next();
    let yields = 0;
    for (; next.done !== true; next = ordering.next()) yields++;
    const order = next.value;
    assertEquals(order.toSorted(), Uint32Array.from(rows.keys()));
    assert(yields > 0);
    // Neighbours in the order, against neighbours in the order of arrival.
    const distance = distanceOf(metric);
    let ordered = 0;
    let arrived = 0;
    for (let i = 1; i < rows.length; i++) {
      const near = distance(rows[order[i - 1]!]!, rows[order[i]!]!);
      ordered += Number.isNaN(near) ? 0 : near;
      const far = distance(rows[i - 1]!, rows[i]!);
      arrived += Number.isNaN(far) ? 0 : far;
    }
    const gain = metric === "inner_product"
      ? arrived - ordered
      : arrived - 1.5 * ordered;
    assert(gain > 0, `${metric}: ${ordered} after ${arrived}`);

    const permuting = permuteRows(memory, order);
    while (permuting.next().done !== true) continue;
    order.forEach((from, i) => {
      if (from === 5 && metric === "cosine") assert(memory.isNowhere(i));
      else if (metric !== "cosine") assertEquals(memory.row(i), rows[from]!);
    });
  }
});

Deno.test("orderRows takes rows that are all equal, or none", () => {
  for (const count of [0, 1, 33, 500]) {
    const memory = new SegmentMemory({ dims: 3, metric: "l2" });
    memory.reserveRows(count);
    const ordering = orderRows(memory, count, new SeededRandom(2));
    let next = ordering.next();
    while (next.done !== true) next = ordering.next();
    assertEquals(
      next.value.toSorted(),
      Uint32Array.from({ length: count }, (_, i) => i),
    );
  }
});
