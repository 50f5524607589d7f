import { assert, assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../../base/errors.ts";
import { FileStore } from "../../object_store/file_store.ts";
import { MemoryStore } from "../../object_store/memory_store.ts";
import { MeteredStore } from "../../object_store/metered_store.ts";
import { sstPath } from "../../object_store/object_path.ts";
import { ABSENT } from "../../object_store/object_store.ts";
import type { CachedStore } from "../cached_store.ts";
import { SharedCache } from "./shared_cache.ts";
import { openSharedCache } from "./shared_chunks.ts";

const PATH = sstPath({ epoch: 1, job: 0, number: 1 });
const CHUNK = 4096;

interface Reader {
  readonly store: CachedStore;
  readonly requests: () => number;
}

/** Readers of one folder, each as in a Worker of its own. */
async function withReaders(
  count: number,
  test: (readers: readonly Reader[], cache: SharedCache) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const cache = SharedCache.create({ bytes: 1024 * 1024, chunkBytes: CHUNK });
  const readers: Reader[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const meter = new MeteredStore(await FileStore.open(folder));
      const store = openSharedCache(meter, cache.handle);
      const requests = (): number => {
        const { get, head } = meter.snapshot();
        return get + head;
      };
      readers.push({ store, requests });
    }
    await test(readers, cache);
  } finally {
    for (const { store } of readers) await store.close();
    await Deno.remove(folder, { recursive: true });
  }
}

const OBJECT = Uint8Array.from({ length: 10_000 }, (_, i) => i * 31 >> 3);

Deno.test("[O-175] what one reader has read the others find, whatever stretch they ask for", () =>
  withReaders(3, async ([a, b, c], cache) => {
    await a!.store.put(PATH, OBJECT, ABSENT);
    const read = async (
      { store }: Reader,
      offset: number,
      length: number,
    ): Promise<void> => {
      const body = await store.get(PATH, { range: { offset, length } });
      assertEquals(body?.bytes, OBJECT.subarray(offset, offset + length));
      assertEquals(body?.size, OBJECT.length);
    };
    await read(a!, 0, OBJECT.length);
    const asked = a!.requests();
    await read(b!, 100, 5000);
    await read(c!, 9990, 10);
    await read(c!, 0, 9000);
    assertEquals([a!.requests(), b!.requests(), c!.requests()], [asked, 0, 0]);
    assertEquals((await b!.store.get(PATH))?.bytes, OBJECT);
    const { writes, count, bytes } = cache.statistics;
    assertEquals([writes, count, bytes], [3, 3, OBJECT.length]);
  }));

Deno.test("an object that goes is gone for the others that have not read it", () =>
  withReaders(2, async ([a, b]) => {
    await a!.store.put(PATH, OBJECT, ABSENT);
    await a!.store.get(PATH, { range: { offset: 0, length: 10 } });
    await a!.store.delete(PATH);
    const range = { offset: 0, length: 10 };
    assertEquals(await b!.store.get(PATH, { range }), undefined);
    // Another object under the name, which the engine never does.
    const other = OBJECT.map((byte) => byte ^ 0xff);
    await a!.store.put(PATH, other, ABSENT);
    assertEquals((await b!.store.get(PATH, { range }))?.bytes.length, 10);
    assertEquals(
      (await b!.store.get(PATH, { range }))?.bytes,
      other.subarray(0, 10),
    );
  }));

Deno.test("stores of several addresses do not find each other's objects", async () => {
  const cache = SharedCache.create({ bytes: 1024 * 1024, chunkBytes: CHUNK });
  const folders = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    for (const [i, folder] of folders.entries()) {
      const store = openSharedCache(await FileStore.open(folder), cache);
      const bytes = OBJECT.map((byte) => byte ^ i);
      await store.put(PATH, bytes, ABSENT);
      for (let n = 0; n < 2; n++) {
        assertEquals((await store.get(PATH))?.bytes, bytes);
      }
      await store.close();
    }
  } finally {
    for (const folder of folders) {
      await Deno.remove(folder, { recursive: true });
    }
  }
});

Deno.test("sizes that cannot be, handles that are none and stores in memory are refused", () => {
  for (
    const options of [
      { bytes: 0 },
      { bytes: 1e15 },
      { bytes: NaN },
      { bytes: 1e6, chunkBytes: 10 },
      { bytes: 1e6, chunkBytes: 5001 },
      { bytes: 4096, chunkBytes: 4096 },
    ]
  ) assertThrows(() => SharedCache.create(options), KriyaError, "shared cache");
  for (
    const handle of [new SharedArrayBuffer(10), new SharedArrayBuffer(1e5)]
  ) {
    assertThrows(() => SharedCache.attach(handle), KriyaError, "is none");
  }
  const cache = SharedCache.create({ bytes: 1e6 });
  assert(cache.bytesMax <= 1e6 && cache.bytesMax > 5e5);
  assertThrows(
    () => openSharedCache(new MemoryStore(), cache),
    KriyaError,
    "in memory",
  );
});
