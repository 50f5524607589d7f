import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { DistanceHeap } from "./distance_heap.ts";

Deno.test("DistanceHeap gives rows by distance, NaN last, then by number", () => {
  const distance = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(NaN, Infinity, -Infinity),
  );
  fc.assert(fc.property(fc.array(distance, { maxLength: 60 }), (distances) => {
    const ids = Uint32Array.from(distances, (_, i) => (i * 7919) % 1009);
    const heap = new DistanceHeap(
      ids.slice(),
      Float32Array.from(distances),
      distances.length,
    );
    const taken: [number, number][] = [];
    while (heap.count > 0) {
      taken.push([heap.distance, heap.id]);
      heap.pop();
    }
    const rank = (d: number): number => Number.isNaN(d) ? Infinity : d;
    const expected = distances.map((d, i) => [d, ids[i]!] as [number, number])
      .sort(([a, i], [b, j]) =>
        Number(Number.isNaN(a)) - Number(Number.isNaN(b)) ||
        (rank(a) === rank(b) ? i - j : rank(a) - rank(b))
      );
    assertEquals(taken, expected);
  }));
});
