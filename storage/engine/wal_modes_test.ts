import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { delay } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  batchOf,
  bytes,
  contentsOf,
  keyAt,
  put,
  text,
  valueAt,
} from "../../tests/support/lsm_contents.ts";
import { asked, type Process, World } from "../../tests/support/world.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import type { LsmStore } from "./lsm_store.ts";
import type { LsmOptions, WalMode } from "./options.ts";

const WAL_PUT = { operation: "put", prefix: "wal/" } as const;
const MAX = Number.MAX_SAFE_INTEGER;

/** Commits puts and deletions in a mode. */
function write(
  store: LsmStore,
  writes: Readonly<Record<string, string | undefined>>,
  durability: WalMode,
): Promise<number> {
  return store.write(batchOf(writes), { snapshot: MAX, durability });
}

/** What a writer that opens now finds. */
async function afterCrash(world: World): Promise<[string, string][]> {
  const { store } = await world.open({ readOnly: true });
  return await contentsOf(store);
}

function keysOf(contents: readonly [string, string][]): string[] {
  return contents.map(([key]) => key);
}

Deno.test("[L-110, L-233] in mode sync, the default, a commit is durable when it is acknowledged", async () => {
  const world = new World();
  const { store } = await world.open();
  assertEquals(store.config.walMode, "sync");
  for (let i = 0; i < 5; i++) {
    await put(store, { [`k${i}`]: "v" });
    assertEquals(await afterCrash(world), await contentsOf(store));
    assertEquals(store.durableSequence, store.visibleSequence);
  }
});

Deno.test("[L-111] in mode periodic a commit is visible at once and in the log after the interval, with all before it", async () => {
  const world = new World();
  const { store, requests } = await world.open({ walMode: "periodic" });
  assertEquals(store.config.walPeriodMs, 200);
  requests.length = 0;
  for (let i = 0; i < 4; i++) {
    await put(store, { [`k${i}`]: "v" });
    if (i < 3) await world.environment.advance(40);
  }
  assertEquals((await contentsOf(store)).length, 4);
  assertEquals(requests, []);
  const { durableLag, durableSequence, visibleSequence } = store.status();
  assertEquals([durableLag.commits, durableLag.ms], [4, 120]);
  assert(durableLag.bytes > 0);
  assertEquals(visibleSequence - durableSequence, 4);
  // A crash now loses all of them.
  assertEquals(await afterCrash(world), []);
  await world.environment.advance(79);
  assertEquals(requests, []);
  await world.environment.advance(1);
  assertEquals(asked(requests), ["put wal/"]);
  assertEquals((await afterCrash(world)).length, 4);
  assertEquals(store.status().durableLag, { commits: 0, bytes: 0, ms: 0 });
  // Nothing more is written while nothing is committed.
  await world.environment.advance(3_600_000);
  assertEquals(asked(requests), ["put wal/"]);
});

Deno.test("[L-112] in mode async a commit returns at once, and flushWal, flush and close make it durable", async () => {
  const makers: Record<string, (store: LsmStore) => Promise<void>> = {
    flushWal: (store) => store.flushWal(),
    flush: (store) => store.flush(),
    close: (store) => store.close(),
  };
  for (const [name, make] of Object.entries(makers)) {
    const world = new World();
    const { store, requests } = await world.open({ walMode: "async" });
    requests.length = 0;
    for (let i = 0; i < 10; i++) await put(store, { [`k${i}`]: "v" });
    await world.environment.advance(3_600_000);
    assertEquals(requests, [], name);
    assertEquals(await afterCrash(world), []);
    await make(store);
    assertEquals((await afterCrash(world)).length, 10, name);
  }
});

Deno.test("a commit says its mode itself; a sync one takes everything before it along, in one object", async () => {
  const world = new World();
  const { store, requests } = await world.open();
  requests.length = 0;
  await write(store, { a: "1" }, "async");
  await write(store, { b: "1" }, "periodic");
  assertEquals(requests, []);
  await write(store, { c: "1" }, "sync");
  assertEquals(asked(requests), ["put wal/"]);
  assertEquals(keysOf(await afterCrash(world)), ["a", "b", "c"]);
  await store.close();
});

