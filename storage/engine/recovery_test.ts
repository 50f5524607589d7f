import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  bytes,
  contentsOf,
  put,
  text,
} from "../../tests/support/lsm_contents.ts";
import { boundaryBytes } from "../../tests/support/manifests.ts";
import { asked, World } from "../../tests/support/world.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import type { MemoryBucket } from "../object_store/memory_store.ts";
import { GC_BOUNDARY_PATH, parseWalPath } from "../object_store/object_path.ts";
import { decodeWal, WalEncoder } from "../wal/wal_format.ts";
import { LsmStore } from "./lsm_store.ts";
import { WriteBatch } from "./write_batch.ts";

const STAY = { takeover: false };

/** How often each (key, sequence) is anywhere in a store. */
async function copies(store: LsmStore): Promise<number[]> {
  const counts = new Map<string, number>();
  for (const opening of store.changesSince({}, -1)) {
    const source = await opening;
    for (let run = await source.nextRun(); run; run = await source.nextRun()) {
      for (let i = 0; i < run.count; i++) {
        const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
        const name = `${text(key)}@${run.sequences[i]}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
  }
  return [...counts.values()];
}

Deno.test("[K-085] what a manifest names in tables is not replayed from the log again", async () => {
  const world = new World();
  const { store } = await world.open();
  for (let i = 0; i < 10; i++) await put(store, { [`k${i}`]: "v" });
  await store.flush();
  for (let i = 10; i < 13; i++) await put(store, { [`k${i}`]: "v" });
  assertEquals(world.paths("wal/").length, 1 + 13);
  const again = await world.open();
  const reads = again.requests.filter(({ operation }) => operation === "get")
    .filter(({ path }) => path.startsWith("wal/"));
  assertEquals(reads.map(({ path }) => parseWalPath(path)), [12, 13, 14]);
  assertEquals(await copies(again.store), Array(13).fill(1));
  assertEquals(again.store.status().unflushedBytes < 100, true);
  await again.store.flush();
  assertEquals(await copies(again.store), Array(13).fill(1));
  const last = await world.open();
  assertEquals(await copies(last.store), Array(13).fill(1));
  assertEquals((await contentsOf(last.store)).length, 13);
  await last.store.close();
});

Deno.test("[K-081, K-082] what is in no table is in objects under wal/, and in them alone", async () => {
  const world = new World();
  const { store } = await world.open();
  const sequences: number[] = [];
  for (const key of ["a", "b", "c"]) {
    sequences.push(await put(store, { [key]: key }));
  }
  const found: number[] = [];
  for (const path of world.paths("wal/")) {
    const id = parseWalPath(path)!;
    const { records } = decodeWal(world.bucket.object(path)!.bytes, id, path);
    found.push(...records.map(({ sequence }) => sequence));
  }
  assertEquals(found, sequences);
  const copy = new World(world.bucket.clone());
  const again = await copy.open();
  assertEquals(await contentsOf(again.store), [["a", "a"], ["b", "b"], [
    "c",
    "c",
  ]]);
  const empty = world.bucket.clone();
  for (const path of empty.paths()) {
    if (path.startsWith("wal/")) empty.remove(path);
  }
  const without = await new World(empty).open();
  assertEquals(await contentsOf(without.store), []);
});

Deno.test("[K-016] every opening for writing has the next epoch, and sequences go on", async () => {
  const world = new World();
  let last = 0;
  for (let epoch = 1; epoch <= 6; epoch++) {
    const { store } = await world.open();
    assertEquals(store.manifest.epoch, epoch);
    assertEquals(store.visibleSequence, last);
    assertEquals(await put(store, { [`k${epoch}`]: "v" }), last + 1);
    last++;
    if (epoch % 2 === 0) await store.close();
    if (epoch === 3) await store.flush();
  }
});

Deno.test("a cold opening asks what §3 says: a reader 3 times and for the log, a writer 5 times and for the log; beside the log for a small tree", async () => {
  const world = new World();
  const first = await world.open();
  await put(first.store, { a: "1" });
  await first.store.flush();
  await put(first.store, { b: "2" });
  await first.store.close();
  const reader = await world.open({ readOnly: true });
  assertEquals(asked(reader.requests), [
    "list wal/", // At once with what lists the manifests.
    "list manifest/",
    "get manifest/",
    "get sst/", // At once with the log.
    "get wal/",
    "get gc/", // Beside whatever comes next: was that all?
  ]);
  const objects = world.bucket.objectCount;
  const writer = await world.open(STAY);
  assertEquals(asked(writer.requests), [
    "list manifest/",
    "get manifest/",
    "get sst/", // At once with the log.
    "list wal/", // At once with the claim.
    "put manifest/",
    "get wal/",
    "put wal/",
    "get gc/",
  ]);
  assertEquals(world.bucket.objectCount, objects + 2);
  for (const { store } of [reader, writer]) {
    assertEquals(await contentsOf(store), [["a", "1"], ["b", "2"]]);
    await store.close();
  }
});

Deno.test("a database in use is 55006 until it is closed, silent for its lease, or taken over", async () => {
  const world = new World();
  const { environment } = world;
  const refused = async (): Promise<void> => {
    const error = await assertRejects(() => world.open(STAY), KriyaError);
    assertEquals([error.kind, error.code], ["invalid", "55006"]);
    assert(error.detail?.startsWith("It is held by writer "), error.detail);
  };
  const first = await world.open({ ...STAY, writerName: "host 1" });
  await refused();
  await environment.advance(9000);
  await put(first.store, { a: "1" }); // A sign of life in the log.
  await environment.advance(9999);
  await refused();
  await environment.advance(2);
  const second = await world.open(STAY);
  await refused();
  await second.store.close();
  const third = await world.open(STAY); // It was closed in good order.
  const fourth = await world.open({ takeover: true });
  await refused();
  const locked = await world.open(STAY, { exclusive: true });
  assertEquals(await contentsOf(locked.store), [["a", "1"]]);
  assertEquals(locked.store.manifest.epoch, 5);
  for (const { store } of [first, third, fourth]) {
    await assertRejects(() => put(store, { b: "old" }), KriyaError);
  }
  await locked.store.close();
});

Deno.test("the date of a fence and of a manifest are signs of life, too", async () => {
  const world = new World();
  const first = await world.open({ ...STAY, leaseMs: 1000 });
  await world.environment.advance(900);
  await put(first.store, { a: "1" });
  await world.environment.advance(500);
  await first.store.publish(() => ({})); // Newer than the log now.
  await world.environment.advance(900);
  await assertRejects(() => world.open({ ...STAY, leaseMs: 1000 }), KriyaError);
  await world.environment.advance(200);
  const next = await world.open({ ...STAY, leaseMs: 1000 });
  await next.store.close();
});

/** A bucket of a database with a table, a manifest or two and a log. */
async function database(): Promise<MemoryBucket> {
  const world = new World();
  const { store } = await world.open({ blockBytes: 100 });
  await put(store, { a: "1", b: "2".repeat(200), c: "3" });
  await store.flush();
  await put(store, { d: "4" });
  await put(store, { e: "5" });
  return world.bucket;
}

Deno.test("a damaged log or manifest is XX001 at the opening, nothing is overwritten, and a repair is enough", async () => {
  const whole = await database();
  const newest = whole.paths().find((path) => path.startsWith("manifest/"))!;
  const log = whole.paths().filter((path) => path.startsWith("wal/")).slice(2);
  for (const path of [newest, ...log]) {
    const object = whole.object(path)!.bytes;
    const bits = [0, 7, object.length * 4 + 3, object.length * 8 - 1];
    for (const bit of bits) {
      const bucket = whole.clone();
      const damaged = object.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      bucket.set(path, damaged, 0);
      const before = new Map(
        bucket.paths().map((path) => [path, bucket.object(path)!.bytes]),
      );
      for (const readOnly of [true, false]) {
        const world = new World(bucket);
        const error = await assertRejects(
          () => world.open({ readOnly }),
          KriyaError,
          path,
        );
        assertEquals([error.kind, error.code], ["corrupt", "XX001"]);
      }
      for (const [path, bytes] of before) {
        assertEquals(bucket.object(path)!.bytes, bytes);
      }
      bucket.set(path, object, 0);
      const repaired = await new World(bucket).open();
      assertEquals((await contentsOf(repaired.store)).length, 5);
      await repaired.store.close();
    }
  }
});

Deno.test("damage in a table is XX001 where it is read, and nowhere else", async () => {
  const whole = await database();
  const path = whole.paths().find((path) => path.startsWith("sst/"))!;
  const object = whole.object(path)!.bytes;
  let refused = 0;
  for (let at = 0; at < object.length; at++) {
    const bucket = whole.clone();
    const damaged = object.slice();
    damaged[at]! ^= 0x10;
    bucket.set(path, damaged, 0);
    const { store } = await new World(bucket).open({ readOnly: true });
    const want: Record<string, string> = {
      a: "1",
      b: "2".repeat(200),
      c: "3",
      d: "4",
      e: "5",
    };
    for (const [key, value] of Object.entries(want)) {
      try {
        assertEquals(text(await store.get(bytes(key))), value);
      } catch (error) {
        assert(error instanceof KriyaError && error.kind === "corrupt");
        assert(error.message.includes(path) && key < "d");
        refused++;
      }
    }
    await assertRejects(() => contentsOf(store), KriyaError, path);
    await store.close();
  }
  // All three where it is in the metadata, one block's where in the data.
  assert(refused >= object.length && refused < 3 * object.length);
});

Deno.test("[K-084] a log with a gap, or whose sequences or epochs go back, is corrupt", async () => {
  const world = new World();
  const { store } = await world.open();
  for (const key of ["a", "b", "c"]) await put(store, { [key]: "v" });
  const paths = world.paths("wal/");
  const [, first, second, third] = paths as [string, string, string, string];
  const { writerId } = store.manifest;
  const rewrite = (
    bucket: MemoryBucket,
    epoch: number,
    sequence: number,
  ): void => {
    const id = parseWalPath(third)!;
    const { records } = decodeWal(bucket.object(third)!.bytes, id, third);
    const encoder = new WalEncoder();
    encoder.add(sequence, "batch", records[0]!.payload);
    bucket.set(third, encoder.finish({ epoch, writerId }, id), 0);
  };
  const broken: [(bucket: MemoryBucket) => void, string][] = [
    [(bucket) => bucket.remove(second), "object 3 is missing"],
    [(bucket) => bucket.remove(first), "object 2 is missing"],
    [(bucket) => rewrite(bucket, 1, 2), "sequence 2 after 2"],
    [(bucket) => rewrite(bucket, 0, 3), "epoch 0 after epoch 1"],
  ];
  for (const [breakIt, message] of broken) {
    const bucket = world.bucket.clone();
    breakIt(bucket);
    for (const readOnly of [true, false]) {
      const error = await assertRejects(
        () => new World(bucket).open({ readOnly }),
        KriyaError,
        message,
      );
      assertEquals(error.kind, "corrupt");
    }
  }
});

Deno.test("a reader whose manifest was collected while it read the log begins anew", async () => {
  const world = new World();
  const first = await world.open();
  await put(first.store, { a: "1" });
  await put(first.store, { b: "2" });
  const { objects, requests } = world.handle();
  const pause = objects.pause({
    operation: "list",
    prefix: "wal/",
    when: "after",
  });
  const opening = LsmStore.open(objects, { readOnly: true });
  await pause.reached;
  // Meanwhile a flush, and a collector that removes what it covers.
  await first.store.flush();
  const dead = first.store.manifest.number - 1;
  world.bucket.set(GC_BOUNDARY_PATH, boundaryBytes(dead), 0);
  for (const path of world.paths("wal/").slice(1)) world.bucket.remove(path);
  pause.release();
  const reader = await opening;
  assertEquals(await contentsOf(reader), [["a", "1"], ["b", "2"]]);
  assertEquals(reader.manifest.number, first.store.manifest.number);
  const lists = requests.filter(({ path }) => path === "manifest/");
  assertEquals(lists.length, 2);
  await reader.close();
  await first.store.close();
});

Deno.test("a writer that finds the log collected under it was overtaken", async () => {
  const world = new World();
  const first = await world.open();
  await put(first.store, { a: "1" });
  const { objects } = world.handle();
  const pause = objects.pause({
    operation: "list",
    prefix: "wal/",
    when: "after",
  });
  const opening = LsmStore.open(objects, { takeover: true });
  opening.catch(() => {});
  await pause.reached;
  const next = await world.open();
  await next.store.flush();
  const { number } = next.store.manifest;
  world.bucket.set(GC_BOUNDARY_PATH, boundaryBytes(number - 1), 0);
  world.bucket.remove(world.paths("wal/")[1]!);
  pause.release();
  const error = await assertRejects(() => opening, KriyaError);
  assertEquals(error.kind, "fenced");
  await put(next.store, { b: "2" });
  await next.store.close();
});

Deno.test("a reader leaves no trace, writes nothing and refuses to be written", async () => {
  const bucket = await database();
  const before = bucket.paths().join();
  const world = new World(bucket);
  const { store, requests } = await world.open({ readOnly: true });
  assertEquals((await contentsOf(store)).length, 5);
  for (
    const write of [
      async () => await store.write(new WriteBatch()),
      () => store.flush(),
      async () => await store.publish(() => ({})),
    ]
  ) {
    const error = await assertRejects(write, KriyaError);
    assertEquals([error.kind, error.code], ["invalid", "25006"]);
  }
  await store.close();
  assert(requests.every(({ operation }) => operation !== "put"));
  assertEquals(bucket.paths().join(), before);
});

Deno.test("a log that is longer than a memtable may be is flushed after it was replayed", async () => {
  const world = new World();
  const { store } = await world.open();
  for (let i = 0; i < 20; i++) await put(store, { [`k${i}`]: "x".repeat(500) });
  const again = await world.open({ memtableBytesMax: 5000 });
  for (let i = 0; i < 20; i++) await world.environment.advance(1);
  assertEquals(again.store.manifest.levels[0]!.length, 2);
  assertEquals(again.store.status().unflushedBytes, 0);
  assertEquals((await contentsOf(again.store)).length, 20);
  await again.store.close();
});

Deno.test("[L-117] a log that is fetched at once, in any order, and by parts, is the same as one after the other", async () => {
  for (let seed = 0; seed < 25; seed++) {
    const random = new SeededRandom(seed);
    const world = new World(undefined, seed);
    const { store } = await world.open({
      walGroupBytesMax: random.pick([200, 5000]),
    });
    for (let i = random.below(60); i >= 0; i--) {
      const batch = new WriteBatch();
      if (random.chance(0.1)) batch.deleteRange(bytes("k1"), bytes("k3"));
      for (let n = random.below(4); n >= 0; n--) {
        const key = bytes(`k${random.below(40)}`);
        if (random.chance(0.2)) batch.delete(key);
        else batch.put(key, bytes("v".repeat(random.below(300))));
      }
      await store.write(batch);
      if (random.chance(0.03)) await store.flush();
    }
    const want = await contentsOf(store);
    const memtableBytesMax = random.pick([1, 300, 2000, 1_000_000]);
    for (const readOnly of [true, false]) {
      await world.run(async () => {
        const { store: again } = await world.open(
          { memtableBytesMax, readOnly },
          { exclusive: true },
          { latencyMs: { min: 0, max: random.pick([0, 100]) } },
        );
        const said = `seed ${seed}, ${memtableBytesMax} bytes`;
        assertEquals(await contentsOf(again), want, said);
        assertEquals(again.visibleSequence, store.visibleSequence, said);
        assert((await copies(again)).every((count) => count === 1), said);
        if (readOnly) return await again.close();
        // What was frozen is flushed without anybody asking.
        for (let i = 0; i < 500 && again.status().frozenMemtables > 0; i++) {
          await delay(world.environment, 100);
        }
        const { frozenMemtables, unflushedBytes } = again.status();
        assertEquals(frozenMemtables, 0, said);
        assert(unflushedBytes <= memtableBytesMax, said);
        await put(again, { z: "1" });
        assertEquals(await contentsOf(again), [...want, ["z", "1"]], said);
      });
    }
    const last = await world.open();
    assertEquals(await contentsOf(last.store), [...want, ["z", "1"]]);
    assert((await copies(last.store)).every((count) => count === 1));
  }
});
