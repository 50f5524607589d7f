import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

function cachedPlans(db: Database): number {
  return db.status()["cachedPlans"] as number;
}

Deno.test("[L-199] a text that comes again is not planned again", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const before = cachedPlans(db);
  for (let i = 0; i < 20; i++) {
    await db.query("INSERT INTO t VALUES ($1, $2)", [i, `row ${i}`]);
    await db.query("SELECT s FROM t WHERE id = $1", [i]);
  }
  assertEquals(cachedPlans(db) - before, 2);
  for (let i = 0; i < 2000; i++) await db.query(`SELECT ${i}`);
  assert(cachedPlans(db) <= 512, `${cachedPlans(db)} plans`);
});

Deno.test("a text means what the tables are when it runs", async () => {
  await using db = await open("memory:");
  const all = "SELECT * FROM t";
  const insert = "INSERT INTO t VALUES ($1, $2)";
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  await db.query(insert, [1, "5"]);
  assertEquals((await db.query(all)).rows, [{ id: 1, s: "5" }]);
  const prepared = await db.prepare(all);
  await db.exec("DROP TABLE t");
  await rejectsWith(db.query(all), "42P01");
  await rejectsWith(db.query(insert, [1, "5"]), "42P01");
  await rejectsWith(prepared.query(), "42P01");
  await db.exec("CREATE TABLE t (b bigint, n int)");
  await db.query(insert, ["1", "5"]);
  const { rows, fields } = await db.query(all);
  assertEquals(rows, [{ b: 1, n: 5 }]);
  assertEquals(fields.map(({ dataType }) => dataType), ["int8", "int4"]);
  assertEquals((await prepared.query()).rows, [{ b: 1, n: 5 }]);
});

