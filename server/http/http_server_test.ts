import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { type HttpServeOptions, serve, serveHttp } from "../mod.ts";
import { query, WireClient } from "../../tests/support/wire_client.ts";

interface Served {
  readonly db: Database;
  readonly port: number;
  post(
    body: unknown,
    options?: { accept?: string; signal?: AbortSignal },
  ): Promise<Response>;
}

async function withHttp(
  work: (served: Served) => Promise<void>,
  options: HttpServeOptions = {},
): Promise<void> {
  await using db = await open("memory:");
  await using server = await serveHttp(db, { port: 0, ...options });
  const { port } = server;
  await work({
    db,
    port,
    post: (body, { accept = "*/*", signal } = {}) =>
      fetch(`http://127.0.0.1:${port}/v1/query`, {
        method: "POST",
        headers: { "content-type": "application/json", accept },
        body: JSON.stringify(body),
        signal: signal ?? null,
      }),
  });
}

const LINES = { accept: "application/x-ndjson" };

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 5000;
  while (!await holds()) {
    assert(performance.now() < end, "did not come true");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A query that holds a lock as long as its session lives, and `rest`. */
function holding(rest: string): string {
  return `SELECT pg_advisory_lock(1) AS l, ${rest}`;
}

/** Whether a session lives that holds the lock. */
async function isHeld(db: Database): Promise<boolean> {
  const { rows } = await db.query<{ got: boolean }>(
    "SELECT pg_try_advisory_lock(1) AS got",
  );
  if (rows[0]!.got) await db.query("SELECT pg_advisory_unlock(1)");
  return !rows[0]!.got;
}

Deno.test("[Y-110] a database is served to clients of PostgreSQL and over HTTP, and the data are the same", async () => {
  await using db = await open("memory:");
  await using server = await serve(db, {
    port: 0,
    users: { postgres: "secret" },
    http: { port: 0, tokens: { t: "postgres" } },
  });
  const url = `http://127.0.0.1:${server.httpPort}`;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ doc_id: "a", embedding: [1, 0] });
  const refused = await fetch(`${url}/v1/insert`, {
    ...{ method: "POST", headers, body },
  });
  assertEquals(refused.status, 401);
  await refused.body?.cancel();
  const inserted = await fetch(`${url}/v1/insert`, {
    method: "POST",
    headers: { ...headers, authorization: "Bearer t" },
    body,
  });
  assertEquals(await inserted.json(), { status: "ok", doc_id: "a" });
  const { rows } = await db.query("SELECT doc_id FROM documents");
  assertEquals(rows, [{ doc_id: "a" }]);
});

Deno.test("rows are sent as they come, a line each, and no faster than they are read", async () => {
  await withHttp(async ({ post, db }) => {
    const few = await post({ sql: "SELECT 1 AS n, NULL AS x" }, LINES);
    assertEquals(few.headers.get("content-type"), "application/x-ndjson");
    assertEquals((await few.text()).trimEnd().split("\n"), [
      '{"fields":[{"name":"n","type":"int4"},{"name":"x","type":"text"}]}',
      '{"row":{"n":1,"x":null}}',
      '{"done":{"row_count":1,"command":"SELECT 1"}}',
    ]);
    // More than any buffer between: what is not read is not made.
    const large = await post({
      sql: `${holding("repeat('x', 1000) AS x")}
        FROM generate_series(1, 100000000)`,
    }, LINES);
    const reader = large.body!.getReader();
    let bytes = 0;
    while (bytes < 1_000_000) {
      const { value, done } = await reader.read();
      assert(!done);
      bytes += value.length;
    }
    assert(await isHeld(db));
    await reader.cancel();
    // Who is gone is told to nobody: the session ends.
    await until(async () => !await isHeld(db));
  });
});

Deno.test("an error among the rows is the last line; one before them has its status", async () => {
  await withHttp(async ({ post }) => {
    const before = await post({ sql: "SELECT x" }, LINES);
    assertEquals(before.status, 400);
    assertEquals((await before.json()).code, "42703");
    const among = await post({
      sql: "SELECT 1 / (100000 - n) AS n FROM generate_series(1, 100001) AS n",
    }, LINES);
    assertEquals(among.status, 200);
    const last = (await among.text()).trimEnd().split("\n").at(-1)!;
    assertEquals(JSON.parse(last), {
      error: { code: "22012", message: "division by zero" },
    });
    const changed = await post({
      sql: "CREATE TABLE t AS SELECT 1 AS n",
    }, LINES);
    assertEquals(
      (await changed.text()).trimEnd().split("\n").at(-1),
      '{"done":{"row_count":0,"command":"SELECT 1"}}',
    );
  });
});

Deno.test("a client that is gone stops what it asked for", async () => {
  await withHttp(async ({ post, db }) => {
    const gone = new AbortController();
    const asked = post({ sql: holding("pg_sleep(1000)") }, {
      signal: gone.signal,
    });
    await until(async () => await isHeld(db));
    gone.abort();
    await assertRejects(() => asked);
    await until(async () => !await isHeld(db));
  });
});

