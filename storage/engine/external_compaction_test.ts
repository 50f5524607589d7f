import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { delay } from "../../base/environment.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { bytes, contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { World } from "../../tests/support/world.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { ManifestStore } from "../manifest/manifest_store.ts";
import type { Snapshot } from "../mvcc/snapshot.ts";
import { MemoryStore } from "../object_store/memory_store.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import {
  compactExternally,
  type ExternalCompactionOptions,
} from "./external_compaction.ts";
import { fsck } from "./fsck.ts";
import type { LsmStore } from "./lsm_store.ts";
import type { LsmOptions } from "./options.ts";
import { COMPACTION_JOB } from "./registered_jobs.ts";
import { WriteBatch } from "./write_batch.ts";

/** A tree that grows deep with little. */
const TINY = {
  tableBytesMax: 4 * 1024,
  levelBaseBytes: 8 * 1024,
  levelSizeRatio: 3,
  blockBytes: 512,
} satisfies LsmOptions;

const WRITER: LsmOptions = {
  ...TINY,
  memtableBytesMax: 3 * 1024,
  flushIntervalMs: 0,
  leaseMs: 1,
};

const LEASE_MS = 5000;

function compactIn(
  world: World,
  objects: ObjectStore,
  options: ExternalCompactionOptions = {},
): ReturnType<typeof compactExternally> {
  const { environment } = world;
  return compactExternally(objects, {
    ...TINY,
    environment,
    jobLeaseMs: LEASE_MS,
    ...options,
  });
}

type Model = ReadonlyMap<string, string>;

function sorted(model: Model): [string, string][] {
  return [...model].sort(([a], [b]) => a < b ? -1 : 1);
}

/** Writes at random; the model after it. */
async function writeSome(
  store: LsmStore,
  model: Model,
  random: SeededRandom,
  step: number,
): Promise<Model> {
  const batch = new WriteBatch();
  const after = new Map(model);
  if (random.chance(0.05)) {
    const from = 100 + random.below(300);
    const [start, end] = [`k${from}`, `k${from + random.below(60)}`];
    batch.deleteRange(bytes(start), bytes(end));
    for (const key of model.keys()) {
      if (key >= start && key < end) after.delete(key);
    }
  }
  for (let n = random.below(12); n >= 0; n--) {
    const key = `k${100 + random.below(400)}`;
    if (random.chance(0.25)) {
      batch.delete(bytes(key));
      after.delete(key);
    } else {
      const value = `${step}`.repeat(1 + random.below(20));
      batch.put(bytes(key), bytes(value));
      after.set(key, value);
    }
  }
  await store.write(batch);
  return after;
}

/** Makes `count` tables in level 0. */
async function flushTables(store: LsmStore, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await put(store, { a: `${n}`, [`b${n}`]: "x".repeat(50), c: undefined });
    await store.flush();
  }
}

Deno.test("[L-181] beside a writer with snapshots, range deletions and reopens, and with crashes at any request, nothing is lost and no garbage stays", async () => {
  let compactions = 0;
  let crashes = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const world = new World(undefined, seed);
    const random = new SeededRandom(`external ${seed}`);
    await world.run(async () => {
      const options: LsmOptions = {
        ...WRITER,
        compaction: random.pick(["off", "off", "leveled"]),
      };
      let { store } = await world.open(options);
      let over = false;
      const compacting = (async () => {
        while (!over) {
          await delay(world.environment, random.below(30));
          const { objects } = world.handle({
            latencyMs: { min: 0, max: random.pick([0, 3]) },
          });
          const crash = random.chance(0.5);
          if (crash) {
            objects.inject(random.pick(["crashBefore", "crashAfter"]), {
              nth: 1 + random.below(25),
            });
          }
          try {
            const report = await compactIn(world, objects, {
              full: random.chance(0.3),
              once: random.chance(0.3),
            });
            compactions += report.compactions;
          } catch (error) {
            if (!(error instanceof KriyaError)) throw error;
            assert(
              crash || error.code === "53000",
              `${error.message} ${error.code}`,
            );
            crashes++;
          }
        }
      })();
      compacting.catch(() => {});
      let model: Model = new Map();
      let held: { snapshot: Snapshot; model: Model }[] = [];
      for (let step = 0; step < 160; step++) {
        model = await writeSome(store, model, random, step);
        await delay(world.environment, random.below(4));
        if (random.chance(0.1)) {
          held.push({ snapshot: store.snapshot(), model });
        }
        if (held.length > 3) held.shift()!.snapshot.release();
        if (step % 20 === 19) {
          for (const { snapshot, model } of held) {
            assertEquals(await contentsOf(store, { snapshot }), sorted(model));
          }
          assertEquals(await contentsOf(store), sorted(model));
        }
        if (random.chance(0.02)) {
          held.forEach(({ snapshot }) => snapshot.release());
          held = [];
          await store.close();
          ({ store } = await world.open(options));
          assertEquals(await contentsOf(store), sorted(model));
        }
      }
      over = true;
      await compacting;
      held.forEach(({ snapshot }) => snapshot.release());
      await delay(world.environment, 2 * LEASE_MS);
      await put(store, { last: "one" });
      // Its own compactions are to end before.
      await store.compact();
      await store.collectGarbage();
      const report = await fsck(new MemoryStore({ bucket: world.bucket }));
      assertEquals(report.problems, []);
      assertEquals(report.orphans, []);
      assertEquals(store.manifest.jobs, []);
      const end = sorted(new Map([...model, ["last", "one"]]));
      assertEquals(await contentsOf(store), end);
      await store.close();
    });
  }
  assert(compactions > 15, `${compactions} compactions`);
  assert(crashes > 10, `${crashes} crashes`);
});

