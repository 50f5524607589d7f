import { assert, assertEquals, assertRejects } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import { isPromise } from "../../base/maybe_promise.ts";
import {
  bytes,
  entriesOf,
  keyAt,
  type PlainEntry,
  text,
  valueAt,
} from "../../tests/support/lsm_contents.ts";
import { compareEntries } from "../../tests/support/plain_runs.ts";
import {
  buildTable,
  openBytes,
  openTable,
  TABLE_PATH,
} from "../../tests/support/sstables.ts";
import { MemoryStore } from "../object_store/memory_store.ts";
import { KIND_DELETE } from "../mvcc/internal_key.ts";
import { filterHash } from "./bloom_filter.ts";
import { decodeFooter, readBlock } from "./format.ts";
import { BlockIndex } from "./index_block.ts";
import { type FoundEntry, SstableReader } from "./sstable_reader.ts";

const key = fc.integer({ min: 0, max: 40 }).map((n) =>
  `${"k".repeat(1 + n % 3)}${n}`
);
const entries = fc.uniqueArray(
  fc.record({
    key,
    sequence: fc.integer({ min: 1, max: 30 }),
    value: fc.option(
      fc.string({ maxLength: 120, size: "max" }).map((s) => s.toWellFormed()),
      { nil: undefined },
    ),
  }, { noNullPrototype: true }),
  {
    selector: ({ key, sequence }) => `${key}@${sequence}`,
    minLength: 1,
    maxLength: 200,
    size: "max",
  },
).map((entries) => entries.sort(compareEntries));
const options = fc.record({
  blockBytes: fc.constantFrom(1, 60, 300, 4096),
  compression: fc.constantFrom("none" as const, "zstd" as const),
  filterBitsPerKey: fc.constantFrom(0, 10),
  partitionedIndexBytes: fc.constantFrom(0, 30, undefined),
});

function plain(found: FoundEntry | undefined): PlainEntry | undefined {
  if (found === undefined) return undefined;
  const { run, index } = found;
  return {
    key: text(keyAt(run, index))!,
    sequence: run.sequences[index]!,
    value: run.kinds[index] === KIND_DELETE
      ? undefined
      : text(valueAt(run, index)),
  };
}

/** From everything cached to nothing kept. */
const cacheBytes = fc.constantFrom(2 ** 24, 5000, 0);

Deno.test("[K-013, K-061, K-062, K-067] a table gives what was built, by key and by range, whatever its blocks", async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      options,
      cacheBytes,
      fc.option(key),
      fc.option(key),
      fc.integer({ min: 0, max: 31 }),
      async (entries, options, cacheBytes, start, end, snapshot) => {
        const built = buildTable(entries, options);
        const { reader } = await openTable(built, { cacheBytes });
        assertEquals(reader.entryCount, entries.length);
        assertEquals(await entriesOf(reader.runs({})), entries);
        const inRange = ({ key }: PlainEntry): boolean =>
          (start === null || key >= start) && (end === null || key < end);
        const range = {
          start: start === null ? undefined : bytes(start),
          end: end === null ? undefined : bytes(end),
        };
        const want = entries.filter(inRange);
        const forward = await entriesOf(reader.runs(range));
        assertEquals(forward.filter(inRange), want);
        const backward: PlainEntry[][] = [];
        const source = reader.runs(range, true);
        for (let run = await source.nextRun(); run;) {
          const single = [run];
          const nextRun = (): typeof run => single.pop();
          backward.unshift(await entriesOf({ nextRun }));
          run = await source.nextRun();
        }
        assertEquals(backward.flat().filter(inRange), want);
        for (let n = 0; n <= 40; n++) {
          const key = `${"k".repeat(1 + n % 3)}${n}`;
          const encoded = bytes(key);
          const hash = n % 2 === 0
            ? filterHash(encoded, 0, encoded.length)
            : undefined;
          const found = plain(await reader.find(encoded, snapshot, hash));
          const versions = entries.filter((entry) => entry.key === key);
          assertEquals(
            found,
            versions.find(({ sequence }) => sequence <= snapshot),
          );
          if (versions.length > 0) {
            assert(
              await reader.mayContain(
                encoded,
                filterHash(encoded, 0, encoded.length),
              ),
            );
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

/** A table of `count` entries with one version each. */
function numbered(count: number): PlainEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `row${String(i).padStart(6, "0")}`,
    sequence: 1,
    value: `value ${i}`,
  }));
}

