/**
 * Queries in expressions, asked once for rows that are alike.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { open } from "../../mod.ts";

Deno.test("a correlated query runs once for rows that give it the same", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, k int);
    INSERT INTO t SELECT i, i % 7 FROM generate_series(1, 3000) i;
    UPDATE t SET k = NULL WHERE id % 10 = 0`);
  let calls = 0;
  db.function(
    "seen",
    { arguments: ["int"], returns: "int", volatility: "stable" },
    (value) => {
      calls++;
      return value;
    },
  );
  const sql = (name: string): string =>
    `SELECT count(*)::int AS n, sum(v)::int AS s FROM (
       SELECT (SELECT max(i) FROM generate_series(1, 3) i
               WHERE ${name}(t.k) IS NOT NULL AND i <> t.k) v FROM t) q`;
  const { rows: [row] } = await db.query(sql("seen"));
  // Seven values and NULL.
  assert(calls <= 8 * 3, String(calls));
  calls = 0;
  db.function(
    "told",
    { arguments: ["int"], returns: "int", volatility: "volatile" },
    (value) => {
      calls++;
      return value;
    },
  );
  assertEquals((await db.query(sql("told"))).rows, [row]);
  // As often as it is asked: what is volatile is never kept.
  assert(calls >= 3000, String(calls));
});

Deno.test("what correlated queries give is right where rows are alike and where not", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, k int, s text);
    INSERT INTO t SELECT i, i % 11, CASE WHEN i % 5 > 0 THEN 's' || i % 3 END
      FROM generate_series(1, 2500) i`);
  const own = await db.query(`
    SELECT id, (SELECT min(u.id) FROM t u WHERE u.k > t.k AND u.s = t.s) v,
      EXISTS (SELECT FROM t u WHERE u.id = t.id + 1 AND u.s > t.s LIMIT 1) e,
      t.k + 1 = ANY (SELECT u.k FROM t u WHERE u.id < t.k * 2) a
    FROM t ORDER BY id`);
  const all = (await db.query("SELECT id, k, s FROM t ORDER BY id")).rows as {
    id: number;
    k: number;
    s: string | null;
  }[];
  const expected = all.map(({ id, k, s }) => ({
    id,
    v: all.find((u) => u.k > k && u.s !== null && u.s === s)?.id ?? null,
    e: all.some((u) =>
      u.id === id + 1 && u.s !== null && s !== null && u.s > s
    ),
    a: all.some((u) => u.id < k * 2 && u.k === k + 1),
  }));
  assertEquals(own.rows, expected);
});
