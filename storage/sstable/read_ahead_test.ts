import { assert, assertEquals, assertRejects } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import {
  bytes,
  entriesOf,
  type PlainEntry,
} from "../../tests/support/lsm_contents.ts";
import { buildTable, TABLE_PATH } from "../../tests/support/sstables.ts";
import { BlockCache } from "../cache/block_cache.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { MeteredStore } from "../object_store/metered_store.ts";
import type { GetOptions, ObjectBody } from "../object_store/object_store.ts";
import { filterHash } from "./bloom_filter.ts";
import { groupBlocks } from "./block_groups.ts";
import type { SstableOptions } from "./sstable_builder.ts";
import { SstableReader, type SstableReadOptions } from "./sstable_reader.ts";

/** A store that answers later, and says what was asked of it. */
class LateStore extends MeteredStore {
  readonly lengths: number[] = [];
  late = true;
  fails = 0;
  waiting = 0;
  waitingMax = 0;

  override get(
    path: string,
    options?: GetOptions,
  ): MaybePromise<ObjectBody | undefined> {
    const range = options?.range;
    if (range !== undefined && "length" in range) {
      this.lengths.push(range.length);
    }
    if (!this.late) return super.get(path, options);
    return this.#later(path, options);
  }

  async #later(
    path: string,
    options?: GetOptions,
  ): Promise<ObjectBody | undefined> {
    this.waitingMax = Math.max(this.waitingMax, ++this.waiting);
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
    this.waiting--;
    if (this.fails > 0) {
      this.fails--;
      throw new KriyaError("unavailable", "no answer");
    }
    return await super.get(path, options);
  }
}

function numbered(count: number): PlainEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: keyOf(i),
    sequence: 1,
    value: `${i}-`.repeat(20),
  }));
}

const keyOf = (i: number): string => `row${String(i).padStart(6, "0")}`;

async function open(
  entries: readonly PlainEntry[],
  options: SstableReadOptions & SstableOptions & {
    readonly late?: boolean;
    readonly cacheBytes?: number;
  },
): Promise<
  { reader: SstableReader; store: LateStore; cache: BlockCache }
> {
  const built = buildTable(entries, { compression: "none", ...options });
  const bucket = new MemoryBucket();
  bucket.set(TABLE_PATH, built.bytes, 0);
  const store = new LateStore(new MemoryStore({ bucket }));
  store.late = options.late ?? true;
  const cache = new BlockCache(options.cacheBytes ?? 2 ** 26);
  const location = {
    path: TABLE_PATH,
    size: built.bytes.length,
    metaOffset: built.metaOffset,
  };
  const reader = await SstableReader.open(store, location, cache, options);
  store.lengths.length = 0;
  return { reader, store, cache };
}

Deno.test("[L-077, L-179] a scan reads one block, then windows that grow, the next while one is used", async () => {
  const entries = numbered(10_000);
  const options = { blockBytes: 4096, readAheadBytes: 256 * 1024 };
  for (const late of [true, false]) {
    for (const reverse of [false, true]) {
      const { reader, store } = await open(entries, { ...options, late });
      const source = reader.runs({}, reverse);
      await source.nextRun();
      assertEquals(store.lengths.length, 1);
      // Into the first window: the second is asked for before it is needed.
      for (let i = 0; i < 3; i++) await source.nextRun();
      assertEquals(store.lengths.length, 3);
      const [block, first, second] = store.lengths;
      assert(block! < 6000 && first! > 50_000 && first! <= 65_536);
      assert(second! > 100_000 && second! <= 131_072, `${second}`);
      for (;;) if (await source.nextRun() === undefined) break;
      assert(store.lengths.length < 9, `${store.lengths}`);
      assert(Math.max(...store.lengths) <= 256 * 1024);
      // Every block was asked for once.
      const data = store.lengths.reduce((sum, length) => sum + length, 0);
      assert(data <= reader.blockCount * 4400, `${data}`);
    }
  }
});

Deno.test("[L-238] without read-ahead a scan asks for each block when it gets there", async () => {
  const options = { blockBytes: 1024, readAheadBytes: 0 };
  const { reader, store } = await open(numbered(500), options);
  const source = reader.runs({});
  for (let i = 1; i <= reader.blockCount; i++) {
    await source.nextRun();
    assertEquals(store.lengths.length, i);
    assert(store.lengths.at(-1)! < 1400);
  }
});

Deno.test("a short range is read at once, and nothing past it", async () => {
  const { reader, store } = await open(numbered(1000), { blockBytes: 1024 });
  const range = { start: bytes(keyOf(100)), end: bytes(keyOf(140)) };
  const found = await entriesOf(reader.runs(range));
  assert(found.length >= 40);
  assertEquals(store.lengths.length, 1);
});

