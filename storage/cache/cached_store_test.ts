import { assert, assertEquals, assertRejects } from "@std/assert";
import { fc } from "fast-check";
import { KriyaError } from "../../base/errors.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { patternBytes } from "../../tests/conformance/object_store_support.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { MeteredStore } from "../object_store/metered_store.ts";
import { sstPath, vecPath, walPath } from "../object_store/object_path.ts";
import {
  ABSENT,
  type ObjectBody,
  type ObjectStore,
  type PutCondition,
  type PutResult,
} from "../object_store/object_store.ts";
import { CachedStore, type CachedStoreOptions } from "./cached_store.ts";
import { WRITES_MAX } from "./chunk_store.ts";
import { openDiskCache } from "./disk_cache.ts";

const OPTIONS = { bytesMax: 1_000_000, chunkBytes: 1000 };

const table = (number: number): string => sstPath({ epoch: 1, job: 0, number });

/** A bucket, a local folder's stand-in, and processes that come and go. */
class World {
  readonly remote = new MemoryBucket();
  local = new MemoryBucket();

  /** A process with a cache; what it asks of the bucket is counted. */
  async open(options: CachedStoreOptions = OPTIONS): Promise<
    { readonly store: CachedStore; readonly bucket: MeteredStore }
  > {
    const bucket = new MeteredStore(new MemoryStore({ bucket: this.remote }));
    const local = new MemoryStore({ bucket: this.local });
    return { store: await CachedStore.open(bucket, local, options), bucket };
  }
}

async function read(
  store: ObjectStore,
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const body = await store.get(path, { range: { offset, length } });
  return body?.bytes;
}

Deno.test("what was read once is read again without a request, also after a restart", async () => {
  const world = new World();
  const bytes = patternBytes(10_500, 1);
  world.remote.set(table(1), bytes, 5);
  const { store, bucket } = await world.open();
  const range = { offset: 2500, length: 3000 };
  const wanted = bytes.subarray(2500, 5500);
  assertEquals((await store.get(table(1), { range }))!.bytes, wanted);
  // Chunks 2 to 5 in one request.
  assertEquals([bucket.snapshot().get, bucket.snapshot().bytesRead], [1, 4000]);
  await store.idle();
  const again = (await store.get(table(1), { range }))!;
  assertEquals([again.bytes, again.size], [wanted, 10_500]);
  assertEquals(again.lastModifiedMs, 5);
  assertEquals(bucket.snapshot().get, 1);
  // What is missing at both ends, and nothing else.
  await read(store, table(1), 1900, 8600);
  assertEquals([bucket.snapshot().get, bucket.snapshot().bytesRead], [
    3,
    10_500 - 1000,
  ]);
  await store.close();
  const next = await world.open();
  assertEquals((await next.store.get(table(1), { range }))!.bytes, wanted);
  assertEquals(await read(next.store, table(1), 1900, 8600), bytes.slice(1900));
  const { get, head } = next.bucket.snapshot();
  assertEquals([get, head], [0, 1]);
  assertEquals(next.store.statistics.damaged, 0);
  await next.store.close();
});

Deno.test("a chunk is asked for once, however many wait for it", async () => {
  const world = new World();
  world.remote.set(table(1), patternBytes(5000, 1), 0);
  const { store, bucket } = await world.open();
  const found = await Promise.all(
    [0, 300, 600, 900, 300].map((at) => read(store, table(1), at, 50)),
  );
  assertEquals(found[1], found[4]);
  assertEquals(bucket.snapshot().get, 1);
  assertEquals(bucket.snapshot().bytesRead, 1000);
  await store.close();
});

Deno.test("only immutable objects are kept; whole ones too", async () => {
  const world = new World();
  const segment = vecPath({ epoch: 1, job: 0, number: 1 });
  for (const path of [segment, walPath(1), "gc/boundary", "manifest/x"]) {
    world.remote.set(path, patternBytes(2500, 1), 0);
  }
  const { store, bucket } = await world.open();
  for (const path of [segment, walPath(1), "gc/boundary", "manifest/x"]) {
    await store.get(path);
    await store.idle();
    await store.get(path);
  }
  assertEquals(bucket.snapshot().get, 7);
  assertEquals(world.local.paths().length, 3);
  await store.close();
});

