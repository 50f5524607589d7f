/**
 * Statements that hold more than `work_mem`: their rows go into temporary files, and
 * what comes out is what comes out of memory. Nothing is left of the files, however a
 * statement ends.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Database, MemoryScratch, open, SqlError } from "../../mod.ts";

const ROWS = 12_000;

/** Statements, by what spills; each gives its rows in an order of its own. */
const STATEMENTS: Readonly<Record<string, string>> = {
  "a sort": "SELECT id, k, s, v FROM t ORDER BY k DESC, s, id",
  "a sort by several types":
    "SELECT id, d, n, b FROM t ORDER BY n NULLS FIRST, d DESC, b, id",
  "a large top-N": "SELECT id, s FROM t ORDER BY s, id LIMIT 9000 OFFSET 4000",
  "groups":
    "SELECT k, count(*), sum(v), min(s), avg(n) FROM t GROUP BY k ORDER BY k",
  "groups by several columns":
    "SELECT k, s, count(*), sum(v) FROM t GROUP BY k, s ORDER BY k, s",
  "grouping sets":
    "SELECT k, s, count(*) c, grouping(k, s) g FROM t GROUP BY CUBE (k, s) ORDER BY g, k, s",
  "groups with filters and distinct":
    "SELECT k, count(DISTINCT v % 5), count(*) FILTER (WHERE b) FROM t GROUP BY k ORDER BY k",
  "distinct rows": "SELECT DISTINCT k, s FROM t ORDER BY k, s",
  "an inner join":
    "SELECT t.id, u.id x FROM t JOIN u ON t.k = u.k AND t.v <> u.w ORDER BY 1, 2",
  "a left join":
    "SELECT t.id, u.s x FROM t LEFT JOIN u ON t.id = u.w ORDER BY 1, 2",
  "a full join":
    "SELECT t.id, u.id x FROM t FULL JOIN u ON t.id = u.w AND u.id % 3 = 0 ORDER BY 1, 2",
  "a semi-join":
    "SELECT id FROM t WHERE EXISTS (SELECT FROM u WHERE u.w = t.id AND u.id > 9) ORDER BY id",
  "an anti-join":
    "SELECT id FROM t WHERE NOT EXISTS (SELECT FROM u WHERE u.w = t.id) ORDER BY id",
  "a left join by rows of one key":
    "SELECT a.id, count(b.id), min(b.s) FROM (SELECT * FROM t WHERE id < 50) a LEFT JOIN u b ON a.one = b.one AND a.v * 70 < b.w GROUP BY a.id ORDER BY 1",
  "an anti-join by rows of one key":
    "SELECT id FROM (SELECT * FROM t WHERE id < 50) a WHERE NOT EXISTS (SELECT FROM u b WHERE a.one = b.one AND a.v + 1 = b.w + b.id % 2) ORDER BY 1",
  "a full join without keys":
    "SELECT a.id, count(b.id), min(b.s) FROM (SELECT * FROM t WHERE id < 20) a FULL JOIN u b ON a.v < b.w AND b.w < a.v + 4 GROUP BY a.id ORDER BY 1",
  "a union": "SELECT k, s FROM t UNION SELECT k, s FROM u ORDER BY 1, 2",
  "an intersection":
    "SELECT k, s FROM t INTERSECT SELECT k, s FROM u ORDER BY 1, 2",
  "an intersection of all":
    "SELECT k, s FROM t INTERSECT ALL SELECT k, s FROM u ORDER BY 1, 2",
  "a difference": "SELECT k, s FROM t EXCEPT SELECT k, s FROM u ORDER BY 1, 2",
  "a difference of all":
    "SELECT k, s FROM t EXCEPT ALL SELECT k, s FROM u ORDER BY 1, 2",
  "a query of WITH that is read twice":
    "WITH q AS MATERIALIZED (SELECT * FROM t) SELECT a.id, b.s x FROM q a, q b WHERE a.id = b.v ORDER BY 1, 2",
  "a recursion":
    "WITH RECURSIVE r(n, s) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, md5(n::text) FROM r WHERE n < 3000) SELECT n, s FROM r ORDER BY s",
  "windows":
    "SELECT id, row_number() OVER w, sum(v) OVER w, lag(s) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY s, id) ORDER BY id",
};

