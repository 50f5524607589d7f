import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { bytes, put, text } from "../../tests/support/lsm_contents.ts";
import { LsmStore } from "../engine/lsm_store.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { ColumnFamilies } from "./column_families.ts";
import type { ColumnFamily } from "./column_family.ts";
import { FamilyBatch } from "./family_batch.ts";

async function contentsOf(
  family: ColumnFamily,
  options: Parameters<ColumnFamily["scan"]>[0] = {},
): Promise<string[]> {
  const found: string[] = [];
  const scan = family.scan(options);
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      const key = text(run.keys.subarray(run.keyStarts[i], run.keyEnds[i]));
      const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
      found.push(`${key}=${text(value)}`);
    }
  }
  return found;
}

Deno.test("families are key spaces of their own; a batch over several is one commit, through a reopen", async () => {
  const bucket = new MemoryBucket();
  {
    const store = await LsmStore.open(new MemoryStore({ bucket }));
    const families = await ColumnFamilies.open(store);
    const one = await families.family("one");
    const two = await families.family("two");
    const before = store.visibleSequence;
    const batch = new FamilyBatch();
    for (const key of ["a", "b", "c"]) batch.put(one, bytes(key), bytes("1"));
    for (const key of ["b", "c", "d"]) batch.put(two, bytes(key), bytes("2"));
    await families.write(batch);
    assertEquals(store.visibleSequence, before + 1);
    await store.flush();
    const more = new FamilyBatch();
    more.delete(one, bytes("b"));
    more.deleteRange(two, bytes("c"));
    more.put(two, bytes("z"), bytes("3"));
    await families.write(more);
    await store.close();
  }
  const store = await LsmStore.open(new MemoryStore({ bucket }));
  const families = await ColumnFamilies.open(store);
  assertEquals(families.names, ["one", "two"]);
  const one = await families.family("one");
  const two = await families.family("two");
  assertEquals(await contentsOf(one), ["a=1", "c=1"]);
  assertEquals(await contentsOf(two), ["b=2", "z=3"]);
  assertEquals(await contentsOf(two, { reverse: true }), ["z=3", "b=2"]);
  const range = { start: bytes("b"), end: bytes("c0") };
  assertEquals(await contentsOf(one, range), ["c=1"]);
  assertEquals(text(await one.get(bytes("a"))), "1");
  assertEquals(
    (await two.getMany(["a", "b", "z"].map(bytes))).map((value) => text(value)),
    [undefined, "2", "3"],
  );
  await store.close();
});

Deno.test("a dropped family leaves nothing, its number is not given again, snapshots keep it", async () => {
  const store = await LsmStore.open(new MemoryStore());
  const families = await ColumnFamilies.open(store);
  const first = await families.family("it");
  const batch = new FamilyBatch();
  for (let i = 0; i < 500; i++) batch.put(first, bytes(`k${i}`), bytes("v"));
  await families.write(batch);
  const snapshot = store.snapshot();
  const walBytes = store.status().unflushedBytes;
  await families.drop("it");
  assertEquals(store.status().unflushedBytes - walBytes < 100, true);
  assertThrows(() => batch.put(first, bytes("k"), bytes("v")), KriyaError);
  const second = await families.family("it");
  assertEquals(second.number > first.number, true);
  assertEquals(await contentsOf(second), []);
  assertEquals(await contentsOf(first), []);
  assertEquals((await contentsOf(first, { snapshot })).length, 500);
  snapshot.release();
  await assertRejects(() => families.drop("other"), KriyaError, "no such");
  await store.close();
});

Deno.test("two that make the same family, or others, at once get along", async () => {
  const store = await LsmStore.open(new MemoryStore());
  const [a, b] = await Promise.all([
    ColumnFamilies.open(store),
    ColumnFamilies.open(store),
  ]);
  const made = await Promise.all([
    a.family("x"),
    b.family("x"),
    a.family("y"),
    b.family("z"),
  ]);
  assertEquals(made[0].number, made[1].number);
  assertEquals(new Set(made.map(({ number }) => number)).size, 3);
  await assertRejects(() => a.family(""), KriyaError, "1 to 255 bytes");
  await store.close();
});

Deno.test("a store with keys outside of families is refused", async () => {
  const store = await LsmStore.open(new MemoryStore());
  await put(store, { k: "v" });
  await assertRejects(
    () => ColumnFamilies.open(store),
    KriyaError,
    "without families",
  );
  await store.close();
});
