import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { coveringSequence } from "./internal_key.ts";
import { TombstoneSet } from "./tombstone_set.ts";

const key = fc.uint8Array({ minLength: 1, maxLength: 2, max: 9 });

Deno.test("TombstoneSet finds what a walk over all tombstones finds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, key, fc.nat(20)), { maxLength: 6 }),
      fc.boolean(),
      key,
      fc.nat(20),
      (ranges, disjoint, wanted, snapshot) => {
        const tombstones = ranges.map(([start, end, sequence], i) =>
          disjoint
            ? {
              start: Uint8Array.of(i, start[0]! % 3),
              end: Uint8Array.of(i, 3 + end[0]!),
              sequence,
            }
            : { start, end, sequence }
        );
        assertEquals(
          new TombstoneSet(tombstones).coveringSequence(wanted, snapshot),
          coveringSequence(tombstones, wanted, snapshot),
        );
      },
    ),
    { numRuns: 2000 },
  );
});
