/**
 * Plans that several threads run give what one thread gives.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "../../../mod.ts";
import { SqlError } from "../../errors/sql_error.ts";

/** Rows as texts, sorted unless their order counts. */
async function rowsOf(
  db: Pick<Database, "query">,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<string[]> {
  const { rows } = await db.query(sql, [...parameters], { rowMode: "array" });
  const texts = rows.map((row) => JSON.stringify(row));
  return /ORDER BY[^)]*$/.test(sql) ? texts : texts.sort();
}

async function planOf(db: Database, sql: string): Promise<string> {
  const { rows } = await db.query(`EXPLAIN (COSTS OFF) ${sql}`, [], {
    rowMode: "array",
  });
  return (rows as unknown as string[][]).map(([line]) => line!).join("\n");
}

const TABLE = `
  CREATE TABLE t (id int PRIMARY KEY, g int, s text, n numeric(12, 3), f float8,
    b bigint, d date, z timestamptz, ok bool, j jsonb, u uuid);
  INSERT INTO t SELECT i, i % 7, nullif('s' || i % 13, 's5'), (i * 37 % 1000) / 8.0,
      (i * 7 % 64) / 4.0, i::bigint * 3000000000, date '2024-01-01' + i % 50,
      timestamptz '2024-01-01 00:00+00' + i * interval '7 hours',
      i % 3 = 0, jsonb_build_object('k', i % 4),
      ('00000000-0000-0000-0000-' || lpad((i % 5)::text, 12, '0'))::uuid
    FROM generate_series(1, 900) i;
  ALTER TABLE t ADD COLUMN late int DEFAULT 5;
`;

/** Queries, and what their plans have. */
const QUERIES: readonly (readonly [string, RegExp])[] = [
  [
    "SELECT count(*), count(s), sum(g), sum(b), sum(n), sum(late) FROM t",
    /Finalize Aggregate.*Gather\n.*Partial Aggregate/s,
  ],
  [
    "SELECT avg(g), avg(b), avg(n), avg(f), min(s), max(z), bool_or(ok) FROM t WHERE g > 2",
    /Gather/,
  ],
  [
    "SELECT stddev(g), variance(n), var_pop(b), stddev_samp(n) FROM t",
    /Gather/,
  ],
  ["SELECT count(*), sum(g), max(s) FROM t WHERE g > 100", /Gather/],
  [
    "SELECT g, count(*), sum(n) FILTER (WHERE ok), min(d) FROM t GROUP BY g",
    /Finalize HashAggregate.*Partial HashAggregate/s,
  ],
  [
    "SELECT s, j, u, count(*) FROM t GROUP BY s, j, u HAVING count(*) > 2",
    /Gather/,
  ],
  [
    "SELECT s || '!' AS x, sum(f) FROM t WHERE s LIKE 's1%' GROUP BY 1 ORDER BY 1",
    /Gather/,
  ],
  ["SELECT id, s, n, f, b, d, ok, j, u FROM t WHERE id % 50 = 3", /Gather/],
  [
    "SELECT id, CASE WHEN ok THEN upper(s) ELSE coalesce(s, '-') END FROM t WHERE f IN (1, 2, 3.5)",
    /Gather/,
  ],
  [
    "SELECT s, id FROM t ORDER BY s DESC NULLS LAST, id",
    /Gather Merge\n.*Sort/s,
  ],
  [
    "SELECT n, id FROM t WHERE g < 5 ORDER BY n, id LIMIT 7",
    /Limit\n.*Gather Merge/s,
  ],
  ["SELECT id FROM t ORDER BY f DESC, id OFFSET 3 LIMIT 5", /Gather Merge/],
  ["SELECT count(DISTINCT g) FROM t", /Aggregate\n.*Gather/s],
  ["SELECT string_agg(s, ',' ORDER BY id) FROM t", /Gather/],
  ["SELECT g, grouping(g), count(*) FROM t GROUP BY ROLLUP (g)", /Gather/],
  [
    "SELECT a.g, count(*) FROM t a JOIN t b ON a.id = b.id + 1 GROUP BY a.g",
    /Join.*Gather/s,
  ],
  ["SELECT id FROM t WHERE n > (SELECT avg(n) FROM t) AND id < 30", /Gather/],
  ["SELECT extract(hour FROM z), count(*) FROM t GROUP BY 1", /Gather/],
  ["SELECT z::date, z::text FROM t WHERE id < 20", /Gather/],
  ["SELECT ctid, tableoid::int > 0 FROM t WHERE id < 9", /Gather/],
  [
    "SELECT count(*) FROM t WHERE id = ANY (ARRAY[1, 2, 3]) OR u IS NULL",
    /Gather/,
  ],
];

