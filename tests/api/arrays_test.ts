import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

async function filled(): Promise<Database> {
  const db = await open("memory:");
  await db.query("CREATE TABLE t (id int PRIMARY KEY, a int[], s text[][])");
  await db.query(
    "INSERT INTO t SELECT g, ARRAY[g, g + 1] FROM generate_series(1, 100) g",
  );
  return db;
}

Deno.test("arrays go in and come out as JavaScript's", async () => {
  const db = await filled();
  await db.query("INSERT INTO t VALUES ($1, $2, $3)", [
    200,
    [1, null, 3],
    [["a", "b"], ["c", null]],
  ]);
  const { rows } = await db.query("SELECT a, s FROM t WHERE id = 200");
  assertEquals(rows, [{ a: [1, null, 3], s: [["a", "b"], ["c", null]] }]);
  const typed = await db.query(
    "SELECT $1::numeric[] AS n, $2::timestamptz[] AS t, $3::bool[] AS b, $4::jsonb[] AS j, $5::bigint[] AS i",
    [[1.5, "2.50"], [new Date(0)], [true, null], [{ a: [1] }, [2]], [
      2n ** 60n,
    ]],
  );
  assertEquals(typed.rows, [{
    n: ["1.5", "2.50"],
    t: [new Date(0)],
    b: [true, null],
    j: [{ a: [1] }, [2]],
    i: [2n ** 60n],
  }]);
  await rejectsWith(db.query("SELECT $1::int[]", [["x"]]), "22P02");
  await rejectsWith(db.query("SELECT $1::int[]", [[[1], [2, 3]]]), "22P02");
  await db.close();
});

Deno.test("= ANY ($1) takes an array of the other side's type and uses the primary key", async () => {
  const db = await filled();
  const find = (ids: unknown): Promise<unknown> =>
    db.query("SELECT id FROM t WHERE id = ANY ($1) ORDER BY id", [ids])
      .then(({ rows }) => rows.map((row) => row["id"]));
  assertEquals(await find([5, 3, 3, null, 999]), [3, 5]);
  assertEquals(await find([]), []);
  assertEquals(await find(null), []);
  assertEquals(await find("{7,8}"), [7, 8]);
  assertEquals(await find(new Int32Array([9])), [9]);
  assertEquals(await find([[1], [2]]), [1, 2]);
  const plan = await db.query(
    "EXPLAIN SELECT id FROM t WHERE id = ANY ($1)",
    [[1]],
    { rowMode: "array" },
  );
  assert(JSON.stringify(plan.rows).includes("Index Scan"), "uses the index");
  const changed = await db.query(
    "UPDATE t SET a[1] = 0 WHERE id = ANY ($1) AND a[1] > 1 RETURNING id, a",
    [[1, 2, 3]],
  );
  assertEquals(changed.rows, [{ id: 2, a: [0, 3] }, { id: 3, a: [0, 4] }]);
  const others = await db.query(
    "SELECT count(*) FROM t WHERE id <> ALL ($1)",
    [[1, 2]],
  );
  assertEquals(others.rows, [{ count: 98 }]);
  await db.close();
});

Deno.test("an array may be large, and a text is one too", async () => {
  const db = await open("memory:");
  await db.query("CREATE TABLE big (a int[], b bytea[])");
  const items = Array.from(
    { length: 100_000 },
    (_, i) => i % 7 === 0 ? null : i,
  );
  await db.query("INSERT INTO big VALUES ($1, $2)", [
    items,
    [new Uint8Array(300_000).fill(7), null],
  ]);
  const { rows } = await db.query(
    "SELECT a, cardinality(a) AS n, length(b[1]) AS l, b[2] AS x FROM big",
  );
  assertEquals(rows, [{ a: items, n: 100_000, l: 300_000, x: null }]);
  await db.close();
});
