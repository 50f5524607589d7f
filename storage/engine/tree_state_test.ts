import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { isPromise } from "../../base/maybe_promise.ts";
import {
  bytes,
  contentsOf,
  put,
  text,
} from "../../tests/support/lsm_contents.ts";
import { asked, type Process, World } from "../../tests/support/world.ts";
import { buildTable } from "../../tests/support/sstables.ts";
import { BlockCache } from "../cache/block_cache.ts";
import { Memtable } from "../memtable/memtable.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { sstPath } from "../object_store/object_path.ts";
import { describeTable } from "../compaction/stored_tables.ts";
import { OpenTable, TreeState } from "./tree_state.ts";
import { KEY_BYTES_MAX } from "../mvcc/internal_key.ts";
import { WriteBatch } from "./write_batch.ts";

const OPTIONS = { flushIntervalMs: 0, blockBytes: 300 };

async function get(
  { store }: Process,
  key: string,
  snapshot?: number,
): Promise<string | undefined> {
  return text(await store.get(bytes(key), snapshot));
}

/** `count` rows from `row<from>` on. */
function rows(
  from: number,
  count: number,
  value = "v",
): Record<string, string> {
  return Object.fromEntries(
    Array.from(
      { length: count },
      (_, i) => [`row${String(from + i).padStart(4, "0")}`, `${value}${i}`],
    ),
  );
}

Deno.test("[K-050, K-051] a lookup goes memtable, frozen memtable, cache, store, and no further than it must", async () => {
  const world = new World();
  const process = await world.open(OPTIONS);
  const { store, objects, requests } = process;
  const inTable = await put(store, { a: "in a table", z: "z" });
  await store.flush();
  const inFrozen = await put(store, { a: "in a frozen memtable" });
  const stall = objects.pause({
    operation: "put",
    prefix: "sst/",
    when: "before",
  });
  const flushing = store.flush();
  await stall.reached;
  await put(store, { a: "in the memtable" });
  requests.length = 0;
  // The first two are there at once; nothing is asked of the store.
  const newest = store.get(bytes("a"));
  assert(!isPromise(newest));
  assertEquals(text(newest), "in the memtable");
  const older = store.get(bytes("a"), inFrozen);
  assert(!isPromise(older));
  assertEquals(text(older), "in a frozen memtable");
  assertEquals(asked(requests), []);
  // The third is in the store: one block. Then it is in the cache.
  assertEquals(await get(process, "a", inTable), "in a table");
  assertEquals(asked(requests), ["get sst/"]);
  const cached = store.get(bytes("a"), inTable);
  assert(!isPromise(cached));
  assertEquals(text(cached), "in a table");
  assertEquals(asked(requests), ["get sst/"]);
  stall.release();
  await flushing;
  await store.close();
});

Deno.test("[K-052] a frozen memtable is read while its flush stalls: keys, ranges, backward", async () => {
  const world = new World();
  const { store, objects, requests } = await world.open(OPTIONS);
  await put(store, { a: "1", b: "2", c: "3" });
  const stall = objects.pause({
    operation: "put",
    prefix: "sst/",
    when: "before",
  });
  const flushing = store.flush();
  await stall.reached;
  assertEquals(store.status().frozenMemtables, 1);
  await put(store, { b: undefined, d: "4" });
  requests.length = 0;
  const want: [string, string][] = [["a", "1"], ["c", "3"], ["d", "4"]];
  assertEquals(await contentsOf(store), want);
  assertEquals(await contentsOf(store, { reverse: true }), want.toReversed());
  assertEquals(text(await store.get(bytes("c"))), "3");
  assertEquals(requests, []);
  stall.release();
  await flushing;
  assertEquals(store.status().frozenMemtables, 0);
  assertEquals(await contentsOf(store), want);
  await store.close();
});

