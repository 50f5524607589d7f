import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { DistanceHeap } from "../segments/distance_heap.ts";
import { ClusterCursor } from "./cluster_cursor.ts";
import { probesFor } from "./probes.ts";

Deno.test("a cursor over clusters gives every row once, nearest first of what it read", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.array(fc.nat({ max: 40 }), { maxLength: 12 }), {
      maxLength: 9,
    }),
    fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
    fc.boolean(),
    async (clusters, counts, waits) => {
      const cursor = new ClusterCursor({
        order: new DistanceHeap(
          Uint32Array.from(clusters, (_, i) => i),
          Float32Array.from(clusters, (_, i) => i),
          clusters.length,
        ),
        probesFor: (rows) => Math.ceil(rows / 4),
        read: (place, sink) => {
          const give = (): void => {
            for (const row of clusters[place]!) sink(row, row / 2);
          };
          return waits ? Promise.resolve().then(give) : give();
        },
      });
      const all = new Set(clusters.flat());
      const given: number[] = [];
      for (let turn = 0;; turn++) {
        const count = counts[turn % counts.length]!;
        const batch = await cursor.next(count);
        const rows = [...batch.locators];
        assertEquals([...batch.distances], rows.map((row) => row / 2));
        assertEquals(rows, rows.toSorted((a, b) => a - b));
        given.push(...rows);
        if (batch.count < count) break;
      }
      assertEquals(given.length, new Set(given).size);
      assertEquals(new Set(given), all);
    },
  ));
});

Deno.test("how many clusters are read follows what was measured", () => {
  const clusters = 1000;
  const points = [
    { probes: 1, recall10: 0.5, recall100: 0.3 },
    { probes: 8, recall10: 0.96, recall100: 0.8 },
    { probes: 32, recall10: 0.99, recall100: 0.97 },
  ];
  const of = (k: number): number => probesFor(points, { k, clusters });
  assertEquals([1, 10, 100, 1000].map(of), [8, 8, 32, 320]);
  assert(of(30) > 8 && of(30) < 32);
  assertEquals(probesFor(points, { k: 10, clusters: 5 }), 5);
  // What no number that was measured reaches takes all of them.
  assertEquals(probesFor(points.slice(0, 1), { k: 10, clusters }), 1000);
  assertEquals(probesFor(points.slice(0, 2), { k: 20, clusters }), 1000);
  // Nothing was measured.
  assertEquals(probesFor([], { k: 10, clusters }), 100);
});
