import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { compareBytes } from "../../base/bytes.ts";
import {
  fillHeads,
  isKeyAt,
  searchKeys,
  type SortedKeys,
} from "./sorted_keys.ts";

/** Few bytes, so that keys share, tie, and end in zeros. */
const key = fc.array(fc.constantFrom(0, 1, 0xff), { maxLength: 9 })
  .map((bytes) => Uint8Array.from(bytes));

function sortedKeys(all: readonly Uint8Array[]): SortedKeys {
  const count = all.length;
  const keys = new Uint8Array(all.reduce((sum, key) => sum + key.length, 0));
  const keyStarts = new Uint32Array(count);
  const keyEnds = new Uint32Array(count);
  let at = 0;
  all.forEach((key, i) => {
    keys.set(key, at);
    keyStarts[i] = at;
    keyEnds[i] = at += key.length;
  });
  const heads = new Uint32Array(count);
  const prefixLength = fillHeads(keys, keyStarts, keyEnds, heads);
  return { count, keys, keyStarts, keyEnds, heads, prefixLength };
}

Deno.test("a search by heads finds what a walk finds, among keys that share, tie and repeat", () => {
  fc.assert(
    fc.property(
      fc.array(key, { maxLength: 40, size: "max" }),
      fc.array(key, { minLength: 1, maxLength: 10 }),
      key,
      (all, wanted, prefix) => {
        const longer = all.map((key) => Uint8Array.of(...prefix, ...key))
          .sort(compareBytes);
        const sorted = sortedKeys(longer);
        for (const key of [...wanted, ...longer]) {
          const found = longer.findIndex((at) => compareBytes(at, key) >= 0);
          const index = searchKeys(sorted, key);
          assertEquals(index, found < 0 ? longer.length : found);
          if (index < longer.length) {
            assertEquals(
              isKeyAt(sorted, index, key),
              compareBytes(longer[index]!, key) === 0,
            );
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
