import { assert, assertEquals } from "@std/assert";
import { CachedStore } from "../cache/cached_store.ts";
import { MemoryStore } from "../object_store/memory_store.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import { LsmStore } from "./lsm_store.ts";
import { WriteBatch } from "./write_batch.ts";

const ROWS = 20_000;

/** A key under a 4-byte prefix. */
function keyOf(prefix: number, row: number): Uint8Array {
  const key = new Uint8Array(8);
  const view = new DataView(key.buffer);
  view.setUint32(0, prefix);
  view.setUint32(4, row);
  return key;
}

/** A closed store with rows under 1 and 2, as something behind a network. */
async function far(): Promise<ObjectStore> {
  const objects = new MemoryStore();
  const store = await LsmStore.open(objects);
  const batch = new WriteBatch();
  for (let row = 0; row < ROWS; row++) {
    for (const prefix of [1, 2]) {
      batch.put(keyOf(prefix, row), new Uint8Array(100).fill(row * prefix));
    }
  }
  await store.write(batch);
  await store.flush();
  await store.close();
  const behind = new MemoryStore({ bucket: objects.bucket });
  Object.defineProperty(behind, "address", { value: "s3://test/" });
  return behind;
}

async function readAll(store: LsmStore, prefix: number): Promise<void> {
  const scan = store.scan({
    start: keyOf(prefix, 0),
    end: keyOf(prefix + 1, 0),
  });
  while (await scan.next() !== undefined);
}

Deno.test("what was read of a bucket is not far any more, by prefix", async () => {
  const store = await LsmStore.open(await far(), { readOnly: true });
  const cold = store.residencyOf(1)!;
  assertEquals([cold.far, cold.near], [1, 0]);
  await readAll(store, 1);
  const warm = store.residencyOf(1)!;
  assertEquals([warm.far, warm.near], [0, 0]);
  // Its index was not known before.
  assert(warm.bytes > cold.bytes / 2 && warm.bytes < cold.bytes * 2);
  assert(store.residencyOf(2)!.far > 0.6);
  assertEquals(store.residencyOf(9), { bytes: 0, far: 0, near: 0 });
  await store.close();
});

Deno.test("what a cache on disk has is near", async () => {
  const behind = await far();
  const local = new MemoryStore();
  const cached = await CachedStore.open(behind, local, {
    bytesMax: 100_000_000,
    // Opening reads the end of a table: that is not all of it.
    chunkBytes: 4096,
  });
  const store = await LsmStore.open(cached, {
    readOnly: true,
    cacheBytesMax: 0,
  });
  assert(store.residencyOf(1)!.near < 0.2);
  await readAll(store, 1);
  await cached.idle();
  const { far: share, near } = store.residencyOf(1)!;
  assert(near > 0.6 && share < 0.4, `${near} near, ${share} far`);
  await store.close();
});

Deno.test("a store in memory or in a folder is never far", async () => {
  const store = await LsmStore.open(new MemoryStore());
  assertEquals(store.residencyOf(1), undefined);
  await store.close();
});
