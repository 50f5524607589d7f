/**
 * INSERT … ON CONFLICT where several write at once: nothing is lost, nothing is
 * there twice.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { open } from "../../mod.ts";

Deno.test("upserts of one key at once all count", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE hits (page text PRIMARY KEY, n int)");
  const upsert = `INSERT INTO hits VALUES ($1, 1)
    ON CONFLICT (page) DO UPDATE SET n = hits.n + 1`;
  await Promise.all(
    Array.from({ length: 30 }, (_, i) => db.query(upsert, [`p${i % 2}`])),
  );
  const { rows } = await db.query("SELECT * FROM hits ORDER BY page");
  assertEquals(rows, [{ page: "p0", n: 15 }, { page: "p1", n: 15 }]);
});

Deno.test("DO NOTHING at once inserts one row", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, who int)");
  const results = await Promise.all(
    Array.from(
      { length: 10 },
      (_, who) =>
        db.query("INSERT INTO t VALUES (1, $1) ON CONFLICT DO NOTHING", [who]),
    ),
  );
  const counts = results.map(({ affectedRows }) => affectedRows);
  assertEquals(counts.reduce((sum, n) => sum + n, 0), 1);
  const { rows } = await db.query("SELECT count(*)::int AS n FROM t");
  assertEquals(rows, [{ n: 1 }]);
});

Deno.test("a transaction that decided by what has changed fails with 40001", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
  await db.exec("INSERT INTO t VALUES (1, 1)");
  const upsert = "INSERT INTO t VALUES ($1, 5) ON CONFLICT (id) " +
    "DO UPDATE SET n = t.n + EXCLUDED.n";
  for (
    const [id, other] of [
      [1, "UPDATE t SET n = 100 WHERE id = 1"],
      [1, "DELETE FROM t WHERE id = 1"],
      [2, "INSERT INTO t VALUES (2, 2)"],
    ] as const
  ) {
    const error = await assertRejects(() =>
      db.transaction(async (tx) => {
        await tx.query("SELECT 1 FROM t");
        await db.exec(other);
        await tx.query(upsert, [id]);
      })
    );
    assertEquals((error as { code?: string }).code, "40001", other);
  }
});

Deno.test("MERGE and changes in WITH that decided by what has changed fail with 40001", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
  await db.exec("INSERT INTO t VALUES (1, 1), (2, 2)");
  for (
    const change of [
      `MERGE INTO t USING (VALUES (1)) v (id) ON v.id = t.id
      WHEN MATCHED THEN UPDATE SET n = t.n + 1`,
      `WITH a AS (UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n)
      SELECT n FROM a`,
      "UPDATE t SET n = o.n + 1 FROM t AS o WHERE o.id = 2 AND t.id = 1",
    ]
  ) {
    const error = await assertRejects(() =>
      db.transaction(async (tx) => {
        await tx.query("SELECT 1 FROM t");
        await db.exec("UPDATE t SET n = n * 10 WHERE id = 1");
        await tx.query(change);
      })
    );
    assertEquals((error as { code?: string }).code, "40001", change);
  }
});
