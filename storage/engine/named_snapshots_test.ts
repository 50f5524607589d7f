import { assert, assertEquals, assertRejects } from "@std/assert";
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { World } from "../../tests/support/world.ts";
import type { LsmStore } from "./lsm_store.ts";
import { createNamedSnapshot, dropNamedSnapshot } from "./named_snapshots.ts";
import { WriteBatch } from "./write_batch.ts";

const KEY = utf8Encode("key");

async function put(store: LsmStore, value: string): Promise<void> {
  const batch = new WriteBatch();
  batch.put(KEY, utf8Encode(value));
  await store.write(batch);
}

async function valueAt(store: LsmStore, sequence: number): Promise<string> {
  return utf8Decode((await store.get(KEY, sequence))!);
}

Deno.test("a named snapshot outlives merges and openings, and lets go when it is dropped", async () => {
  const world = new World();
  await world.run(async () => {
    let { store } = await world.open();
    await put(store, "one");
    const { sequence } = await createNamedSnapshot("first", store);
    await put(store, "two");
    await put(store, "three");
    await store.compact();
    assertEquals(await valueAt(store, sequence), "one");
    await store.close();
    ({ store } = await world.open());
    assertEquals(store.manifest.snapshots.map(({ name }) => name), ["first"]);
    // Before anybody has asked for it.
    await store.compact();
    assertEquals(await valueAt(store, sequence), "one");
    await dropNamedSnapshot("first", store);
    await put(store, "four");
    await store.compact();
    const error = await assertRejects(
      async () => await store.get(KEY, sequence),
      KriyaError,
    );
    assertEquals(error.code, "72000");
    await store.close();
  });
});

Deno.test("names of snapshots are checked", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open();
    await createNamedSnapshot("x", store);
    const codeOf = async (work: Promise<unknown>): Promise<unknown> => {
      const error = await assertRejects(() => work, KriyaError);
      return error.code;
    };
    assertEquals(await codeOf(createNamedSnapshot("x", store)), "42710");
    assertEquals(await codeOf(createNamedSnapshot("", store)), "42602");
    assertEquals(await codeOf(createNamedSnapshot("\ud800", store)), "42602");
    assertEquals(await codeOf(dropNamedSnapshot("y", store)), "42704");
    assert(store.manifest.snapshots.length === 1);
    await store.close();
  });
});
