/**
 * What the storage engine takes: room on the disk, and the patience of those
 * who read and write while it compacts.
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder, folderBytes } from "../cache.ts";
import type { LimitWorkload } from "../harness.ts";
import {
  installKvPeers,
  KvEntries,
  openClassicLevel,
  type OpenKv,
  openOurKv,
} from "../kv_engines.ts";
import { randomNumbers, shuffled } from "../random.ts";

const ENTRIES = 500_000;
const BATCH = 1000;

/** Bytes on the disk after a load in random order, closed. */
async function loadedBytes(open: OpenKv): Promise<number> {
  const folder = await Deno.makeTempDir({ dir: dataFolder(), prefix: "kv-" });
  const entries = new KvEntries(ENTRIES);
  const engine = await open(join(folder, "db"), entries);
  const order = shuffled(ENTRIES, randomNumbers(5));
  for (let i = 0; i < ENTRIES; i += BATCH) {
    await engine.putBatch(order.subarray(i, i + BATCH));
  }
  await engine.settle();
  await engine.close();
  const bytes = await folderBytes(folder);
  await Deno.remove(folder, { recursive: true });
  return bytes;
}

/** Room on the disk, as a share of LevelDB's. */
export const kvDisk: LimitWorkload = {
  name: "kv-disk",
  unit: "x classic-level",
  limit: 1,
  turns: 1,
  prepare: installKvPeers,
  measure: async () =>
    await loadedBytes(openOurKv) / await loadedBytes(openClassicLevel),
};

const STALL_ENTRIES = 2_000_000;
const SAMPLES = 4000;

/** The 99th percentile of how long a get and a durable put take, in ms. */
async function slowOnes(
  get: () => unknown,
  put: () => Promise<unknown>,
  goOn: () => boolean,
): Promise<{ get: number; put: number; samples: number }> {
  const gets: number[] = [];
  const puts: number[] = [];
  while (gets.length < SAMPLES && goOn()) {
    let start = performance.now();
    const got = get();
    if (got instanceof Promise) await got;
    gets.push(performance.now() - start);
    start = performance.now();
    await put();
    puts.push(performance.now() - start);
  }
  const p99 = (times: number[]): number =>
    times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
  return { get: p99(gets), put: p99(puts), samples: gets.length };
}

/** How much slower the slowest hundredth is while the store compacts. */
async function measureStalls(): Promise<number> {
  const { FileStore, LsmStore, WriteBatch } = await import(
    "../../storage/mod.ts"
  );
  const folder = await Deno.makeTempDir({ dir: dataFolder(), prefix: "kv-" });
  const objects = await FileStore.open(folder);
  const store = await LsmStore.open(objects, {
    memtableBytesMax: 16 * 1024 * 1024,
    l0CompactionTrigger: 1000,
    l0StopTrigger: 2000,
  }, { exclusive: true });
  const entries = new KvEntries(STALL_ENTRIES);
  const order = shuffled(STALL_ENTRIES, randomNumbers(5));
  for (let i = 0; i < STALL_ENTRIES; i += BATCH) {
    const batch = new WriteBatch();
    for (const at of order.subarray(i, i + BATCH)) {
      batch.put(entries.keys[at]!, entries.value(at));
    }
    await store.write(batch, { durability: "periodic" });
  }
  await store.flush();
  const random = randomNumbers(3);
  const some = (): number => Math.floor(random() * STALL_ENTRIES);
  const get = (): unknown => store.get(entries.keys[some()]!);
  const put = (): Promise<unknown> => {
    const at = some();
    const batch = new WriteBatch();
    batch.put(entries.keys[at]!, entries.value(at));
    return store.write(batch);
  };
  await slowOnes(get, put, () => true);
  const quiet = await slowOnes(get, put, () => true);
  let compacting = true;
  const compaction = store.compact().finally(() => compacting = false);
  const busy = await slowOnes(get, put, () => compacting);
  await compaction;
  await store.close();
  await objects.close();
  await Deno.remove(folder, { recursive: true });
  console.error(
    `p99 of a get ${quiet.get.toFixed(3)} ms quiet, ${
      busy.get.toFixed(3)
    } busy; of a put ${quiet.put.toFixed(2)}, ${
      busy.put.toFixed(2)
    } (${busy.samples} samples)`,
  );
  return Math.max(busy.get / quiet.get, busy.put / quiet.put);
}

/** The slowest hundredth while the store compacts, beside the same at rest. */
export const kvStalls: LimitWorkload = {
  name: "kv-stalls",
  unit: "x quiet",
  limit: 5,
  turns: 1,
  measure: measureStalls,
};
