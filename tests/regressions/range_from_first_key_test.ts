/**
 * A batch whose only write was a range tombstone from the empty key to a key of
 * one byte was committed, and the database could not be opened again: the
 * decoder of batches took five bytes for the least that a tombstone needs, and
 * this one has four.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { WriteBatch } from "../../storage/engine/write_batch.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { bytes, contentsOf, put } from "../support/lsm_contents.ts";

Deno.test("a range tombstone from the empty key to a short one is replayed", async () => {
  const bucket = new MemoryBucket();
  const store = await LsmStore.open(new MemoryStore({ bucket }));
  await put(store, { a: "1", b: "2" });
  const batch = new WriteBatch();
  batch.deleteRange(new Uint8Array(0), bytes("b"));
  await store.write(batch);
  assertEquals(await contentsOf(store), [["b", "2"]]);
  const again = await LsmStore.open(new MemoryStore({ bucket }), {
    takeover: true,
  });
  assertEquals(await contentsOf(again), [["b", "2"]]);
  await again.close();
});
