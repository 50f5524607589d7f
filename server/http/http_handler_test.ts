import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { open } from "../../mod.ts";
import { type Asked, withApi } from "../../tests/support/http_api.ts";
import { httpHandler, type HttpOptions } from "../mod.ts";

Deno.test("[Y-012, Y-013] what is wrong with a body is 400, and says what", async () => {
  await withApi(async (post, db) => {
    await post("/v1/insert", { doc_id: "a", embedding: [1, 0] });
    for (
      const [path, body, message] of [
        ["insert", "{", "the body is not JSON"],
        ["insert", "[]", "the body has to be an object"],
        ["insert", "", "the body is not JSON"],
        ["insert", { embedding: [1, 0] }, '"doc_id" has to be'],
        ["insert", { doc_id: "", embedding: [1, 0] }, '"doc_id" has to be'],
        ["insert", { doc_id: "b" }, '"embedding" has to be'],
        ["insert", { doc_id: "b", embedding: [] }, '"embedding" has to be'],
        ["insert", { doc_id: "b", embedding: ["1"] }, '"embedding" has to be'],
        ["insert", { doc_id: "b", embedding: [1] }, "expected 2 dimensions"],
        ["insert", '{"doc_id":"b","embedding":[1e999,0]}', "infinite value"],
        [
          "insert",
          '{"doc_id":"b","embedding":[NaN,0]}',
          "the body is not JSON",
        ],
        [
          "insert",
          { doc_id: "b", embedding: [1, 0], metdata: {} },
          'unknown field "metdata"',
        ],
        [
          "insert",
          { collection: "a; DROP", doc_id: "b", embedding: [1, 0] },
          '"collection" has to be a name',
        ],
        ["search", { query_embedding: [1] }, "different vector dimensions"],
        ["search", { query_embedding: [1, 0], k: 0 }, '"k" has to be'],
        ["search", { query_embedding: [1, 0], k: "1" }, '"k" has to be'],
        [
          "search",
          { query_embedding: [1, 0], include: ["doc_id, pg_sleep(9)"] },
          '"include" takes',
        ],
        ["query", {}, '"sql" has to be a text'],
        [
          "query",
          { sql: "SELECT 1; SELECT 2" },
          "there are several statements",
        ],
        ["query", { sql: "" }, "there is no statement"],
        ["query", { sql: "SELECT $1::int", params: {} }, '"params" has to be'],
        ["query", { sql: "COPY documents TO STDOUT" }, "COPY from and to"],
        [
          "query",
          { sql: "SELECT 1", timeout_ms: -1 },
          '"timeout_ms" has to be',
        ],
      ] as const
    ) {
      const answer = await post(`/v1/${path}`, body);
      const shown = JSON.stringify([body, answer.body]);
      assertEquals(answer.status, 400, shown);
      assert(answer.body.message.startsWith(message), shown);
      assertEquals(answer.body.code.length, 5, shown);
    }
    const { rows } = await db.query("SELECT count(*)::int AS n FROM documents");
    assertEquals(rows, [{ n: 1 }]);
  });
});

Deno.test("SQL's values come and go as JSON has them", async () => {
  await withApi(async (post) => {
    const { body } = await post("/v1/query", {
      sql: `SELECT $1::int8 AS big, $2::numeric AS exact, $3::bytea AS bytes,
        $4::timestamptz AS at, $5::vector AS v, $6::jsonb AS j,
        $7::int[] AS a, $8::bool AS b, $9::float8 AS f, $10::text AS t,
        '{1:2}/4'::sparsevec AS s, '1 day'::interval AS i, 7::int8 AS small,
        array['NaN'::float8, 1.5] AS fs, '2020-01-01'::timestamp AS local`,
      params: [
        ...["9007199254740993", "1.50", "\\x00ff", "2026-01-31T12:00:00.25Z"],
        ...[[1, 0.5], { x: [1] }, [1, null], true, "-Infinity", null],
      ],
    });
    assertEquals(body.rows, [{
      big: "9007199254740993",
      exact: "1.50",
      bytes: "\\x00ff",
      at: "2026-01-31T12:00:00.25+00:00",
      v: [1, 0.5],
      j: { x: [1] },
      a: [1, null],
      b: true,
      f: "-Infinity",
      t: null,
      s: "{1:2}/4",
      i: "1 day",
      small: 7,
      fs: ["NaN", 1.5],
      local: "2020-01-01T00:00:00",
    }]);
    assertEquals(body.fields.slice(0, 2), [
      { name: "big", type: "int8" },
      { name: "exact", type: "numeric" },
    ]);
    assertEquals([body.row_count, body.command], [1, "SELECT 1"]);
    const array = await post("/v1/query", {
      sql: "SELECT 1 AS n, 2 AS n",
      row_mode: "array",
    });
    assertEquals(array.body.rows, [[1, 2]]);
  });
});

