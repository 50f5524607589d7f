import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { nextTurn, systemEnvironment } from "../../base/environment.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import {
  bytes,
  contentsOf,
  put,
  text,
} from "../../tests/support/lsm_contents.ts";
import { World } from "../../tests/support/world.ts";
import { checkManifest, LEVEL_COUNT } from "../manifest/manifest.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { LsmStore } from "./lsm_store.ts";
import { LSM_DEFAULTS, type LsmOptions } from "./options.ts";
import { WriteBatch } from "./write_batch.ts";

/** A tree that grows deep with little. */
const TINY: LsmOptions = {
  memtableBytesMax: 4 * 1024,
  tableBytesMax: 8 * 1024,
  levelBaseBytes: 16 * 1024,
  levelSizeRatio: 3,
  blockBytes: 512,
  flushIntervalMs: 0,
};

/** Waits until no compaction is due; in the system's time. */
async function settled(store: LsmStore): Promise<void> {
  for (let turn = 0; turn < 20_000; turn++) {
    await nextTurn();
    const { running, error } = store.status().compaction!;
    assertEquals(error, undefined);
    if (running === undefined && turn > 20) return;
  }
  throw new Error("compactions do not end");
}

/** Every table against what the manifest says, and the levels against it. */
async function checkLevels(store: LsmStore): Promise<void> {
  checkManifest(store.manifest);
  const state = store.status().levels;
  const named = store.manifest.levels.flatMap((tables, level) =>
    tables.length === 0 ? [] : [{ level, tables: tables.length }]
  );
  assertEquals(state.map(({ level, tables }) => ({ level, tables })), named);
  for (const { path, size } of store.manifest.levels.flat()) {
    assertEquals((await store.objects.head(path))?.size, size);
  }
}

for (const compaction of ["leveled", "size-tiered"] as const) {
  Deno.test(`[K-017, K-020, K-038, K-039, K-041, K-071, L-052, L-053, L-181] ${compaction}: a store that compacts agrees with a map, held snapshots and reopens included`, async () => {
    const random = new SeededRandom(compaction);
    const bucket = new MemoryBucket();
    const open = (): Promise<LsmStore> =>
      LsmStore.open(new MemoryStore({ bucket }), {
        ...TINY,
        compaction,
        takeover: true,
      });
    let store = await open();
    let model = new Map<string, string>();
    let held: { snapshot: Snapshot; model: Map<string, string> }[] = [];
    let compactions = 0;
    for (let step = 0; step < 450; step++) {
      const batch = new WriteBatch();
      model = new Map(model);
      if (random.chance(0.03)) {
        const from = random.below(900);
        const [start, end] = [from, from + random.below(200)].map((n) =>
          `k${1000 + n}`
        );
        batch.deleteRange(bytes(start!), bytes(end!));
        for (const key of model.keys()) {
          if (key >= start! && key < end!) model.delete(key);
        }
      }
      for (let n = random.below(20); n >= 0; n--) {
        const key = `k${1000 + random.below(1000)}`;
        if (random.chance(0.2)) {
          batch.delete(bytes(key));
          model.delete(key);
        } else {
          const value = `${step}`.repeat(1 + random.below(30));
          batch.put(bytes(key), bytes(value));
          model.set(key, value);
        }
      }
      await store.write(batch);
      if (random.chance(0.05)) held.push({ snapshot: store.snapshot(), model });
      if (held.length > 3) held.shift()!.snapshot.release();
      if (step % 25 === 24) {
        await settled(store);
        await checkLevels(store);
        for (const { snapshot, model } of held) {
          const want = [...model].sort(([a], [b]) => a < b ? -1 : 1);
          assertEquals(await contentsOf(store, { snapshot }), want);
        }
        const want = [...model].sort(([a], [b]) => a < b ? -1 : 1);
        assertEquals(await contentsOf(store), want);
        const key = `k${1000 + random.below(1000)}`;
        assertEquals(text(await store.get(bytes(key))), model.get(key));
      }
      if (step % 150 === 149) {
        const { compaction } = store.status();
        compactions += compaction!.compactions;
        assert(compaction!.writtenBytes > 0 && compaction!.readBytes > 0);
        held.forEach(({ snapshot }) => snapshot.release());
        held = [];
        await store.close();
        store = await open();
      }
    }
    assert(compactions > 10, `${compactions} compactions`);
    // What is replaced does not pile up.
    await store.compact();
    const { levels } = store.status();
    assertEquals(levels.map(({ level }) => level), [LEVEL_COUNT - 1]);
    assertEquals(levels[0]!.entries, model.size);
    await store.close();
  });
}