Deno.test("commits become visible in the order of the log: one behind a sync one waits for it", async () => {
  const world = new World();
  const { store, objects } = await world.open();
  await write(store, { a: "1" }, "async");
  const held = objects.pause({ ...WAL_PUT, when: "before" });
  const sync = write(store, { b: "1" }, "sync");
  await held.reached;
  const behind = write(store, { c: "1" }, "async");
  const next = write(store, { d: "1" }, "sync");
  const last = write(store, { e: "1" }, "async");
  await world.environment.advance(1000);
  assertEquals(keysOf(await contentsOf(store)), ["a"]);
  assertEquals(store.status().durableLag.commits, 1);
  held.release();
  await sync;
  assertEquals(await behind, await sync + 1);
  await Promise.all([next, last]);
  assertEquals(keysOf(await contentsOf(store)), ["a", "b", "c", "d", "e"]);
  await store.close();
  assertEquals(keysOf(await afterCrash(world)), ["a", "b", "c", "d", "e"]);
});

Deno.test("checks look at what is visible and not durable, and at what waits behind it", async () => {
  const world = new World();
  const { store, objects } = await world.open();
  const snapshot = store.visibleSequence;
  await write(store, { a: "1" }, "async");
  const held = objects.pause({ ...WAL_PUT, when: "before" });
  const waiting = [
    write(store, { b: "1" }, "sync"),
    write(store, { c: "1" }, "async"),
  ];
  await held.reached;
  for (const key of ["a", "b", "c"]) {
    const error = await assertRejects(
      () =>
        store.write(batchOf({ x: "1" }), {
          snapshot,
          unchangedKeys: [bytes(key)],
          durability: "async",
        }),
      KriyaError,
    );
    assertEquals(error.kind, "conflict", key);
  }
  held.release();
  await Promise.all(waiting);
  await store.close();
});

/** A writer with durable and lost commits, and the one that took over. */
async function takenOver(
  options: LsmOptions = {},
): Promise<{ world: World; old: Process }> {
  const world = new World();
  const old = await world.open({ walMode: "async", ...options });
  await put(old.store, { a: "durable", b: "durable" });
  await old.store.flushWal();
  return { world, old };
}

Deno.test("a fenced writer cuts its memtables back to the durable sequence and tells who follows", async () => {
  const { world, old } = await takenOver({ memtableBytesMax: 600 });
  const { store } = old;
  const durable = store.durableSequence;
  const cuts: number[] = [];
  store.onCutBack((sequence) => {
    cuts.push(sequence);
    assertEquals(store.visibleSequence, sequence);
  });
  const snapshots = [store.snapshot()];
  const value = "v".repeat(100);
  await put(store, { a: "lost", c: value, d: value });
  snapshots.push(store.snapshot());
  old.objects.setChances({ fail: 1 });
  // One memtable is frozen, with a part that is durable and one that is not.
  for (let i = 0; i < 5; i++) await put(store, { [`e${i}`]: value });
  const batch = batchOf({ b: undefined });
  batch.deleteRange(bytes("a"), bytes("z"));
  await store.write(batch);
  await put(store, { a: "lost too" });
  assert(store.status().frozenMemtables > 0);
  assertEquals(await contentsOf(store), [["a", "lost too"]]);
  const running = store.scan();
  const next = await world.open();
  await put(next.store, { z: "new" });
  old.objects.setChances({});
  const error = await assertRejects(
    () => world.run(() => store.flushWal()),
    KriyaError,
  );
  assertEquals(error.kind, "fenced");
  assertEquals(cuts, [durable]);
  assertEquals(store.visibleSequence, durable);
  const want: [string, string][] = [["a", "durable"], ["b", "durable"]];
  assertEquals(await contentsOf(store), want);
  assertEquals(
    await contentsOf(store, { reverse: true }),
    want.toReversed(),
  );
  assertEquals(await contentsOf(store, { snapshot: snapshots[0] }), want);
  for (
    const read of [
      () => store.get(bytes("a"), snapshots[1]),
      () => store.scan({ snapshot: snapshots[1] }),
      () => running.next(),
    ]
  ) {
    const above = assertThrows(read, KriyaError, "the snapshot sees commits");
    assertEquals(above.kind, "fenced");
  }
  const late = await assertRejects(() => put(store, { x: "1" }), KriyaError);
  assertEquals(late.kind, "fenced");
  assertEquals(await contentsOf(next.store), [...want, ["z", "new"]]);
  await store.close();
  await next.store.close();
});