async function filled(scratch: MemoryScratch): Promise<Database> {
  const db = await open("memory:", { temporaryFiles: scratch });
  await db.query(
    "CREATE TABLE t (id int PRIMARY KEY, k int, s text, v int, n numeric, d date, b boolean, one int)",
  );
  await db.query(
    "CREATE TABLE u (id int PRIMARY KEY, k int, s text, w int, one int)",
  );
  await db.query(
    `INSERT INTO t SELECT i, i * 7919 % 3001, 'text ' || i * 31 % 997, i * 13 % 800,
     CASE WHEN i % 11 = 0 THEN NULL ELSE i * 17 % 501 / 4.0 END,
     date '2026-01-01' + i * 5 % 300, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN true ELSE false END, 1
     FROM generate_series(1, ${ROWS}) i`,
  );
  await db.query(
    `INSERT INTO u SELECT i, i * 101 % 3001, 'text ' || i * 7 % 997, i * 3 % 70001, 1
     FROM generate_series(1, ${ROWS}) i`,
  );
  return db;
}

/** What EXPLAIN ANALYZE says of a statement. */
async function analyzed(db: Database, sql: string): Promise<string> {
  const { rows } = await db.query(`EXPLAIN (ANALYZE, COSTS OFF) ${sql}`);
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

Deno.test("statements that spill give what memory gives, and leave no file", async (t) => {
  const scratch = new MemoryScratch();
  await using db = await filled(scratch);
  for (const [name, sql] of Object.entries(STATEMENTS)) {
    await t.step(name, async () => {
      await db.query("SET work_mem = '256MB'");
      const expected = (await db.query(sql, [], { rowMode: "array" })).rows;
      assert(expected.length > 0);
      await db.query("SET work_mem = '64kB'");
      const rows = (await db.query(sql, [], { rowMode: "array" })).rows;
      assertEquals(rows, expected);
      assertMatch(await analyzed(db, sql), /Disk/);
      assertEquals(scratch.openCount, 0);
      assertEquals(scratch.bytes, 0);
    });
  }
});

Deno.test("a statement that spills and fails leaves no file", async () => {
  const scratch = new MemoryScratch();
  await using db = await filled(scratch);
  await db.query("SET work_mem = '64kB'");
  const failing =
    "SELECT 1 / (id - 9999) FROM (SELECT * FROM t ORDER BY s, id) q";
  const error = await assertRejects(() => db.query(failing), SqlError);
  assertEquals(error.code, "22012");
  assertEquals(scratch.openCount, 0);
  const controller = new AbortController();
  const rows = db.query(
    "SELECT * FROM t a JOIN t b ON a.k = b.k ORDER BY a.s",
    [],
    {
      signal: controller.signal,
    },
  );
  controller.abort();
  await assertRejects(() => rows);
  assertEquals(scratch.openCount, 0);
  await db.query("SET temp_file_limit = '100kB'");
  const full = await assertRejects(
    () => db.query("SELECT * FROM t ORDER BY s"),
    Error,
    "temporary file size exceeds",
  );
  assertEquals((full as { code?: string }).code, "53400");
  assertEquals(scratch.openCount, 0);
  const { rows: [row] } = await db.query("SELECT count(*)::int AS n FROM t");
  assertEquals(row, { n: ROWS });
});

Deno.test("what cannot spill fails at work_mem, and says what to do", async () => {
  const scratch = new MemoryScratch();
  await using db = await filled(scratch);
  await db.query("SET work_mem = '256kB'");
  for (
    const sql of [
      "SELECT array_agg(repeat(s, 40)) FROM t",
      "SELECT array_agg(repeat(s, 40)) FROM (SELECT s FROM t ORDER BY n, id) q",
      "SELECT sum(v) OVER (ORDER BY id), r FROM (SELECT id, v, repeat(s, 40) r FROM t) q",
    ]
  ) {
    const error = await assertRejects(() => db.query(sql), SqlError);
    assertEquals(error.code, "53200");
    assert(error.hint?.includes("work_mem"), error.hint);
    assertEquals(scratch.openCount, 0);
  }
});
