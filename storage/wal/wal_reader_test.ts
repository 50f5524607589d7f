import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";
import { bytes } from "../../tests/support/lsm_contents.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { walPath } from "../object_store/object_path.ts";
import type { ObjectBody } from "../object_store/object_store.ts";
import { WalEncoder } from "./wal_format.ts";
import { listWal, readWal, type WalEntry } from "./wal_reader.ts";

const WRITER = { epoch: 1, writerId: "00".repeat(16) };

function bucketOf(ids: readonly number[]): MemoryBucket {
  const bucket = new MemoryBucket();
  for (const id of ids) {
    const encoder = new WalEncoder();
    encoder.add(id * 10, "batch", bytes(`payload ${id}`));
    bucket.set(walPath(id), encoder.finish(WRITER, id), 0);
  }
  return bucket;
}

/** The objects from `from` to below `to`, as a listing would tell of them. */
function entries(from: number, to: number, size = 100): WalEntry[] {
  return Array.from({ length: to - from }, (_, i) => ({ id: from + i, size }));
}

async function idsRead(
  bucket: MemoryBucket,
  from: number,
  to: number,
): Promise<number[]> {
  const ids: number[] = [];
  const store = new MemoryStore({ bucket });
  for await (const object of readWal(store, from, entries(from, to))) {
    ids.push(object.id);
    assertEquals(object.records.map(({ sequence }) => sequence), [
      object.id * 10,
    ]);
  }
  return ids;
}

Deno.test("[K-081] the log is the objects under wal/, listed from the replay point on, past one page too", async () => {
  const ids = Array.from({ length: 2300 }, (_, i) => i + 1);
  const bucket = bucketOf(ids);
  assert(bucket.paths().every((path) => path.startsWith("wal/")));
  bucket.set("wal/stray", bytes("no WAL object of ours"), 0);
  bucket.set("x/other", bytes(""), 0);
  const store = new MemoryStore({ bucket });
  const listed = async (from: number): Promise<number[]> =>
    (await listWal(store, from)).map(({ id }) => id);
  assertEquals(await listed(0), ids);
  assertEquals(await listed(1), ids);
  assertEquals(await listed(2299), [2299, 2300]);
  assertEquals(await listed(2301), []);
  const [first] = await listWal(store, 0);
  assertEquals(first!.size, bucket.object(walPath(1))!.bytes.length);
});

Deno.test("replay gives the objects in their order although it fetches ahead", async () => {
  const bucket = bucketOf(Array.from({ length: 50 }, (_, i) => i + 1));
  assertEquals(await idsRead(bucket, 1, 51), [
    ...Array.from({ length: 50 }, (_, i) => i + 1),
  ]);
  assertEquals(await idsRead(bucket, 20, 23), [20, 21, 22]);
  assertEquals(await idsRead(bucket, 20, 20), []);
  const environment = new SimulatedEnvironment({ seed: 3 });
  const slow = new FaultyStore(new MemoryStore({ bucket }), {
    environment,
    latencyMs: { min: 10, max: 100 },
  });
  const ids: number[] = [];
  const began = environment.now();
  await environment.run(async () => {
    for await (const { id } of readWal(slow, 1, entries(1, 51))) ids.push(id);
  });
  assertEquals(ids, Array.from({ length: 50 }, (_, i) => i + 1));
  // One by one they would take 50 × 55 ms.
  assert(environment.now() - began < 50 * 55 / 4);
});

Deno.test("[K-084] a gap in the log is reported, and so is damage in its middle", async () => {
  const bucket = bucketOf([1, 2, 3, 4, 5]);
  bucket.remove(walPath(3));
  const gap = await assertRejects(
    () => idsRead(bucket, 1, 6),
    KriyaError,
    "object 3 is missing",
  );
  assertEquals(gap.kind, "corrupt");
  // A listing that knows of the gap.
  const listed = readWal(
    new MemoryStore({ bucket }),
    1,
    [...entries(1, 3), ...entries(4, 6)],
  );
  const read: number[] = [];
  await assertRejects(
    async () => {
      for await (const { id } of listed) read.push(id);
    },
    KriyaError,
    "object 3 is missing",
  );
  assertEquals(read, [1, 2]);
  // One that does not tell of an object that is there.
  const whole = new MemoryStore({ bucket: bucketOf([1, 2, 3, 4]) });
  read.length = 0;
  const some = [...entries(1, 2), ...entries(4, 5)];
  for await (const { id } of readWal(whole, 1, some)) read.push(id);
  assertEquals(read, [1, 2, 3, 4]);
  const damaged = bucketOf([1, 2, 3, 4, 5]);
  const object = damaged.object(walPath(2))!.bytes.slice();
  object[object.length - 1]! ^= 0x80;
  damaged.set(walPath(2), object, 0);
  const error = await assertRejects(
    () => idsRead(damaged, 1, 6),
    KriyaError,
    `Cannot read "${walPath(2)}" at byte`,
  );
  assertEquals(error.kind, "corrupt");
  assertEquals(await idsRead(damaged, 3, 6), [3, 4, 5]);
});

Deno.test("a store that does not answer is told as unavailable", async () => {
  const faulty = new FaultyStore(
    new MemoryStore({ bucket: bucketOf([1, 2, 3]) }),
  );
  faulty.inject("fail", { operation: "get", nth: 2 });
  const read: number[] = [];
  const error = await assertRejects(async () => {
    for await (const { id } of readWal(faulty, 1, entries(1, 4))) read.push(id);
  }, KriyaError);
  assertEquals([error.kind, read], ["unavailable", [1]]);
});

Deno.test("[L-117] fetches under way are at most 16, and 64 MiB unless one is larger", async () => {
  const MIB = 1024 * 1024;
  const most = async (size: number): Promise<number> => {
    const inner = new MemoryStore({
      bucket: bucketOf(entries(1, 41).map(({ id }) => id)),
    });
    let running = 0;
    let max = 0;
    const counting = Object.assign(Object.create(inner), {
      async get(path: string): Promise<ObjectBody | undefined> {
        max = Math.max(max, ++running);
        await new Promise((resolve) => setTimeout(resolve, 0));
        running--;
        return await inner.get(path);
      },
    });
    const ids: number[] = [];
    for await (const { id } of readWal(counting, 1, entries(1, 41, size))) {
      ids.push(id);
    }
    assertEquals(ids, entries(1, 41).map(({ id }) => id));
    return max;
  };
  assertEquals(await most(100), 16);
  assertEquals(await most(16 * MIB), 4);
  assertEquals(await most(100 * MIB), 1);
});