Deno.test("a scan that is under way when commits are taken back goes on as if they had never been", async () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = new SeededRandom(seed);
    const { world, old } = await takenOver();
    const { store } = old;
    const key = (): string => `k${String(random.below(600)).padStart(3, "0")}`;
    for (let i = 0; i < 40; i++) {
      await put(
        store,
        Object.fromEntries(Array.from({ length: 10 }, () => [key(), "1"])),
      );
    }
    await store.flushWal();
    const snapshot = store.snapshot();
    const want = await contentsOf(store);
    for (let i = 0; i < 60; i++) {
      const value = random.chance(0.3) ? undefined : "lost";
      await put(store, { [key()]: value, [key()]: value, [key()]: value });
    }
    const scans = [false, true].map((reverse) => ({
      reverse,
      scan: store.scan({ snapshot, reverse }),
      found: [] as [string, string][],
    }));
    const read = async (runs: number): Promise<void> => {
      for (const { scan, found } of scans) {
        for (let n = 0; n < runs; n++) {
          const run = await scan.next();
          if (run === undefined) break;
          const rows = Array.from({ length: run.count }, (_, i) => {
            const row: [string, string] = [
              text(keyAt(run, i))!,
              text(valueAt(run, i))!,
            ];
            return row;
          });
          found.push(...rows);
        }
      }
    };
    await read(1 + random.below(3));
    const next = await world.open();
    await put(next.store, { z: "new" });
    await assertRejects(() => store.flushWal(), KriyaError);
    await read(Infinity);
    for (const { found, reverse } of scans) {
      assertEquals(
        reverse ? found.toReversed() : found,
        want,
        `seed ${seed}, reverse ${reverse}`,
      );
    }
    await store.close();
    await next.store.close();
  }
});

Deno.test("a fence found by a publish takes back what is not durable, once the object under way is answered", async () => {
  for (const arrives of [true, false]) {
    const { world, old } = await takenOver();
    const { store, objects } = old;
    await put(store, { c: "under way" });
    const held = objects.pause({
      ...WAL_PUT,
      when: arrives ? "after" : "before",
    });
    const flushing = store.flushWal();
    flushing.catch(() => {});
    await held.reached;
    await put(store, { d: "gathers" });
    const next = await world.open();
    const publish = store.publish(() => ({}));
    const error = await assertRejects(() => publish, KriyaError);
    assertEquals(error.kind, "fenced");
    held.release();
    await Promise.allSettled([flushing]);
    const want = arrives ? ["a", "b", "c"] : ["a", "b"];
    assertEquals(keysOf(await contentsOf(store)), want);
    assertEquals(keysOf(await contentsOf(next.store)), want);
    await store.close();
    await next.store.close();
  }
});

Deno.test("a memtable becomes a table only once all of it is in the log", async () => {
  const world = new World();
  const { store, objects, requests } = await world.open({
    walMode: "async",
    memtableBytesMax: 1000,
  });
  const held = objects.pause({ ...WAL_PUT, when: "before" });
  const value = "v".repeat(300);
  for (let i = 0; i < 5; i++) await put(store, { [`k${i}`]: value });
  await held.reached;
  await world.environment.advance(10_000);
  assertEquals(store.status().frozenMemtables, 1);
  assertEquals(world.paths("sst/"), []);
  held.release();
  await world.run(() => store.flush());
  const order = asked(requests).filter((each) => each.startsWith("put"));
  assert(order.indexOf("put wal/") < order.indexOf("put sst/"));
  assertEquals((await afterCrash(world)).length, 5);
  await world.run(() => store.close());
});