Deno.test("[O-113] [O-114] plans of several threads give the rows of one thread's", async () => {
  await using db = await open("memory:");
  await db.exec(TABLE);
  await db.exec("SET enable_indexscan = off; SET enable_bitmapscan = off");
  for (const zone of ["UTC", "America/New_York"]) {
    await db.exec(`SET timezone = '${zone}'`);
    for (const [sql, plan] of QUERIES) {
      if (zone !== "UTC" && !/\bz\b/.test(sql)) continue;
      await db.exec("SET debug_parallel_query = off");
      const expected = await rowsOf(db, sql);
      assert(!(await planOf(db, sql)).includes("Gather"));
      await db.exec("SET debug_parallel_query = on");
      const shown = await planOf(db, sql);
      assert(plan.test(shown), `${sql}\n${shown}`);
      assertEquals(await rowsOf(db, sql), expected, sql);
    }
  }
});

Deno.test("[O-113] threads see what the transaction sees: rows of the memtable, of files, its own", async () => {
  await using db = await open("memory:");
  await db.exec(TABLE);
  await db.query("SELECT lsm_s3_flush()");
  await db.exec(
    "UPDATE t SET g = 100 WHERE id % 10 = 0; DELETE FROM t WHERE id % 10 = 1",
  );
  await db.exec("SET debug_parallel_query = on");
  const sql = "SELECT g, count(*), sum(id) FROM t GROUP BY g ORDER BY g";
  const committed = await rowsOf(db, sql);
  assertEquals(committed.length, 8);
  assertEquals(committed[7], "[100,90,40950]");
  await db.exec("BEGIN");
  await db.exec(
    "UPDATE t SET g = 200 WHERE g = 100; INSERT INTO t (id, g) VALUES (5000, 200)",
  );
  assertEquals((await rowsOf(db, sql)).at(-1), "[200,91,45950]");
  const other = await db.session();
  await other.exec("SET debug_parallel_query = on");
  assertEquals(await rowsOf(other, sql), committed);
  await other.close();
  await db.exec("SAVEPOINT a; DELETE FROM t; ");
  assertEquals(await rowsOf(db, "SELECT count(*) FROM t"), ["[0]"]);
  await db.exec("ROLLBACK TO a");
  assertEquals((await rowsOf(db, sql)).at(-1), "[200,91,45950]");
  await db.exec("ROLLBACK");
  assertEquals(await rowsOf(db, sql), committed);
});

Deno.test("values of parameters, errors and their codes cross between threads", async () => {
  await using db = await open("memory:");
  await db.exec(TABLE);
  await db.exec("SET debug_parallel_query = on");
  for (const parameter of [300, 500, null]) {
    const sql = "SELECT count(*) FROM t WHERE id < $1 AND n > $2 AND s <> $3";
    const threads = await rowsOf(db, sql, [parameter, "17.5", "s1"]);
    await db.exec("SET debug_parallel_query = off");
    assertEquals(await rowsOf(db, sql, [parameter, "17.5", "s1"]), threads);
    await db.exec("SET debug_parallel_query = on");
  }
  const failing: readonly (readonly [string, string])[] = [
    ["SELECT sum(1 / (id - 600)) FROM t", "22012"],
    ["SELECT id FROM t WHERE s::int > id", "22P02"],
    ["SELECT (id * 10000000)::int2 FROM t ORDER BY 1", "22003"],
  ];
  for (const [sql, code] of failing) {
    const error = await assertRejects(() => db.query(sql), SqlError);
    assertEquals(error.code, code);
  }
  // The threads go on with the next plan.
  assertEquals(await rowsOf(db, "SELECT count(*) FROM t"), ["[900]"]);
});

Deno.test("what asks the session, the application or a type of the database stays in one thread", async () => {
  await using db = await open("memory:");
  await db.exec(TABLE);
  await db.exec(
    "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE m (x mood); CREATE SEQUENCE seq",
  );
  await db.exec(
    "CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN a + 1; END $$",
  );
  db.function(
    "hosted",
    { arguments: ["int4"], returns: "int4", volatility: "immutable" },
    (x) => x,
  );
  await db.exec("SET debug_parallel_query = on");
  for (
    const sql of [
      "SELECT count(*) FROM t WHERE random() < 2",
      "SELECT count(*) FROM t WHERE hosted(id) > 3",
      "SELECT count(*) FROM t WHERE f(id) > 3",
      "SELECT count(*) FROM m WHERE x = 'ok'",
      "SELECT count(*) FROM t WHERE current_setting('work_mem') <> s",
      "SELECT max(nextval('seq')) FROM t",
      "SELECT id FROM t FOR UPDATE",
    ]
  ) {
    assert(!(await planOf(db, sql)).includes("Gather"), sql);
    assert((await rowsOf(db, sql)).length > 0, sql);
  }
  // Known only when it runs: the configuration is a setting.
  const sql = "SELECT count(to_tsvector(s)) FROM t";
  assert((await planOf(db, sql)).includes("Gather"));
  assertEquals(await rowsOf(db, sql), ["[831]"]);
});
