import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { bytes, put } from "../../tests/support/lsm_contents.ts";
import { boundaryBytes } from "../../tests/support/manifests.ts";
import { World } from "../../tests/support/world.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import {
  GC_BOUNDARY_PATH,
  manifestPath,
  pinPath,
  vecPath,
} from "../object_store/object_path.ts";
import { WAL_HEADER_BYTES } from "../wal/wal_format.ts";
import { fsck, type FsckReport } from "./fsck.ts";
import { WriteBatch } from "./write_batch.ts";

/** A database with something of everything, as objects. */
async function sample(): Promise<ReadonlyMap<string, Uint8Array>> {
  const world = new World();
  await world.run(async () => {
    const options = {
      gcIntervalMs: 0,
      flushIntervalMs: 0,
      blockBytes: 64,
      compaction: "off",
    } as const;
    const first = await world.open(options);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 6; j++) {
        await put(first.store, { [`key ${(i + j) % 8}`]: `${i} ${j}` });
      }
      const batch = new WriteBatch();
      batch.deleteRange(bytes("key 2"), bytes("key 3"));
      await first.store.write(batch);
      if (i === 1) await first.store.createCheckpoint("middle");
      await first.store.flush();
    }
    const path = vecPath(first.store.newObjectId());
    world.bucket.set(path, bytes("segment"), 0);
    const segment = { path, size: 7, owner: 1, info: {} };
    await first.store.publish(() => ({ segments: [segment] }));
    await first.store.collectGarbage();
    await put(first.store, { "key 1": "late" });
    await first.store.close();
    const next = await world.open(options);
    await put(next.store, { "key 2": "later", "key 3": undefined });
    next.objects.crash();
  });
  return new Map(
    world.bucket.paths().map((path) => [
      path,
      world.bucket.object(path)!.bytes.slice(),
    ]),
  );
}

function bucketOf(objects: ReadonlyMap<string, Uint8Array>): MemoryBucket {
  const bucket = new MemoryBucket();
  for (const [path, bytes] of objects) bucket.set(path, bytes, 0);
  return bucket;
}

function check(objects: ReadonlyMap<string, Uint8Array>): Promise<FsckReport> {
  return fsck(new MemoryStore({ bucket: bucketOf(objects) }), {
    checkSegment: (meta, found) => {
      if (new TextDecoder().decode(found) === "segment") return;
      throw new KriyaError(
        "corrupt",
        `Cannot read "${meta.path}" at byte 0: not the segment`,
      );
    },
  });
}

function isOldFence(path: string, body: Uint8Array): boolean {
  return path.startsWith("wal/") && body.length === WAL_HEADER_BYTES;
}

Deno.test("a database that is whole has no problems and no orphans", async () => {
  const objects = await sample();
  const report = await check(objects);
  assertEquals(report.problems, []);
  assertEquals(report.orphans, []);
  assert(report.ok && report.objectsRead >= 8 && report.bytesRead > 1000);
  const empty = await check(new Map());
  assertEquals([empty.ok, empty.manifestNumber], [true, 0]);
});

Deno.test("every kind of damage is found, and named with object and byte", async () => {
  const objects = await sample();
  const kinds = new Set<string>();
  for (const [path, body] of objects) {
    for (let at = 0; at < body.length; at += path.startsWith("sst/") ? 11 : 5) {
      const damaged = body.slice();
      damaged[at]! ^= 1 << (at % 8);
      const report = await check(new Map([...objects, [path, damaged]]));
      // A fence below every replay point is read by nobody.
      if (report.ok && isOldFence(path, body)) continue;
      const named = report.problems.find(({ object }) => object === path);
      assert(named !== undefined, `${path} at ${at}: not found`);
      assert(named.offset !== undefined, `${path} at ${at}: ${named.what}`);
      kinds.add(path.slice(0, path.indexOf("/")));
    }
  }
  const want = ["gc", "manifest", "sst", "vec", "wal"];
  assertEquals([...kinds].toSorted(), want);
});

