/**
 * Sstables: the whole object through its reader, and every part by itself.
 *
 * 1. Of a damaged table every entry and every tombstone is what it was, or the
 *    read is refused: a scan of all of it is refused always.
 * 2. A stored block and a footer are refused when any bit of them is flipped.
 * 3. A decoded block has its positions inside its bytes, and takes no more
 *    memory than 16 times its size and what its entries take.
 * 4. An index has its blocks one after the other, its keys in order.
 * 5. Filters answer every hash, whatever their bytes.
 */
import { ByteWriter, compareBytes } from "../../base/bytes.ts";
import { BlockCache } from "../../storage/cache/block_cache.ts";
import { KIND_DELETE, KIND_PUT } from "../../storage/mvcc/internal_key.ts";
import type { EntryRun } from "../../storage/mvcc/entry_run.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { BlockBuilder, decodeBlock } from "../../storage/sstable/block.ts";
import {
  BloomFilter,
  BloomFilterBuilder,
  filterHash,
} from "../../storage/sstable/bloom_filter.ts";
import {
  decodeFooter,
  FOOTER_BYTES,
  readBlock,
  writeBlock,
} from "../../storage/sstable/format.ts";
import { BlockIndex, IndexBuilder } from "../../storage/sstable/index_block.ts";
import {
  decodeProperties,
  decodeTombstones,
  encodeProperties,
  encodeTombstones,
} from "../../storage/sstable/properties.ts";
import {
  type BuiltSstable,
  SstableBuilder,
} from "../../storage/sstable/sstable_builder.ts";
import {
  type SstableLocation,
  SstableReader,
} from "../../storage/sstable/sstable_reader.ts";
import type { SeededRandom } from "../../testing/seeded_random.ts";
import { type Fuzzer, randomBytes, SOURCE } from "./fuzzer.ts";

/** A run of random entries in order. */
function randomRun(random: SeededRandom, count: number): EntryRun {
  const keys = Array.from({ length: count }, () => {
    const key = randomBytes(random, 30);
    key[0]! &= 3; // Many begin alike.
    return key;
  }).sort(compareBytes)
    .filter((key, i, all) => i === 0 || compareBytes(all[i - 1]!, key) !== 0);
  const bytes = new ByteWriter();
  const values = new ByteWriter();
  const run = {
    count: keys.length,
    keyStarts: new Uint32Array(keys.length),
    keyEnds: new Uint32Array(keys.length),
    valueStarts: new Uint32Array(keys.length),
    valueEnds: new Uint32Array(keys.length),
    sequences: new Float64Array(keys.length),
    kinds: new Uint8Array(keys.length),
  };
  keys.forEach((key, i) => {
    run.keyStarts[i] = bytes.length;
    bytes.raw(key);
    run.keyEnds[i] = bytes.length;
    run.valueStarts[i] = values.length;
    values.raw(randomBytes(random, 60));
    run.valueEnds[i] = values.length;
    run.sequences[i] = random.below(1000);
    run.kinds[i] = random.chance(0.2) ? KIND_DELETE : KIND_PUT;
  });
  return { ...run, keys: bytes.toBytes(), values: values.toBytes() };
}

function randomTable(random: SeededRandom): BuiltSstable {
  const builder = new SstableBuilder({
    blockBytes: random.pick([60, 300, 4096]),
    compression: random.chance(0.5) ? "zstd" : "none",
    partitionedIndexBytes: random.pick([0, 30, 64 * 1024]),
  });
  const run = randomRun(random, random.below(30));
  for (let i = 0; i < run.count; i++) builder.add(run, i);
  for (let i = random.below(3); i >= 0; i--) {
    const start = randomBytes(random, 10);
    const end = new Uint8Array([...start, 0]);
    builder.addTombstone({ start, end, sequence: random.below(1000) });
  }
  return builder.finish();
}

/** Checks and describes a run. */
function described(run: EntryRun): string {
  const rows: string[] = [];
  for (let i = 0; i < run.count; i++) {
    const [start, end] = [run.valueStarts[i]!, run.valueEnds[i]!];
    if (start > end || end > run.values.length) {
      throw new Error("value outside");
    }
    const [from, to] = [run.keyStarts[i]!, run.keyEnds[i]!];
    if (from > to || to > run.keys.length) throw new Error("key outside");
    const key = run.keys.subarray(from, to).toHex();
    const value = run.values.subarray(start, end).toHex();
    rows.push(`${key} ${run.sequences[i]} ${run.kinds[i]} ${value}`);
  }
  return rows.join();
}

/** Whole tables, with what the manifest says of them. */
export const tableFuzzer: Fuzzer = {
  name: "sstable",
  sealed: true,
  sample: (random) => {
    const { bytes, metaOffset } = randomTable(random);
    const location = { path: SOURCE, size: bytes.length, metaOffset };
    return {
      bytes: bytes.slice(),
      decode: (bytes) => scanned(bytes, location),
    };
  },
};

/** Everything that a table gives. */
async function scanned(
  bytes: Uint8Array,
  location: SstableLocation,
): Promise<string> {
  const bucket = new MemoryBucket();
  bucket.set(SOURCE, bytes, 0);
  const cache = new BlockCache(2 ** 20);
  const store = new MemoryStore({ bucket });
  const reader = await SstableReader.open(store, location, cache);
  const parts: string[] = [];
  const source = reader.runs({});
  for (let run = await source.nextRun(); run; run = await source.nextRun()) {
    parts.push(described(run));
    // Filters of a large table are read when a key is looked for.
    for (let i = 0; i < run.count; i++) {
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      const hash = filterHash(key, 0, key.length);
      if (!await reader.mayContain(key, hash)) throw new Error("filtered out");
    }
  }
  const { entryCount, tombstones, properties } = reader;
  return JSON.stringify({ parts, entryCount, tombstones, properties });
}

