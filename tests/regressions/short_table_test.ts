/**
 * A table whose object had been cut before the byte where its metadata begins
 * was reported as an invalid request (the range of the read), and not as the
 * damage that it is.
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
import { bytes, put } from "../support/lsm_contents.ts";

Deno.test("a table that is cut short anywhere is corrupt", async () => {
  const bucket = new MemoryBucket();
  const store = await LsmStore.open(new MemoryStore({ bucket }));
  await put(store, { a: "1".repeat(500) });
  await store.flush();
  await store.close();
  const path = bucket.paths().find((path) => path.startsWith("sst/"))!;
  const full = bucket.object(path)!.bytes;
  for (let length = 0; length < full.length; length++) {
    const damaged = bucket.clone();
    damaged.set(path, full.subarray(0, length), 0);
    const reader = await LsmStore.open(new MemoryStore({ bucket: damaged }), {
      readOnly: true,
    });
    const error = await assertRejects(
      async () => await reader.get(bytes("a")),
      KriyaError,
      path,
    );
    assertEquals([error.kind, error.code], ["corrupt", "XX001"]);
    await reader.close();
  }
});