Deno.test("a bucket that was made anew has other objects by the same names: none of the old is read", async () => {
  const world = new World();
  world.remote.set(table(1), patternBytes(3000, 1), 0);
  const first = await world.open();
  await read(first.store, table(1), 0, 3000);
  await first.store.close();
  const bytes = patternBytes(3000, 2);
  world.remote.set(table(1), bytes, 0);
  const { store } = await world.open();
  assertEquals(await read(store, table(1), 100, 2000), bytes.slice(100, 2100));
  assertEquals(await read(store, table(1), 0, 3000), bytes);
  await store.close();
  world.remote.remove(table(1));
  const last = await world.open();
  assertEquals(await read(last.store, table(1), 100, 2000), undefined);
  await last.store.idle();
  assertEquals(world.local.paths(), []);
  await last.store.close();
});

Deno.test("damaged, cut, exchanged and missing files are misses, and nothing else", async () => {
  const random = new SeededRandom(11);
  const world = new World();
  const objects = [1, 2, 3].map((n) => patternBytes(7000 + n, n));
  objects.forEach((bytes, n) => world.remote.set(table(n), bytes, 0));
  for (let round = 0; round < 60; round++) {
    const { store } = await world.open();
    for (let i = 0; i < 12; i++) {
      const n = random.below(3);
      const at = random.below(7000);
      const length = 1 + random.below(3000);
      assertEquals(
        await read(store, table(n), at, length),
        objects[n]!.slice(at, at + length),
      );
      await store.idle();
      const paths = world.local.paths();
      const victim = paths[random.below(paths.length)]!;
      const bytes = world.local.object(victim)!.bytes.slice();
      const way = random.below(4);
      if (way === 0) {
        bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
        world.local.set(victim, bytes, 0);
      } else if (way === 1) {
        const cut = bytes.subarray(0, random.below(bytes.length));
        world.local.set(victim, cut, 0);
      } else if (way === 2) {
        const other = paths[random.below(paths.length)]!;
        world.local.set(victim, world.local.object(other)!.bytes, 0);
      } else world.local.remove(victim);
    }
    await store.close();
  }
});

Deno.test("a crash at any time leaves what the next process reads as it is", async () => {
  const random = new SeededRandom(12);
  const world = new World();
  const objects = [0, 1, 2, 3].map((n) => patternBytes(5000, n));
  objects.forEach((bytes, n) => world.remote.set(table(n), bytes, 0));
  for (let life = 0; life < 30; life++) {
    const { store } = await world.open({ ...OPTIONS, bytesMax: 9000 });
    for (let i = 0; i < 8; i++) {
      const n = random.below(4);
      const at = random.below(5000);
      assertEquals(
        await read(store, table(n), at, 1200),
        objects[n]!.slice(at, at + 1200),
      );
      for (let turn = random.below(6); turn > 0; turn--) {
        await Promise.resolve();
      }
    }
    // The process is gone; what it does from here on, nobody sees.
    world.local = world.local.clone();
  }
});

Deno.test("files never take more than the budget, by either policy, and the statistics say what there is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(fc.nat(5), fc.nat(5900), fc.integer({ min: 1, max: 2500 })),
        {
          maxLength: 60,
          size: "max",
        },
      ),
      fc.constantFrom("lru" as const, "arc" as const),
      fc.constantFrom(0, 500, 5000, 20_000),
      async (reads, policy, bytesMax) => {
        const world = new World();
        for (let n = 0; n < 6; n++) {
          world.remote.set(table(n), patternBytes(6000, n), 0);
        }
        const { store } = await world.open({ ...OPTIONS, bytesMax, policy });
        for (const [n, at, length] of reads) {
          assertEquals(
            await read(store, table(n), at, length),
            patternBytes(6000, n).slice(at, at + length),
          );
          await store.idle();
          assert(world.local.bytes <= bytesMax);
          const { bytes, count, damaged } = store.statistics;
          assertEquals(bytes, world.local.bytes);
          assertEquals(count, world.local.objectCount);
          assertEquals(damaged, 0);
        }
        await store.close();
        // A smaller budget, and another chunk size, make room when opened.
        const smaller = await world.open({ ...OPTIONS, bytesMax: 2000 });
        await smaller.store.close();
        assert(world.local.bytes <= 2000);
        const other = await world.open({ ...OPTIONS, chunkBytes: 500 });
        await other.store.close();
        assertEquals(world.local.objectCount, 0);
      },
    ),
    { numRuns: 40 },
  );
});

/** A local store whose every call can be made to fail or wait. */
class BadStore extends MeteredStore {
  fails = false;
  writing = 0;
  writingMax = 0;

  override get(path: string): MaybePromise<ObjectBody | undefined> {
    if (this.fails) throw new KriyaError("unavailable", "disk is gone");
    return super.get(path);
  }

