import { assert, assertEquals, assertRejects } from "@std/assert";
import { open, SqlError } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";

async function numbers(
  queries: {
    query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
  },
  text: string,
): Promise<unknown[]> {
  const { rows } = await queries.query(text);
  return rows.map((row) => Object.values(row)[0]);
}

async function refused(
  run: () => Promise<unknown>,
  code: string,
): Promise<void> {
  assertEquals((await assertRejects(run, SqlError)).code, code);
}

Deno.test("temporary objects are a session's own, and go with it", async () => {
  await using db = await open("memory:");
  await using one = db.session();
  await using other = db.session();
  await one.query("CREATE TEMP TABLE t (a int PRIMARY KEY, b serial)");
  await one.query("INSERT INTO t VALUES (1), (2)");
  await refused(() => other.query("SELECT * FROM t"), "42P01");
  await refused(() => db.query("SELECT * FROM t"), "42P01");
  await other.query("CREATE TEMP TABLE t (c text)");
  await other.query("INSERT INTO t VALUES ('x')");
  // The same text means another table in each.
  for (let round = 0; round < 2; round++) {
    assertEquals(await numbers(one, "SELECT count(*)::int FROM t"), [2]);
    assertEquals(await numbers(other, "SELECT count(*)::int FROM t"), [1]);
  }
  await one.transaction(async (tx) => {
    await tx.query("INSERT INTO t VALUES (3)");
    assertEquals(await numbers(tx, "SELECT max(b) FROM t"), [3]);
  });
  assertEquals(await numbers(one, "SELECT max(a) FROM t"), [3]);
  await one.close();
  assertEquals(
    await numbers(
      db,
      "SELECT count(*)::int FROM pg_class WHERE oid > 2147483647",
    ),
    [0],
  );
});

Deno.test("the default session has temporary objects, and its transactions share them", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)");
  await db.transaction(async (tx) => {
    await tx.query("INSERT INTO t VALUES (2)");
    await tx.query("CREATE TEMP TABLE u (a int)");
  });
  assertEquals(await numbers(db, "SELECT sum(a)::int FROM t"), [3]);
  assertEquals(await numbers(db, "SELECT count(*)::int FROM u"), [0]);
  await assertRejects(() =>
    db.transaction(async (tx) => {
      await tx.query("DROP TABLE t");
      throw new Error("no");
    })
  );
  assertEquals(await numbers(db, "SELECT sum(a)::int FROM t"), [3]);
});

Deno.test("nothing temporary reaches the store", async () => {
  const bucket = new MemoryBucket();
  const names = async (): Promise<string[]> => {
    const { objects } = await new MemoryStore({ bucket }).list("");
    return objects.map(({ path }) => path);
  };
  {
    await using db = await open("memory:", {
      store: new MemoryStore({ bucket }),
    });
    await db.query("CREATE TABLE lasting (a int)");
    const before = await names();
    await db.exec(`
      CREATE TEMP TABLE t (a serial PRIMARY KEY, b text);
      CREATE INDEX ON t (b);
      CREATE TEMP VIEW v AS SELECT a FROM t;
      CREATE TEMP SEQUENCE s;
      INSERT INTO t (b) SELECT 'row ' || i FROM generate_series(1, 1000) i;
      UPDATE t SET b = b || '!';
      DELETE FROM t WHERE a > nextval('s');
      TRUNCATE t RESTART IDENTITY;
      INSERT INTO t (b) SELECT a::text FROM lasting;
      DROP TABLE t CASCADE;
    `);
    await db.query("CREATE TEMP TABLE left_over (a int)");
    assertEquals(await names(), before);
  }
  await using db = await open("memory:", {
    store: new MemoryStore({ bucket }),
  });
  await refused(() => db.query("SELECT * FROM left_over"), "42P01");
});

Deno.test("a reader has temporary objects, too", async () => {
  const bucket = new MemoryBucket();
  await using writer = await open("memory:", {
    store: new MemoryStore({ bucket }),
  });
  await writer.exec("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)");
  await using reader = await open("memory:", {
    store: new MemoryStore({ bucket }),
    readOnly: true,
  });
  await refused(() => reader.query("INSERT INTO t VALUES (3)"), "25006");
  await refused(() => reader.query("CREATE TABLE u (a int)"), "25006");
  await reader.exec(`
    CREATE TEMP TABLE u (a serial, b int);
    INSERT INTO u (b) SELECT a * 10 FROM t;
    CREATE INDEX ON u (b);
  `);
  const joined = "SELECT u.a FROM u JOIN t ON u.b = t.a * 10 ORDER BY 1";
  assertEquals(await numbers(reader, joined), [1, 2]);
  // What the writer does meanwhile leaves them alone.
  await writer.exec("INSERT INTO t VALUES (3); CREATE TABLE v (a int)");
  await reader.refresh();
  await reader.query("INSERT INTO u (b) VALUES (30)");
  assertEquals(await numbers(reader, joined), [1, 2, 3]);
});

Deno.test("statements side by side on a temporary table lose no update", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TEMP TABLE t (a int PRIMARY KEY, n int)");
  await db.query("INSERT INTO t VALUES (1, 0)");
  const updates = Array.from(
    { length: 20 },
    () => db.query("UPDATE t SET n = n + 1"),
  );
  await Promise.all(updates);
  assertEquals(await numbers(db, "SELECT n FROM t"), [20]);
  const inserts = await Promise.allSettled(
    Array.from({ length: 5 }, () => db.query("INSERT INTO t VALUES (2, 0)")),
  );
  const done = inserts.filter(({ status }) => status === "fulfilled");
  assertEquals(done.length, 1);
  const tables = await Promise.allSettled(
    Array.from({ length: 5 }, () => db.query("CREATE TEMP TABLE u (a int)")),
  );
  assertEquals(
    tables.filter(({ status }) => status === "fulfilled").length,
    1,
  );
});

Deno.test("what was replaced does not fill the memory", async () => {
  await using db = await open("memory:", {
    settings: { "lsm_s3.max_memory_mb": "64" },
  });
  await db.exec("CREATE TEMP TABLE t (a int, b text)");
  await db.query("INSERT INTO t SELECT i, '' FROM generate_series(1, 20) i");
  for (let round = 0; round < 150; round++) {
    await db.query("UPDATE t SET b = repeat('x', 20000)");
  }
  assertEquals(await numbers(db, "SELECT count(*)::int FROM t"), [20]);
  const error = await assertRejects(
    () =>
      db.query(
        "INSERT INTO t SELECT i, repeat('y', 20000) FROM generate_series(1, 5000) i",
      ),
    SqlError,
  );
  assertEquals(error.code, "53200");
  assert(error.detail?.includes("Temporary tables"));
});

Deno.test("a vector index does not go on a temporary table", async () => {
  await using db = await open("memory:");
  await db.query("CREATE TEMP TABLE t (a int, v vector(2))");
  await db.query("INSERT INTO t VALUES (1, '[0,1]'), (2, '[1,0]')");
  await refused(
    () => db.query("CREATE INDEX ON t USING lsm_hnsw (v)"),
    "0A000",
  );
  assertEquals(
    await numbers(db, "SELECT a FROM t ORDER BY v <-> '[1,0.2]' LIMIT 1"),
    [2],
  );
});