Deno.test("an error of SQL has PostgreSQL's fields, and a status", async () => {
  await withApi(async (post, db) => {
    await db.exec("CREATE TABLE t (id int PRIMARY KEY, CHECK (id < 9))");
    await db.exec("INSERT INTO t VALUES (1)");
    const missing = await post("/v1/query", { sql: "SELECT '😀', x FROM t" });
    assertEquals(missing.status, 400);
    assertEquals(missing.body, {
      code: "42703",
      message: 'column "x" does not exist',
      position: 13,
    });
    const twice = await post("/v1/query", { sql: "INSERT INTO t VALUES (1)" });
    assertEquals(twice.status, 409);
    assertEquals(twice.body.code, "23505");
    assertEquals(twice.body.detail, "Key (id)=(1) already exists.");
    assertEquals(twice.body.constraint, "t_pkey");
    const checked = await post("/v1/query", {
      sql: "INSERT INTO t VALUES (9)",
    });
    assertEquals(checked.status, 400);
    assertEquals((await post("/v1/query", { sql: "TABLE no" })).status, 404);
    const slow = await post("/v1/query", {
      sql: "SELECT pg_sleep(10)",
      timeout_ms: 20,
    });
    assertEquals([slow.status, slow.body.code], [504, "57014"]);
  });
});

Deno.test("several statements are one transaction; an error undoes them all, and says at which it was", async () => {
  await withApi(async (post, db) => {
    await db.exec("CREATE TABLE t (n int)");
    const done = await post("/v1/query", {
      statements: [
        { sql: "INSERT INTO t VALUES ($1), ($2)", params: [1, 2] },
        "SELECT sum(n) AS n FROM t",
      ],
      isolation: "serializable",
    });
    assertEquals(done.status, 200);
    assertEquals(
      done.body.results.map(({ rows, command }: Asked["body"]) => [
        ...[rows, command],
      ]),
      [[[], "INSERT 0 2"], [[{ n: 3 }], "SELECT 1"]],
    );
    const failed = await post("/v1/query", {
      statements: ["DELETE FROM t", "SELECT y FROM t", "SELECT 1"],
    });
    assertEquals(failed.status, 400);
    assertEquals([failed.body.statement, failed.body.position], [1, 8]);
    const reads = await post("/v1/query", {
      statements: ["DELETE FROM t"],
      read_only: true,
    });
    assertEquals([reads.status, reads.body.code], [403, "25006"]);
    for (const control of ["COMMIT", "ROLLBACK", "BEGIN"]) {
      const { status, body } = await post("/v1/query", {
        statements: ["DELETE FROM t", control],
      });
      assertEquals([status, body.code], [400, "25001"]);
    }
    const { rows } = await db.query("SELECT count(*)::int AS n FROM t");
    assertEquals(rows, [{ n: 2 }]);
  });
});

Deno.test("a request leaves nothing behind: no transaction, no setting, no temporary table", async () => {
  await withApi(async (post, db) => {
    await post("/v1/query", { sql: "CREATE TABLE t (n int)" });
    await post("/v1/query", { sql: "BEGIN" });
    await post("/v1/query", { sql: "SET search_path = pg_catalog" });
    await post("/v1/query", { sql: "CREATE TEMP TABLE only_here (n int)" });
    assertEquals(
      (await post("/v1/query", { sql: "INSERT INTO t VALUES (1)" })).status,
      200,
    );
    assertEquals((await db.query("TABLE t")).rows, [{ n: 1 }]);
    const { status } = await post("/v1/query", { sql: "TABLE only_here" });
    assertEquals(status, 404);
  });
});

Deno.test("bodies that are too long, and answers that are, are 413", async () => {
  await withApi(async (post) => {
    const long = await post("/v1/query", {
      sql: `SELECT '${"x".repeat(999)}'`,
    });
    assertEquals([long.status, long.body.code], [413, "54000"]);
    const sql = "SELECT * FROM generate_series(1, 1000)";
    const much = await post("/v1/query", { sql });
    assertEquals([much.status, much.body.code], [413, "54000"]);
    assertEquals((await post("/v1/query", { sql: "SELECT 1" })).status, 200);
  }, { bodyBytesMax: 500, answerCharactersMax: 1000 });
});