Deno.test("a text is planned by the catalog of its transaction", async () => {
  await using db = await open("memory:");
  const all = "SELECT * FROM t";
  await db.exec("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
  await db.query(all);
  await db.transaction(async (tx) => {
    await tx.exec(
      "DROP TABLE t; CREATE TABLE t (b text); INSERT INTO t VALUES ('x')",
    );
    assertEquals((await tx.query(all)).rows, [{ b: "x" }]);
    assertEquals(
      (await db.query(all)).rows,
      [{ a: 1 }],
      "others see the old one",
    );
    assertEquals((await tx.query(all)).rows, [{ b: "x" }]);
    await tx.rollback();
  });
  assertEquals((await db.query(all)).rows, [{ a: 1 }]);
});

Deno.test("an index made, truncated or dropped changes the plan of a text", async () => {
  await using db = await open("memory:");
  await db.exec(
    "CREATE TABLE t (id int, e vector(2)); SET enable_seqscan = off",
  );
  const nearest = "SELECT id FROM t ORDER BY e <-> $1 LIMIT 1";
  const planOf = async (text: string): Promise<string> => {
    const parameters = text.includes("$1") ? [[1, 1]] : [];
    const { rows } = await db.query(`EXPLAIN ${text}`, parameters, {
      rowMode: "array",
    });
    return (rows as unknown as string[][]).flat().join("\n");
  };
  const values = Array.from({ length: 300 }, (_, i) => `(${i}, '[${i},1]')`);
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  const check = async (id: number): Promise<void> => {
    const { rows } = await db.query(nearest, [[id, 1]]);
    assertEquals(rows, [{ id }]);
  };
  await check(7);
  assert(!(await planOf(nearest)).includes("Index Scan"));
  await db.exec("CREATE INDEX te ON t USING lsm_hnsw (e)");
  assert((await planOf(nearest)).includes("Index Scan using te"));
  await check(8);
  await db.exec("TRUNCATE t");
  assertEquals((await db.query(nearest, [[1, 1]])).rows, []);
  await db.query(`INSERT INTO t VALUES (5, '[5,1]')`);
  await check(5);
  await db.exec("DROP INDEX te");
  assert(!(await planOf(nearest)).includes("Index Scan"));
  await check(5);

  const byId = "SELECT id FROM t WHERE id = 5";
  assert((await planOf(byId)).includes("Seq Scan"));
  await db.exec("CREATE INDEX ON t (id)");
  assert((await planOf(byId)).includes("Index Scan using t_id_idx"));
  assertEquals((await db.query(byId)).rows, [{ id: 5 }]);
});

Deno.test("a text is planned anew when its table has grown", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, e vector(2));
    CREATE INDEX te ON t USING lsm_hnsw (e);
    INSERT INTO t VALUES (0, '[0,1]');
  `);
  const nearest = "SELECT id FROM t ORDER BY e <-> $1 LIMIT 3";
  const explain = async (): Promise<string> => {
    const { rows } = await db.query(`EXPLAIN ANALYZE ${nearest}`, [[1, 1]], {
      rowMode: "array",
    });
    return (rows as unknown as string[][]).flat().join("\n");
  };
  assertEquals((await db.query(nearest, [[1, 1]])).rows.length, 1);
  assert((await explain()).includes("Seq Scan"), await explain());
  const values = Array.from(
    { length: 9000 },
    (_, i) => `(${i + 1}, '[${i + 1},1]')`,
  );
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  await db.settle();
  assert((await explain()).includes("Index Scan using te"), await explain());
  const { rows } = await db.query(nearest, [[4321, 1]]);
  assertEquals(rows[0], { id: 4321 });
});

Deno.test("[L-199] a plan for all values is taken where plans for each do not pay", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, kind text);
    INSERT INTO t SELECT g, CASE WHEN g % 5000 = 0 THEN 'rare' ELSE 'usual' END
      FROM generate_series(1, 20000) g;
    CREATE INDEX ON t (kind);
    ANALYZE t;
    PREPARE by_kind(text) AS SELECT count(*) FROM t WHERE kind = $1;
    PREPARE by_id(int) AS SELECT kind FROM t WHERE id = $1`);
  const planOf = async (execute: string): Promise<string> => {
    const { rows } = await db.query(`EXPLAIN (COSTS OFF) ${execute}`);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  };
  const counts = async (name: string): Promise<unknown> =>
    (await db.query(
      "SELECT generic_plans::int AS g, custom_plans::int AS c " +
        "FROM pg_prepared_statements WHERE name = $1",
      [name],
    )).rows[0];
  assert((await planOf("EXECUTE by_kind('rare')")).includes("Index"));
  assert((await planOf("EXECUTE by_kind('usual')")).includes("Seq Scan"));
  for (let i = 0; i < 8; i++) await db.query("EXECUTE by_kind('rare')");
  for (let i = 0; i < 8; i++) await db.query(`EXECUTE by_id(${i})`);
  assertEquals(await counts("by_id"), { g: 3, c: 5 });
  const { c } = await counts("by_kind") as { c: number };
  assert(c >= 5, `${c} plans for a value`);
  await db.exec("SET plan_cache_mode = force_generic_plan");
  assertEquals(
    await planOf("EXECUTE by_kind('rare')"),
    await planOf("EXECUTE by_kind('usual')"),
  );
  await db.exec("SET plan_cache_mode = force_custom_plan");
  assert((await planOf("EXECUTE by_kind('rare')")).includes("'rare'"));
});

Deno.test("a text with other values is planned for them", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE p (k int, v int) PARTITION BY LIST (k);
    CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
    CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
    INSERT INTO p SELECT 1 + g % 2, g FROM generate_series(1, 10) g`);
  const sql = "SELECT count(*)::int AS n FROM p WHERE k = $1 AND v < $2";
  for (const [k, v, n] of [[1, 5, 2], [2, 100, 5], [3, 5, 0], [null, 5, 0]]) {
    for (let i = 0; i < 3; i++) {
      assertEquals((await db.query(sql, [k, v])).rows, [{ n }]);
    }
  }
  const { rows } = await db.query(`EXPLAIN ${sql}`, [2, 100]);
  const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
  assert(plan.includes("p2") && !plan.includes("p1"), plan);
});
