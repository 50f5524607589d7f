import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { NearestDistances } from "./nearest_distances.ts";

Deno.test("the last of the nearest is known, whatever the order they come in", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      (values, size) => {
        const nearest = new NearestDistances();
        nearest.widen(size);
        let last = 0;
        values.forEach((value, i) => {
          const before = values.slice(0, i).sort((a, b) => a - b);
          if (i < size || value < before[size - 1]!) last = i + 1;
          nearest.add(value, i + 1);
        });
        assertEquals(nearest.foundAt, last);
      },
    ),
  );
});

Deno.test("a distance that is none is farther than all others", () => {
  const nearest = new NearestDistances();
  nearest.widen(1);
  nearest.add(NaN, 1);
  nearest.add(3, 2);
  nearest.add(NaN, 3);
  assertEquals(nearest.foundAt, 2);
});
