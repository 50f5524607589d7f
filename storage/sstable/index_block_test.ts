import { assertEquals, assertThrows } from "@std/assert";
import { fc } from "fast-check";
import { ByteWriter } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import { TRAILER_BYTES } from "./format.ts";
import { BlockIndex, IndexBuilder } from "./index_block.ts";

const key = fc.stringMatching(/^[abc]{0,3}$/);

Deno.test("[K-064] the index finds the first block that can hold a key, as a walk does", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, fc.integer({ min: 10, max: 5000 })), {
        maxLength: 30,
        size: "max",
      }),
      key,
      (blocks, wanted) => {
        // Last keys repeat where the versions of a key span blocks.
        const sorted = blocks.map(([key]) => key).sort();
        const builder = new IndexBuilder();
        sorted.forEach((key, i) =>
          builder.add(bytes(key), blocks[i]![1], i + 1)
        );
        const dataLength = blocks.reduce((sum, [, length]) => sum + length, 0);
        const index = new BlockIndex(builder.finish(), dataLength, "sst/x");
        assertEquals(index.count, blocks.length);
        const found = sorted.findIndex((key) => key >= wanted);
        assertEquals(
          index.blockFor(bytes(wanted)),
          found < 0 ? sorted.length : found,
        );
        let offset = 0;
        sorted.forEach((key, i) => {
          assertEquals(index.lastKey(i), bytes(key));
          assertEquals(index.offset(i), offset);
          assertEquals(index.length(i), blocks[i]![1]);
          assertEquals(index.entryCount(i), i + 1);
          offset += index.length(i);
        });
      },
    ),
    { numRuns: 300 },
  );
});

function crafted(count: number, blocks: [string, number][]): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(count);
  for (const [key, length] of blocks) {
    writer.bytes(bytes(key));
    writer.varint(length);
    writer.varint(1);
  }
  return writer.toBytes();
}

Deno.test("an index that breaks a rule is corrupt", () => {
  const broken: [Uint8Array, number][] = [
    [crafted(2 ** 40, [["a", 100]]), 100],
    [crafted(2, [["a", 100]]), 100],
    [crafted(1, [["a", 100], ["b", 100]]), 100],
    [crafted(2, [["b", 100], ["a", 100]]), 200],
    [crafted(1, [["a", TRAILER_BYTES]]), TRAILER_BYTES],
    [crafted(1, [["a", 100]]), 101],
    [new Uint8Array(0), 0],
  ];
  for (const [index, dataLength] of broken) {
    const error = assertThrows(
      () => new BlockIndex(index, dataLength, "sst/x"),
      KriyaError,
      `Cannot read "sst/x" at byte`,
    );
    assertEquals(error.kind, "corrupt");
  }
});
