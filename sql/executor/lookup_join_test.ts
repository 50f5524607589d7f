import { assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";

/** Tables whose joins ask an index, and the same without one. */
async function tables(): Promise<Database> {
  const db = await open("memory:");
  await db.exec(`
    CREATE TABLE few (id int PRIMARY KEY, k int, low int);
    CREATE TABLE many (id int PRIMARY KEY, k int, v int);
    INSERT INTO few SELECT i, nullif(i % 41, 7), i % 3
      FROM generate_series(1, 60) i;
    INSERT INTO many SELECT i, i % 50, i % 7 FROM generate_series(1, 20000) i;
    CREATE INDEX ON many (k);
    CREATE TABLE plain AS SELECT * FROM many;
    ANALYZE`);
  return db;
}

/** Joins with TABLE, which has an index or not. */
const QUERIES = [
  "SELECT f.id, m.id FROM few f JOIN TABLE m ON m.k = f.k AND m.v > f.low",
  "SELECT f.id, m.v FROM few f JOIN TABLE m ON m.id = f.k",
  "SELECT f.id, m.id FROM few f LEFT JOIN TABLE m ON m.k = f.k AND m.v = f.low + 5",
  "SELECT f.id, m.v FROM few f LEFT JOIN TABLE m ON m.id = f.k AND m.v < 3",
  `SELECT f.id FROM few f WHERE EXISTS (
     SELECT FROM TABLE m WHERE m.k = f.k AND m.v = f.low)`,
  `SELECT f.id FROM few f WHERE NOT EXISTS (
     SELECT FROM TABLE m WHERE m.k = f.k AND m.v > f.low + 4)`,
  "SELECT f.id FROM few f WHERE f.k IN (SELECT m.id FROM TABLE m WHERE m.v > 2)",
];

Deno.test("[L-202] rows of many lookups are those of a hash join", async () => {
  const db = await tables();
  const column = async (sql: string): Promise<string[]> =>
    (await db.query(sql)).rows.map((row) => JSON.stringify(Object.values(row)));
  try {
    for (const query of QUERIES) {
      const plan = await column(`EXPLAIN ${query.replace("TABLE", "many")}`);
      assertEquals(plan.some((line) => line.includes("Nested Loop")), true);
      const rows = await column(query.replace("TABLE", "many"));
      const plain = await column(query.replace("TABLE", "plain"));
      assertEquals(rows.toSorted(), plain.toSorted(), query);
      assertEquals(rows.length > 10, true, query);
    }
    const first =
      "SELECT f.id, m.id FROM few f JOIN many m ON m.k = f.k LIMIT 3";
    assertEquals((await column(first)).length, 3);
  } finally {
    await db.close();
  }
});

Deno.test("[L-202] many lookups see what the transaction wrote, however many partners a row has", async () => {
  const db = await tables();
  const session = db.session();
  try {
    await session.exec(`
      BEGIN;
      INSERT INTO many SELECT i, 3, i % 7 FROM generate_series(20001, 32000) i;
      DELETE FROM many WHERE k = 4;
      UPDATE many SET k = 5 WHERE k = 6;
      CREATE TEMPORARY TABLE own (id int PRIMARY KEY, k int);
      INSERT INTO own SELECT i, i FROM generate_series(1, 20) i`);
    const rowsOf = async (sql: string): Promise<unknown> =>
      (await session.query(sql, [], { rowMode: "array" })).rows;
    const counted = `SELECT f.k, count(*)::int, min(m.id) FROM few f
      JOIN TABLE m ON m.k = f.k WHERE f.k BETWEEN 2 AND 6
      GROUP BY f.k ORDER BY f.k`;
    assertEquals(await rowsOf(counted.replace("TABLE", "many")), [
      [2, 800, 2],
      [3, 24800, 3],
      [5, 1600, 5],
    ]);
    const own = "SELECT f.id, o.id FROM few f JOIN own o ON o.id = f.k " +
      "WHERE f.id IN (42, 5, 2) ORDER BY f.id";
    assertEquals(await rowsOf(own), [[2, 2], [5, 5], [42, 1]]);
    const plan = await session.query(
      `EXPLAIN ${counted.replace("TABLE", "many")}`,
    );
    assertEquals(JSON.stringify(plan.rows).includes("Nested Loop"), true);
    await session.exec("ROLLBACK");
    const after = await rowsOf(counted.replace("TABLE", "many"));
    assertEquals(after, await rowsOf(counted.replace("TABLE", "plain")));
  } finally {
    await session.close();
    await db.close();
  }
});

Deno.test("[L-202] lookups by one side's range, and those that ask for no row of the other", async () => {
  const db = await tables();
  const rowsOf = async (sql: string): Promise<unknown> =>
    (await db.query(sql, [], { rowMode: "array" })).rows;
  const queries = [
    `SELECT f.id, m.id FROM few f JOIN TABLE m
       ON m.id > f.k * 10 AND m.id < f.k * 10 + 4 ORDER BY f.id, m.id`,
    `SELECT f.id FROM few f WHERE NOT EXISTS (
       SELECT FROM TABLE m WHERE m.id = f.k) ORDER BY f.id`,
    `SELECT f.id FROM few f WHERE EXISTS (
       SELECT FROM TABLE m WHERE m.k = f.k + 20) ORDER BY f.id LIMIT 20`,
  ];
  try {
    for (const query of queries) {
      const rows = await rowsOf(query.replace("TABLE", "many"));
      assertEquals(rows, await rowsOf(query.replace("TABLE", "plain")), query);
    }
    const limited =
      "SELECT id, v FROM many WHERE id >= $1 ORDER BY id LIMIT 50";
    const rows = await db.query(limited, [77], { rowMode: "array" });
    assertEquals(
      rows.rows as unknown,
      Array.from({ length: 50 }, (_, i) => [77 + i, (77 + i) % 7]),
    );
  } finally {
    await db.close();
  }
});
