import { assert, assertEquals } from "@std/assert";
import {
  cutBytes,
  cutCopy,
  cutDoubles,
  cutIntegers,
  cutWords,
} from "./slab.ts";

Deno.test("cuts are zero, aligned, and no byte belongs to two", () => {
  const cuts: Uint8Array[] = [];
  for (let i = 0; i < 3000; i++) {
    const length = (i * 37) % 2100;
    const array = i % 4 === 0
      ? cutBytes(length)
      : i % 4 === 1
      ? cutWords(length >> 2)
      : i % 4 === 2
      ? cutIntegers(length >> 2)
      : cutDoubles(length >> 3);
    assertEquals(array.byteOffset % 8, 0);
    const bytes = new Uint8Array(
      array.buffer,
      array.byteOffset,
      array.byteLength,
    );
    assert(bytes.every((byte) => byte === 0), `cut ${i} is not zero`);
    bytes.fill(i & 0xff);
    cuts.push(bytes);
  }
  for (const [i, bytes] of cuts.entries()) {
    assert(bytes.every((byte) => byte === (i & 0xff)), `cut ${i} was changed`);
  }
});

Deno.test("what is long has memory of its own; a copy has the bytes", () => {
  assertEquals(cutBytes(100_000).buffer.byteLength, 100_000);
  assertEquals(cutWords(1000).buffer.byteLength, 4000);
  assertEquals(cutDoubles(1000).buffer.byteLength, 8000);
  const bytes = new Uint8Array([1, 2, 3]);
  const copy = cutCopy(bytes);
  bytes[0] = 9;
  assertEquals([...copy], [1, 2, 3]);
});
