import { assert, assertEquals } from "@std/assert";
import { type Notice, open } from "../../mod.ts";
import { rejectsWith, rejectsWithCode } from "../support/databases.ts";

Deno.test("query gives rows, fields, the count and the command", async () => {
  await using db = await open("memory:");
  const created = await db.query("CREATE TABLE t (id int PRIMARY KEY, s text)");
  assertEquals(created, {
    rows: [],
    fields: [],
    affectedRows: 0,
    command: "CREATE TABLE",
  });
  const inserted = await db.query("INSERT INTO t VALUES (1, 'a'), (2, NULL)");
  assertEquals(inserted.command, "INSERT 0 2");
  assertEquals(inserted.affectedRows, 2);
  assertEquals(inserted.fields, []);
  const selected = await db.query("SELECT id, s AS name FROM t ORDER BY id");
  assertEquals(selected.rows, [{ id: 1, name: "a" }, { id: 2, name: null }]);
  assertEquals(selected.affectedRows, 2);
  assertEquals(selected.command, "SELECT 2");
  assertEquals(
    selected.fields.map((
      { name, dataType, dataTypeID },
    ) => [name, dataType, dataTypeID]),
    [["id", "int4", 23], ["name", "text", 25]],
  );
  const updated = await db.query("UPDATE t SET s = 'x' WHERE id > 1");
  assertEquals([updated.command, updated.affectedRows], ["UPDATE 1", 1]);
  const removed = await db.query("DELETE FROM t");
  assertEquals([removed.command, removed.affectedRows], ["DELETE 2", 2]);
});

Deno.test("query gives what RETURNING says, before and after", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 7)");
  const inserted = await db.query(
    "INSERT INTO t (id) VALUES (1), (2) RETURNING id, n + 1 AS next",
  );
  assertEquals(inserted.rows, [{ id: 1, next: 8 }, { id: 2, next: 8 }]);
  assertEquals(inserted.command, "INSERT 0 2");
  const updated = await db.query(
    "UPDATE t SET n = n * 2 WHERE id = 2 RETURNING *",
  );
  assertEquals(updated.rows, [{ id: 2, n: 14 }]);
  const removed = await db.query("DELETE FROM t WHERE id = 2 RETURNING n");
  assertEquals(removed.rows, [{ n: 14 }]);
  assertEquals((await db.query("SELECT * FROM t")).rows, [{ id: 1, n: 7 }]);
});

Deno.test("rows are arrays on request, columns of one name included", async () => {
  await using db = await open("memory:");
  const text = "SELECT 1 AS a, 'x' AS a, NULL AS b";
  const arrays = await db.query(text, [], { rowMode: "array" });
  assertEquals(arrays.rows as unknown, [[1, "x", null]]);
  const objects = await db.query(text);
  assertEquals(objects.rows, [{ a: "x", b: null }]);
});

Deno.test("column names cannot reach the prototype of rows", async () => {
  await using db = await open("memory:");
  const { rows } = await db.query(
    `SELECT 1 AS "__proto__", 2 AS "constructor", 3 AS "toString"`,
  );
  assertEquals(Object.entries(rows[0]!).sort(), [
    ["__proto__", 1],
    ["constructor", 2],
    ["toString", 3],
  ]);
  assertEquals(({} as Record<string, unknown>)["0"], undefined);
});

Deno.test("resultFormat text gives PostgreSQL's text of every value", async () => {
  await using db = await open("memory:");
  const { rows } = await db.query(
    `SELECT 1, 1.50::numeric, true, '\\x00ff'::bytea, NULL::int,
       '2024-02-29 12:00+02'::timestamptz, '{"b":1,"a":[2]}'::jsonb,
       '[1, 2.50]'::vector, 1e300::float8`,
    [],
    { rowMode: "array", resultFormat: "text" },
  );
  assertEquals(rows as unknown, [[
    "1",
    "1.50",
    "t",
    "\\x00ff",
    null,
    "2024-02-29 10:00:00+00",
    '{"a": [2], "b": 1}',
    "[1,2.5]",
    "1e+300",
  ]]);
});