Deno.test("while an outcome is unknown nothing more is acknowledged that could be lost", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({
      walMode: "periodic",
      attemptsMax: 2,
    });
    await put(store, { a: "1" });
    objects.setChances({ fail: 1 });
    await world.environment.advance(400);
    const error = await assertRejects(() => put(store, { b: "1" }), KriyaError);
    assertEquals([error.kind, error.code], ["unavailable", "58000"]);
    const flush = await assertRejects(() => store.flushWal(), KriyaError);
    assertEquals(flush.code, "08007");
    assertEquals(keysOf(await contentsOf(store)), ["a"]);
    assertEquals(store.status().durableLag.commits, 1);
    objects.setChances({});
    await put(store, { c: "1" });
    assertEquals(keysOf(await afterCrash(world)), ["a", "c"]);
    await store.close();
  });
});

Deno.test("close says so when commits that were acknowledged cannot be made durable", async () => {
  const world = new World();
  await world.run(async () => {
    const { store, objects } = await world.open({
      walMode: "async",
      attemptsMax: 2,
    });
    await put(store, { a: "1" });
    objects.setChances({ fail: 1 });
    const error = await assertRejects(() => store.close(), KriyaError);
    assertEquals([error.kind, error.code], ["unavailable", "08007"]);
  });
});

/** What one life of a writer acknowledged: by key, the sequence and mode. */
type Acknowledged = Map<string, { sequence: number; mode: WalMode }>;

/** Clients write to a store until it dies. */
async function writeUntilDeath(
  { store, objects }: Process,
  random: SeededRandom,
  nextKey: () => string,
  world: World,
): Promise<Acknowledged> {
  objects.inject("crashAfter", { nth: 1 + random.below(25) });
  const acknowledged: Acknowledged = new Map();
  const client = async (): Promise<void> => {
    for (let i = 0; i < 15; i++) {
      const key = nextKey();
      const mode = random.pick<WalMode>(["sync", "periodic", "async"]);
      const value = "v".repeat(random.below(60));
      const sequence = await write(store, { [key]: value }, mode);
      acknowledged.set(key, { sequence, mode });
      if (mode === "sync") assert(store.durableSequence >= sequence);
      if (random.chance(0.1)) await store.flush();
      if (random.chance(0.1)) await store.flushWal();
      await delay(world.environment, random.below(30));
    }
  };
  const ends = await Promise.allSettled([client(), client(), client()]);
  for (const end of ends) {
    const failed = end.status === "rejected" ? end.reason : undefined;
    if (failed !== undefined && !(failed instanceof KriyaError)) throw failed;
  }
  objects.crash();
  return acknowledged;
}

Deno.test("[K-082, L-114] whatever the modes, limits and flushes, a crash leaves the commits up to one, and all that were durable", async () => {
  let lost = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = new SeededRandom(seed);
    const world = new World(undefined, seed);
    let keys = 0;
    const nextKey = (): string => String(keys++).padStart(5, "0");
    const stays = new Set<string>();
    await world.run(async () => {
      for (let life = 0; life < 4; life++) {
        const options: LsmOptions = {
          walPeriodMs: random.pick([1, 20, 200]),
          memtableBytesMax: random.pick([100, 400, 100_000]),
          walObjectsMax: random.pick([2, 5, 512]),
          walGroupBytesMax: random.pick([30, 200, 100_000]),
          walBufferBytesMax: random.pick([50, 500, 100_000]),
          flushIntervalMs: random.pick([0, 30]),
          flushBytesMin: 1,
        };
        const writer = await world.open(options, { exclusive: true }, {
          latencyMs: { min: 0, max: random.pick([0, 10, 50]) },
        });
        const acknowledged = await writeUntilDeath(
          writer,
          random,
          nextKey,
          world,
        );
        const { store } = await world.open({ readOnly: true });
        const found = new Set(keysOf(await contentsOf(store)));
        const end = store.visibleSequence;
        const said = `seed ${seed}, life ${life}`;
        assert(end >= writer.store.durableSequence, said);
        for (const key of stays) assert(found.has(key), `${said}: ${key}`);
        for (const [key, { sequence, mode }] of acknowledged) {
          assertEquals(found.has(key), sequence <= end, `${said}: ${key}`);
          if (sequence > end) lost++;
          assert(mode !== "sync" || sequence <= end, `${said}: ${key}`);
        }
        for (const key of found) stays.add(key);
      }
    });
  }
  assert(lost > 100, `${lost} lost`);
});