Deno.test("a crash at each request in turn leaves a tree that is whole, and the next compaction ends", async () => {
  let crashed = true;
  for (let nth = 1; crashed; nth++) {
    const world = new World();
    await world.run(async () => {
      const { store } = await world.open({ ...WRITER, compaction: "off" });
      await flushTables(store, 4);
      const before = await contentsOf(store);
      const { objects } = world.handle();
      objects.inject("crashAfter", { nth });
      crashed = await compactIn(world, objects).then(
        () => false,
        () => true,
      );
      assert(crashed || nth > 8, `${nth} requests`);
      await delay(world.environment, LEASE_MS + 1);
      await compactIn(world, world.handle().objects);
      await put(store, { d: "e" });
      await store.flush();
      assertEquals(store.manifest.levels[0]!.length, 1);
      assertEquals(await contentsOf(store), [...before, ["d", "e"]]);
      await store.collectGarbage();
      const report = await fsck(new MemoryStore({ bucket: world.bucket }));
      assertEquals([report.problems, report.orphans], [[], []]);
      await store.close();
    });
  }
});

Deno.test("only what no snapshot of the writer can see is dropped", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ ...WRITER, compaction: "off" });
    await put(store, { a: "old" });
    const snapshot = store.snapshot();
    await flushTables(store, 5);
    const { retainFrom } = store.manifest;
    assert(retainFrom <= snapshot.sequence);
    await compactIn(world, world.handle().objects, { full: true });
    assertEquals(await contentsOf(store, { snapshot }), [["a", "old"]]);
    // It follows what the other did, and the snapshot is still there.
    await flushTables(store, 1);
    assert(store.manifest.horizon <= snapshot.sequence);
    assert(store.manifest.levels[0]!.length === 1);
    assertEquals(await contentsOf(store, { snapshot }), [["a", "old"]]);
    snapshot.release();
    await flushTables(store, 1);
    const report = await compactIn(world, world.handle().objects, {
      full: true,
    });
    assert(report.droppedEntries > 3, `${report.droppedEntries} dropped`);
    await store.close();
  });
});

Deno.test("changes that an index of the writer holds stay, deletions among them", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ ...WRITER, compaction: "off" });
    const prefix = 0x6b6b6b6b; // "kkkk"
    await put(store, { kkkk1: "1", other: "1" });
    await store.flush();
    const hold = store.holdChanges(prefix, store.visibleSequence);
    await put(store, { kkkk1: undefined, other: undefined });
    await store.flush();
    assertEquals(store.manifest.held, [{ prefix, from: 1 }]);
    const compact = (): Promise<{ readonly droppedEntries: number }> =>
      compactIn(world, world.handle().objects, { full: true });
    const kept = await compact();
    const newest = await newestOf(world);
    assertEquals(kept.droppedEntries, 2);
    assertEquals(newest.levels.flat()[0]!.deletionCount, 1);
    hold.release();
    await put(store, { z: "1" });
    await store.flush();
    assertEquals(store.manifest.held, []);
    assertEquals((await compact()).droppedEntries, 2);
    await store.close();
  });
});

async function newestOf(world: World): Promise<Manifest> {
  const { environment } = world;
  const objects = new MemoryStore({ bucket: world.bucket });
  return (await new ManifestStore(objects, { environment }).newest()).manifest;
}