/** Footers. */
export const footerFuzzer: Fuzzer = {
  name: "sstable footer",
  sealed: true,
  // A file that is too short for a footer has no byte to name.
  namesByte: false,
  sample: (random) => {
    const { bytes } = randomTable(random);
    const { length } = bytes;
    return {
      bytes: bytes.slice(length - FOOTER_BYTES),
      decode: (bytes) => JSON.stringify(decodeFooter(bytes, length, SOURCE)),
    };
  },
};

/** Blocks as they are stored: under their checksum. */
export const storedBlockFuzzer: Fuzzer = {
  name: "stored block",
  sealed: true,
  sample: (random) => {
    const writer = new ByteWriter();
    const raw = new Uint8Array(random.below(200)).map((_, i) => i % 7);
    writeBlock(writer, raw, random.chance(0.5) ? "zstd" : "none");
    return {
      bytes: writer.toBytes(),
      decode: (bytes) => readBlock(bytes, SOURCE, 0).toHex(),
    };
  },
};

/** Blocks without their checksum. */
export const blockFuzzer: Fuzzer = {
  name: "block",
  sealed: false,
  sample: (random) => {
    const builder = new BlockBuilder();
    const run = randomRun(random, 1 + random.below(40));
    for (let i = 0; i < run.count; i++) {
      builder.add(
        run.keys,
        run.keyStarts[i]!,
        run.keyEnds[i]!,
        run.values,
        run.valueStarts[i]!,
        run.valueEnds[i]!,
        run.sequences[i]!,
        run.kinds[i]!,
      );
    }
    return {
      bytes: builder.finish().slice(),
      decode: (bytes) => {
        const block = decodeBlock(bytes, SOURCE);
        const memoryMax = 1024 + bytes.length * 64;
        if (block.memoryBytes > memoryMax) {
          throw new Error(`${block.memoryBytes} bytes of memory`);
        }
        return described(block);
      },
    };
  },
};

/** Indexes without their checksum. */
export const indexFuzzer: Fuzzer = {
  name: "sstable index",
  sealed: false,
  sample: (random) => {
    const builder = new IndexBuilder();
    const { count, keys, keyStarts, keyEnds } = randomRun(random, 20);
    let dataLength = 0;
    for (let i = 0; i < count; i++) {
      const length = 10 + random.below(5000);
      dataLength += length;
      builder.add(keys.subarray(keyStarts[i], keyEnds[i]), length, 1 + i);
    }
    return {
      bytes: builder.finish(),
      decode: (bytes) => checkedIndex(bytes, dataLength),
    };
  },
};

function checkedIndex(bytes: Uint8Array, dataLength: number): string {
  const index = new BlockIndex(bytes, dataLength, SOURCE);
  const rows: string[] = [];
  let end = 0;
  for (let block = 0; block < index.count; block++) {
    const key = index.lastKey(block);
    if (block > 0 && compareBytes(index.lastKey(block - 1), key) > 0) {
      throw new Error("keys out of order");
    }
    if (index.offset(block) !== end) throw new Error("blocks are apart");
    end += index.length(block);
    rows.push(`${key.toHex()} ${end}`);
  }
  if (end !== dataLength) throw new Error("blocks are not the data");
  return rows.join();
}

/** Filters without their checksum. */
export const filterFuzzer: Fuzzer = {
  name: "bloom filter",
  sealed: false,
  sample: (random) => {
    const builder = new BloomFilterBuilder(random.below(12));
    for (let i = random.below(60); i >= 0; i--) {
      const key = randomBytes(random, 20);
      builder.add(key, 0, key.length);
    }
    return {
      bytes: builder.finish(),
      decode: (bytes) => {
        const filter = new BloomFilter(bytes, SOURCE);
        const answers: boolean[] = [];
        for (let i = 0; i < 50; i++) {
          answers.push(filter.mayContain(Math.imul(i, 0x9e3779b1) >>> 0));
        }
        return answers.join();
      },
    };
  },
};

/** Properties without their checksum. */
export const propertiesFuzzer: Fuzzer = {
  name: "sstable properties",
  sealed: false,
  sample: (random) => ({
    bytes: encodeProperties(randomTable(random).properties),
    decode: (bytes) => {
      const properties = decodeProperties(bytes, SOURCE);
      if (compareBytes(properties.firstKey, properties.lastKey) > 0) {
        throw new Error("keys out of order");
      }
      return JSON.stringify(properties);
    },
  }),
};

/** Range tombstones without their checksum. */
export const tombstonesFuzzer: Fuzzer = {
  name: "range tombstones",
  sealed: false,
  sample: (random) => ({
    bytes: encodeTombstones(
      Array.from({ length: random.below(4) }, () => {
        const start = randomBytes(random, 20);
        const end = new Uint8Array([...start, 0]);
        return { start, end, sequence: random.below(2 ** 40) };
      }),
    ),
    decode: (bytes) => {
      const tombstones = decodeTombstones(bytes, SOURCE);
      if (tombstones.some(({ start, end }) => compareBytes(start, end) >= 0)) {
        throw new Error("an empty tombstone");
      }
      return JSON.stringify(tombstones);
    },
  }),
};
