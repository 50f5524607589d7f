/**
 * `flush` waited for a commit that was under way; when that one found out that
 * another writer had taken over, `flush` resolved although nothing of it was in
 * a table.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { put } from "../support/lsm_contents.ts";

Deno.test("flush rejects when the writer is fenced while it waits for a commit", async () => {
  const bucket = new MemoryBucket();
  const old = await LsmStore.open(new MemoryStore({ bucket }));
  await put(old, { a: "1" });
  const next = await LsmStore.open(new MemoryStore({ bucket }), {
    takeover: true,
  });
  const commit = put(old, { a: "2" });
  const flush = old.flush();
  flush.catch(() => {});
  const refused = await assertRejects(() => commit, KriyaError);
  assertEquals(refused.kind, "fenced");
  const error = await assertRejects(() => flush, KriyaError);
  assertEquals(error.kind, "fenced");
  await old.close();
  await next.close();
});