Deno.test("an object that is missing or cut short is found", async () => {
  const objects = await sample();
  for (const [path, body] of objects) {
    for (const length of [undefined, body.length - 1, 20]) {
      const damaged = new Map(objects);
      if (length === undefined) damaged.delete(path);
      else damaged.set(path, body.slice(0, Math.min(length, body.length - 1)));
      const report = await check(damaged);
      const newest = path === [...objects.keys()].find((each) =>
        each.startsWith("manifest/")
      );
      // Nothing tells that there was a newer manifest, or a last group.
      const last = path === [...objects.keys()].findLast((each) =>
        each.startsWith("wal/")
      );
      if (length === undefined && (newest || last)) continue;
      if (isOldFence(path, body) && report.ok) continue;
      assert(!report.ok, `${path} cut to ${length}`);
      if (path === GC_BOUNDARY_PATH && length === undefined) continue;
      assert(
        report.problems.some(({ object }) => object === path),
        `${path} cut to ${length}: ${JSON.stringify(report.problems)}`,
      );
    }
  }
});

Deno.test("whole objects in each other's places are found", async () => {
  const objects = await sample();
  const paths = [...objects.keys()];
  for (const one of paths) {
    for (const other of paths) {
      const same = one.split("/")[0] === other.split("/")[0];
      if (one >= other || !same) continue;
      const swapped = new Map(objects);
      swapped.set(one, objects.get(other)!);
      swapped.set(other, objects.get(one)!);
      const fences = [one, other].every((path) =>
        isOldFence(path, objects.get(path)!)
      );
      const report = await check(swapped);
      assert(!report.ok || fences, `${one} and ${other}`);
    }
  }
});

Deno.test("a boundary beyond the newest manifest, a plan of what is needed, a damaged pin", async () => {
  const objects = await sample();
  const table = [...objects.keys()].find((path) => path.startsWith("sst/"))!;
  for (
    const [path, body] of [
      [GC_BOUNDARY_PATH, boundaryBytes(1000)],
      [GC_BOUNDARY_PATH, boundaryBytes(3, [table])],
      [pinPath("a"), bytes("nonsense that is no pin")],
    ] as const
  ) {
    const report = await check(new Map([...objects, [path, body]]));
    assert(report.problems.some(({ object }) => object === path));
  }
});

Deno.test("a database whose newest manifest is damaged is checked by the one before", async () => {
  const objects = await sample();
  const [newest] = [...objects.keys()].filter((path) =>
    path.startsWith("manifest/")
  );
  const report = await check(new Map([...objects, [newest!, bytes("gone")]]));
  assertEquals(report.ok, false);
  assert(report.manifestNumber > 0);
  assert(manifestPath(report.manifestNumber) !== newest);
  assertEquals(report.problems.map(({ object }) => object), [newest]);
});

Deno.test("what nothing needs is an orphan, and no problem", async () => {
  const objects = await sample();
  const extra = new Map([
    ...objects,
    ["sst/000000000001-000000000000-000000000099", bytes("upload")],
    ["notes.txt", bytes("mine")],
  ]);
  const report = await check(extra);
  assertEquals([report.ok, report.orphanCount, report.orphanBytes], [
    true,
    2,
    10,
  ]);
  assertEquals(report.orphans.map(({ path }) => path), [
    "notes.txt",
    "sst/000000000001-000000000000-000000000099",
  ]);
});

Deno.test("a store that does not answer, and an abort, are no damage", async () => {
  const world = new World(bucketOf(await sample()));
  await world.run(async () => {
    const { objects } = world.handle();
    objects.inject("fail", { operation: "get", nth: 5 });
    const error = await assertRejects(() => fsck(objects), KriyaError);
    assertEquals(error.kind, "unavailable");
    const signal = AbortSignal.abort(new Error("enough"));
    await assertRejects(() => fsck(objects, { signal }), Error, "enough");
  });
});