Deno.test("[K-064, K-068] a table opens with one request, and a point lookup reads one block", async () => {
  const built = buildTable(numbered(3000), { blockBytes: 512 });
  const { reader, store, cache } = await openTable(built);
  const opened = store.reset();
  assertEquals([opened.get, opened.head, opened.list], [1, 0, 0]);
  assertEquals(opened.bytesRead, built.bytes.length - built.metaOffset);
  assert(reader.blockCount > 50);
  for (const i of [0, 1, 499, 1500, 2998, 2999]) {
    const found = await reader.find(
      bytes(`row${i.toString().padStart(6, "0")}`),
      1,
    );
    assertEquals(plain(found)?.value, `value ${i}`);
  }
  const read = store.reset();
  // 0 and 1 are in one block, as are 2998 and 2999.
  assertEquals(read.get, 4);
  assert(read.bytesRead < 4 * 1024, `${read.bytesRead} bytes`);
  assertEquals(await reader.find(bytes("row000499"), 0), undefined);
  assertEquals(await reader.find(bytes("row000499x"), 1), undefined);
  assertEquals(await reader.find(bytes("zzz"), 1), undefined);
  assertEquals(store.reset().get, 0);
  assertEquals(cache.statistics.kinds.data.count, 4);
});

Deno.test("[K-064, L-060] a large table opens without its indexes and filters, and reads those of one partition", async () => {
  const options = { blockBytes: 512, partitionedIndexBytes: 1600 };
  const built = buildTable(numbered(6000), options);
  const { reader, store, cache } = await openTable(built);
  const opened = store.reset();
  assertEquals([opened.get, reader.partitionCount > 10], [1, true]);
  assert(opened.bytesRead < 1000, `${opened.bytesRead} bytes`);
  assertEquals(cache.statistics.bytes, 0);
  const find = async (n: number): Promise<string | undefined> => {
    const key = bytes(`row${String(n).padStart(6, "0")}`);
    const hash = filterHash(key, 0, key.length);
    return plain(await reader.find(key, 1, hash))?.value;
  };
  // Filter and index in one request, then the block; a neighbour asks nothing.
  assertEquals(await find(3000), "value 3000");
  assertEquals(store.reset().get, 2);
  assertEquals(await find(3001), "value 3001");
  assertEquals(store.snapshot().get, 0);
  assertEquals([
    cache.statistics.kinds.filter.count,
    cache.statistics.kinds.index.count,
    cache.statistics.kinds.data.count,
  ], [1, 1, 1]);
  // What the cache let go is read again, and the answer is the same.
  cache.shrinkTo(0);
  assertEquals(await find(3001), "value 3001");
  assertEquals(store.reset().get, 2);
  for (let n = 0; n < 6000; n += 61) assertEquals(await find(n), `value ${n}`);
});

Deno.test("[L-055] of absent keys 99 % cost no block, whatever the table's size", async () => {
  for (const [count, partitionedIndexBytes] of [[9000, 1e9], [9000, 1600]]) {
    const built = buildTable(
      numbered(count!).map((entry) => ({ ...entry, key: `${entry.key}+` })),
      { partitionedIndexBytes },
    );
    const { reader, store } = await openTable(built);
    for (let n = 0; n < count!; n += 500) {
      await reader.mayContain(
        bytes(`row${String(n).padStart(6, "0")}+`),
        0,
      );
    }
    store.reset();
    for (let n = 0; n < count!; n++) {
      const key = bytes(`row${String(n).padStart(6, "0")}`);
      const hash = filterHash(key, 0, key.length);
      assertEquals(await reader.find(key, 1, hash), undefined);
    }
    const { get } = store.snapshot();
    assert(get < count! / 100, `${get} requests for ${count} keys`);
  }
});

Deno.test("[L-176, L-076] a cached block answers without a promise; a closed reader gives its blocks back", async () => {
  const { reader, store, cache } = await openTable(buildTable(numbered(10)));
  await reader.find(bytes("row000003"), 1);
  assert(!isPromise(reader.find(bytes("row000004"), 1)));
  assert(!isPromise(reader.runs({}).nextRun()));
  assertEquals(store.snapshot().get, 2);
  reader.close();
  assertEquals([cache.statistics.count, cache.statistics.bytes], [0, 0]);
});