Deno.test("a reader that falls asleep loses its stream; others go on", async () => {
  await withHttp(async ({ post, db }) => {
    const slow = await post({
      sql: `${holding("repeat('x', 1000) AS x")}
        FROM generate_series(1, 100000000)`,
    }, LINES);
    const reader = slow.body!.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 150));
    let last: Uint8Array | undefined;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      last = value;
    }
    const line = new TextDecoder().decode(last).trimEnd().split("\n").at(-1)!;
    assertEquals(JSON.parse(line).error.code, "57014");
    await until(async () => !await isHeld(db));
    const other = await post({ sql: "SELECT 1 AS n" });
    assertEquals((await other.json()).rows, [{ n: 1 }]);
  }, { streamIdleMs: 50 });
});

/** Sends bytes, and gives the first line of what comes back. */
async function raw(port: number, text: string): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(text));
  await conn.closeWrite();
  const answer = await new Response(conn.readable).text();
  return answer.split("\r\n")[0]!;
}

Deno.test("requests that end too early, come too slowly, or are none do no harm", async () => {
  await withHttp(async ({ port, post }) => {
    const head = "POST /v1/query HTTP/1.1\r\nHost: localhost\r\n" +
      "content-type: application/json\r\n";
    const half = await raw(port, `${head}content-length: 100\r\n\r\n{"sql":`);
    assert(/^(HTTP\/1.1 400.*)?$/.test(half), half);
    const none = await raw(port, "\x16\x03\x01 not HTTP at all\r\n\r\n");
    assert(/^(HTTP\/1.1 400.*)?$/.test(none), none);
    const long = await raw(port, `${head}content-length: 9999\r\n\r\n{`);
    assert(long.startsWith("HTTP/1.1 413"), long);
    const stranger = await raw(
      port,
      "GET /v1/health HTTP/1.1\r\nHost: evil.example\r\nconnection: close\r\n\r\n",
    );
    assert(stranger.startsWith("HTTP/1.1 421"), stranger);
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const bytes = new TextEncoder();
    await conn.write(bytes.encode(`${head}content-length: 100\r\n\r\n{"sql"`));
    const late = new Uint8Array(100);
    const count = await conn.read(late);
    const answer = new TextDecoder().decode(late.subarray(0, count ?? 0));
    assert(answer.startsWith("HTTP/1.1 408"), answer);
    assertEquals((await post({ sql: "SELECT 1" })).status, 200);
  }, { bodyBytesMax: 1000, bodyTimeoutMs: 100 });
});

Deno.test("more requests at once than there may be are told to come again", async () => {
  await withHttp(async ({ post }) => {
    const stream = await post({
      sql: "SELECT repeat('x', 9999) FROM generate_series(1, 100000000)",
    }, LINES);
    const refused = await post({ sql: "SELECT 1" });
    assertEquals(refused.status, 503);
    assertEquals(refused.headers.get("retry-after"), "1");
    assertEquals((await refused.json()).code, "53300");
    await stream.body!.cancel();
    await until(async () => {
      const again = await post({ sql: "SELECT 1" });
      await again.body?.cancel();
      return again.status === 200;
    });
  }, { requestsMax: 1 });
});

Deno.test("a server that closes ends what takes too long, and lets the rest end", async () => {
  await using db = await open("memory:");
  const server = await serveHttp(db, { port: 0 });
  const ask = (sql: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}/v1/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sql }),
    });
  const short = ask("SELECT pg_sleep(0.1), 1 AS n");
  const long = ask(holding("pg_sleep(100)"));
  await until(() => isHeld(db));
  await server.close({ graceMs: 300 });
  assertEquals((await short).status, 200);
  await (await short).body?.cancel();
  const ended = await long;
  assertEquals((await ended.json()).code, "57014");
  assert(!await isHeld(db));
  assertEquals((await db.query("SELECT 1 AS n")).rows, [{ n: 1 }]);
});

Deno.test("a server closes though a reader sleeps", async () => {
  await using db = await open("memory:");
  const server = await serveHttp(db, { port: 0 });
  const slow = await fetch(`http://127.0.0.1:${server.port}/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/json", ...LINES },
    body: JSON.stringify({
      sql: `${holding("repeat('x', 1000)")} FROM generate_series(1, 100000000)`,
    }),
  });
  await slow.body!.getReader().read();
  // Longer than it takes until connections are dropped.
  const sleep = new Promise((resolve) => setTimeout(resolve, 1200));
  await server.close({ graceMs: 20 });
  await sleep;
  assert(!await isHeld(db));
});

Deno.test("what one HTTP client commits, another of PostgreSQL sees", async () => {
  await using db = await open("memory:");
  await using server = await serve(db, { port: 0, http: { port: 0 } });
  using client = await WireClient.open(server.port);
  await client.ask(query("CREATE TABLE t (n int)"));
  const answer = await fetch(`http://127.0.0.1:${server.httpPort}/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sql: "INSERT INTO t VALUES ($1)", params: [7] }),
  });
  assertEquals((await answer.json()).row_count, 1);
  assertEquals((await client.ask(query("TABLE t")))[1], "D 7");
});