Deno.test("scans with read-ahead give what is there, whatever cache, partitions and answers", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1200),
      fc.constantFrom(0, 500, undefined),
      fc.constantFrom(0, 20_000, 300_000, 2 ** 26),
      fc.boolean(),
      fc.boolean(),
      fc.tuple(fc.nat(1200), fc.nat(1200)),
      fc.nat(3),
      async (
        count,
        partitionedIndexBytes,
        cacheBytes,
        late,
        reverse,
        range,
        fails,
      ) => {
        const entries = numbered(count + 1);
        const { reader, store, cache } = await open(entries, {
          blockBytes: 300,
          partitionedIndexBytes,
          cacheBytes,
          late,
        });
        store.fails = fails;
        const [start, end] = range.map((i) => bytes(keyOf(i)));
        const source = reader.runs({ start, end }, reverse);
        const runs: PlainEntry[][] = [];
        for (;;) {
          let run;
          try {
            run = await source.nextRun();
          } catch {
            return; // The scan ends with the error.
          }
          if (run === undefined) break;
          const one = [run];
          runs.push(await entriesOf({ nextRun: () => one.pop() }));
        }
        if (reverse) runs.reverse();
        const [from, to] = range;
        const inRange = ({ key }: PlainEntry): boolean =>
          key >= keyOf(from) && key < keyOf(to);
        assertEquals(runs.flat().filter(inRange), entries.filter(inRange));
        cache.check();
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a window that fails is no failure of the scan unless its blocks fail too", async () => {
  const { reader, store } = await open(numbered(2000), { blockBytes: 1024 });
  const source = reader.runs({});
  await source.nextRun();
  store.fails = 1;
  // The window fails, the block by itself does not.
  assert(await source.nextRun() !== undefined);
  await assertRejects(
    async () => {
      store.fails = 100;
      for (;;) if (await source.nextRun() === undefined) break;
    },
    KriyaError,
    "no answer",
  );
});

Deno.test("neighbouring blocks are read together, far ones apart, none above the limit", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50_000 }), {
        minLength: 1,
        maxLength: 60,
      }),
      fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      fc.integer({ min: 1, max: 400_000 }),
      (lengths, wanted, bytesMax) => {
        const offsets = [0];
        for (const length of lengths) offsets.push(offsets.at(-1)! + length);
        const places = {
          offset: (block: number): number => offsets[block]!,
          length: (block: number): number => lengths[block]!,
        };
        const blocks = [...lengths.keys()].filter((block) => wanted[block]);
        const groups = groupBlocks(blocks, places, bytesMax);
        const covered = groups.flatMap(({ first, end }) =>
          blocks.filter((block) => block >= first && block < end)
        );
        assertEquals(covered, blocks);
        groups.forEach(({ first, end }, i) => {
          assert(blocks.includes(first) && blocks.includes(end - 1));
          const bytes = offsets[end]! - offsets[first]!;
          assert(end === first + 1 || bytes <= bytesMax);
          const next = groups[i + 1];
          if (next === undefined) return;
          // They are apart for a reason.
          const gap = offsets[next.first]! - offsets[end]!;
          const both = offsets[next.first + 1]! - offsets[first]!;
          assert(gap > 32 * 1024 || both > bytesMax);
        });
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("[L-177] many keys at once: neighbours in one request, a bounded number on their way", async () => {
  const { reader, store } = await open(numbered(20_000), {
    blockBytes: 2048,
    readAheadBytes: 0,
  });
  const find = async (numbers: number[]): Promise<number> => {
    const keys = numbers.map((i) => bytes(keyOf(i)));
    const hashes = keys.map((key) => filterHash(key, 0, key.length));
    await reader.prepare(keys, hashes);
    const found = await Promise.all(
      keys.map((key, i) => reader.find(key, 1, hashes[i])),
    );
    return found.filter((entry) => entry !== undefined).length;
  };
  const near = Array.from({ length: 200 }, (_, i) => 5000 + i);
  assertEquals(await find(near), 200);
  assertEquals(store.lengths.length, 1);
  assertEquals(await find(near), 200);
  assertEquals(store.lengths.length, 1);
  // 40 places far from each other, none of which is asked for twice.
  store.lengths.length = store.waitingMax = 0;
  const far = Array.from({ length: 40 }, (_, i) => 500 * i);
  assertEquals(await find(far), 40);
  assertEquals(store.lengths.length, 39);
  assert(store.waitingMax > 8 && store.waitingMax <= 16, `${store.waitingMax}`);
});