Deno.test("the versions of one key go on from block to block", async () => {
  const versions = Array.from({ length: 50 }, (_, i) => ({
    key: "k",
    sequence: 50 - i,
    value: `version ${50 - i}`,
  }));
  const { reader } = await openTable(buildTable(versions, { blockBytes: 30 }));
  assert(reader.blockCount > 10);
  for (let snapshot = 1; snapshot <= 50; snapshot++) {
    const found = plain(await reader.find(bytes("k"), snapshot));
    assertEquals(found?.value, `version ${snapshot}`);
  }
  assertEquals(await reader.find(bytes("k"), 0), undefined);
});

Deno.test("a table of tombstones alone has them and no entry", async () => {
  const tombstones = [{ start: "a", end: "f", sequence: 4 }];
  const { reader } = await openTable(buildTable([], {}, tombstones));
  assertEquals([reader.entryCount, reader.blockCount], [0, 0]);
  assertEquals(await entriesOf(reader.runs({})), []);
  assertEquals(await entriesOf(reader.runs({}, true)), []);
  assertEquals(await reader.find(bytes("b"), 9), undefined);
  assertEquals(reader.tombstones, [
    { start: bytes("a"), end: bytes("f"), sequence: 4 },
  ]);
  assertEquals(reader.properties.lastKey, bytes("f"));
});

Deno.test("the commit's sequence overrides those of an ingested table", async () => {
  const built = buildTable(
    [
      { key: "a", sequence: 1, value: "1" },
      { key: "b", sequence: 2, value: undefined },
    ],
    {},
    [{ start: "c", end: "d", sequence: 0 }],
  );
  const { reader } = await openTable(built, { commitSequence: 40 });
  const entries = await entriesOf(reader.runs({}));
  assertEquals(entries.map(({ sequence }) => sequence), [40, 40]);
  assertEquals(reader.tombstones[0]!.sequence, 40);
  assertEquals(await reader.find(bytes("a"), 39), undefined);
  assertEquals(plain(await reader.find(bytes("a"), 40))?.value, "1");
});

Deno.test("[L-235] a whole block in the place of another is corrupt", async () => {
  const { bytes: file, metaOffset } = buildTable(numbered(40), {
    blockBytes: 150,
    compression: "none",
  });
  const footer = decodeFooter(file, file.length, TABLE_PATH);
  const indexStart = metaOffset + footer.filterLength;
  const stored = file.subarray(indexStart, indexStart + footer.indexLength);
  const raw = readBlock(stored, TABLE_PATH, indexStart);
  const index = new BlockIndex(raw, metaOffset, TABLE_PATH);
  let moved = 0;
  for (let block = 0; block + 1 < index.count; block++) {
    const length = index.length(block);
    if (index.length(block + 1) !== length) continue;
    const damaged = file.slice();
    const at = index.offset(block);
    damaged.copyWithin(at, at + length, at + 2 * length);
    const { reader } = await openBytes(damaged, {
      size: file.length,
      metaOffset,
    });
    const error = await assertRejects(
      async () => await reader.block(block),
      KriyaError,
      `at byte ${at}: the block is not the one that the index names`,
    );
    assertEquals(error.kind, "corrupt");
    assertEquals(
      (await reader.block(block + 1)).count,
      index.entryCount(block),
    );
    moved++;
  }
  assert(moved > 0);
});

Deno.test("a missing table, and one that is not as the manifest says, are corrupt", async () => {
  const built = buildTable(numbered(10));
  const { bytes: file, metaOffset } = built;
  const { cache } = await openTable(built);
  const attempts: (() => Promise<unknown>)[] = [
    async () =>
      await SstableReader.open(new MemoryStore(), {
        path: TABLE_PATH,
        size: file.length,
        metaOffset,
      }, cache),
    () => openBytes(file, { size: file.length + 1, metaOffset }),
    () => openBytes(file, { size: file.length - 1, metaOffset }),
    () => openBytes(file, { size: file.length, metaOffset: metaOffset + 1 }),
    () => openBytes(file, { size: file.length, metaOffset: metaOffset - 1 }),
  ];
  for (const attempt of attempts) {
    const error = await assertRejects(attempt, KriyaError, TABLE_PATH);
    assertEquals([error.kind, error.code], ["corrupt", "XX001"]);
  }
});
