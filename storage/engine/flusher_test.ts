import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import {
  bytes,
  contentsOf,
  put,
  text,
} from "../../tests/support/lsm_contents.ts";
import { asked, World } from "../../tests/support/world.ts";
import { parseObjectPath } from "../object_store/object_path.ts";
import type { LsmStore } from "./lsm_store.ts";
import { LSM_DEFAULTS } from "./options.ts";

const KIB = "x".repeat(1024);

/** Resolves when nothing waits to be flushed any more. */
async function flushed(world: World, store: LsmStore): Promise<void> {
  for (let i = 0; i < 50 && store.status().frozenMemtables > 0; i++) {
    await world.environment.advance(1);
  }
  assertEquals(store.status().frozenMemtables, 0);
}

Deno.test("[K-037] dirty data is flushed 5 seconds after the last write", async () => {
  const world = new World();
  const { environment } = world;
  const { store } = await world.open();
  const value = KIB.repeat(600);
  await put(store, { a: value });
  await environment.advance(3000);
  await put(store, { b: value }); // Now it is more than 1 MiB.
  await environment.advance(4999);
  assertEquals(world.paths("sst/"), []);
  assertEquals(store.status().frozenMemtables, 0);
  await environment.advance(1);
  await flushed(world, store);
  assertEquals(world.paths("sst/").length, 1);
  assertEquals(store.status().unflushedBytes, 0);
  assertEquals(LSM_DEFAULTS.flushIntervalMs, 5000);
  await store.close();
});

Deno.test("a trickle is not flushed by the interval, an idle store asks for nothing, 64 objects are flushed", async () => {
  const world = new World();
  const { environment } = world;
  const { store, requests } = await world.open();
  // The fence is one of the objects that an opening would read.
  for (let i = 2; i < 64; i++) await put(store, { [`k${i}`]: "v" });
  requests.length = 0;
  await environment.advance(3_600_000);
  assertEquals(requests, []);
  assertEquals(world.paths("sst/"), []);
  await put(store, { k64: "v" });
  await environment.advance(5000);
  await flushed(world, store);
  assertEquals(world.paths("sst/").length, 1);
  assertEquals(store.status().walObjects, 0);
  requests.length = 0;
  await environment.advance(3_600_000);
  assertEquals(requests, []);
  await store.close();
});

Deno.test("a changed interval counts at once, and 0 is none", async () => {
  const world = new World();
  const { store } = await world.open({ flushBytesMin: 1, flushIntervalMs: 0 });
  await put(store, { a: "1" });
  await world.environment.advance(3_600_000);
  assertEquals(world.paths("sst/"), []);
  store.configure({ flushIntervalMs: 50 });
  await world.environment.advance(50);
  await flushed(world, store);
  assertEquals(world.paths("sst/").length, 1);
  await store.close();
});

Deno.test("[K-033, K-035, K-036] a memtable rotates at its limit, 64 MiB by default, into a table of level 0", async () => {
  assertEquals(LSM_DEFAULTS.memtableBytesMax, 64 * 1024 * 1024);
  const world = new World();
  const { store, requests } = await world.open({ memtableBytesMax: 10_000 });
  for (let i = 0; i < 9; i++) await put(store, { [`k${i}`]: KIB });
  assertEquals(world.paths("sst/"), []);
  assertEquals(store.status().levels, []);
  requests.length = 0;
  await put(store, { k9: KIB });
  await put(store, { after: "in the next memtable" });
  await flushed(world, store);
  const [level0] = store.status().levels;
  assertEquals([level0?.level, level0?.tables, level0?.entries], [0, 1, 10]);
  assertEquals(world.paths("sst/").length, 1);
  assert(store.status().unflushedBytes < 100);
  // The table is durable before the manifest names it.
  const flush = asked(requests).filter((each) => !each.endsWith("wal/"));
  assertEquals(flush, ["put sst/", "get sst/", "put manifest/", "get gc/"]);
  assertEquals((await contentsOf(store)).length, 11);
  await store.close();
});

Deno.test("a memtable rotates when its log has too many objects", async () => {
  const world = new World();
  const { store } = await world.open({ walObjectsMax: 5 });
  for (let i = 0; i < 12; i++) await put(store, { [`k${i}`]: "v" });
  await flushed(world, store);
  assertEquals(store.manifest.levels[0]!.length, 2);
  assert(store.status().walObjects <= 5);
  assertEquals(LSM_DEFAULTS.walObjectsMax, 512);
  await store.close();
});

