import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { bytes, contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { fsck } from "../engine/fsck.ts";
import { LsmStore } from "../engine/lsm_store.ts";
import type { LsmOptions } from "../engine/options.ts";
import { WriteBatch } from "../engine/write_batch.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { backup } from "./backup.ts";

/** A tree that changes with every few writes, and leaves garbage behind. */
const RESTLESS: LsmOptions = {
  memtableBytesMax: 4 * 1024,
  tableBytesMax: 8 * 1024,
  levelBaseBytes: 16 * 1024,
  levelSizeRatio: 3,
  blockBytes: 512,
  ingestBytesMin: 6 * 1024,
  gcIntervalMs: 1,
  gcObjectsMin: 1,
};

function storeOf(bucket: MemoryBucket): MemoryStore {
  return new MemoryStore({ bucket });
}

/** What a copy holds when it is opened. */
async function contentsIn(bucket: MemoryBucket): Promise<[string, string][]> {
  const store = await LsmStore.open(storeOf(bucket), { readOnly: true });
  const contents = await contentsOf(store);
  await store.close();
  return contents;
}

function sorted(model: ReadonlyMap<string, string>): [string, string][] {
  return [...model].toSorted(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("[L-024, L-025, L-026] copies of a database that is written, flushed, compacted and collected meanwhile are what it was at a moment", async () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const random = new SeededRandom(`backup ${seed}`);
    const source = new MemoryBucket();
    const target = new MemoryBucket();
    const store = await LsmStore.open(storeOf(source), RESTLESS);
    const model = new Map<string, string>();
    /** What it was after each commit. */
    const states = new Set([JSON.stringify([])]);
    let over = false;
    const write = async (): Promise<void> => {
      while (!over) {
        const batch = new WriteBatch();
        const size = random.chance(0.05) ? 120 : 1 + random.below(8);
        for (let n = 0; n < size; n++) {
          const key = `k${random.below(300)}`;
          const value = `${random.uint32()}`.repeat(8);
          if (random.chance(0.2)) {
            batch.delete(bytes(key));
            model.delete(key);
          } else {
            batch.put(bytes(key), bytes(value));
            model.set(key, value);
          }
        }
        states.add(JSON.stringify(sorted(model)));
        await store.write(batch);
        if (random.chance(0.3)) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
    };
    const writing = write();
    let last = 0;
    for (let copy = 0; copy < 4; copy++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const acknowledged = store.status().visibleSequence;
      const report = await backup(storeOf(source), storeOf(target));
      assertEquals(report.check?.problems, []);
      const copied = await contentsIn(target);
      assert(states.has(JSON.stringify(copied)), `seed ${seed}: half a commit`);
      const reader = await LsmStore.open(storeOf(target), { readOnly: true });
      const { visibleSequence } = reader.status();
      await reader.close();
      assert(visibleSequence >= acknowledged, `seed ${seed}: a commit is lost`);
      assert(visibleSequence >= last, `seed ${seed}: it went back`);
      last = visibleSequence;
    }
    over = true;
    await writing;
    await backup(storeOf(source), storeOf(target));
    const { ok, orphanCount } = await fsck(storeOf(target));
    assertEquals([ok, orphanCount], [true, 0]);
    assertEquals(await contentsIn(target), sorted(model));
    await store.close();
    // A restore is a copy the other way, and can be written.
    const restored = new MemoryBucket();
    await backup(storeOf(target), storeOf(restored));
    const again = await LsmStore.open(storeOf(restored), RESTLESS);
    assertEquals(await contentsOf(again), sorted(model));
    await put(again, { new: "row" });
    await again.compact();
    await again.collectGarbage();
    assertEquals(
      await contentsOf(again),
      sorted(new Map(model).set("new", "row")),
    );
    await again.close();
  }
});

Deno.test("a second copy sends what is new, and deletes what is old; checkpoints come along", async () => {
  const source = new MemoryBucket();
  const target = new MemoryBucket();
  const store = await LsmStore.open(storeOf(source), { compaction: "off" });
  const rows = (from: number): Record<string, string> =>
    Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`k${from + n}`, `v${n}`]),
    );
  for (let flush = 0; flush < 5; flush++) {
    await put(store, rows(flush * 1000));
    await store.flush();
  }
  await store.createCheckpoint("monday");
  const first = await backup(storeOf(source), storeOf(target));
  assert(first.objects > 6 && first.kept === 0);
  await put(store, rows(9000));
  await store.flush();
  const second = await backup(storeOf(source), storeOf(target));
  assertEquals(second.kept, 5);
  assert(second.bytes < first.bytes / 2, `${second.bytes} of ${first.bytes}`);
  const then = await LsmStore.open(storeOf(target), { checkpoint: "monday" });
  assertEquals((await contentsOf(then)).length, 2500);
  await then.close();
  await store.dropCheckpoint("monday");
  await store.compact();
  const third = await backup(storeOf(source), storeOf(target));
  assert(third.pruned > 5, `${third.pruned} pruned`);
  assertEquals((await fsck(storeOf(target))).orphanCount, 0);
  assertEquals(await contentsIn(target), await contentsOf(store));
  assertEquals(
    target.paths().filter((path) => path.startsWith("sst/")).length,
    store.manifest.levels.flat().length,
  );
  await store.close();
});