Deno.test("[K-069, K-072, K-073, K-074, L-051] the fourth table of level 0 is one too many, and levels spill down to the last", async () => {
  assertEquals(LSM_DEFAULTS.l0CompactionTrigger, 4);
  assertEquals(LEVEL_COUNT, 7);
  const random = new SeededRandom(7);
  const rows = (): Record<string, string> =>
    Object.fromEntries(Array.from(
      { length: 40 },
      () => [`k${10_000 + random.below(9000)}`, `${random.next()}`],
    ));
  const levels = (store: LsmStore): number[] =>
    store.status().levels.map(({ level }) => level);
  const flush = async (store: LsmStore): Promise<void> => {
    await put(store, rows());
    await store.flush();
    await settled(store);
    checkManifest(store.manifest);
  };
  const wide = { ...TINY, memtableBytesMax: 1 << 20 };
  let store = await LsmStore.open(new MemoryStore(), wide);
  for (const want of [[0], [0], [0], [1]]) {
    await flush(store);
    assertEquals(levels(store), want);
  }
  await store.close();
  store = await LsmStore.open(new MemoryStore(), {
    ...wide,
    tableBytesMax: 1024,
    levelBaseBytes: 2048,
    levelSizeRatio: 2,
  });
  const seen = new Set<number>();
  for (let round = 0; round < 120 && !seen.has(6); round++) {
    await put(store, rows());
    await store.flush();
    for (const level of levels(store)) seen.add(level);
    await settled(store);
    for (const level of levels(store)) seen.add(level);
  }
  assertEquals([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
  await store.close();
});

Deno.test("[L-096, L-100, L-182] old versions go by themselves once no snapshot needs them", async () => {
  const store = await LsmStore.open(new MemoryStore(), TINY);
  const entries = (): number =>
    store.status().levels.reduce((sum, { entries }) => sum + entries, 0);
  const round = async (value: string): Promise<void> => {
    await put(store, { a: value, b: value });
    await store.flush();
    await settled(store);
  };
  await round("old");
  const snapshot = store.snapshot();
  for (const value of ["1", "2", "3"]) await round(value);
  // Those between could be asked for by their sequence.
  assertEquals(entries(), 8);
  assertEquals(text(await store.get(bytes("a"), snapshot)), "old");
  snapshot.release();
  for (const value of ["4", "5", "6", "7"]) await round(value);
  assertEquals(entries() <= 2 * 4, true);
  await store.compact();
  assertEquals(entries(), 2);
  await assertRejects(
    async () => await store.get(bytes("a"), snapshot.sequence),
    KriyaError,
    "too old",
  );
  await store.close();
});

Deno.test("[L-172] versions stay readable for their time of retention, and go after it", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ ...TINY, versionRetentionMs: 60_000 });
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => world.environment.setTimer(resolve, ms));
    const first = await put(store, { a: "first" });
    await store.flush();
    await wait(30_000);
    await put(store, { a: "second" });
    await store.compact();
    assertEquals(text(await store.get(bytes("a"), first)), "first");
    await wait(120_000);
    await put(store, { b: "later" });
    await store.flush();
    await wait(61_000);
    await put(store, { b: "last" });
    await store.compact();
    await assertRejects(
      async () => await store.get(bytes("a"), first),
      KriyaError,
      "too old",
    );
    assertEquals(text(await store.get(bytes("a"))), "second");
    await store.close();
  });
});

Deno.test("keys with a time to live go after it, others stay", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({
      ...TINY,
      ttl: [{ prefix: bytes("session/"), ms: 1000 }],
    });
    await put(store, { "session/1": "x", "user/1": "x" });
    await store.flush();
    await new Promise<void>((resolve) =>
      void world.environment.setTimer(resolve, 5000)
    );
    await put(store, { "session/2": "x" });
    await store.compact();
    assertEquals(
      (await contentsOf(store)).map(([key]) => key),
      ["session/2", "user/1"],
    );
    await store.close();
  });
});

Deno.test("commits wait while level 0 is full, and fail with 53000 when it cannot be compacted", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({
      ...TINY,
      l0StopTrigger: 5,
      stallTimeoutMs: 1000,
      attemptsMax: 1,
    });
    const flush = async (i: number): Promise<void> => {
      await put(store, { [`k${i}`]: "x", k: `${i}` });
      await store.flush();
    };
    for (const i of [1, 2, 3]) await flush(i);
    // The first table that is put is the fourth flush's, the second the
    // compaction's.
    const stall = objects.pause({
      operation: "put",
      prefix: "sst/",
      nth: 2,
      when: "before",
    });
    await flush(4);
    await stall.reached;
    await flush(5);
    const waiting = put(store, { late: "1" });
    waiting.catch(() => {});
    const error = await assertRejects(() => waiting, KriyaError);
    assertEquals([error.kind, error.code], ["unavailable", "53000"]);
    stall.release();
    await put(store, { later: "2" });
    assertEquals(text(await store.get(bytes("late"))), undefined);
    assertEquals(text(await store.get(bytes("later"))), "2");
    await store.close();
  });
});