Deno.test("[K-053, K-092] what was read once is read again without a request: a key, a scan", async () => {
  const world = new World();
  const writer = await world.open(OPTIONS);
  await put(writer.store, rows(0, 200));
  await writer.store.flush();
  await writer.store.close();
  const process = await world.open({ ...OPTIONS, readOnly: true });
  const { store, requests } = process;
  requests.length = 0;
  assertEquals(await get(process, "row0100"), "v100");
  // One block of many; the opening has read the table's metadata.
  assertEquals(asked(requests), ["get sst/"]);
  assertEquals(await get(process, "row0100"), "v100");
  assertEquals(requests.length, 1);
  assertEquals((await contentsOf(store)).length, 200);
  const scanned = requests.length;
  // Read ahead: a few requests for many blocks.
  assert(scanned > 1 && scanned < 5, `${scanned}`);
  for (const reverse of [false, true]) {
    assertEquals((await contentsOf(store, { reverse })).length, 200);
  }
  assertEquals(requests.length, scanned);
  assert(store.status().cache.hits > 0);
  await store.close();
});

Deno.test("[L-183, L-060] a store gives up what it has in memory of tables, but for what is pinned, and reads it again", async () => {
  for (const pinMetadata of [true, false]) {
    const world = new World();
    const process = await world.open({ ...OPTIONS, pinMetadata });
    const { store, requests } = process;
    await put(store, rows(0, 200));
    await store.flush();
    assertEquals(await get(process, "row0100"), "v100");
    store.cache.shrinkTo(0);
    const { bytes, pinnedBytes } = store.status().cache;
    assertEquals([bytes, pinnedBytes > 0], [pinnedBytes, pinMetadata]);
    requests.length = 0;
    assertEquals(await get(process, "row0100"), "v100");
    // The block; without pins the filter with the index, too.
    assertEquals(requests.length, pinMetadata ? 1 : 2);
    await store.close();
  }
});

Deno.test("[K-055] a key outside every table's range asks for nothing, with and without filters", async () => {
  for (const filterBitsPerKey of [0, 10]) {
    const world = new World();
    const { store, requests } = await world.open({
      ...OPTIONS,
      cacheBytesMax: 0,
      filterBitsPerKey,
    });
    for (const from of [100, 300]) {
      await put(store, rows(from, 50));
      await store.flush();
    }
    requests.length = 0;
    for (const key of ["a", "row0099", "row0200", "row0350", "z"]) {
      const found = store.get(bytes(key));
      assert(!isPromise(found), key);
      assertEquals(found, undefined);
    }
    assertEquals(requests, []);
    await store.close();
  }
});

Deno.test("[L-055] a key that the filters exclude asks for no block", async () => {
  const world = new World();
  const process = await world.open({ ...OPTIONS, cacheBytesMax: 0 });
  await put(process.store, rows(100, 50));
  await process.store.flush();
  process.requests.length = 0;
  // In the range and not there: the filters let 1 % of them pass.
  for (let i = 0; i < 500; i++) await get(process, `row0120-${i}`);
  const { length } = process.requests;
  assert(length <= 15, `${length} requests`);
  await process.store.close();
});

Deno.test("[K-054, K-070] tables of level 0 overlap, and the newest version counts at each snapshot", async () => {
  const world = new World();
  const process = await world.open({ ...OPTIONS, compaction: "off" });
  const { store } = process;
  const sequences: number[] = [];
  for (const round of [1, 2, 3, 4]) {
    sequences.push(await put(store, rows(0, 60, `round ${round} `)));
    if (round === 3) {
      const batch = new WriteBatch();
      batch.deleteRange(bytes("row0010"), bytes("row0020"));
      batch.delete(bytes("row0030"));
      sequences.push(await store.write(batch));
    }
    await store.flush();
  }
  assertEquals(store.manifest.levels[0]!.length, 4);
  for (const reopened of [false, true]) {
    const reader = reopened ? await world.open({ readOnly: true }) : process;
    assertEquals(await get(reader, "row0015"), "round 4 15");
    assertEquals(await get(reader, "row0015", sequences[0]), "round 1 15");
    assertEquals(await get(reader, "row0015", sequences[2]), "round 3 15");
    assertEquals(await get(reader, "row0015", sequences[3]), undefined);
    assertEquals(await get(reader, "row0030", sequences[3]), undefined);
    const at = async (sequence?: number): Promise<number> =>
      (await contentsOf(reader.store, { snapshot: sequence })).length;
    assertEquals(await at(), 60);
    assertEquals(await at(sequences[3]), 49);
    assertEquals(await at(sequences[1]), 60);
    if (reopened) await reader.store.close();
  }
  await store.close();
});