Deno.test("options of open are the defaults of every call", async () => {
  await using db = await open("memory:", { rowMode: "array" });
  assertEquals((await db.query("SELECT 1")).rows as unknown, [[1]]);
  assertEquals((await db.exec("SELECT 1"))[0]!.rows as unknown, [[1]]);
  assertEquals((await db.sql`SELECT ${1}::int`).rows as unknown, [[1]]);
  const prepared = await db.prepare("SELECT 1");
  assertEquals((await prepared.query()).rows as unknown, [[1]]);
  const streamed = [];
  for await (const row of db.stream("SELECT 1")) streamed.push(row);
  assertEquals(streamed as unknown, [[1]]);
  await db.transaction(async (tx) => {
    assertEquals((await tx.query("SELECT 1")).rows as unknown, [[1]]);
  });
  const object = await db.query("SELECT 1 AS a", [], { rowMode: "object" });
  assertEquals(object.rows, [{ a: 1 }]);
});

Deno.test("a template's values are parameters, never text", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const evil = "'); DROP TABLE t; --";
  await db.sql`INSERT INTO t VALUES (${1}, ${evil})`;
  const { rows } = await db
    .sql`SELECT s FROM t WHERE s = ${evil} AND id = ${1}`;
  assertEquals(rows, [{ s: evil }]);
  await db.transaction(async (tx) => {
    const inside = await tx.sql`SELECT id FROM t WHERE id = ${1}`;
    assertEquals(inside.rows, [{ id: 1 }]);
  });
});