Deno.test("a compaction that fails is begun anew, and says why meanwhile", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({ ...TINY, attemptsMax: 1 });
    for (let i = 0; i < 3; i++) {
      await put(store, { a: `${i}` });
      await store.flush();
    }
    objects.inject("fail", { operation: "get", prefix: "sst/", nth: 2 });
    await put(store, { a: "3" });
    await store.flush();
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => world.environment.setTimer(resolve, ms));
    await wait(5000);
    const { compactions, error } = store.status().compaction!;
    assertEquals([compactions, error], [1, undefined]);
    assertEquals(store.status().levels.map(({ level }) => level), [1]);
    assertEquals(text(await store.get(bytes("a"))), "3");
    await store.close();
  });
});

Deno.test("a scan goes on over tables that a compaction has replaced", async () => {
  const store = await LsmStore.open(new MemoryStore(), {
    ...TINY,
    cacheBytesMax: 0,
  });
  const rows = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`k${1000 + i}`, "v".repeat(20)]),
  );
  await put(store, rows);
  await store.flush();
  const before = store.tablesInUse();
  const scan = store.scan();
  let count = (await scan.next())!.count;
  await put(store, { k1000: "new" });
  await store.compact();
  for (const path of before) assert(store.tablesInUse().has(path));
  for (let run = await scan.next(); run; run = await scan.next()) {
    count += run.count;
  }
  assertEquals(count, 300);
  for (const path of before) assert(!store.tablesInUse().has(path));
  await store.close();
});

Deno.test("compact can be aborted, and close ends a compaction at once", async () => {
  const store = await LsmStore.open(new MemoryStore(), TINY);
  await put(store, { a: "1" });
  await store.flush();
  await put(store, { a: "2" });
  const controller = new AbortController();
  const compacting = store.compact({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => compacting, Error, "enough");
  const again = store.compact();
  again.catch(() => {});
  await store.close();
  await assertRejects(() => again, KriyaError, "closed");
});

Deno.test("a commit under a snapshot that lies below the horizon conflicts", async () => {
  const store = await LsmStore.open(new MemoryStore(), TINY);
  const old = await put(store, { a: "1" });
  await put(store, { a: undefined });
  await store.compact();
  assert(store.manifest.horizon > old);
  const batch = new WriteBatch();
  batch.put(bytes("a"), bytes("2"), true);
  // That it was deleted is in no table any more.
  const error = await assertRejects(
    () => store.write(batch, { snapshot: old }),
    KriyaError,
  );
  assertEquals(error.kind, "conflict");
  await store.close();
});

Deno.test("[L-057] under a uniform load each byte is written about as often as there are levels", async () => {
  const store = await LsmStore.open(new MemoryStore(), {
    ...TINY,
    memtableBytesMax: 16 * 1024,
    tableBytesMax: 16 * 1024,
    levelBaseBytes: 64 * 1024,
    levelSizeRatio: 10,
    compression: "none",
  });
  const random = new SeededRandom(3);
  for (let i = 0; i < 400; i++) {
    const batch = new WriteBatch();
    for (let n = 0; n < 20; n++) {
      const key = `k${String(random.below(1e6)).padStart(7, "0")}`;
      batch.put(bytes(key), random.fill(new Uint8Array(80)));
    }
    await store.write(batch);
    if (i % 40 === 39) await settled(store);
  }
  await settled(store);
  const { compaction } = store.status();
  assert(compaction!.writeAmplification > 1);
  assert(
    compaction!.writeAmplification < 12,
    `write amplification ${compaction!.writeAmplification}`,
  );
  assertEquals(compaction!.pendingBytes, 0);
  assert(compaction!.readAmplification <= 3 + 3);
  await store.close();
});

Deno.test("[L-056] what runs in the foreground does not wait for a compaction", async () => {
  const store = await LsmStore.open(new MemoryStore(), {
    ...TINY,
    memtableBytesMax: 1 << 20,
    tableBytesMax: 1 << 20,
    levelBaseBytes: 1 << 22,
  });
  const rows = (round: number): Record<string, string> =>
    Object.fromEntries(Array.from(
      { length: 8000 },
      (_, i) => [`k${10_000 + i}`, `${round} ${i}`.repeat(8)],
    ));
  for (let round = 0; round < 3; round++) {
    await put(store, rows(round));
    await store.flush();
  }
  await put(store, rows(3));
  await store.flush();
  let longest = 0;
  let turns = 0;
  while (store.status().compaction!.running !== undefined) {
    const start = systemEnvironment.monotonicMs();
    await nextTurn();
    await store.get(bytes("k10001"));
    longest = Math.max(longest, systemEnvironment.monotonicMs() - start);
    turns++;
  }
  assert(turns > 3, "the compaction took no slices");
  assert(longest < 250, `a turn took ${longest} ms`);
  assertEquals(store.status().compaction!.compactions, 1);
  await store.close();
});
