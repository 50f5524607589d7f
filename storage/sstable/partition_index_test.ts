import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import { BloomFilter, BloomFilterBuilder, filterHash } from "./bloom_filter.ts";
import { readBlock } from "./format.ts";
import { BlockIndex, IndexBuilder } from "./index_block.ts";
import { PartitionBuilder, PartitionIndex } from "./partition_index.ts";

Deno.test("partitions cover all blocks, each with its own keys and those that run over from the one before", () => {
  const index = new IndexBuilder();
  const filter = new BloomFilterBuilder(10);
  const builder = new PartitionBuilder(index, filter, 20);
  // Blocks of two keys; a block begins with the key that ended the one before.
  const data = new ByteWriter();
  const keyOf = (n: number): Uint8Array => bytes(`key ${n + 100}`);
  for (let block = 0; block < 20; block++) {
    for (const key of [keyOf(block), keyOf(block + 1)]) {
      filter.add(key, 0, key.length);
    }
    data.raw(new Uint8Array(50));
    index.add(keyOf(block + 1), 50, 2);
    builder.noteBlock(keyOf(block + 1), data.length);
  }
  const top = builder.write(data, "none");
  const table = data.toBytes();
  const partitions = PartitionIndex.decode(top, table.length, 20, "sst/x");
  assertEquals(partitions.count, 10);
  for (let p = 0; p < partitions.count; p++) {
    const place = partitions.at(p);
    assertEquals([place.firstBlock, place.blockCount], [p * 2, 2]);
    const indexAt = place.offset + place.filterLength;
    const stored = (from: number, length: number): Uint8Array =>
      readBlock(table.subarray(from, from + length), "sst/x", from);
    const blocks = new BlockIndex(
      stored(indexAt, place.indexLength),
      place.dataLength,
      "sst/x",
    );
    assertEquals(blocks.lastKey(1), place.lastKey);
    const bloom = new BloomFilter(
      stored(place.offset, place.filterLength),
      "sst/x",
    );
    for (let n = p * 2; n <= p * 2 + 2; n++) {
      const key = keyOf(n);
      assertEquals(bloom.mayContain(filterHash(key, 0, key.length)), true);
    }
  }
  for (let n = 0; n <= 20; n++) {
    assertEquals(
      partitions.partitionFor(keyOf(n)),
      n === 0 ? 0 : Math.ceil(n / 2) - 1,
    );
  }
  assertEquals(partitions.partitionFor(bytes("z")), 10);
  for (let block = 0; block < 20; block++) {
    assertEquals(partitions.partitionOf(block), block >> 1);
  }
});

Deno.test("a partition index that breaks a rule is corrupt", () => {
  type Row = readonly [string, number, number, number, number];
  const crafted = (rows: readonly Row[], count = rows.length): Uint8Array => {
    const writer = new ByteWriter();
    writer.varint(count);
    for (const [key, ...numbers] of rows) {
      writer.bytes(bytes(key));
      for (const number of numbers) writer.varint(number);
    }
    return writer.toBytes();
  };
  const fine: Row = ["b", 2, 100, 20, 30];
  const end = 150;
  const decode = (top: Uint8Array): PartitionIndex =>
    PartitionIndex.decode(top, end, 2, "sst/x");
  assertEquals(decode(crafted([fine])).count, 1);
  const broken: Record<string, Uint8Array> = {
    "no bytes": new Uint8Array(0),
    "more than there are": crafted([fine], 2 ** 40),
    "fewer than there are": crafted([fine], 0),
    "no block": crafted([["b", 0, 100, 20, 30]]),
    "blocks without room": crafted([["b", 2, 18, 102, 30]]),
    "no filter": crafted([["b", 2, 100, 9, 41]]),
    "no index": crafted([["b", 2, 100, 41, 9]]),
    "less than the table": crafted([["b", 2, 99, 20, 30]]),
    "other blocks": crafted([["b", 3, 100, 20, 30]]),
    "out of order": crafted([["b", 1, 50, 10, 15], ["a", 1, 50, 10, 15]]),
  };
  for (const [what, top] of Object.entries(broken)) {
    const error = assertThrows(
      () => decode(top),
      KriyaError,
      `Cannot read "sst/x" at byte`,
    );
    assertEquals(error.kind, "corrupt", what);
  }
});
