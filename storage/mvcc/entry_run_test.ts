import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { bytes } from "../../tests/support/lsm_contents.ts";
import { compareEntries, runOf } from "../../tests/support/plain_runs.ts";
import { findVersion, lowerBound } from "./entry_run.ts";

const key = fc.stringMatching(/^[ab]{0,4}$/);
const entries = fc.uniqueArray(
  fc.record({
    key,
    sequence: fc.integer({ min: 1, max: 9 }),
    value: fc.constantFrom("x", undefined),
  }, { noNullPrototype: true }),
  {
    selector: ({ key, sequence }) => `${key}@${sequence}`,
    maxLength: 60,
    size: "max",
  },
).map((entries) => entries.sort(compareEntries));

Deno.test("lowerBound finds the first entry at or after a key, as a walk does", () => {
  fc.assert(
    fc.property(entries, key, (entries, wanted) => {
      const found = entries.findIndex(({ key }) => key >= wanted);
      assertEquals(
        lowerBound(runOf(entries), bytes(wanted)),
        found < 0 ? entries.length : found,
      );
    }),
    { numRuns: 500 },
  );
});

Deno.test("findVersion finds the newest version that a snapshot sees, as a walk does", () => {
  fc.assert(
    fc.property(
      entries,
      key,
      fc.integer({ min: 0, max: 10 }),
      (entries, wanted, snapshot) => {
        assertEquals(
          findVersion(runOf(entries), bytes(wanted), snapshot),
          entries.findIndex(({ key, sequence }) =>
            key === wanted && sequence <= snapshot
          ),
        );
      },
    ),
    { numRuns: 500 },
  );
});