Deno.test("a copy that was broken off goes on where it was; the target opens as before until it is whole", async () => {
  const source = new MemoryBucket();
  const target = new MemoryBucket();
  const store = await LsmStore.open(storeOf(source), { compaction: "off" });
  for (let flush = 0; flush < 6; flush++) {
    await put(store, { [`k${flush}`]: "v" });
    await store.flush();
  }
  const stop = new AbortController();
  await assertRejects(
    () =>
      backup(storeOf(source), storeOf(target), {
        signal: stop.signal,
        onProgress: ({ objects }) => {
          if (objects === 3) stop.abort(new Error("enough"));
        },
      }),
    Error,
    "enough",
  );
  assert(!target.paths().some((path) => path.startsWith("manifest/")));
  const report = await backup(storeOf(source), storeOf(target));
  assert(report.kept >= 3, `${report.kept} kept`);
  assertEquals(await contentsIn(target), await contentsOf(store));
  await store.close();
});

Deno.test("a target that is a database of its own, or a copy of another, is refused and left alone", async () => {
  const make = async (rows: Record<string, string>): Promise<MemoryBucket> => {
    const bucket = new MemoryBucket();
    const store = await LsmStore.open(storeOf(bucket));
    await put(store, rows);
    await store.close();
    return bucket;
  };
  const one = await make({ a: "1" });
  const other = await make({ b: "2" });
  const copy = new MemoryBucket();
  await backup(storeOf(one), storeOf(copy));
  for (const [from, to] of [[one, other], [other, copy]] as const) {
    const before = to.paths();
    const error = await assertRejects(
      () => backup(storeOf(from), storeOf(to)),
      KriyaError,
      "Cannot copy into",
    );
    assertEquals(error.kind, "invalid");
    assertEquals(to.paths(), before);
  }
  // Once it is written to, a copy is a database of its own.
  await (await LsmStore.open(storeOf(copy))).close();
  await assertRejects(
    () => backup(storeOf(one), storeOf(copy)),
    KriyaError,
    "a database of its own",
  );
  await assertRejects(
    () => backup(storeOf(new MemoryBucket()), storeOf(new MemoryBucket())),
    KriyaError,
    "There is no database",
  );
});

Deno.test("[L-026] damage in a copy is found when it is read back, and nothing of the earlier one is deleted", async () => {
  const source = new MemoryBucket();
  const target = new MemoryBucket();
  const store = await LsmStore.open(storeOf(source), { compaction: "off" });
  await put(store, { a: "1" });
  await store.flush();
  await backup(storeOf(source), storeOf(target));
  const path = target.paths().find((path) => path.startsWith("sst/"))!;
  const damaged = target.object(path)!.bytes.slice();
  damaged[10]! ^= 1;
  target.set(path, damaged, 0);
  const before = target.paths();
  await put(store, { b: "2" });
  const error = await assertRejects(
    () => backup(storeOf(source), storeOf(target)),
    KriyaError,
    path,
  );
  assertEquals(error.kind, "corrupt");
  for (const each of before) assert(target.object(each) !== undefined, each);
  await store.close();
});
