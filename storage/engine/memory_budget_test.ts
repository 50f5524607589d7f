import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { bytes, contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { World } from "../../tests/support/world.ts";
import type { LsmStore } from "./lsm_store.ts";
import { LSM_DEFAULTS } from "./options.ts";

const KIB = "x".repeat(1024);

/** Puts `count` KiB, each under a key of its own. */
async function fill(
  store: LsmStore,
  prefix: string,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) await put(store, { [`${prefix}${i}`]: KIB });
}

Deno.test("[L-170, L-175] memory is 2 GiB by default, and the status says who takes it", async () => {
  assertEquals(LSM_DEFAULTS.memoryBytesMax, 2 * 1024 ** 3);
  const world = new World();
  const { store } = await world.open();
  await fill(store, "a", 100);
  await store.flush();
  await contentsOf(store);
  await fill(store, "b", 50);
  const end = store.memory.add({
    name: "caches of mine",
    group: "system",
    bytes: () => 777,
  });
  const { memory, cache } = store.status();
  const { parts } = memory;
  assertEquals(memory.bytes, memory.user + memory.system + memory.metadata);
  assertEquals(
    memory.bytes,
    Object.values(parts).reduce((sum, each) => sum + each, 0),
  );
  assert(parts["memtables"]! >= 50 * 1024);
  assert(parts["cached data"]! >= 100 * 1024);
  assert(memory.metadata > 0);
  assertEquals(parts["caches of mine"], 777);
  assertEquals(
    parts["cached data"]! + parts["cached indexes"]! + parts["cached filters"]!,
    cache.bytes,
  );
  end();
  assertEquals(store.status().memory.parts["caches of mine"], undefined);
  await store.close();
});

Deno.test("[L-170] the cache gives way to memtables, and gets its room back", async () => {
  const world = new World();
  const { store } = await world.open({
    compaction: "off",
    memoryBytesMax: 4_000_000,
    cacheBytesMax: 3_000_000,
  });
  await fill(store, "a", 2000);
  await store.flush();
  await contentsOf(store);
  const full = store.status();
  assert(full.cache.bytes > 1_800_000, `${full.cache.bytes}`);
  let least = Infinity;
  for (let i = 0; i < 1200; i++) {
    await put(store, { [`b${i}`]: KIB });
    const { memory, cache } = store.status();
    least = Math.min(least, cache.bytesMax);
    assert(memory.bytes <= 4_000_000 * 1.05, `${memory.bytes} at ${i}`);
  }
  assert(least < 2_900_000, `${least}`);
  await store.flush();
  await put(store, { c: "1" });
  assertEquals(store.status().cache.bytesMax, 3_000_000);
  await store.close();
});

Deno.test("[L-170, L-173] memtables are flushed before they are full when memory is short", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ memoryBytesMax: 2_000_000 });
    for (let i = 0; i < 5000; i++) {
      await put(store, { [`k${i % 3000}`]: KIB });
      const { memory } = store.status();
      assert(memory.bytes <= 2_000_000 * 1.2, `${memory.bytes} at ${i}`);
    }
    assert(store.manifest.levels.flat().length >= 2);
    assertEquals((await contentsOf(store)).length, 3000);
    await store.close();
  });
});

Deno.test("[L-170] commits wait while memory is full; with nothing to flush they fail with 53200", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open({ memoryBytesMax: 1_000_000 });
    let held = 0;
    store.memory.add({ name: "held", group: "user", bytes: () => held });
    await put(store, { a: "1" });
    held = 2_000_000;
    store.memory.enforce();
    // What there is is flushed, and that is not enough.
    const error = await assertRejects(() => put(store, { b: "1" }), KriyaError);
    assertEquals([error.kind, error.code], ["unavailable", "53200"]);
    assert(error.detail?.includes("held: 2000000"));
    assertEquals(store.status().unflushedBytes, 0);
    const waiting = assertRejects(() => put(store, { c: "1" }), KriyaError);
    await waiting;
    held = 0;
    await put(store, { d: "1" });
    const keys = (await contentsOf(store)).map(([key]) => key);
    assertEquals(keys, ["a", "d"]);
    store.configure({ memoryBytesMax: 2_000_000 });
    assertEquals(store.status().memory.bytesMax, 2_000_000);
    assert(store.get(bytes("a")) !== undefined);
    await store.close();
  });
});