Deno.test("exec runs statements in order, in one transaction", async () => {
  await using db = await open("memory:");
  const results = await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY); -- a comment; with a semicolon
    INSERT INTO t VALUES (1), (2);
    SELECT count(*) AS n FROM t;
  `);
  assertEquals(results.map(({ command }) => command), [
    "CREATE TABLE",
    "INSERT 0 2",
    "SELECT 1",
  ]);
  assertEquals(results[2]!.rows, [{ n: 2 }]);
  assertEquals(await db.exec(" ;; -- nothing\n"), []);

  const failed =
    "INSERT INTO t VALUES (3); SELECT 1 / 0; INSERT INTO t VALUES (4)";
  await rejectsWith(db.exec(failed), "22012");
  assertEquals((await db.query("SELECT id FROM t")).rows.length, 2);

  await db.exec(
    "BEGIN; INSERT INTO t VALUES (5); COMMIT; INSERT INTO t VALUES (6)",
  );
  await db.exec(
    "INSERT INTO t VALUES (7); BEGIN; INSERT INTO t VALUES (8); ROLLBACK",
  );
  const { rows } = await db.query("SELECT id FROM t ORDER BY id");
  assertEquals(rows.map(({ id }) => id), [1, 2, 5, 6]);
});

Deno.test("exec keeps its statements together beside other callers", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const seen = await Promise.all([
    db.exec("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); SELECT 1 / 0")
      .catch(() => "failed"),
    db.query("SELECT count(*)::int AS n FROM t"),
    db.exec("COMMIT; INSERT INTO t VALUES (3); INSERT INTO t VALUES (4)"),
    db.query("INSERT INTO t VALUES (5)"),
  ]);
  assertEquals(seen[0], "failed");
  assertEquals((seen[1] as { rows: unknown[] }).rows, [{ n: 0 }]);
  const { rows } = await db.query("SELECT id FROM t ORDER BY id");
  assertEquals(rows.map(({ id }) => id), [3, 4, 5]);
});

Deno.test("prepare tells columns and parameter types before it runs", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, e vector(2), s text)");
  const insert = await db.prepare("INSERT INTO t VALUES ($1, $2, $3)");
  assertEquals(insert.fields, []);
  assertEquals(insert.parameterTypes, ["int4", "vector", "text"]);
  await insert.query([1, [1, 2], "one"]);
  await insert.query([2, new Float32Array([3, 4]), null]);
  const select = await db.prepare("SELECT id, s FROM t WHERE id = $1");
  assertEquals(select.text, "SELECT id, s FROM t WHERE id = $1");
  assertEquals(select.fields.map(({ name, dataType }) => [name, dataType]), [
    ["id", "int4"],
    ["s", "text"],
  ]);
  assertEquals((await select.query([2])).rows, [{ id: 2, s: null }]);
  assertEquals((await select.query([1])).rows, [{ id: 1, s: "one" }]);
  assertEquals((await select.query([3])).rows, []);
  await rejectsWith(db.prepare("SELECT nope FROM t"), "42703", { position: 8 });
  await rejectsWith(select.query([]), "08P01");
});

Deno.test("the number of parameters must be that of the statement", async () => {
  await using db = await open("memory:");
  await rejectsWith(db.query("SELECT $1::int, $2::int", [1]), "08P01", {
    message:
      'bind message supplies 1 parameters, but prepared statement "" requires 2',
  });
  await rejectsWith(db.query("SELECT 1", [1]), "08P01");
  await rejectsWith(db.query("SELECT $1"), "08P01");
  assertEquals(
    (await db.query("SELECT $2::int AS b, $1::text AS a", ["x", 2]))
      .rows,
    [{ b: 2, a: "x" }],
  );
});

Deno.test("stream gives rows as they come, and may be left early", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const values = Array.from({ length: 5000 }, (_, i) => `(${i}, 'row ${i}')`);
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  let sum = 0;
  const rows = db.stream<{ id: number; s: string }>(
    "SELECT id, s FROM t WHERE id >= $1",
    [10],
  );
  for await (const { id, s } of rows) {
    sum += id;
    assertEquals(s, `row ${id}`);
  }
  assertEquals(sum, (4999 * 5000) / 2 - 45);

  let taken = 0;
  for await (const _ of db.stream("SELECT id FROM t")) {
    if (++taken === 7) break;
  }
  assertEquals(taken, 7);
  const before = await db.query("UPDATE t SET s = 'x'");
  assertEquals(before.affectedRows, 5000);

  const failing = db.stream("SELECT 1 / (id - 3000) AS q FROM t");
  let given = 0;
  await rejectsWith(
    (async () => {
      for await (const _ of failing) given++;
    })(),
    "22012",
  );
  assert(given < 3000);
  await rejectsWith(db.stream("SELECT nope").next(), "42703");
});

Deno.test("stream sees one snapshot, whatever is written meanwhile", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
  const values = Array.from({ length: 4000 }, (_, i) => `(${i}, 1)`);
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  let sum = 0;
  let first = true;
  for await (const { n } of db.stream<{ n: number }>("SELECT n FROM t")) {
    if (first) {
      await db.query("UPDATE t SET n = 1000");
      await db.query("DELETE FROM t WHERE id > 2000");
      first = false;
    }
    sum += n;
  }
  assertEquals(sum, 4000);
});

Deno.test("stream runs a statement that writes, and commits it", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const ids = [];
  const rows = db.stream("INSERT INTO t VALUES (1), (2) RETURNING id");
  for await (const { id } of rows) ids.push(id);
  assertEquals(ids, [1, 2]);
  assertEquals((await db.query("SELECT id FROM t")).rows.length, 2);
});

Deno.test("an aborted signal stops a statement with 57014", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const values = Array.from({ length: 20_000 }, (_, i) => `(${i}, 'v${i}')`);
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  const reason = new Error("the user left");
  const signal = AbortSignal.abort(reason);
  const error = await rejectsWith(
    db.query("SELECT 1", [], { signal }),
    "57014",
    { message: "canceling statement due to user request" },
  );
  assertEquals(error.cause, reason);
  await rejectsWith(db.exec("DELETE FROM t", { signal }), "57014");
  await rejectsWith(db.stream("SELECT 1", [], { signal }).next(), "57014");

  const controller = new AbortController();
  const slow = db.query(
    `UPDATE t SET s = repeat(s, 50) || md5(s) || reverse(md5(repeat(s, 90)))`,
    [],
    { signal: controller.signal },
  );
  controller.abort();
  await rejectsWith(slow, "57014");
  const streaming = new AbortController();
  await rejectsWith(
    (async () => {
      const options = { signal: streaming.signal };
      for await (const _ of db.stream("SELECT * FROM t", [], options)) {
        streaming.abort();
      }
    })(),
    "57014",
  );
  const { rows } = await db.query(
    "SELECT count(*) AS n FROM t WHERE s = 'v'||id",
  );
  assertEquals(rows, [{ n: 20_000 }]);
});

Deno.test("what computes long lets everything else run, and is stopped by its signal", async () => {
  await using db = await open("memory:");
  const series = "generate_series(1, 1000000000)";
  const rows = "generate_series(1, 20000)";
  for (
    const sql of [
      `SELECT count(*) FROM ${series}`,
      `SELECT count(*) FROM ${rows} a, ${rows} b`,
      `SELECT count(*) FROM ${rows} a JOIN ${rows} b ON a.a % 2 = b.b % 2`,
      `SELECT count(*) FROM (SELECT ${series}) s`,
      `SELECT count(*) FROM ${rows} a, LATERAL generate_series(a, 20000) b`,
    ]
  ) {
    const session = db.session();
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 20);
    const { signal } = controller;
    await rejectsWith(session.query(sql, [], { signal }), "57014");
    clearTimeout(timer);
    await session.close();
  }
});

Deno.test("statement_timeout stops a statement with 57014", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const values = Array.from({ length: 20_000 }, (_, i) => `(${i}, 'v${i}')`);
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  await db.exec("SET statement_timeout = '1ms'");
  await rejectsWith(
    db.query("SELECT count(*) FROM t WHERE md5(repeat(s, 200)) = 'x'"),
    "57014",
    { message: "canceling statement due to statement timeout" },
  );
  await db.exec("RESET statement_timeout");
  assertEquals((await db.query("SELECT count(*) AS n FROM t")).rows, [
    { n: 20_000 },
  ]);
});

Deno.test("onNotice gets notices and warnings", async () => {
  const notices: Notice[] = [];
  const onNotice = (notice: Notice): void => void notices.push(notice);
  await using db = await open("memory:", { onNotice });
  await db.exec("DROP TABLE IF EXISTS nosuch");
  await db.query("COMMIT");
  await db.query("SET LOCAL work_mem = '1MB'");
  assertEquals(notices, [
    {
      severity: "NOTICE",
      code: "00000",
      message: 'table "nosuch" does not exist, skipping',
    },
    {
      severity: "WARNING",
      code: "25P01",
      message: "there is no transaction in progress",
    },
    {
      severity: "WARNING",
      code: "25P01",
      message: "SET LOCAL can only be used in transaction blocks",
    },
  ]);
  notices.length = 0;
  const own: Notice[] = [];
  await db.query("ROLLBACK", [], { onNotice: (notice) => own.push(notice) });
  assertEquals(notices, []);
  assertEquals(own.length, 1);
});

Deno.test("a closed database refuses everything, and close() waits", async () => {
  const db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const prepared = await db.prepare("SELECT 1");
  const stream = db.stream("SELECT 1");
  const running = db.query("INSERT INTO t VALUES (1)");
  const transaction = db.transaction(async (tx) => {
    await tx.query("INSERT INTO t VALUES (2)");
    await tx.query("INSERT INTO t VALUES (3)");
    return "done";
  });
  await db.close();
  assertEquals((await running).affectedRows, 1);
  assertEquals(await transaction, "done");
  for (
    const call of [
      () => db.query("SELECT 1"),
      () => db.exec("SELECT 1"),
      () => db.sql`SELECT 1`,
      () => db.prepare("SELECT 1"),
      () => db.transaction(() => Promise.resolve()),
      () => db.stream("SELECT 1").next(),
      () => stream.next(),
      () => prepared.query(),
    ]
  ) {
    const error = await rejectsWithCode(call(), "08003");
    assertEquals(error.kind, "closed");
    assertEquals(
      error.message,
      'Cannot use the database "memory:": it is closed',
    );
  }
  await db.close();
});

Deno.test("[U-12, U-13] databases share nothing, and leave nothing behind", async () => {
  await using first = await open("memory:");
  await using second = await open("memory:");
  await first.exec("CREATE TABLE t (a int); SET work_mem = '1MB'");
  await rejectsWith(second.query("SELECT * FROM t"), "42P01");
  assertEquals((await second.query("SHOW work_mem")).rows, [
    { work_mem: "256MB" },
  ]);
  {
    await using third = await open("memory:");
    await third.exec("CREATE TABLE t (b text)");
  }
  assertEquals((await first.query("SELECT a FROM t")).rows, []);
});
