import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";

async function plan(db: Database, sql: string): Promise<string[]> {
  const { rows } = await db.query(`EXPLAIN (COSTS OFF) ${sql}`, [], {
    rowMode: "array",
  });
  return (rows as unknown as string[][]).map(([line]) => line!);
}

async function estimatedRows(db: Database, sql: string): Promise<number> {
  const { rows: [row] } = await db.query(`EXPLAIN ${sql}`);
  return Number(/rows=(\d+)/.exec(String(row!["QUERY PLAN"]))![1]);
}

Deno.test("what ANALYZE finds out about joined columns turns a plan around", async () => {
  const db = await open("memory:");
  await db.exec(`
    CREATE TABLE f (x int, y int);
    CREATE TABLE a (x int);
    CREATE TABLE b (y int);
    INSERT INTO f SELECT g % 2, g FROM generate_series(1, 1000) AS g;
    INSERT INTO a SELECT 1 FROM generate_series(1, 100);
    INSERT INTO b SELECT g * 5 FROM generate_series(1, 200) AS g`);
  const sql = "SELECT * FROM f, a, b WHERE f.x = a.x AND f.y = b.y";
  const joins = (first: string, last: string, by: string[]): string[] => [
    "Hash Join",
    `  Hash Cond: (${by[1]})`,
    "  ->  Hash Join",
    `        Hash Cond: (${by[0]})`,
    "        ->  Seq Scan on f",
    "        ->  Hash",
    `              ->  Seq Scan on ${first}`,
    "  ->  Hash",
    `        ->  Seq Scan on ${last}`,
  ];
  assertEquals(
    await plan(db, sql),
    joins("a", "b", ["f.x = a.x", "f.y = b.y"]),
  );
  await db.exec("ANALYZE");
  assertEquals(
    await plan(db, sql),
    joins("b", "a", ["f.y = b.y", "f.x = a.x"]),
  );
  await db.close();
});

Deno.test("a join of common values is estimated by their shares", async () => {
  const db = await open("memory:");
  await db.exec(`
    CREATE TABLE one (v int);
    CREATE TABLE two (v int);
    INSERT INTO one SELECT CASE WHEN g % 2 = 0 THEN 7 ELSE g END
      FROM generate_series(1, 1000) AS g;
    INSERT INTO two SELECT CASE WHEN g % 4 = 0 THEN 7 ELSE -g END
      FROM generate_series(1, 400) AS g;
    ANALYZE`);
  const sql = "SELECT * FROM one JOIN two USING (v)";
  const { rows: [row] } = await db.query(
    `SELECT count(*)::int AS n FROM (${sql})`,
  );
  const actual = row!["n"] as number;
  const guess = await estimatedRows(db, sql);
  assert(guess > actual / 2 && guess < actual * 2, `${guess} for ${actual}`);
  const semi = "SELECT * FROM one WHERE v IN (SELECT v FROM two)";
  assert(await estimatedRows(db, semi) < 1000);
  await db.close();
});

Deno.test("LIKE is estimated by the values of the column", async () => {
  const db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (s text);
    INSERT INTO t SELECT 'k' || g % 10 || '-' || g FROM generate_series(1, 2000) AS g;
    ANALYZE`);
  for (
    const [pattern, from, to] of [
      ["k1%", 150, 250],
      ["k1-1%", 50, 200],
      ["%-1_", 1, 100],
      ["z%", 1, 5],
    ] as const
  ) {
    const rows = await estimatedRows(
      db,
      `SELECT * FROM t WHERE s LIKE '${pattern}'`,
    );
    assert(rows >= from && rows <= to, `${rows} rows LIKE ${pattern}`);
  }
  const others = await estimatedRows(
    db,
    "SELECT * FROM t WHERE s NOT LIKE 'k1%'",
  );
  assert(others > 1700 && others < 1900, `${others} rows NOT LIKE`);
  await db.close();
});

Deno.test("[L-202] a join on a whole key has one partner for each row", async () => {
  const db = await open("memory:");
  try {
    await db.query("CREATE TABLE d (a int, b int, PRIMARY KEY (a, b))");
    await db.query("CREATE TABLE f (a int, b int)");
    await db.query(
      "INSERT INTO d SELECT i % 50, i % 70 FROM generate_series(1, 350) i",
    );
    await db.query(
      "INSERT INTO f SELECT i % 50, i % 70 FROM generate_series(1, 3500) i",
    );
    await db.query("ANALYZE");
    const sql = "SELECT 1 FROM f JOIN d ON f.a = d.a AND f.b = d.b";
    const { rows } = await db.query(`EXPLAIN (FORMAT JSON) ${sql}`);
    const [{ Plan: plan }] = Object.values(rows[0]!)[0] as [
      { Plan: Record<string, unknown> },
    ];
    assertEquals((await db.query(sql)).rows.length, 3500);
    assertEquals(plan["Plan Rows"], 3500);
  } finally {
    await db.close();
  }
});
