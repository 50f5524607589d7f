import { assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { bytes, contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { World } from "../../tests/support/world.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { CollectedObjects } from "./collected_objects.ts";

const QUIET = { gcIntervalMs: 0, flushIntervalMs: 0 };

function wrapped(
  collected: boolean,
  writer: boolean,
): { readonly objects: CollectedObjects; readonly asked: () => number } {
  const bucket = new MemoryBucket();
  bucket.set("sst/there", bytes("here"), 0);
  let asked = 0;
  const objects = new CollectedObjects(new MemoryStore({ bucket }), {
    isCollected: () => {
      asked++;
      return Promise.resolve(collected);
    },
    isReplaced: () => false,
    writer,
    follows: false,
  });
  return { objects, asked: () => asked };
}

Deno.test("what is there is handed on at once, and nothing is asked", () => {
  const { objects, asked } = wrapped(true, true);
  const body = objects.get("sst/there");
  assertEquals(body instanceof Promise, false);
  assertEquals(objects.get("wal/none"), undefined);
  assertEquals(asked(), 0);
});

Deno.test("a missing table is damage, a takeover, or an old manifest", async () => {
  assertEquals(await wrapped(false, true).objects.get("sst/a"), undefined);
  for (const path of ["sst/a", "vec/a"]) {
    const writer = await assertRejects(
      async () => await wrapped(true, true).objects.get(path),
      KriyaError,
    );
    assertEquals(writer.kind, "fenced");
    const reader = await assertRejects(
      async () => await wrapped(true, false).objects.get(path),
      KriyaError,
    );
    assertEquals([reader.kind, reader.code], ["invalid", "72000"]);
  }
});

Deno.test("a reader whose tables were collected is told to open again", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open(QUIET);
    await put(store, { a: "1" });
    await store.flush();
    const reader = await world.open({ ...QUIET, readOnly: true });
    await store.publish(({ levels }) => ({ levels: levels.map(() => []) }));
    await store.close();
    const next = await world.open(QUIET);
    await next.store.collectGarbage();
    assertEquals(world.paths("sst/"), []);
    const error = await assertRejects(
      () => contentsOf(reader.store),
      KriyaError,
    );
    assertEquals(error.code, "72000");
    await reader.store.close();
    await next.store.close();
  });
});

Deno.test("a table that is missing from a checkpoint is damage while it is kept", async () => {
  const world = new World();
  await world.run(async () => {
    const { store } = await world.open(QUIET);
    await put(store, { a: "1" });
    await store.flush();
    await store.createCheckpoint("c");
    const then = await world.open({ checkpoint: "c" });
    world.bucket.remove(world.paths("sst/")[0]!);
    const damage = await assertRejects(
      () => contentsOf(then.store),
      KriyaError,
    );
    assertEquals(damage.kind, "corrupt");
    await store.dropCheckpoint("c");
    const gone = await assertRejects(() => contentsOf(then.store), KriyaError);
    assertEquals(gone.code, "72000");
    await then.store.close();
    await store.close();
  });
});
