import { assert, assertEquals } from "@std/assert";
import { type Database, open, type StoreEvent } from "../../mod.ts";

/** Two columns that say the same of 10,000 rows: nobody expects a fifth of them. */
async function opened(
  settings?: Record<string, string>,
  onEvent?: (event: StoreEvent) => void,
): Promise<Database> {
  const db = await open("memory:", {
    onEvent,
    settings: { autovacuum: "off", ...settings },
  });
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, a int, b int);
    CREATE TABLE u (id int PRIMARY KEY, t int, note text);
    INSERT INTO t SELECT n, n % 5, n % 5 FROM generate_series(1, 10000) n;
    INSERT INTO u SELECT n, n, 'note' FROM generate_series(1, 10000) n;
    CREATE INDEX ON t (a);
    CREATE INDEX ON u (t)`);
  return db;
}

async function planOf(db: Database, text: string): Promise<string> {
  const { rows } = await db.query(`EXPLAIN (COSTS OFF) ${text}`);
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

const BOTH = "SELECT count(*) FROM t WHERE a = 1 AND b = 1";

Deno.test("lsm_plan_quality shows what nodes were expected to give, and what they gave", async () => {
  await using db = await opened();
  for (let run = 0; run < 2; run++) await db.query(BOTH);
  const { rows } = await db.query(
    `SELECT node, schemaname, relname, condition, estimated_rows, actual_rows,
      q_error, max_q_error, calls, last_seen <= now() AS seen
    FROM lsm_plan_quality WHERE query = $1 ORDER BY max_q_error DESC`,
    [BOTH],
  );
  assertEquals(rows[0], {
    node: "Index Scan",
    schemaname: "public",
    relname: "t",
    condition: "((a = 1) AND (b = 1))",
    estimated_rows: 1,
    actual_rows: 2000,
    q_error: 2000,
    max_q_error: 2000,
    calls: 1,
    seen: true,
  });
  // The next run was planned for what the first had seen.
  const scan = rows.find(({ relname, q_error }) =>
    relname === "t" && q_error === 1
  );
  assertEquals(scan?.actual_rows, 2000);
});

Deno.test("lsm_plan_quality counts no node that was not read to its end, nor tables of the system", async () => {
  await using db = await opened();
  await db.query("SELECT id FROM t WHERE b >= 0 LIMIT 3");
  await db.query("SELECT count(*) FROM pg_class");
  await db.query("SELECT id FROM t WHERE id = 3");
  const { rows } = await db.query("SELECT * FROM lsm_plan_quality");
  assertEquals(rows, []);
});

Deno.test("lsm_plan_quality looks at the first runs of a statement and few later, and keeps 1000 nodes", async () => {
  await using db = await opened({ "lsm_s3.plan_adapt_factor": "0" });
  const some = "SELECT count(*) FROM u WHERE id < 50";
  for (let run = 0; run < 70; run++) await db.query(some);
  const { rows } = await db.query(
    "SELECT DISTINCT calls FROM lsm_plan_quality WHERE query = $1",
    [some],
  );
  assertEquals(rows, [{ calls: 4 }]);
  for (let n = 0; n < 30; n++) {
    const part = `SELECT count(*) FROM u WHERE id < 5 AND t <> ${n}`;
    await db.query(new Array<string>(20).fill(part).join(" UNION ALL "));
  }
  const kept = await db.query<{ count: number; gone: boolean }>(
    `SELECT count(*), NOT bool_or(query = $1) AS gone FROM lsm_plan_quality`,
    [some],
  );
  assertEquals(kept.rows, [{ count: 1000, gone: true }]);
});

Deno.test("onEvent is told of an estimate that is off by a factor, once, unless it is switched off", async () => {
  const told: StoreEvent[] = [];
  await using db = await opened({}, (event) => told.push(event));
  for (const [factor, b] of [["0", 1], ["5000", 1], ["100", 2]] as const) {
    await db.query(`SET lsm_s3.plan_quality_log_factor = ${factor}`);
    for (let run = 0; run < 3; run++) {
      await db.query(`SELECT count(*) FROM t WHERE a = ${b} AND b = ${b}`);
    }
    await Promise.resolve();
    assertEquals(told.length, factor === "100" ? 1 : 0, factor);
  }
  assertEquals(told[0]!.name, "plan estimate off");
  assertEquals(
    told[0]!.detail,
    "Index Scan on t ((a = 2) AND (b = 2)): 1 rows were expected, " +
      "2000 came: SELECT count(*) FROM t WHERE a = 2 AND b = 2",
  );
  const { events } = db.status().store as { events: Record<string, number> };
  assertEquals(events["plan estimate off"], 1);
});

Deno.test("[O-008] a plan that met far more rows than expected is made anew for them, until ANALYZE or ALTER TABLE", async () => {
  await using db = await opened();
  const query =
    "SELECT count(*) FROM t JOIN u ON u.t = t.id WHERE t.a = 1 AND t.b = 1";
  const before = await planOf(db, query);
  assert(/Nested Loop/.test(before), before);
  const { rows } = await db.query(query);
  assertEquals(rows, [{ count: 2000 }]);
  const after = await planOf(db, query);
  assert(/Hash Join|Merge Join/.test(after), after);
  assertEquals((await db.query(query)).rows, rows);
  // What is known of both conditions is known of a part of them.
  const part = await db.query("EXPLAIN SELECT FROM t WHERE b = 1");
  assert(/rows=2000 /.test(String(part.rows[0]!["QUERY PLAN"])));
  await db.query("SET lsm_s3.plan_adapt_factor = 0");
  assertEquals(await planOf(db, query), before);
  await db.query("RESET lsm_s3.plan_adapt_factor");
  assertEquals(await planOf(db, query), after);
  await db.query("ALTER TABLE t ADD COLUMN c int");
  assertEquals(await planOf(db, query), before);
});

Deno.test("[O-008] a cached plan follows what its scans give, and ANALYZE forgets what was seen", async () => {
  await using db = await opened({ "lsm_s3.plan_adapt_factor": "4" });
  await db.query(BOTH);
  const shown = async (): Promise<string> => {
    const { rows } = await db.query(`EXPLAIN ${BOTH}`);
    return /rows=(\d+) /.exec(
      rows.map((row) => row["QUERY PLAN"]).slice(1).join("\n"),
    )![1]!;
  };
  assertEquals(await shown(), "2000");
  await db.query("ANALYZE t");
  assertEquals(await shown(), "400");
  await db.query(BOTH);
  assertEquals(await shown(), "2000");
  // Fewer rows than were seen: it is seen again.
  await db.query("DELETE FROM t WHERE a = 1 AND b = 1 AND id > 50");
  await db.query(BOTH);
  assertEquals((await db.query(BOTH)).rows, [{ count: 10 }]);
  assert(Number(await shown()) < 100);
});
