/**
 * A table of 1,000,000 rows (`BENCH_ROWS` for others) scanned, grouped and sorted by
 * one thread, and by two: times by the clock, as that is what a second thread is for.
 * The two take turns; the least of each is reported. Noted besides, where the system
 * tells it: the processor time of the busiest thread, which is what the clock would
 * say on a machine that has nothing else to do.
 *
 * @module
 */
import { open } from "../mod.ts";
import type { BenchResult } from "./harness.ts";

const ROWS = Number(Deno.env.get("BENCH_ROWS") ?? 1_000_000);
const TURNS = 5;

const QUERIES: readonly (readonly [string, string])[] = [
  [
    "parallel-scan",
    "SELECT count(*), sum(price), avg(price) FROM items WHERE price BETWEEN 1000 AND 8000",
  ],
  [
    "parallel-group",
    "SELECT price % 100 AS g, count(*), sum(amount), max(name) FROM items GROUP BY g",
  ],
  [
    "parallel-filter",
    "SELECT id, name FROM items WHERE name LIKE '%77%' AND amount > 100",
  ],
  ["parallel-sort", "SELECT name, id FROM items ORDER BY name, id"],
];

/** Milliseconds that each thread of the process has had a processor so far. */
function threadTimes(): Map<string, number> {
  const times = new Map<string, number>();
  if (Deno.build.os !== "linux") return times;
  for (const { name } of Deno.readDirSync("/proc/self/task")) {
    const path = `/proc/self/task/${name}/schedstat`;
    times.set(name, Number(Deno.readTextFileSync(path).split(" ")[0]) / 1e6);
  }
  return times;
}

/** What the busiest thread had since. */
function busiest(before: ReadonlyMap<string, number>): number {
  return Math.max(
    0,
    ...[...threadTimes()].map(([name, ms]) => ms - (before.get(name) ?? 0)),
  );
}

/** Runs the benchmark. */
export async function parallelSweep(
  note: (text: string) => void,
): Promise<BenchResult[]> {
  const db = await open("memory:");
  await db.exec(
    `CREATE TABLE items (id int, price int, amount numeric(10, 2), name text);
     INSERT INTO items SELECT i, i::bigint * 7919 % 10000, (i::bigint * 31 % 100000) / 100.0,
       md5(i::text) FROM generate_series(1, ${ROWS}) i;
     ANALYZE items;
     SET work_mem = '1GB'`,
  );
  await db.query("SELECT lsm_s3_flush()");
  note(`${ROWS} rows in memory, ${navigator.hardwareConcurrency} processors`);
  const results: BenchResult[] = [];
  for (const [workload, sql] of QUERIES) {
    const least = [Infinity, Infinity];
    const busy = [Infinity, Infinity];
    for (let turn = 0; turn < TURNS; turn++) {
      for (const workers of [0, 1]) {
        await db.exec(`SET max_parallel_workers_per_gather = ${workers};
          SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0`);
        const before = threadTimes();
        const start = performance.now();
        await db.query(sql, [], { rowMode: "array" });
        const ms = performance.now() - start;
        least[workers] = Math.min(least[workers]!, ms);
        busy[workers] = Math.min(busy[workers]!, busiest(before));
      }
    }
    const [alone, shared] = least as [number, number];
    note(
      `${workload}: ${alone.toFixed(0)} ms, ${shared.toFixed(0)} ms; ` +
        `busiest thread ${busy.map((ms) => ms.toFixed(0)).join(", ")} ms`,
    );
    results.push({
      bench: "parallel",
      workload,
      ours: 1000 / shared,
      peer: "one thread",
      peerValue: 1000 / alone,
      unit: "queries/s",
      ratio: alone / shared,
      target: 1.3,
    });
  }
  await db.close();
  return results;
}
