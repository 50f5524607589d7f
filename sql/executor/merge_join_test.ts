/**
 * Merge joins give the rows of hash joins: groups that cross chunks, NULLs,
 * conditions besides the keys, groups that are larger than memory.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import { type Database, open } from "../../mod.ts";
import { loadParser } from "../parser/parser.ts";
import type { PlanSettings } from "../optimizer/facts.ts";

await loadParser();

const HASHED: PlanSettings = {
  seqScans: true,
  indexScans: true,
  bitmapScans: true,
  hashJoins: true,
  mergeJoins: false,
  nestedLoops: true,
  partitionPruning: true,
};
const MERGED: PlanSettings = {
  ...HASHED,
  hashJoins: false,
  nestedLoops: false,
  mergeJoins: true,
};

const QUERIES: readonly string[] = [
  "SELECT l.k, l.v, r.v FROM l JOIN r ON l.k = r.k",
  "SELECT l.k, l.v, r.v FROM l LEFT JOIN r ON l.k = r.k",
  "SELECT l.k, l.v, r.v FROM l LEFT JOIN r ON l.k = r.k AND l.v < r.v",
  "SELECT l.k, l.v, r.v FROM l JOIN r ON l.k = r.k AND l.s = r.s",
  "SELECT l.k, l.v, r.v FROM l JOIN r ON l.s = r.s AND l.v <> r.v",
  "SELECT l.k FROM l WHERE EXISTS (SELECT 1 FROM r WHERE r.k = l.k)",
  "SELECT l.k FROM l WHERE EXISTS (SELECT 1 FROM r WHERE r.k = l.k AND r.v > l.v)",
  "SELECT l.k, l.v FROM l WHERE NOT EXISTS (SELECT 1 FROM r WHERE r.k = l.k)",
  "SELECT l.k FROM l WHERE NOT EXISTS (SELECT 1 FROM r WHERE r.k = l.k AND r.v > l.v)",
  "SELECT l.k, x.k FROM l JOIN l AS x ON l.k + 1 = x.k AND l.s = x.s",
];

Deno.test("a merge join gives the rows of a hash join, whatever the chunks", async () => {
  for (const chunkRows of [1, 3, 7, 100]) {
    let count = 0;
    const database = new ArrayDatabase({
      chunkRows,
      delays: () => ++count % 3 === 0,
    });
    await database.run("CREATE TABLE l (k int, v int, s text)");
    await database.run("CREATE TABLE r (k int, v int, s text)");
    await database.run(
      "INSERT INTO l SELECT nullif(g * 7 % 13, 5), g, 's' || g % 4 FROM generate_series(1, 40) g",
    );
    await database.run(
      "INSERT INTO r SELECT nullif(g * 5 % 17, 3), g % 9, nullif('s' || g % 5, 's3') FROM generate_series(1, 50) g",
    );
    for (const sql of QUERIES) {
      const rows = async (ways: PlanSettings): Promise<string[]> => {
        database.planning = { ways };
        const { rows } = await database.run(sql);
        return rows.map((row) => JSON.stringify(row)).sort();
      };
      const expected = await rows(HASHED);
      assert(expected.length > 0, sql);
      assertEquals(await rows(MERGED), expected, `${chunkRows}: ${sql}`);
    }
    database.planning = { ways: MERGED };
    await database.run("DELETE FROM r");
    assertEquals((await database.run(QUERIES[0]!)).rows, []);
    assertEquals((await database.run(QUERIES[1]!)).rows.length, 40);
  }
});

async function plan(db: Database, sql: string): Promise<string[]> {
  const { rows } = await db.query(`EXPLAIN (COSTS OFF) ${sql}`, [], {
    rowMode: "array",
  });
  return (rows as unknown as string[][]).map(([line]) => line!);
}

Deno.test("a group that is larger than memory is joined from a file", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE l (k int, v int);
    CREATE TABLE r (k int, s text);
    INSERT INTO l SELECT g % 3, g FROM generate_series(1, 60) g;
    INSERT INTO r SELECT CASE WHEN g < 4000 THEN 1 ELSE 2 END, repeat('x', 200) || g
      FROM generate_series(1, 4010) g;
    SET enable_hashjoin = off; SET enable_nestloop = off; SET work_mem = 128`);
  const sql = "SELECT count(*)::int AS n, sum(length(r.s) + l.v)::int AS sum " +
    "FROM l JOIN r ON l.k = r.k";
  const merged = await db.query(sql);
  const { rows } = await db.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`);
  const text = JSON.stringify(rows);
  assert(/"Merge Join".*"Disk Usage"/s.test(text), text);
  const left = "SELECT count(*)::int AS n FROM l LEFT JOIN r " +
    "ON l.k = r.k AND length(r.s) > 1000";
  assertEquals((await db.query(left)).rows, [{ n: 60 }]);
  await db.exec("RESET enable_hashjoin; RESET work_mem");
  assertEquals(merged.rows, (await db.query(sql)).rows);
  assertEquals(merged.rows[0]!["n"], 20 * 3999 + 20 * 11);
});

Deno.test("merge joins read indexes in order, and are switched off", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE l (k int PRIMARY KEY, v int);
    CREATE TABLE r (k int PRIMARY KEY, v int);
    INSERT INTO l SELECT g, g FROM generate_series(1, 100) g;
    INSERT INTO r SELECT g * 2, g FROM generate_series(1, 100) g;
    SET enable_hashjoin = off; SET enable_nestloop = off; SET enable_seqscan = off`);
  const sql = "SELECT l.k FROM l LEFT JOIN r ON l.k = r.k";
  assertEquals(await plan(db, sql), [
    "Merge Left Join",
    "  Merge Cond: (l.k = r.k)",
    "  ->  Index Only Scan using l_pkey on l",
    "  ->  Index Only Scan using r_pkey on r",
  ]);
  assertEquals((await db.query(sql)).rows.length, 100);
  await db.exec("SET enable_mergejoin = off; SET enable_seqscan = on");
  const lines = await plan(db, sql);
  assert(!lines.some((line) => line.includes("Merge")), lines.join("\n"));
  assertEquals((await db.query(sql)).rows.length, 100);
});
