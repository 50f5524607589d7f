import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type Database, KriyaError, open, SqlError } from "../../mod.ts";
import { MemoryBucket, MemoryStore } from "../../storage/mod.ts";
import { rejectsWith, rejectsWithCode } from "../support/databases.ts";

interface Level {
  readonly level: number;
  readonly tables: number;
}

function storeOf(db: Database): Record<string, unknown> {
  return db.status()["store"] as Record<string, unknown>;
}

Deno.test("[K-022] tables are isolated: dropping or emptying one leaves the others", async () => {
  const bucket = new MemoryBucket();
  const openIt = (): Promise<Database> =>
    open("memory:", { store: new MemoryStore({ bucket }) });
  const names = ["one", "two", "three"];
  {
    await using db = await openIt();
    for (const name of names) {
      await db.exec(`
        CREATE TABLE ${name} (id int PRIMARY KEY, e vector(2));
        CREATE INDEX ON ${name} USING lsm_hnsw (e);
        INSERT INTO ${name} VALUES (1, '[1,1]'), (2, '[2,2]');
      `);
    }
    await db.exec(
      "DROP TABLE one; TRUNCATE two; DELETE FROM three WHERE id = 1",
    );
    await db.exec("CREATE TABLE one (s text); INSERT INTO one VALUES ('new')");
    await db.query("SELECT lsm_s3_flush()");
  }
  await using db = await openIt();
  assertEquals((await db.query("SELECT * FROM one")).rows, [{ s: "new" }]);
  assertEquals((await db.query("SELECT * FROM two")).rows, []);
  const nearest = "SELECT id FROM three ORDER BY e <-> '[0,0]'";
  assertEquals((await db.query(nearest)).rows, [{ id: 2 }]);
  await rejectsWith(
    db.query("INSERT INTO three VALUES (2, NULL)"),
    "23505",
    { constraint: "three_pkey" },
  );
  await db.query("INSERT INTO two VALUES (2, '[7,7]')");
});

Deno.test("[K-003] what is flushed is in tables of level 0, which the status shows", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  assertEquals(storeOf(db)["levels"], []);
  for (let flush = 1; flush <= 3; flush++) {
    await db.query("INSERT INTO t VALUES ($1, 'x')", [flush]);
    await db.query("SELECT lsm_s3_flush()");
    const levels = storeOf(db)["levels"] as Level[];
    assertEquals(levels.map(({ level }) => level), [0]);
    assertEquals(levels[0]!.tables, flush);
    assertEquals(storeOf(db)["unflushedBytes"], 0);
  }
  const { rows } = await db.query("SELECT count(*) AS n FROM t");
  assertEquals(rows, [{ n: 3 }]);
});

Deno.test("[K-009] errors are classes, with what to do and an SQLSTATE", async () => {
  const db = await open("memory:");
  const wrong = await rejectsWith(db.query("SELEC"), "42601");
  assertInstanceOf(wrong, SqlError);
  assertInstanceOf(wrong, KriyaError);
  assertInstanceOf(wrong, Error);
  assertEquals([wrong.name, wrong.kind], ["SqlError", "invalid"]);
  await db.close();
  const closed = await rejectsWithCode(db.query("SELECT 1"), "08003");
  assert(!(closed instanceof SqlError));
  assertEquals([closed.name, closed.kind], ["KriyaError", "closed"]);
});

Deno.test("[K-175] a KNN takes its query from ORDER BY, anew at every run", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, e vector(2));
    CREATE INDEX ON t USING lsm_hnsw (e);
    SET enable_seqscan = off;
  `);
  const values = Array.from({ length: 200 }, (_, i) => `(${i}, '[${i},0]')`);
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  const nearest = await db.prepare<{ id: number }>(
    "SELECT id FROM t ORDER BY e <-> $1 LIMIT 1",
  );
  for (const id of [7, 199, 0, 7, 42]) {
    assertEquals((await nearest.query([[id, 0.1]])).rows, [{ id }]);
  }
  const written = "SELECT id FROM t ORDER BY e <-> '[3,0]'::vector LIMIT 1";
  assertEquals((await db.query(written)).rows, [{ id: 3 }]);
});

Deno.test("[K-178] vectors are in the objects of the store, and nowhere else", async () => {
  const bucket = new MemoryBucket();
  const built: string[] = [];
  const openIt = (): Promise<Database> =>
    open("memory:", {
      store: new MemoryStore({ bucket }),
      onProgress: ({ phase }) => built.push(phase),
    });
  {
    await using db = await openIt();
    await db.exec("CREATE TABLE t (id int PRIMARY KEY, e vector(3))");
    const values = Array.from(
      { length: 1500 },
      (_, i) => `(${i}, '[${i},${i % 7},1]')`,
    );
    await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
    await db.query("CREATE INDEX ON t USING lsm_hnsw (e)");
    await db.query("INSERT INTO t VALUES (2000, '[2000,0,1]')");
  }
  assert(built.includes("building graph"));
  built.length = 0;
  await using db = await openIt();
  await db.exec("SET enable_seqscan = off");
  for (const id of [3, 700, 1499, 2000]) {
    const { rows } = await db.query(
      "SELECT id FROM t ORDER BY e <-> $1 LIMIT 1",
      [[id, id === 2000 ? 0 : id % 7, 1]],
    );
    assertEquals(rows, [{ id }]);
  }
  const [index] = db.status()["vectorIndexes"] as Record<string, unknown>[];
  assertEquals([index!["segments"], index!["rows"]], [1, 1501]);
  assertEquals(built, [], "the graph was not built again");
});
