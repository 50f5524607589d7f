import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { bytes, contentsOf, put } from "../../tests/support/lsm_contents.ts";
import { MemoryBucket, MemoryStore } from "../object_store/memory_store.ts";
import { fsck } from "./fsck.ts";
import { LsmStore } from "./lsm_store.ts";
import type { LsmOptions } from "./options.ts";
import { WriteBatch } from "./write_batch.ts";

/** Merges run when they are asked for. */
const ASKED: LsmOptions = { compaction: "off", flushIntervalMs: 0 };

const ROWS = 6000;

/** Rows of a kilobyte that does not shrink. */
function rowsOf(random: SeededRandom, share: number): Record<string, string> {
  const rows: Record<string, string> = {};
  for (let i = 0; i < ROWS; i++) {
    if (!random.chance(share)) continue;
    let value = "";
    while (value.length < 1000) value += random.uint32().toString(36);
    rows[`key ${10_000 + i}`] = value;
  }
  return rows;
}

/** A store with three overlapping tables, 12 MB, and what is in it. */
async function makeStore(
  bucket: MemoryBucket,
): Promise<{ store: LsmStore; model: Map<string, string> }> {
  const random = new SeededRandom("thread");
  const store = await LsmStore.open(new MemoryStore({ bucket }), ASKED);
  const model = new Map<string, string>();
  for (const share of [1, 0.7, 0.4]) {
    const rows = rowsOf(random, share);
    await put(store, rows);
    for (const [key, value] of Object.entries(rows)) model.set(key, value);
    await store.flush();
  }
  return { store, model };
}

function sorted(model: ReadonlyMap<string, string>): [string, string][] {
  return [...model].toSorted(([a], [b]) => a < b ? -1 : 1);
}

Deno.test("[L-056] a large merge runs in a Worker while the store is written, and loses nothing", async () => {
  const bucket = new MemoryBucket();
  const { store, model } = await makeStore(bucket);
  const before = await store.snapshot();
  const then = sorted(model);
  let merging = true;
  const merged = store.compact().finally(() => merging = false);
  let writes = 0;
  while (merging) {
    const key = `key ${10_000 + (writes * 37) % ROWS}`;
    const batch = new WriteBatch();
    if (writes % 5 === 0) {
      batch.delete(bytes(key));
      model.delete(key);
    } else {
      batch.put(bytes(key), bytes(`new ${writes}`));
      model.set(key, `new ${writes}`);
    }
    await store.write(batch);
    await new Promise((resolve) => setTimeout(resolve, 1));
    writes++;
  }
  await merged;
  assert(writes > 5, `${writes} writes`);
  assertEquals(store.status().compaction!.inWorker, 1);
  assertEquals(await contentsOf(store), sorted(model));
  assertEquals(await contentsOf(store, { snapshot: before }), then);
  before.release();
  await store.flush();
  await store.compact();
  assertEquals(store.manifest.levels[0], []);
  await store.close();
  const report = await fsck(new MemoryStore({ bucket }));
  assertEquals(report.problems, []);
  assertEquals(report.orphanCount, 0);
  const again = await LsmStore.open(new MemoryStore({ bucket }), ASKED);
  assertEquals(await contentsOf(again), sorted(model));
  await again.close();
});

Deno.test("closing ends a merge in the Worker at once; what it left is collected, nothing is lost", async () => {
  const bucket = new MemoryBucket();
  const { store, model } = await makeStore(bucket);
  const merging = store.compact();
  merging.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 30));
  await store.close();
  await assertRejects(() => merging, KriyaError, "closed");
  const again = await LsmStore.open(new MemoryStore({ bucket }), ASKED);
  assertEquals(await contentsOf(again), sorted(model));
  await again.collectGarbage();
  await again.close();
  const report = await fsck(new MemoryStore({ bucket }));
  assertEquals([report.ok, report.orphanCount], [true, 0]);
});

Deno.test({
  name: "without the permission to load a Worker large merges run here",
  permissions: { read: false, import: false },
  fn: async () => {
    const { store, model } = await makeStore(new MemoryBucket());
    await store.compact();
    const { compactions, inWorker, error } = store.status().compaction!;
    assertEquals([compactions, inWorker, error], [1, 0, undefined]);
    assertEquals(await contentsOf(store), sorted(model));
    await store.close();
  },
});
