import { assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { compareBytes } from "../../base/bytes.ts";
import { sortRows } from "./batch_order.ts";

// Few letters and many lengths: keys that begin alike, end alike, and repeat.
const key = fc.array(fc.constantFrom(0, 1, 0xff), {
  maxLength: 20,
  minLength: 1,
})
  .map((list) => new Uint8Array(list));
const prefix = fc.uint8Array({ maxLength: 9 });

Deno.test("rows are sorted by their keys, those of one key as they came", () => {
  fc.assert(
    fc.property(prefix, fc.array(key, { maxLength: 80 }), (prefix, ends) => {
      const keys = ends.map((end) => new Uint8Array([...prefix, ...end]));
      const starts = new Uint32Array(keys.length);
      const stops = new Uint32Array(keys.length);
      const bytes: number[] = [9];
      keys.forEach((key, i) => {
        starts[i] = bytes.length;
        bytes.push(...key);
        stops[i] = bytes.length;
      });
      const view = new DataView(new Uint8Array(bytes).buffer);
      const rows = sortRows(view, starts, stops, keys.length);
      const want = keys.map((_, i) => i).sort((a, b) =>
        compareBytes(keys[a]!, keys[b]!) || a - b
      );
      assertEquals([...rows], want);
    }),
    { numRuns: 300 },
  );
});
