import { assertEquals, assertMatch } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";

async function plan(db: Database, sql: string): Promise<string> {
  const { rows } = await db.query<Record<string, string>>(`EXPLAIN ${sql}`);
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

/** A table in which nine rows in ten, or one in a thousand, are `open`. */
async function fill(db: Database, share: string): Promise<void> {
  await db.exec(`
    DROP TABLE IF EXISTS jobs;
    CREATE TABLE jobs (id int PRIMARY KEY, state text, at int);
    CREATE INDEX jobs_state ON jobs (state);
    INSERT INTO jobs SELECT n, CASE WHEN ${share} THEN 'open' ELSE 'done' END,
      CASE WHEN n % 2 = 0 THEN n END FROM generate_series(1, 5000) n;
    ANALYZE jobs`);
}

const OPEN = "SELECT * FROM jobs WHERE state = 'open'";

Deno.test("[L-195] a plan flips when the distribution of values does", async () => {
  await using db = await open("memory:");
  await fill(db, "n % 10 > 0");
  assertMatch(await plan(db, OPEN), /Seq Scan.*rows=4500/);
  await fill(db, "n % 1000 = 0");
  assertMatch(await plan(db, OPEN), /jobs_state[^]*rows=5 /);
});

Deno.test("a cached plan is made anew after ANALYZE", async () => {
  await using db = await open("memory:");
  await fill(db, "n % 10 > 0");
  await plan(db, OPEN);
  await db.exec("DELETE FROM jobs WHERE state = 'open' AND id > 5");
  await db.exec("ANALYZE jobs");
  assertMatch(await plan(db, OPEN), /rows=5 /);
});

Deno.test("[L-198] estimates of ranges, NULL and lists are those of the data", async () => {
  await using db = await open("memory:");
  await fill(db, "n % 10 > 0");
  for (
    const [condition, least, most] of [
      ["at < 501", 240, 260],
      ["at BETWEEN 1000 AND 2000", 490, 510],
      ["at IS NULL", 2500, 2500],
      ["at IS NOT NULL", 2500, 2500],
      ["state <> 'open'", 500, 500],
      ["state IN ('open', 'done')", 5000, 5000],
      ["state = NULL", 1, 1],
    ] as const
  ) {
    const text = await plan(db, `SELECT * FROM jobs WHERE ${condition}`);
    const rows = Number(/rows=(\d+)/.exec(text)![1]);
    assertEquals(
      rows >= least && rows <= most,
      true,
      `${condition}: ${rows}\n${text}`,
    );
  }
});

Deno.test("statistics are there after reopening, and for readers", async () => {
  const { bucket } = new MemoryStore();
  {
    const store = new MemoryStore({ bucket });
    await using db = await open("memory:", { store });
    await fill(db, "n % 10 > 0");
  }
  for (const readOnly of [true, false]) {
    const store = new MemoryStore({ bucket });
    await using db = await open("memory:", { store, readOnly });
    assertMatch(await plan(db, OPEN), /Seq Scan.*rows=4500/);
    const { rows } = await db.query(
      `SELECT n_distinct, most_common_vals FROM pg_stats
        WHERE tablename = 'jobs' AND attname = 'state'`,
    );
    assertEquals(rows, [{ n_distinct: 2, most_common_vals: "{open,done}" }]);
  }
});

Deno.test("ANALYZE is in nobody's way who writes rows", async () => {
  await using db = await open("memory:");
  await fill(db, "n % 10 > 0");
  await db.transaction(async (tx) => {
    await tx.query("INSERT INTO jobs VALUES (0, 'new', 1)");
    await db.session().query("ANALYZE jobs");
  });
  const { rows } = await db.query("SELECT state FROM jobs WHERE id = 0");
  assertEquals(rows, [{ state: "new" }]);
});
