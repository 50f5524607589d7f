/**
 * A commit with several checks: while one waited for a block another found a
 * conflict, and when the store then failed to give the block nobody was there
 * to hear of it: the rejection ended the process.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import { bytes, put } from "../support/lsm_contents.ts";
import { World } from "../support/world.ts";

Deno.test("a check that fails after another has found a conflict harms nobody", async () => {
  const world = new World();
  const { store, objects } = await world.open({ cacheBytesMax: 0 });
  const snapshot = store.visibleSequence;
  await put(store, { a: "in a table" });
  await store.flush();
  await put(store, { b: "in the memtable" });
  objects.inject("fail", { operation: "get", prefix: "sst/", times: 10 });
  const batch = new WriteBatch();
  batch.put(bytes("a"), bytes("2"), true);
  batch.put(bytes("b"), bytes("2"), true);
  const error = await assertRejects(
    () => store.write(batch, { snapshot }),
    KriyaError,
  );
  assertEquals(error.kind, "conflict");
  await new Promise((resolve) => setTimeout(resolve, 0));
  await store.close();
});