Deno.test("[K-054] a store that takes its time gives the same, however many tables a key is in", async () => {
  const world = new World();
  await world.run(async () => {
    const writer = await world.open(OPTIONS);
    const sequences: number[] = [];
    for (const round of [1, 2, 3]) {
      sequences.push(await put(writer.store, rows(0, 40, `round ${round} `)));
      await put(writer.store, { [`only ${round}`]: "here" });
      await writer.store.flush();
    }
    await writer.store.close();
    const slow = await world.open(
      { readOnly: true, cacheBytesMax: 0 },
      { exclusive: false },
      { latencyMs: { min: 1, max: 30 } },
    );
    for (const round of [3, 1, 2]) {
      const found = await get(slow, "row0007", sequences[round - 1]);
      assertEquals(found, `round ${round} 7`);
      assertEquals(await get(slow, `only ${round}`), "here");
    }
    for (const reverse of [false, true]) {
      const found = await contentsOf(slow.store, { reverse });
      assertEquals(found.length, 43);
      const values = found.map(([, value]) => value);
      assert(values.every((value) => /^(round 3 \d+|here)$/.test(value)));
    }
    await slow.store.close();
  });
});

Deno.test("a key that a range removed in a table has changed, as has one in a range that overlaps", async () => {
  const world = new World();
  const { store } = await world.open(OPTIONS);
  const snapshot = await put(store, { k: "1" });
  await store.flush();
  const batch = new WriteBatch();
  batch.deleteRange(bytes("j"), bytes("l"));
  await store.write(batch);
  await store.flush();
  const late = new WriteBatch();
  late.put(bytes("k"), bytes("2"), true);
  const check = { start: bytes("kk"), end: bytes("m") };
  for (
    const write of [
      () => store.write(late, { snapshot }),
      () =>
        store.write(new WriteBatch(), { snapshot, unchangedRanges: [check] }),
    ]
  ) {
    const error = await assertRejects(write, KriyaError);
    assertEquals(error.kind, "conflict");
  }
  await store.write(late, { snapshot: store.visibleSequence });
  assertEquals(text(await store.get(bytes("k"))), "2");
  await store.close();
});

Deno.test("values of no byte and of 16 MiB, and the longest key, come back from memtable, log and table", async () => {
  const world = new World();
  const long = new Uint8Array(KEY_BYTES_MAX).fill(0x6b);
  const big = new Uint8Array(16 * 1024 * 1024);
  for (let i = 0; i < big.length; i += 97) big[i] = i;
  const check = async ({ store }: Process): Promise<void> => {
    assertEquals((await store.get(bytes("empty")))?.length, 0);
    assertEquals(text(await store.get(long)), "long key");
    const found = (await store.get(bytes("big")))!;
    assertEquals(found.length, big.length);
    assert(found.every((byte, i) => byte === big[i]));
    assertEquals(await store.get(long.subarray(1)), undefined);
  };
  const first = await world.open(OPTIONS);
  const batch = new WriteBatch();
  batch.put(bytes("empty"), new Uint8Array(0));
  batch.put(bytes("big"), big);
  batch.put(long, bytes("long key"));
  await first.store.write(batch);
  await check(first);
  const replayed = await world.open(OPTIONS);
  await check(replayed);
  await replayed.store.flush();
  await check(replayed);
  await replayed.store.close();
  const reader = await world.open({ readOnly: true });
  await check(reader);
  await reader.store.close();
});

Deno.test("a snapshot does not move, whatever is written, deleted and flushed after it", async () => {
  const world = new World();
  const { store } = await world.open(OPTIONS);
  await put(store, { a: "1", b: "2", c: "3" });
  const snapshot = store.snapshot();
  const scan = store.scan({ snapshot });
  const want = await contentsOf(store, { snapshot });
  const batch = new WriteBatch();
  batch.deleteRange(bytes("a"), bytes("z"));
  await store.write(batch);
  await store.flush();
  await put(store, { a: "new", d: "new" });
  assertEquals(await contentsOf(store, { snapshot }), want);
  assertEquals(text(await store.get(bytes("a"), snapshot)), "1");
  assertEquals(store.oldestSnapshot, snapshot.sequence);
  // The scan that was open before sees what it saw then.
  const run = await scan.next();
  assertEquals(run?.count, 3);
  snapshot.release();
  assertEquals(store.oldestSnapshot, snapshot.sequence);
  scan.close();
  assertEquals(store.oldestSnapshot, store.visibleSequence);
  await store.close();
});

