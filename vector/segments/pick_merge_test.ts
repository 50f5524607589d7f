import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { type MergePolicy, pickMerge } from "./pick_merge.ts";

/** A table of cases: sizes (and dead versions), policy, choice. */
const CASES: [string, (number | [number, number])[], MergePolicy, string][] = [
  ["nothing", [], {}, "none"],
  ["one", [5000], {}, "none"],
  ["three of a tier", [5e3, 6e3, 7e3], {}, "none"],
  ["a full tier", [5e3, 6e3, 7e3, 8e3], {}, "0 1 2 3"],
  [
    "a full tier takes the smaller along",
    [5e3, 10, 6e3, 7e3, 8e3],
    {},
    "0 1 2 3 4",
  ],
  ["and leaves the larger", [1e6, 5e3, 6e3, 7e3, 8e3], {}, "1 2 3 4"],
  ["the lowest of two", [20e3, 20e3, 20e3, 20e3, 9, 9, 9, 9], {}, "4 5 6 7"],
  ["neighbouring tiers do not add up", [4e3, 4e3, 5e3, 5e3], {}, "none"],
  ["fanout 2", [4e3, 4e3, 50e3], { fanout: 2 }, "0 1"],
  ["a third dead", [[1e6, 4e5], 5e3], {}, "0"],
  ["the most decayed first", [[100, 40], [100, 60]], {}, "1"],
  ["dead within bounds", [[1e6, 3e5]], {}, "none"],
  ["an empty one", [0, 5e3], {}, "0"],
  ["as many as fit", [9e3, 9e3, 9e3, 9e3], { entriesMax: 27e3 }, "0 1 2"],
  ["not if only one fits", [9e3, 9e3, 9e3, 9e3], { entriesMax: 17e3 }, "none"],
  ["too many", [1, 5e3, 2e4, 7e4, 3e5], { segmentsMax: 3 }, "0 1 2 3"],
  ["just enough", [1, 5e3, 2e4, 7e4, 3e5], { segmentsMax: 5 }, "none"],
];

Deno.test("pickMerge picks as written", () => {
  for (const [name, sizes, policy, expected] of CASES) {
    const facts = sizes.map((size) =>
      typeof size === "number"
        ? { entries: size, dead: 0 }
        : { entries: size[0], dead: size[1] }
    );
    const picked = pickMerge(facts, policy)?.join(" ") ?? "none";
    assertEquals(picked, expected, name);
  }
});

Deno.test("pickMerge comes to rest, with few segments, and links rows seldom", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1000, max: 12_000 }), {
        maxLength: 120,
      }),
      (seals) => {
        let segments: number[] = [];
        let linked = 0;
        let rows = 0;
        for (const seal of seals) {
          segments.push(seal);
          rows += seal;
          for (let merges = 0;; merges++) {
            const facts = segments.map((entries) => ({ entries, dead: 0 }));
            const picked = pickMerge(facts);
            if (picked === undefined) break;
            assertEquals(merges < 10, true);
            const merged = picked.reduce((sum, i) => sum + segments[i]!, 0);
            linked += merged;
            segments = segments.filter((_, i) => !picked.includes(i));
            segments.push(merged);
          }
          assertEquals(segments.length <= 12, true);
        }
        // At most once per tier of four.
        const tiers = Math.ceil(
          Math.log(Math.max(rows, 4096) / 1000) / Math.log(4),
        );
        assertEquals(linked <= rows * (tiers + 1), true);
      },
    ),
    { numRuns: 60 },
  );
});
