/**
 * What was read from a compressed block came as a `Buffer`, what was read from
 * a memtable as a `Uint8Array`: `slice` of the first is a view, of the second a
 * copy, so a caller who kept "a copy" of a value changed the cached block.
 *
 * @module
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";
import { bytes, put, text } from "../support/lsm_contents.ts";

Deno.test("a value is a plain Uint8Array, from a memtable and from a table", async () => {
  const store = await LsmStore.open(new MemoryStore());
  const value = "v".repeat(1000);
  await put(store, { a: value });
  for (const from of ["memtable", "table"]) {
    if (from === "table") await store.flush();
    const found = (await store.get(bytes("a")))!;
    assertStrictEquals(found.constructor, Uint8Array);
    found.slice().fill(0);
    assertEquals(text(await store.get(bytes("a"))), value);
  }
  await store.close();
});