Deno.test("while tables cannot be written commits wait, then fail, and memory stays bounded", async () => {
  const world = new World();
  const { store, objects } = await world.open({
    memtableBytesMax: 5000,
    attemptsMax: 2,
  });
  await world.run(async () => {
    objects.inject("fail", {
      operation: "put",
      prefix: "sst/",
      times: 1_000_000,
    });
    objects.inject("fail", {
      operation: "get",
      prefix: "sst/",
      times: 1_000_000,
    });
    const acknowledged: string[] = [];
    let refusals = 0;
    for (let i = 0; i < 60; i++) {
      try {
        await put(store, { [`k${i}`]: KIB });
        acknowledged.push(`k${i}`);
      } catch (error) {
        assert(error instanceof KriyaError);
        assertEquals([error.kind, error.code], ["unavailable", "53000"]);
        assert(error.hint?.startsWith("Nothing was written"));
        refusals++;
      }
      const { frozenMemtables, unflushedBytes } = store.status();
      assert(frozenMemtables <= 2, `${frozenMemtables} frozen memtables`);
      assert(unflushedBytes <= 3 * 7000, `${unflushedBytes} bytes`);
    }
    assert(refusals > 40 && acknowledged.length >= 10);
    // Reads go on, and show what was acknowledged and nothing else.
    const keys = async (): Promise<string[]> =>
      (await contentsOf(store)).map(([key]) => key);
    assertEquals(await keys(), acknowledged.toSorted());
    await assertRejects(() => store.flush(), KriyaError);
    // A crash now loses nothing.
    const reader = await world.open({ readOnly: true });
    assertEquals((await contentsOf(reader.store)).length, acknowledged.length);
  });
});

Deno.test("a writer whose flushes failed goes on by itself once the store answers", async () => {
  const world = new World();
  const { store, objects } = await world.open({
    memtableBytesMax: 3000,
    attemptsMax: 2,
  });
  await world.run(async () => {
    objects.inject("fail", { operation: "put", prefix: "sst/", times: 12 });
    let refused = 0;
    let acknowledged = 0;
    for (let i = 0; i < 40; i++) {
      await put(store, { [`k${i}`]: KIB }).then(
        () => acknowledged++,
        () => refused++,
      );
    }
    assert(refused > 0 && acknowledged > 20, `${refused} ${acknowledged}`);
    await store.flush();
    assertEquals((await contentsOf(store)).length, acknowledged);
    assertEquals(store.status().frozenMemtables, 0);
    await store.close();
  });
});

Deno.test("flush says what keeps it from flushing, and flushes when it can", async () => {
  const world = new World();
  const { store, objects } = await world.open({ attemptsMax: 2 });
  await world.run(async () => {
    await put(store, { a: "1" });
    objects.inject("fail", { operation: "put", prefix: "manifest/", times: 4 });
    const error = await assertRejects(() => store.flush(), KriyaError);
    assertEquals([error.kind, error.code], ["unavailable", "08007"]);
    assertEquals(store.status().unflushedBytes > 0, true);
    await store.flush();
    assertEquals(store.status().unflushedBytes, 0);
    assertEquals(text(await store.get(bytes("a"))), "1");
    await store.flush(); // Nothing is dirty: nothing is written.
    assertEquals(world.paths("sst/").length, 1);
    await store.close();
  });
});

Deno.test("many who flush at once, with commits between, all find what they had committed in tables", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({}, { exclusive: true }, {
      latencyMs: { min: 1, max: 20 },
    });
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const sequence = await put(store, { [`k${i}`]: "v" });
        await store.flush();
        assert(store.manifest.sequence >= sequence);
      }),
    );
    assertEquals((await contentsOf(store)).length, 20);
    await store.close();
  });
});

Deno.test("flush does not wait for commits that join after it was called", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({}, { exclusive: true }, {
      latencyMs: { min: 5, max: 10 },
    });
    let stop = false;
    let rounds = 0;
    // Always one under way and one that gathers.
    const writers = [1, 2, 3].map(async (n) => {
      while (!stop && rounds++ < 500) await put(store, { [`k${n}`]: "v" });
    });
    const sequence = await put(store, { a: "1" });
    await store.flush();
    assert(rounds < 100, `${rounds} commits later`);
    assert(store.manifest.sequence >= sequence);
    stop = true;
    await Promise.all(writers);
    await store.close();
  });
});

Deno.test("close flushes what is worth a table, and leaves a trickle in the log", async () => {
  for (const worth of [false, true]) {
    const world = new World();
    const { store } = await world.open({ flushBytesMin: worth ? 1 : 1000 });
    await put(store, { a: "1" });
    await store.close();
    assertEquals(world.paths("sst/").length, worth ? 1 : 0);
    const reader = await world.open({ readOnly: true });
    assertEquals(await contentsOf(reader.store), [["a", "1"]]);
    assertEquals(reader.store.manifest.closed, true);
  }
});

Deno.test("names of tables are used once: by epoch, and by number within it", async () => {
  const world = new World();
  for (let epoch = 1; epoch <= 3; epoch++) {
    const { store } = await world.open({ compaction: "off" });
    for (const key of ["a", "b"]) {
      await put(store, { [key]: `${epoch}` });
      await store.flush();
    }
    await store.close();
  }
  const names = world.paths("sst/").map(parseObjectPath);
  assertEquals(
    names.map((name) => name?.kind === "sst" ? [name.epoch, name.number] : []),
    [[1, 1], [1, 2], [2, 1], [2, 2], [3, 1], [3, 2]],
  );
});
