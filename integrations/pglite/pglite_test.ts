import { assert, assertEquals, assertRejects } from "@std/assert";
import * as original from "@electric-sql/pglite";
import { live as originalLive } from "@electric-sql/pglite/live";
import * as face from "@kriyadb/kriyadb/pglite";
import { SqlError } from "@kriyadb/kriyadb";
import { live } from "@kriyadb/kriyadb/pglite/live";

/** Opening PGlite takes seconds: one is enough for all tests. */
let shared:
  | ReturnType<
    typeof original.PGlite.create<{
      extensions: { live: typeof originalLive };
    }>
  >
  | undefined;

/** The same code over both, with one that is open. */
function same(
  title: string,
  test: (
    pg: original.PGlite & {
      live: import("@electric-sql/pglite/live").LiveNamespace;
    },
  ) => Promise<void>,
): void {
  Deno.test({
    name: `[O-006] pglite: ${title} (PGlite)`,
    fn: async () => {
      const pg = await (shared ??= original.PGlite.create({
        extensions: { live: originalLive },
      }));
      await pg.exec("DISCARD ALL");
      await pg.exec("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      await test(pg);
    },
    sanitizeOps: false,
    sanitizeResources: false,
  });
  Deno.test(`[O-006] pglite: ${title} (KriyaDB)`, async () => {
    const pg = await face.PGlite.create({ extensions: { live } });
    try {
      await test(pg as never);
    } finally {
      await pg.close();
    }
  });
}

/** Waits until something holds. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(holds());
}

const EVERYTHING = `CREATE TABLE t (
  id serial PRIMARY KEY, a int8, b numeric, c date, d timestamptz, e jsonb,
  f bytea, g int[], h bool, i timestamp, j time, k interval, l text[], m jsonb[],
  n uuid, o float4, p json)`;

same("values of every common type come and go alike", async (pg) => {
  await pg.exec(EVERYTHING);
  const values = [
    ...[2n ** 60n, "1.50", new Date(0), new Date(1e12), { a: [1] }],
    ...[new Uint8Array([1, 2]), [1, 2], true, new Date(0), "10:00", "1 day"],
    ...[["a", "b,c"], [{ a: 1 }], "00000000-0000-0000-0000-000000000001"],
    ...[1.5, "[1, null]"],
  ];
  const names = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p";
  const places = values.map((_, i) => `$${i + 1}`).join();
  const { rows, command, affectedRows, rowCount, fields } = await pg.query(
    `INSERT INTO t (${names}) VALUES (${places}) RETURNING *`,
    values,
  );
  assertEquals({ command, affectedRows, rowCount }, {
    command: "INSERT",
    affectedRows: 1,
    rowCount: 1,
  });
  assertEquals(rows, [{
    id: 1,
    a: 2n ** 60n,
    b: "1.50",
    c: new Date(0),
    d: new Date(1e12),
    e: { a: [1] },
    f: new Uint8Array([1, 2]),
    g: [1, 2],
    h: true,
    i: new Date(0),
    j: "10:00:00",
    k: "1 day",
    l: ["a", "b,c"],
    m: [{ a: 1 }],
    n: "00000000-0000-0000-0000-000000000001",
    o: 1.5,
    p: [1, null],
  }]);
  const types = [23, 20, 1700, 1082, 1184, 3802, 17, 1007, 16, 1114, 1083];
  assertEquals(
    fields.map(({ dataTypeID }) => dataTypeID),
    [...types, 1186, 1009, 3807, 2950, 700, 114],
  );
  assertEquals(Object.keys(fields[0]!), ["name", "dataTypeID"]);
  await pg.query(
    `INSERT INTO t (${names}) VALUES (${places})`,
    values.map(() => undefined),
  );
  const nulls = await pg.query<unknown[]>(
    "SELECT a, c, e, g, h FROM t WHERE id = 2",
    [],
    { rowMode: "array" },
  );
  assertEquals(nulls.rows, [[null, null, null, null, null]]);
});

same("unusual values are alike", async (pg) => {
  const { rows } = await pg.query(`SELECT '[1,2]'::json AS j, 'NaN'::numeric,
    '{1,NULL}'::int8[], 9007199254740993::int8 AS big, 7::int8 AS small,
    'a'::char(3), 5::oid, array[[1,2],[3,4]] AS grid, '1 mon'::interval AS span,
    row(1, 'a') AS pair, '{"k":null}'::jsonb AS k, 'x'::name, point '(1,2)',
    '1 2'::int2vector AS v, int4range(1, 5) AS r, 'a'::"char" AS c`);
  assertEquals(rows, [{
    j: [1, 2],
    numeric: "NaN",
    int8: [1, null],
    big: 9007199254740993n,
    small: 7,
    bpchar: "a  ",
    oid: 5,
    grid: [[1, 2], [3, 4]],
    span: "1 mon",
    pair: "(1,a)",
    k: { k: null },
    name: "x",
    point: "(1,2)",
    v: "1 2",
    r: "[1,5)",
    c: "a",
  }]);
});

same("exec runs a script, and counts on", async (pg) => {
  const results = await pg.exec(`
    CREATE TABLE n (i int);
    INSERT INTO n VALUES (1), (2);
    UPDATE n SET i = i + 1;
    SELECT i FROM n ORDER BY i;
    DELETE FROM n WHERE i = 9`);
  assertEquals(
    results.map(({ command, affectedRows, rowCount }) => [
      command,
      affectedRows,
      rowCount,
    ]),
    [
      ["CREATE", 0, undefined],
      ["INSERT", 2, 2],
      ["UPDATE", 4, 2],
      ["SELECT", 4, 2],
      ["DELETE", 4, 0],
    ],
  );
  assertEquals(results[3]!.rows, [{ i: 2 }, { i: 3 }]);
  const failed = await pg.exec("INSERT INTO n VALUES (5); SELECT 1/0")
    .catch((error) => error.code);
  assertEquals(failed, "22012");
  const { rows } = await pg.query("SELECT count(*)::int AS n FROM n");
  assertEquals(rows, [{ n: 2 }]);
});

same("an error says what PostgreSQL says", async (pg) => {
  await pg.exec("CREATE TABLE u (id int CONSTRAINT one UNIQUE)");
  await pg.query("INSERT INTO u VALUES (1)");
  const error = await pg.query("INSERT INTO u VALUES ($1)", [1])
    .then(() => undefined, (error) => error);
  const { code, message, detail, schema, table, constraint } = error;
  assertEquals({ code, message, detail, schema, table, constraint }, {
    code: "23505",
    message: 'duplicate key value violates unique constraint "one"',
    detail: "Key (id)=(1) already exists.",
    schema: "public",
    table: "u",
    constraint: "one",
  });
  await assertRejects(
    () => pg.query("SELECT 1; SELECT 2"),
    Error,
    "cannot insert multiple commands into a prepared statement",
  );
  await assertRejects(
    () => pg.query("SELECT $1::int", [true]),
    Error,
    'invalid input syntax for type integer: "true"',
  );
});

same("templates and parsers", async (pg) => {
  const n = 2;
  assertEquals((await pg.sql`SELECT ${1}::int + ${n}::int AS sum`).rows, [{
    sum: 3,
  }]);
  const { rows } = await pg.query("SELECT 5 AS n, now()::date = $1 AS d", [
    "2001-01-01",
  ], {
    parsers: { [original.types.INT4]: (text: string) => `<${text}>` },
  });
  assertEquals(rows, [{ n: "<5>", d: false }]);
  const sent = await pg.query("SELECT $1::int AS n", [5], {
    serializers: { [original.types.INT4]: (value) => String(value * 2) },
  });
  assertEquals(sent.rows, [{ n: 10 }]);
});

same("a transaction commits, rolls back, and is alone", async (pg) => {
  await pg.exec("CREATE TABLE n (i int); CREATE TEMP TABLE own (i int)");
  const result = await pg.transaction(async (tx) => {
    await tx.query("INSERT INTO n VALUES ($1)", [1]);
    await tx.sql`INSERT INTO n VALUES (${2})`;
    await tx.exec("INSERT INTO own VALUES (1)");
    const { rows } = await tx.query("SELECT i FROM n ORDER BY i");
    return rows;
  });
  assertEquals(result, [{ i: 1 }, { i: 2 }]);
  const outside: Promise<unknown>[] = [];
  await assertRejects(
    () =>
      pg.transaction(async (tx) => {
        await tx.query("DELETE FROM n");
        outside.push(pg.query("SELECT count(*)::int AS n FROM n"));
        throw new Error("changed my mind");
      }),
    Error,
    "changed my mind",
  );
  const [counted] = await Promise.all(outside) as original.Results[];
  assertEquals(counted!.rows, [{ n: 2 }]);
  assertEquals(
    await pg.transaction(async (tx) => {
      await tx.query("DELETE FROM n");
      await tx.rollback();
      assertEquals(tx.closed, true);
      await assertRejects(
        () => tx.query("SELECT 1"),
        Error,
        "Transaction is closed",
      );
      return 7;
    }),
    7,
  );
  const { rows } = await pg.query("SELECT count(*)::int AS n FROM n, own");
  assertEquals(rows, [{ n: 2 }]);
});

same("BEGIN by hand, and settings stay", async (pg) => {
  await pg.exec("CREATE SCHEMA s; CREATE TABLE s.t (i int)");
  await pg.query("SET search_path = s");
  await pg.query("BEGIN");
  await pg.query("INSERT INTO t VALUES (1)");
  await pg.query("ROLLBACK");
  await pg.transaction((tx) => tx.query("INSERT INTO t VALUES (2)"));
  assertEquals((await pg.query("SELECT * FROM t")).rows, [{ i: 2 }]);
});

same("statements run in the order they were given", async (pg) => {
  await pg.exec("CREATE TABLE n (i serial, v text)");
  await Promise.all(
    ["a", "b", "c"].map((v) => pg.query("INSERT INTO n (v) VALUES ($1)", [v])),
  );
  const { rows } = await pg.query("SELECT * FROM n ORDER BY i");
  assertEquals(rows.map((row) => (row as { v: string }).v), ["a", "b", "c"]);
});

same("notifications", async (pg) => {
  const heard: string[] = [];
  const end = await pg.listen("news", (text) => heard.push(text));
  const off = pg.onNotification((channel, text) =>
    heard.push(`${channel}:${text}`)
  );
  await pg.query("NOTIFY news, 'rain'");
  await until(() => heard.length === 2);
  assertEquals(heard.sort(), ["news:rain", "rain"]);
  off();
  await end();
  await pg.query("NOTIFY news, 'sun'");
  await pg.listen("Other", (text) => heard.push(text));
  await pg.query("SELECT pg_notify('other', 'x')");
  await until(() => heard.length === 3);
  assertEquals(heard[2], "x");
  await pg.unlisten("Other");
});

same("describeQuery", async (pg) => {
  await pg.exec("CREATE TABLE t (a int8, b numeric)");
  const { queryParams, resultFields } = await pg.describeQuery(
    "SELECT a, b FROM t WHERE a = $1 AND b > $2",
  );
  assertEquals(queryParams.map(({ dataTypeID }) => dataTypeID), [20, 1700]);
  assertEquals(
    resultFields.map(({ name, dataTypeID }) => [name, dataTypeID]),
    [["a", 20], ["b", 1700]],
  );
});

same("COPY from and to a blob", async (pg) => {
  await pg.exec("CREATE TABLE t (a int, b text)");
  const copied = await pg.query(
    "COPY t FROM '/dev/blob' WITH (FORMAT csv)",
    [],
    {
      blob: new Blob(["1,a\n2,b\n"]),
    },
  );
  assertEquals(copied.affectedRows, 2);
  const { blob } = await pg.query("COPY t TO '/dev/blob'");
  assertEquals(await blob!.text(), "1\ta\n2\tb\n");
});

same("live queries", async (pg) => {
  await pg.exec("CREATE TABLE t (id int PRIMARY KEY, v text, at date)");
  await pg.query("INSERT INTO t VALUES (1, 'a', '2024-01-01')");
  const told: unknown[] = [];
  const query = await pg.live.query(
    "SELECT v, at FROM t WHERE id < $1 ORDER BY id",
    [10],
    ({ rows }) => void told.push(rows),
  );
  const first = { v: "a", at: new Date("2024-01-01") };
  assertEquals(query.initialResults.rows, [first]);
  assertEquals(told, [[first]]);
  await pg.query("INSERT INTO t VALUES (2, 'b', NULL), (20, 'z', NULL)");
  await until(() => told.length === 2);
  assertEquals(told[1], [first, { v: "b", at: null }]);
  await query.unsubscribe();
  await pg.query("DELETE FROM t");
  await new Promise((resolve) => setTimeout(resolve, 30));
  assertEquals(told.length, 2);
});

same("live changes", async (pg) => {
  await pg.exec("CREATE TABLE t (id int PRIMARY KEY, v text)");
  await pg.query("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  const told: Record<string, unknown>[][] = [];
  const changes = await pg.live.changes(
    "SELECT id, v FROM t ORDER BY id",
    [],
    "id",
    (some) => void told.push(some as Record<string, unknown>[]),
  );
  assertEquals(changes.fields.map(({ name }) => name), ["id", "v"]);
  assertEquals(told[0]!.map((row) => [row["__op__"], row["__after__"]]), [
    ["INSERT", null],
    ["INSERT", 1],
  ]);
  await pg.query("UPDATE t SET v = 'c' WHERE id = 2");
  await until(() => told.length === 2);
  assertEquals(told[1], [{
    id: 2,
    v: "c",
    __op__: "UPDATE",
    __after__: null,
    __changed_columns__: ["v"],
  }]);
  await pg.query("DELETE FROM t WHERE id = 2");
  await until(() => told.length === 3);
  assertEquals(told[2], [{
    id: 2,
    v: null,
    __op__: "DELETE",
    __after__: null,
    __changed_columns__: [],
  }]);
  await pg.query("INSERT INTO t VALUES (0, 'z')");
  await until(() => told.length === 4);
  assertEquals(
    told[3]!.map((row) => [row["__op__"], row["id"], row["__after__"]]),
    [["INSERT", 0, null], ["UPDATE", 1, 0]],
  );
  assertEquals(told[3]![1]!["__changed_columns__"], ["__after__"]);
  assertEquals(told[3]![1]!["v"], null);
  await changes.unsubscribe();
});

Deno.test("[O-006] pglite: it is ready, then closed", async () => {
  const pg = new face.PGlite();
  assertEquals([pg.ready, pg.closed], [false, false]);
  const early = pg.query("SELECT 1 AS n");
  await pg.waitReady;
  assertEquals([pg.ready, pg.closed], [true, false]);
  assertEquals((await early).rows, [{ n: 1 }]);
  await pg.close();
  assertEquals([pg.ready, pg.closed], [false, true]);
  await assertRejects(() => pg.query("SELECT 1"), Error, "PGlite is closed");
});

Deno.test("[O-006] pglite: what is not there says its name", async () => {
  await using pg = new face.PGlite("memory://");
  for (
    const call of [
      () => pg.dumpDataDir(),
      () => pg.execProtocolRaw(),
      () => pg.clone(),
    ]
  ) await assertRejects(call, SqlError, "is not supported");
  await assertRejects(
    () => pg.query("SELECT 1", [], { paramTypes: [23] }),
    SqlError,
    'PGlite option "paramTypes" is not supported',
  );
  await assertRejects(
    () => face.PGlite.create("idb://mine"),
    SqlError,
    'data directory "idb://mine" is not supported',
  );
  await assertRejects(
    () => face.PGlite.create({ loadDataDir: new Blob() } as never),
    SqlError,
    'PGlite option "loadDataDir" is not supported',
  );
  const extension: face.Extension = {
    name: "postgis",
    setup: () => Promise.resolve({ bundlePath: new URL("file:///x") }),
  };
  await assertRejects(
    () => face.PGlite.create({ extensions: { extension } }),
    SqlError,
    'PGlite extension "postgis" is not supported',
  );
});

Deno.test("[O-006] pglite: data in a folder, and vectors", async () => {
  const folder = await Deno.makeTempDir();
  const { vector } = face;
  try {
    {
      await using pg = await face.PGlite.create(`${folder}/data`, {
        extensions: { vector },
      });
      await pg.exec(`CREATE EXTENSION IF NOT EXISTS vector;
        CREATE TABLE items (id int, e vector(2));
        INSERT INTO items VALUES (1, '[1,0]'), (2, '[0,1]')`);
    }
    await using pg = new face.PGlite(`file://${folder}/data`);
    const { rows } = await pg.query(
      "SELECT e FROM items ORDER BY e <-> $1 LIMIT 1",
      ["[0, 0.9]"],
    );
    assertEquals(rows, [{ e: "[0,1]" }]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