  override async put(
    path: string,
    bytes: Uint8Array,
    condition: PutCondition,
  ): Promise<PutResult> {
    this.writingMax = Math.max(this.writingMax, ++this.writing);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    this.writing--;
    if (this.fails) throw new KriyaError("unavailable", "disk is full");
    return await super.put(path, bytes, condition);
  }

  override async delete(path: string): Promise<void> {
    if (this.fails) throw new KriyaError("unavailable", "disk is gone");
    await super.delete(path);
  }
}

Deno.test("a local store that fails costs requests and nothing else; few files are written at a time", async () => {
  const remote = new MemoryBucket();
  const bytes = patternBytes(90_000, 4);
  remote.set(table(1), bytes, 0);
  const bucket = new MeteredStore(new MemoryStore({ bucket: remote }));
  const local = new BadStore(new MemoryStore());
  const store = await CachedStore.open(bucket, local, OPTIONS);
  assertEquals(await read(store, table(1), 0, 90_000), bytes);
  await store.idle();
  assertEquals([local.writingMax, store.statistics.writes], [WRITES_MAX, 90]);
  local.fails = true;
  assertEquals(
    await read(store, table(1), 100, 50_000),
    bytes.slice(100, 50_100),
  );
  assert(store.statistics.damaged > 0);
  await store.idle();
  assert(store.statistics.writesSkipped > 0);
  assertEquals(
    await read(store, table(1), 100, 50_000),
    bytes.slice(100, 50_100),
  );
  await store.close();
});

Deno.test("a reader that gives up does not spoil the chunk for others", async () => {
  const world = new World();
  world.remote.set(table(1), patternBytes(3000, 1), 0);
  const { store, bucket } = await world.open();
  const controller = new AbortController();
  const { signal } = controller;
  const range = { offset: 10, length: 10 };
  const first = store.get(table(1), { range, signal });
  const second = store.get(table(1), { range });
  controller.abort(new Error("enough"));
  await assertRejects(async () => await first, Error, "enough");
  assertEquals((await second)!.bytes, patternBytes(3000, 1).slice(10, 20));
  assertEquals(bucket.snapshot().get, 1);
  await store.close();
  await assertRejects(
    async () => await store.get(table(1), { range }),
    KriyaError,
    "closed",
  );
});

Deno.test("reads that are too long to keep are passed on, unless they are here", async () => {
  const world = new World();
  const bytes = patternBytes(9000, 1);
  world.remote.set(table(1), bytes, 0);
  const { store, bucket } = await world.open({
    ...OPTIONS,
    readBytesMax: 3000,
  });
  assertEquals(await read(store, table(1), 0, 6000), bytes.slice(0, 6000));
  await store.idle();
  assertEquals(world.local.objectCount, 0);
  for (const at of [0, 3000]) await read(store, table(1), at, 3000);
  await store.idle();
  const before = bucket.snapshot().get;
  assertEquals(await read(store, table(1), 0, 6000), bytes.slice(0, 6000));
  assertEquals(bucket.snapshot().get, before);
  await store.close();
});

Deno.test("openDiskCache keeps chunks in a folder, which may be deleted at any time", async () => {
  const path = await Deno.makeTempDir({ prefix: "kriya-cache-" });
  try {
    const remote = new MemoryBucket();
    const bytes = patternBytes(600_000, 4);
    remote.set(table(1), bytes, 0);
    const open = (): Promise<CachedStore> =>
      openDiskCache(new MemoryStore({ bucket: remote }), {
        path,
        bytesMax: 2 ** 20,
      });
    const first = await open();
    assertEquals(
      await read(first, table(1), 5, 599_000),
      bytes.slice(5, 599_005),
    );
    await first.close();
    const second = await open();
    assertEquals(await read(second, table(1), 0, 10), bytes.slice(0, 10));
    assertEquals([second.statistics.hits, second.statistics.misses], [1, 0]);
    await Deno.remove(path, { recursive: true });
    assertEquals(
      await read(second, table(1), 9, 300_000),
      bytes.slice(9, 300_009),
    );
    await second.close();
  } finally {
    await Deno.remove(path, { recursive: true }).catch(() => {});
  }
});

Deno.test("a table that is written and removed through the cache is not read from it", async () => {
  const world = new World();
  const { store } = await world.open();
  await store.put(table(1), patternBytes(2000, 1), ABSENT);
  await read(store, table(1), 0, 2000);
  await store.idle();
  await store.delete(table(1));
  assertEquals(await read(store, table(1), 0, 2000), undefined);
  await store.idle();
  assertEquals(world.local.objectCount, 0);
  await store.close();
});
