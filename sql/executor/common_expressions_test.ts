/**
 * Parts that expressions have in common: computed once for the rows of a chunk, and
 * the values and errors that computing each gives.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { open } from "../../mod.ts";

let calls = 0;
const db = await open("memory:");
db.function(
  "counted",
  { arguments: ["int"], returns: "int", volatility: "immutable" },
  (value) => {
    calls++;
    return Number(value) * 2;
  },
);
db.function(
  "changing",
  { arguments: ["int"], returns: "int", volatility: "volatile" },
  () => ++calls,
);
await db.exec(`CREATE TABLE t (id int PRIMARY KEY, a int, b int);
  INSERT INTO t SELECT n, n % 7, n % 3 FROM generate_series(1, 3000) n`);

function numbersOf(rows: readonly unknown[]): number[][] {
  return rows.map((row) => (row as unknown[]).map(Number));
}

async function callsOf(sql: string): Promise<number> {
  calls = 0;
  await db.query(sql);
  return calls;
}

Deno.test("[L-198] a common part is computed once for each row, in lists and aggregates", async () => {
  assertEquals(
    await callsOf("SELECT counted(a), counted(a) + 1, counted(a) * 2 FROM t"),
    3000,
  );
  assertEquals(
    await callsOf("SELECT sum(counted(a)), sum(counted(a) * b) FROM t"),
    3000,
  );
  assertEquals(
    await callsOf(
      "SELECT counted(a), sum(counted(a)), max(1 + counted(a)) FROM t GROUP BY counted(a)",
    ),
    3000,
  );
});

Deno.test("what is volatile, or asked of some rows, is computed for itself", async () => {
  assertEquals(await callsOf("SELECT changing(a), changing(a) FROM t"), 6000);
  assertEquals(
    await callsOf("SELECT counted(a), changing(a), counted(a) FROM t"),
    9000,
  );
  assertEquals(
    await callsOf(
      "SELECT sum(counted(a)), sum(counted(a)) FILTER (WHERE b = 0) FROM t",
    ),
    4000,
  );
  const { rows } = await db.query(
    `SELECT sum(CASE WHEN b <> 0 THEN 6 / b END) s, sum(b + 6 / (b + 1)) t,
       sum(6 / (b + 1)) u FROM t`,
    [],
    { rowMode: "array" },
  );
  assertEquals(numbersOf(rows), [[9000, 14000, 11000]]);
  await assertRejects(
    () => db.query("SELECT CASE WHEN b <> 0 THEN 6 / b END, 6 / b FROM t"),
    Error,
    "division by zero",
  );
});

Deno.test("a row around the query counts each time", async () => {
  const { rows } = await db.query(
    `SELECT x, (SELECT sum(abs(a - x)) + max(abs(a - x) + 1) FROM t WHERE id < 8)
     FROM (VALUES (0), (3), (10)) v(x) ORDER BY x`,
    [],
    { rowMode: "array" },
  );
  assertEquals(numbersOf(rows), [
    [0, 28],
    [3, 16],
    [10, 60],
  ]);
});
