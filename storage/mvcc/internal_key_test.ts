import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { compareBytes } from "../../base/bytes.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import { compareRanges, coveringSequence, prefixEnd } from "./internal_key.ts";

const some = fc.uint8Array({ maxLength: 6 });

Deno.test("compareRanges orders stretches as compareBytes orders what is in them", () => {
  fc.assert(
    fc.property(some, some, some, some, (before, a, b, after) => {
      const left = new Uint8Array([...before, ...a, ...after]);
      const right = new Uint8Array([...after, ...b, ...before]);
      const order = compareRanges(
        left,
        before.length,
        before.length + a.length,
        right,
        after.length,
        after.length + b.length,
      );
      assertEquals(Math.sign(order), Math.sign(compareBytes(a, b)));
    }),
  );
});

Deno.test("prefixEnd is the first key after every key that begins with the prefix", () => {
  fc.assert(
    fc.property(some, some, (prefix, rest) => {
      const end = prefixEnd(prefix);
      const inside = new Uint8Array([...prefix, ...rest]);
      if (end === undefined) {
        assert(prefix.every((byte) => byte === 0xff));
        return;
      }
      assert(compareBytes(inside, end) < 0);
      // Nothing smaller would do: what is before the end and after the prefix
      // begins with it.
      assert(end.length <= prefix.length);
      const last = end.slice();
      last[last.length - 1]!--;
      assertEquals(prefix.subarray(0, last.length), last);
      assert(prefix.subarray(last.length).every((byte) => byte === 0xff));
    }),
  );
});

Deno.test("coveringSequence is that of the newest tombstone over the key that the snapshot sees", () => {
  const tombstones = [
    { start: bytes("b"), end: bytes("d"), sequence: 5 },
    { start: bytes("a"), end: bytes("c"), sequence: 9 },
    { start: bytes("c"), end: bytes("z"), sequence: 7 },
  ];
  const at = (key: string, snapshot: number): number =>
    coveringSequence(tombstones, bytes(key), snapshot);
  assertEquals([at("b", 4), at("b", 5), at("b", 8), at("b", 9)], [-1, 5, 5, 9]);
  assertEquals([at("a", 9), at("c", 9), at("d", 9), at("z", 9)], [9, 7, 7, -1]);
});