Deno.test("only JSON is taken, with POST, at the paths that there are", async () => {
  await withApi(async (post) => {
    const plain = { "content-type": "text/plain" };
    assertEquals((await post("/v1/query", "{}", plain)).status, 415);
    assertEquals((await post("/v1/nothing", {})).status, 404);
    assertEquals((await post("/v1/constructor", {})).status, 404);
    assertEquals((await post("/v1/health", {})).status, 405);
    const mounted = await post("/db/v1/query", { sql: "SELECT 1 AS n" });
    assertEquals(mounted.body.rows, [{ n: 1 }]);
  });
  await using db = await open("memory:");
  const handler = httpHandler(db, { hosts: ["localhost"] });
  const get = (url: string): Promise<Response> => handler(new Request(url));
  assertEquals((await get("http://localhost/v1/query")).status, 405);
  const health = await get("http://localhost/v1/health");
  assertEquals(await health.json(), { status: "ok", read_only: false });
  assertEquals((await get("http://evil.example/v1/health")).status, 421);
  await db.close();
  assertEquals((await get("http://localhost/v1/health")).status, 503);
});

Deno.test("pages of other origins may ask where they are named, and nowhere else", async () => {
  await using db = await open("memory:");
  const preflight = (origins: HttpOptions["origins"]): Promise<Response> =>
    httpHandler(db, { origins })(
      new Request("http://localhost/v1/query", {
        method: "OPTIONS",
        headers: { origin: "https://app.example" },
      }),
    );
  assertEquals((await preflight(undefined)).status, 403);
  assertEquals((await preflight(["https://other.example"])).status, 403);
  const allowed = await preflight(["https://app.example"]);
  assertEquals(allowed.status, 204);
  assertEquals(
    allowed.headers.get("access-control-allow-origin"),
    "https://app.example",
  );
  assertEquals((await preflight("*")).status, 204);
});

Deno.test("[Y-200] who has a token or a password comes in, as the role of it, and nobody else", async () => {
  const basic = (text: string): Record<string, string> => ({
    authorization: `Basic ${btoa(text)}`,
  });
  await withApi(async (post, db) => {
    await db.exec("CREATE ROLE reader");
    const who = async (headers: Record<string, string>): Promise<unknown> => {
      const sql = "SELECT current_user AS who";
      const { status, body } = await post("/v1/query", { sql }, headers);
      return status === 200 ? body.rows[0].who : status;
    };
    assertEquals(await who({}), 401);
    assertEquals(await who({ authorization: "Bearer no" }), 401);
    assertEquals(await who({ authorization: "Bearer t1" }), "reader");
    assertEquals(await who(basic("postgres:secret")), "postgres");
    assertEquals(await who(basic("postgres:secret")), "postgres");
    assertEquals(await who(basic("postgres:wrong")), 401);
    assertEquals(await who(basic("reader:secret")), 401);
    assertEquals(await who({ authorization: "Basic !!" }), 401);
    const asked = await post("/v1/query", { sql: "SELECT 1" });
    assertEquals(
      asked.headers.get("www-authenticate")?.split(" ")[0],
      "Bearer",
    );
  }, { users: { postgres: "secret" }, tokens: { t1: "reader" } });
});

Deno.test("whatever a body is, the answer is JSON and no fault of the server's", async () => {
  await withApi(async (post) => {
    await post("/v1/insert", { doc_id: "a", embedding: [1, 0] });
    const key = fc.constantFrom(
      ...["doc_id", "embedding", "metadata", "collection", "documents", "k"],
      ...["query_embedding", "filter", "include", "sql", "params", "ef"],
      ...["statements", "doc_ids", "row_mode", "timeout_ms", "isolation"],
    );
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom<unknown>([1, 0], "a", { $or: [{ a: 1 }] }, "SELECT 1", [
        "SELECT $1",
      ]),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("insert", "search", "query", "delete"),
        fc.dictionary(key, value, { maxKeys: 5 }),
        async (path, body) => {
          const { status, body: answer } = await post(`/v1/${path}`, body);
          assert(status < 500, JSON.stringify([path, body, answer]));
          if (status === 200) return;
          assertEquals(typeof answer.code, "string");
          assert(!/undefined|not a function|null/.test(answer.message), answer);
        },
      ),
      { numRuns: 150 },
    );
  });
});
