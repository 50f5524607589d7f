/**
 * Which conditions and orders the kinds of secondary indexes serve.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";

async function planOf(db: Database, sql: string): Promise<string> {
  const { rows } = await db.query(`EXPLAIN (COSTS off) ${sql}`);
  return rows.map((row) => Object.values(row)[0]).join("\n");
}

async function tableWith(index: string): Promise<Database> {
  const db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, a int, b int, s text);
    INSERT INTO t SELECT n, n % 1000, n % 7, 's' || n
      FROM generate_series(1, 20000) AS g(n);
    ${index};
    ANALYZE t`);
  return db;
}

Deno.test("[L-190] a B-tree index finds ranges, in order and backward", async () => {
  await using db = await tableWith("CREATE INDEX t_a ON t (a)");
  const range = "SELECT a FROM t WHERE a BETWEEN 3 AND 5 ORDER BY a DESC, id";
  assert((await planOf(db, range)).includes("t_a"), await planOf(db, range));
  const { rows } = await db.query(range);
  assertEquals(rows.length, 60);
  assertEquals(new Set(rows.map(({ a }) => a)), new Set([5, 4, 3]));
  const last = "SELECT a FROM t ORDER BY a DESC LIMIT 1";
  assert((await planOf(db, last)).includes("Backward"), await planOf(db, last));
  assertEquals((await db.query(last)).rows, [{ a: 999 }]);
});

Deno.test("[L-191] a hash index finds equals, and serves no range and no order", async () => {
  await using db = await tableWith("CREATE INDEX t_s ON t USING hash (s)");
  const equal = "SELECT id FROM t WHERE s = 's777'";
  assert((await planOf(db, equal)).includes("t_s"), await planOf(db, equal));
  assertEquals((await db.query(equal)).rows, [{ id: 777 }]);
  for (
    const sql of [
      "SELECT id FROM t WHERE s > 's1999'",
      "SELECT id FROM t ORDER BY s LIMIT 1",
    ]
  ) assert(!(await planOf(db, sql)).includes("t_s"), sql);
});

Deno.test("[L-192] a composite index serves all its columns, the first of them, and not the second alone", async () => {
  await using db = await tableWith("CREATE INDEX t_ab ON t (a, b)");
  for (
    const [condition, isServed, count] of [
      ["a = 3 AND b = 4", true, 2],
      ["a = 3 AND b > 4", true, 6],
      ["a = 3", true, 20],
      ["b = 4", false, 2857],
    ] as const
  ) {
    const plan = await planOf(db, `SELECT s FROM t WHERE ${condition}`);
    assertEquals(plan.includes("t_ab"), isServed, `${condition}\n${plan}`);
    const { rows } = await db.query(
      `SELECT count(*)::int AS n FROM t WHERE ${condition}`,
    );
    assertEquals(rows, [{ n: count }], condition);
  }
});
