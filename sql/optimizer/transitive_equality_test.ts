import { assertEquals } from "@std/assert";
import { open } from "../../mod.ts";

const db = await open("memory:");
await db.exec(`
  CREATE TABLE a (id int PRIMARY KEY, x int, s varchar);
  CREATE TABLE b (id int PRIMARY KEY, a int, y bigint, s varchar);
  CREATE TABLE c (id int PRIMARY KEY, a int);
  CREATE TABLE p (k int, v int) PARTITION BY LIST (k);
  CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
  CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
  INSERT INTO a SELECT g, g % 10, 's' || g FROM generate_series(1, 500) g;
  INSERT INTO b SELECT g, g % 500, g, 's' || g FROM generate_series(1, 1500) g;
  INSERT INTO c SELECT g, g % 500 FROM generate_series(1, 1000) g;
  INSERT INTO p SELECT 1 + g % 2, g FROM generate_series(1, 20) g;
  CREATE INDEX ON b (a);
  ANALYZE`);

async function plan(sql: string): Promise<string[]> {
  const { rows } = await db.query(`EXPLAIN (COSTS OFF) ${sql}`, [], {
    rowMode: "array",
  });
  return (rows as unknown as string[][]).map(([line]) => line!.trim());
}

async function rowsOf(sql: string): Promise<number> {
  return (await db.query(sql)).rows.length;
}

Deno.test("[L-202] a constant of one side is known of the other, in joins of each kind", async () => {
  for (
    const [join, sql, rows] of [
      ["inner", "SELECT 1 FROM a JOIN b ON a.id = b.a WHERE a.id = 5", 3],
      ["left", "SELECT 1 FROM a LEFT JOIN b ON a.id = b.a WHERE a.id = 5", 3],
      [
        "semi",
        "SELECT 1 FROM a WHERE id = 5 AND EXISTS (SELECT 1 FROM b WHERE b.a = a.id)",
        1,
      ],
      [
        "anti",
        "SELECT 1 FROM a WHERE id = 5 AND NOT EXISTS (SELECT 1 FROM b WHERE b.a = a.id)",
        0,
      ],
    ] as const
  ) {
    const lines = await plan(sql);
    assertEquals(
      lines.filter((line) => line === "Index Cond: (b.a = 5)").length,
      1,
      join,
    );
    assertEquals(await rowsOf(sql), rows, join);
  }
});

Deno.test("a full join keeps the rows of both sides", async () => {
  const sql = "SELECT 1 FROM (SELECT * FROM a WHERE id = 5) a " +
    "FULL JOIN b ON a.id = b.a";
  assertEquals((await plan(sql)).includes("Index Cond: (b.a = 5)"), false);
  assertEquals(await rowsOf(sql), 1500);
});

Deno.test("values of other types and names go along", async () => {
  const wide = "SELECT 1 FROM b JOIN b AS other ON b.y = other.y WHERE b.y = 7";
  assertEquals(
    (await plan(wide)).filter((line) => line.startsWith("Filter:")),
    ["Filter: (b.y = '7'::bigint)", "Filter: (other.y = '7'::bigint)"],
  );
  assertEquals(await rowsOf(wide), 1);
  const text = "SELECT 1 FROM a JOIN b ON a.s = b.s WHERE a.s = 's7'";
  assertEquals(
    (await plan(text)).filter((line) => line.startsWith("Filter:")).length,
    2,
  );
  assertEquals(await rowsOf(text), 1);
});

Deno.test("partitions are left out by what is equal to their key", async () => {
  const sql = "SELECT 1 FROM a JOIN p ON p.k = a.id WHERE a.id = 2";
  const lines = await plan(sql);
  assertEquals(lines.some((line) => line.includes("Seq Scan on p1")), false);
  assertEquals(await rowsOf(sql), 10);
});

Deno.test("[L-202] inputs that are equal to a third are joined with each other", async () => {
  const sql = "SELECT 1 FROM a JOIN b ON a.id = b.a JOIN c ON c.a = a.id " +
    "WHERE c.id = 7";
  const lines = await plan(sql);
  assertEquals(lines.filter((line) => line.startsWith("Index Cond")).length, 3);
  assertEquals(await rowsOf(sql), 3);
  // All three pairs are written: one condition for each join.
  const all = "SELECT 1 FROM a JOIN b ON a.id = b.a JOIN c ON c.a = b.a " +
    "AND c.a = a.id";
  const conditions = (await plan(all)).filter((line) =>
    line.startsWith("Hash Cond")
  );
  assertEquals(conditions.some((line) => line.includes("AND")), false);
  assertEquals(await rowsOf(all), 2994);
});
