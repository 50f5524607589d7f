/**
 * Chunks of the disk cache, and the partition index of large tables.
 *
 * 1. A chunk whose header or any page was changed is not read.
 * 2. A partition index has its partitions in order and one after the other,
 *    within the table, each with a block at least.
 */
import { ByteWriter, compareBytes } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  arePagesGood,
  decodeChunkHeader,
  encodeChunk,
} from "../../storage/cache/chunk_format.ts";
import { PartitionIndex } from "../../storage/sstable/partition_index.ts";
import { type Fuzzer, randomBytes, SOURCE } from "./fuzzer.ts";

/** Chunk files. */
export const chunkFuzzer: Fuzzer = {
  name: "chunk",
  sealed: true,
  sample: (random) => {
    const chunkBytes = 64;
    const chunk = random.below(3);
    const size = chunk * chunkBytes + 1 + random.below(200);
    const object = {
      path: `sst/${random.below(100)}`,
      etag: `"${random.below(1000)}"`,
      size,
      lastModifiedMs: random.below(1e9),
    };
    const length = Math.min(chunkBytes, size - chunk * chunkBytes);
    const data = new Uint8Array(length).map((_, i) => i * 7);
    return {
      bytes: encodeChunk({ object, chunkBytes, chunk }, data)!,
      decode: (bytes) => {
        const header = decodeChunkHeader(bytes, SOURCE);
        const data = bytes.subarray(header.dataOffset);
        if (
          data.length !== header.dataLength || !arePagesGood(header, 0, data)
        ) {
          throw new KriyaError(
            "corrupt",
            `Cannot read "${SOURCE}" at byte ${header.dataOffset}: bad page`,
          );
        }
        return JSON.stringify(header.object) + data.toHex();
      },
    };
  },
};

/** Partition indexes without their checksum. */
export const partitionIndexFuzzer: Fuzzer = {
  name: "partition index",
  sealed: false,
  sample: (random) => {
    const keys = Array.from(
      { length: 1 + random.below(12) },
      () => randomBytes(random, 12),
    ).sort(compareBytes);
    const writer = new ByteWriter();
    writer.varint(keys.length);
    let end = 0;
    let blocks = 0;
    for (const key of keys) {
      const count = 1 + random.below(5);
      const lengths = [count * (10 + random.below(900)), 10, 10]
        .map((length) => length + random.below(50));
      writer.bytes(key);
      writer.varint(count);
      for (const length of lengths) {
        writer.varint(length);
        end += length;
      }
      blocks += count;
    }
    return {
      bytes: writer.toBytes(),
      decode: (bytes) => checked(bytes, end, blocks),
    };
  },
};

function checked(bytes: Uint8Array, end: number, blocks: number): string {
  const index = PartitionIndex.decode(bytes, end, blocks, SOURCE);
  const rows: string[] = [];
  let data = 0;
  let block = 0;
  for (let i = 0; i < index.count; i++) {
    const place = index.at(i);
    if (place.dataOffset !== data || place.firstBlock !== block) {
      throw new Error("partitions are apart");
    }
    if (place.blockCount < 1) throw new Error("a partition without a block");
    const before = index.at(Math.max(0, i - 1)).lastKey!;
    if (compareBytes(before, place.lastKey!) > 0) {
      throw new Error("keys out of order");
    }
    data += place.dataLength;
    block += place.blockCount;
    rows.push(`${place.lastKey!.toHex()} ${place.offset}`);
  }
  let at = data;
  for (let i = 0; i < index.count; i++) {
    const place = index.at(i);
    if (place.offset !== at) throw new Error("partitions overlap");
    at += place.filterLength + place.indexLength;
  }
  if (at !== end || block !== blocks) throw new Error("not the table");
  return rows.join();
}