Deno.test("two at once never write the same object", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = new World(undefined, seed);
    await world.run(async () => {
      const { store } = await world.open({ ...WRITER, compaction: "off" });
      let model: Model = new Map();
      const random = new SeededRandom(seed);
      for (let step = 0; step < 60; step++) {
        model = await writeSome(store, model, random, step);
      }
      await store.flush();
      const latencyMs = { min: 0, max: 5 };
      const reports = await Promise.all(
        [1, 2, 3].map(() =>
          compactIn(world, world.handle({ latencyMs }).objects, {
            full: true,
          })
        ),
      );
      assert(reports.some(({ compactions }) => compactions > 0));
      await put(store, { last: "one" });
      await store.flush();
      assertEquals(
        await contentsOf(store),
        sorted(new Map([...model, ["last", "one"]])),
      );
      await store.close();
    });
  }
});

Deno.test("the writer leaves the inputs of a registered job alone, until its time is over or level 0 is full", async () => {
  const world = new World();
  await world.run(async () => {
    const { environment } = world;
    const { store } = await world.open({
      ...WRITER,
      l0CompactionTrigger: 4,
      l0StopTrigger: 7,
      flushIntervalMs: 0,
    });
    const register = (): Promise<unknown> => {
      const objects = new MemoryStore({ bucket: world.bucket, environment });
      const manifests = new ManifestStore(objects, { environment });
      return manifests.publishAsGuest(({ levels, jobs, nextJob, epoch }) => ({
        nextJob: nextJob + 1,
        jobs: [...jobs, {
          job: nextJob,
          epoch,
          kind: COMPACTION_JOB,
          inputs: levels.flat().map(({ path }) => path),
          untilMs: environment.now() + LEASE_MS,
        }],
      }));
    };
    const compactions = (): number => store.status().compaction!.compactions;
    await flushTables(store, 3);
    await register();
    await flushTables(store, 2);
    await delay(environment, 100);
    assertEquals([compactions(), store.manifest.jobs.length], [0, 1]);
    await delay(environment, LEASE_MS);
    await flushTables(store, 1);
    await delay(environment, 100);
    assertEquals([compactions(), store.manifest.jobs.length], [1, 0]);
    // Nothing waits for who may be dead.
    await flushTables(store, 3);
    await register();
    await flushTables(store, 6);
    await delay(environment, 100);
    assert(compactions() > 1);
    await store.close();
  });
});

Deno.test("a writer whose plan was carried out elsewhere sees it and goes on", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ ...WRITER, l0CompactionTrigger: 99 });
    await flushTables(store, 5);
    const { compactions } = await compactIn(world, world.handle().objects);
    assertEquals(compactions, 1);
    // It knows nothing of it yet, and picks the same tables.
    assertEquals(store.manifest.levels[0]!.length, 5);
    const before = await contentsOf(store);
    await store.compact();
    const status = store.status().compaction!;
    assertEquals(status.overtaken, 1);
    assertEquals(store.manifest.levels[0]!.length, 0);
    assertEquals(await contentsOf(store), before);
    await store.close();
  });
});

Deno.test("an abort ends the job, which is forgotten; an empty store is compact", async () => {
  const world = new World();
  await world.run(async () => {
    const nothing = await compactIn(world, world.handle().objects);
    assertEquals([nothing.compactions, nothing.manifestNumber], [0, 0]);
    assertEquals(world.paths("").length, 0);
    const { store } = await world.open({ ...WRITER, compaction: "off" });
    await flushTables(store, 4);
    const stop = new AbortController();
    const { objects } = world.handle();
    const reason = new Error("enough");
    objects.inject("stall", { operation: "put", prefix: "sst/" });
    const compacting = compactIn(world, objects, { signal: stop.signal });
    await delay(world.environment, 50);
    assertEquals((await newestOf(world)).jobs.length, 1);
    stop.abort(reason);
    objects.releaseStalled();
    assertEquals(await assertRejects(() => compacting), reason);
    assertEquals((await newestOf(world)).jobs, []);
    await store.close();
  });
});

Deno.test("a job that takes long says that it goes on", async () => {
  const world = new World();
  await world.run(async () => {
    const { environment } = world;
    const { store } = await world.open({ ...WRITER, compaction: "off" });
    await flushTables(store, 4);
    const { objects } = world.handle();
    objects.inject("stall", { operation: "put", prefix: "sst/" });
    const compacting = compactIn(world, objects);
    compacting.catch(() => {});
    await delay(environment, 5 * LEASE_MS);
    await put(store, { more: "1" });
    await store.flush();
    const [job] = store.manifest.jobs;
    assert(job!.untilMs! > environment.now());
    objects.releaseStalled();
    const { compactions } = await compacting;
    assertEquals(compactions, 1);
    await store.close();
  });
});
