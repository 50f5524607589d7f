import { assert, assertEquals } from "@std/assert";
import { open, SharedCache } from "../mod.ts";
import { type FetchRows, remoteTable } from "./remote_table.ts";
import { refreshView } from "./refreshed_view.ts";
import { askInWorker } from "./shared_readers.ts";
import { logSlowQueries } from "./slow_queries.ts";

Deno.test("[O-171] the example's log has slow statements with their plans", async () => {
  await using db = await open("memory:");
  const lines: string[] = [];
  using _log = logSlowQueries(db, 0, (line) => lines.push(line));
  await db.query("SELECT generate_series(1, 3)");
  assert(/^\d+\.\d ms, 3 rows: SELECT generate_series/.test(lines[0]!));
  assert(lines.some((line) => line.includes("ProjectSet")), lines.join("\n"));
});

Deno.test("[O-174] the example's view is kept fresh", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE sales (amount int);
    CREATE MATERIALIZED VIEW total AS
      SELECT coalesce(sum(amount), 0)::int AS amount FROM sales`);
  await using worker = refreshView(db, "total", 5);
  await db.query("INSERT INTO sales VALUES (10), (20)");
  const total = async (): Promise<unknown> =>
    (await db.query("SELECT amount FROM total")).rows[0]?.["amount"];
  const until = performance.now() + 10_000;
  while (await total() !== 30 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(await total(), 30);
  await worker.stop();
  assertEquals(worker.status.state, "ended");
});

Deno.test("[O-173] the example's table asks elsewhere for what a query wants", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE weather (city text, day int, degrees float8)");
  const asked: string[] = [];
  const days = 40;
  const fetchRows: FetchRows = async function* (
    equal,
    limit,
  ): ReturnType<FetchRows> {
    asked.push(JSON.stringify({ equal, limit }));
    const count = Math.min(limit ?? days, days);
    for (let from = 0; from < count; from += 10) {
      yield Array.from(
        { length: Math.min(10, count - from) },
        (_, i) => ({ city: equal["city"], day: from + i, degrees: i / 2 }),
      );
    }
  };
  using _weather = remoteTable(db, "weather", fetchRows);
  const { rows } = await db.query(
    "SELECT day FROM weather WHERE city = $1 AND degrees > 4 ORDER BY day",
    ["Pune"],
  );
  assertEquals(rows.map(({ day }) => day), [9, 19, 29, 39]);
  const few = "SELECT count(*)::int AS n FROM (SELECT * FROM weather " +
    "WHERE city = 'Pune' LIMIT 3)";
  assertEquals((await db.query(few)).rows, [{ n: 3 }]);
  assertEquals(asked, [
    '{"equal":{"city":"Pune"}}',
    '{"equal":{"city":"Pune"},"limit":3}',
  ]);
});

Deno.test("[O-175] the example's Workers read a bucket through one cache in shared memory", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const address = `file:${folder}`;
    {
      await using db = await open(address);
      await db.exec(`
        CREATE TABLE items (id int PRIMARY KEY, note text);
        INSERT INTO items
          SELECT n, md5(n::text) FROM generate_series(1, 2000) n`);
      await db.query("SELECT lsm_s3_flush()");
    }
    const cache = SharedCache.create({ bytes: 4 * 1024 * 1024 });
    {
      await using db = await open(address, {
        readOnly: true,
        sharedCache: cache,
      });
      await db.query("SELECT count(DISTINCT note) FROM items");
    }
    const { misses } = cache.statistics;
    const { rows, bytesRead } = await askInWorker({
      address,
      cache: cache.handle,
      text: "SELECT max(note) AS last, sum(id)::int AS sum FROM items",
    });
    assertEquals(rows[0]?.["sum"], 2001000);
    // The manifest's pointer and the log; nothing of tables.
    assert(bytesRead < 4000, `${bytesRead} bytes`);
    assertEquals(cache.statistics.misses, misses);
    assert(cache.statistics.hits > 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