Deno.test("estimateKeys counts by prefix: tables by their statistics, memtables as they are", async () => {
  const world = new World();
  const { store } = await world.open(OPTIONS);
  await put(store, rows(0, 100)); // Keys begin with "row0".
  const prefix = new DataView(bytes("row0").buffer).getUint32(0);
  assertEquals(store.estimateKeys(prefix), 100);
  await store.flush();
  assertEquals(store.estimateKeys(prefix), 100);
  await put(store, { row0001: undefined, row0002: undefined });
  assertEquals(store.estimateKeys(prefix), 98);
  await put(store, rows(200, 5));
  assertEquals(store.estimateKeys(prefix), 103);
  assertEquals(store.estimateKeys(prefix + 1), 0);
  await store.close();
});

Deno.test("changesSince gives every version that is newer, and no table that is older as a whole", async () => {
  const world = new World();
  const { store, requests } = await world.open(OPTIONS);
  const first = await put(store, { a: "1", b: "1" });
  await store.flush();
  const second = await put(store, { a: "2" });
  await store.flush();
  await put(store, { b: "3" });
  requests.length = 0;
  const read = async (since: number): Promise<number> => {
    let count = 0;
    for (const opening of store.changesSince({}, since)) {
      const source = await opening;
      for (
        let run = await source.nextRun();
        run;
        run = await source.nextRun()
      ) {
        for (const sequence of run.sequences.subarray(0, run.count)) {
          if (sequence > since) count++;
        }
      }
    }
    return count;
  };
  assertEquals(await read(second), 1);
  assertEquals(requests, []);
  assertEquals([await read(first), await read(0)], [2, 4]);
  await store.close();
});

Deno.test("a table whose object is gone is corrupt, and what is elsewhere is still read", async () => {
  const world = new World();
  const process = await world.open(OPTIONS);
  await put(process.store, { a: "1" });
  await process.store.flush();
  await put(process.store, { m: "2" });
  await process.store.flush();
  await process.store.close();
  world.bucket.remove(world.paths("sst/")[0]!);
  const reader = await world.open({ readOnly: true });
  const error = await assertRejects(() => get(reader, "a"), KriyaError);
  assertEquals([error.kind, error.code], ["corrupt", "XX001"]);
  assertEquals(await get(reader, "m"), "2");
  await reader.store.close();
});

Deno.test("[L-179] while a scan reads one table of a level the next is opened, unless nothing is read ahead", async () => {
  const bucket = new MemoryBucket();
  const metas = [0, 1, 2].map((n) => {
    const entries = Object.entries(rows(n * 1000, 100)).map((
      [key, value],
    ) => ({ key, sequence: 1, value }));
    const built = buildTable(entries, { blockBytes: 60 });
    const path = sstPath({ epoch: 1, job: 0, number: n });
    bucket.set(path, built.bytes, 0);
    return { path, ...describeTable(built) };
  });
  for (const readAheadBytes of [0, 2 ** 20]) {
    const objects = new MemoryStore({ bucket });
    const cache = new BlockCache(2 ** 24);
    const tables = metas.map((meta) =>
      OpenTable.of(meta, objects, cache, { readAheadBytes })
    );
    const state = new TreeState(new Memtable(), [], [[], tables]);
    const [source] = await Promise.all(state.sources({}, false));
    const opened = (): number =>
      tables.filter((table) => table.opened !== undefined).length;
    await source!.nextRun();
    assertEquals(opened(), 1);
    for (let run = 2; run < 8; run++) await source!.nextRun();
    assertEquals(opened(), readAheadBytes === 0 ? 1 : 2);
    while (await source!.nextRun() !== undefined);
    assertEquals(opened(), 3);
  }
});
