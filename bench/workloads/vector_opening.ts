/**
 * From a closed database of 100,000 GloVe vectors with an index to the nearest
 * of the first query, in a new process: on S3's latency and bandwidth, simulated
 * (`testing/s3_latency.ts`) over a folder, with nothing kept on disk; and from
 * the folder. Our code is loaded before.
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder, exists } from "../cache.ts";
import type { LimitWorkload } from "../harness.ts";
import { DATA } from "../vectors/data_sets.ts";

const ROWS = 100_000;
const BATCH = 500;

/** Where the database is. */
export function openingFolder(): string {
  return join(dataFolder(), "opening-glove");
}

/** Fills it, unless it is there. */
export async function prepareOpening(): Promise<void> {
  await DATA.glove.prepare();
  if (exists(`${openingFolder()}.done`)) return;
  const { open } = await import("../../mod.ts");
  await using db = await open(`file:${openingFolder()}`);
  const data = DATA.glove.load();
  await db.exec(
    `DROP TABLE IF EXISTS words;
    CREATE TABLE words (id int PRIMARY KEY, e vector(${data.dimensions}))`,
  );
  for (let from = 0; from < ROWS; from += BATCH) {
    await db.transaction(async (tx) => {
      for (let id = from; id < from + BATCH; id++) {
        await tx.query("INSERT INTO words VALUES ($1, $2)", [
          id,
          data.vector(id),
        ]);
      }
    });
  }
  console.error("building the index");
  await db.exec(
    "CREATE INDEX ON words USING lsm_hnsw (e lsm_vector_cosine_ops)",
  );
  await db.settle();
  await Deno.writeTextFile(`${openingFolder()}.done`, "");
}

/** Ms from opening to an answer; `slow`: what comes from the folder is late. */
async function measure(slow: boolean): Promise<number> {
  const { open } = await import("../../mod.ts");
  const { FileStore } = await import("../../storage/mod.ts");
  const { FaultyStore } = await import("../../testing/mod.ts");
  const query = DATA.glove.load().query(0);
  {
    // The grammar and the kernels are compiled once.
    await using warm = await open("memory:");
    await warm.exec(
      "CREATE TABLE t (e vector(2)); CREATE INDEX ON t USING lsm_hnsw (e)",
    );
    await warm.query("SELECT * FROM t ORDER BY e <-> '[1,2]' LIMIT 1");
  }
  const files = await FileStore.open(openingFolder());
  const store = slow
    ? new FaultyStore(files, { seed: 1, latencyMs: "s3" })
    : files;
  const start = performance.now();
  const db = await open("memory:", { store, readOnly: slow });
  const { rows } = await db.query(
    "SELECT id FROM words ORDER BY e <=> $1 LIMIT 10",
    [query],
  );
  const elapsedMs = performance.now() - start;
  await db.close();
  if (rows.length !== 10) throw new Error(`${rows.length} rows, not 10`);
  return elapsedMs;
}

/** Cold from a bucket, and again from a local disk. */
export const vectorOpening: readonly LimitWorkload[] = [
  {
    name: "vectors-cold-s3",
    unit: "ms",
    limit: 400,
    turns: 3,
    prepare: prepareOpening,
    measure: () => measure(true),
  },
  {
    name: "vectors-reopen",
    unit: "ms",
    limit: 100,
    turns: 3,
    prepare: prepareOpening,
    measure: () => measure(false),
  },
];
