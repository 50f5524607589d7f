import { assert, assertEquals } from "@std/assert";
import { withServed } from "../../tests/support/served_database.ts";
import {
  fieldOf,
  message,
  parseBindExecute,
  query,
  shown,
  startup,
  SYNC,
  WireClient,
} from "../../tests/support/wire_client.ts";

Deno.test("a text of several statements is one transaction, and stops at an error", async () => {
  await withServed(async ({ port, db }) => {
    using client = await WireClient.open(port);
    await db.exec("CREATE TABLE t (n int)");
    assertEquals(
      await client.ask(query("INSERT INTO t VALUES (1); SELECT 1/0; SELECT 2")),
      ["C INSERT 0 1", "T", "E 22012 division by zero", "Z I"],
    );
    assertEquals(await client.ask(query("SELECT count(*) FROM t")), [
      "T",
      "D 0",
      "C SELECT 1",
      "Z I",
    ]);
    assertEquals(await client.ask(query(" -- nothing\n;")), ["I", "Z I"]);
    assertEquals(
      await client.ask(query("BEGIN; INSERT INTO t VALUES (2)")),
      ["C BEGIN", "C INSERT 0 1", "Z T"],
    );
    assertEquals(await client.ask(query("SELECT x")), [
      'E 42703 column "x" does not exist',
      "Z E",
    ]);
    assertEquals(await client.ask(query("COMMIT")), ["C ROLLBACK", "Z I"]);
  });
});

Deno.test("what stands between two Syncs is one transaction, and after an error nothing is done", async () => {
  await withServed(async ({ port, db }) => {
    await db.exec("CREATE TABLE t (n int PRIMARY KEY)");
    using client = await WireClient.open(port);
    const insert = (n: string): Uint8Array[] =>
      parseBindExecute(`INSERT INTO t VALUES (${n})`);
    assertEquals(
      await client.ask(...insert("1"), ...insert("1"), ...insert("2"), SYNC),
      [
        "1",
        "2",
        "C INSERT 0 1",
        "1",
        "2",
        'E 23505 duplicate key value violates unique constraint "t_pkey"',
        "Z I",
      ],
    );
    assertEquals(await client.ask(query("TABLE t")), [
      "T",
      "C SELECT 0",
      "Z I",
    ]);
    await client.ask(...insert("1"), ...insert("2"), SYNC);
    const { rows } = await db.query("TABLE t");
    assertEquals(rows, [{ n: 1 }, { n: 2 }]);
    // A block that BEGIN opens in a pipeline stays open.
    assertEquals(
      (await client.ask(...parseBindExecute("BEGIN"), ...insert("3"), SYNC))
        .at(-1),
      "Z T",
    );
    assertEquals((await client.ask(query("ROLLBACK"))).at(-1), "Z I");
  });
});

Deno.test("a portal gives so many rows at a time, of a query and of a change", async () => {
  await withServed(async ({ port, db }) => {
    await db.exec("CREATE TABLE t (n int)");
    using client = await WireClient.open(port);
    const more = message("E", (body) => {
      body.zeroEnded("");
      body.i32(2);
    });
    const rows = parseBindExecute("SELECT * FROM generate_series(1, 3)", {
      rowsMax: 2,
    });
    assertEquals(await client.ask(...rows, more, SYNC), [
      "1",
      "2",
      "D 1",
      "D 2",
      "s",
      "D 3",
      "C SELECT 1",
      "Z I",
    ]);
    const changed = parseBindExecute(
      "INSERT INTO t VALUES (1), (2), (3) RETURNING n",
      { rowsMax: 2 },
    );
    assertEquals(await client.ask(...changed, more, SYNC), [
      "1",
      "2",
      "D 1",
      "D 2",
      "s",
      "D 3",
      "C INSERT 0 3",
      "Z I",
    ]);
    assertEquals(await client.ask(more, SYNC), [
      'E 34000 portal "" does not exist',
      "Z I",
    ]);
  });
});

Deno.test("a cursor of DECLARE is described and closed as a portal", async () => {
  await withServed(async ({ port }) => {
    using client = await WireClient.open(port);
    await client.ask(query("BEGIN; DECLARE c CURSOR FOR SELECT 1 AS n"));
    const named = (type: string): Uint8Array =>
      message(type, (body) => body.zeroEnded("Pc"));
    assertEquals(await client.ask(named("D"), SYNC), ["T", "Z T"]);
    assertEquals(await client.ask(named("C"), SYNC), ["3", "Z T"]);
    assertEquals(await client.ask(named("D"), SYNC), [
      'E 34000 portal "c" does not exist',
      "Z E",
    ]);
  });
});

Deno.test("SQL and protocol share the names of prepared statements", async () => {
  await withServed(async ({ port }) => {
    using client = await WireClient.open(port);
    const [parse] = parseBindExecute("SELECT $1::int + 1 AS n", { name: "p" });
    assertEquals(await client.ask(parse!, SYNC), ["1", "Z I"]);
    assertEquals(
      await client.ask(query("EXECUTE p(4)")),
      ["T", "D 5", "C SELECT 1", "Z I"],
    );
    assertEquals(await client.ask(parse!, SYNC), [
      'E 42P05 prepared statement "p" already exists',
      "Z I",
    ]);
    await client.ask(query("DEALLOCATE ALL"));
    assertEquals((await client.ask(parse!, SYNC))[0], "1");
  });
});

Deno.test("a wrong first message is refused in the protocol's words", async () => {
  await withServed(async ({ port }) => {
    const refused = async (...parts: Uint8Array[]): Promise<string[]> => {
      using client = await WireClient.connect(port);
      await client.send(...parts);
      return shown(await client.until("E"));
    };
    assertEquals(await refused(startup({ user: "nobody", x: "y" })), [
      "R",
      'E 28000 role "nobody" does not exist',
    ]);
    assertEquals(await refused(startup({ database: "other" })), [
      "R",
      'E 3D000 database "other" does not exist',
    ]);
    assertEquals(await refused(startup({ no_such_setting: "1" })), [
      "R",
      'E 42704 unrecognized configuration parameter "no_such_setting"',
    ]);
    assertEquals(
      await refused(message("", (body) => body.i32(2 << 16))),
      ["E 0A000 unsupported frontend protocol 2.0: server supports 3.0 to 3.0"],
    );
    const long = new Uint8Array([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0]);
    assertEquals(await refused(long), ["E 08P01 invalid message length"]);
    using http = await WireClient.connect(port);
    await http.send(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    assertEquals(shown(await http.until("E")), [
      "E 08P01 invalid message length",
    ]);
    using good = await WireClient.open(port, {
      options: "-c datestyle=German --search-path=a,public",
    });
    assertEquals(
      await good.ask(
        query("SELECT date '2024-01-02', current_setting('search_path')"),
      ),
      ["T", "D 02.01.2024|a,public", "C SELECT 1", "Z I"],
    );
  });
});

Deno.test("messages that make no sense are answered with an error, worse ones end the connection", async () => {
  await withServed(async ({ port }) => {
    using client = await WireClient.open(port);
    const junk = (type: string, bytes: number[]): Uint8Array =>
      message(type, (body) => body.raw(Uint8Array.from(bytes)));
    const cases: [Uint8Array, string][] = [
      [junk("P", [65]), "E 08P01 invalid string in message"],
      [
        junk("B", [0, 0, 0]),
        "E 26000 unnamed prepared statement does not exist",
      ],
      [junk("D", [88, 0]), "E 08P01 invalid DESCRIBE message subtype 88"],
      [junk("E", [0]), 'E 34000 portal "" does not exist'],
      [junk("C", [83, 0, 0]), "E 08P01 invalid message format"],
      [
        junk("P", [0, 0xff, 0xfe, 0, 0, 0]),
        'E 22021 invalid byte sequence for encoding "UTF8"',
      ],
    ];
    for (const [bytes, error] of cases) {
      assertEquals(await client.ask(bytes, SYNC), [error, "Z I"]);
    }
    assertEquals(await client.ask(junk("Q", [65])), [
      "E 08P01 invalid string in message",
      "Z I",
    ]);
    assertEquals(await client.ask(message("F")), [
      "E 0A000 function calls by message are not supported",
      "Z I",
    ]);
    await client.send(junk("z", []));
    assertEquals(shown(await client.until("never")), [
      "E 08P01 invalid frontend message type 122",
    ]);
    using other = await WireClient.open(port);
    await other.send(Uint8Array.of(81, 0x7f, 0xff, 0xff, 0xff));
    const [error] = await other.until("never");
    assertEquals(shown([error!]), ["E 08P01 invalid message length"]);
    assertEquals(fieldOf(error!.body, "S"), "FATAL");
  });
});

Deno.test("a cancel request stops what runs, and nothing else", async () => {
  await withServed(async ({ port }) => {
    using client = await WireClient.open(port);
    // Nothing runs: it is forgotten.
    await client.cancel(port);
    assertEquals(await client.ask(query("SELECT 1")), [
      "T",
      "D 1",
      "C SELECT 1",
      "Z I",
    ]);
    const sleeping = client.ask(query("SELECT pg_sleep(60)"));
    await client.cancel(port, client.secret ^ 1);
    for (;;) {
      await client.cancel(port);
      const done = await Promise.race([
        sleeping,
        new Promise<void>((resolve) => setTimeout(resolve, 20)),
      ]);
      if (!Array.isArray(done)) continue;
      assertEquals(done.slice(-2), [
        "E 57014 canceling statement due to user request",
        "Z I",
      ]);
      break;
    }
    assertEquals((await client.ask(query("SELECT 2"))).at(-1), "Z I");
  });
});

Deno.test("a client that goes in a transaction leaves nothing behind", async () => {
  await withServed(async ({ port, db, server }) => {
    await db.exec("CREATE TABLE t (n int PRIMARY KEY)");
    {
      using client = await WireClient.open(port);
      await client.ask(query("BEGIN; INSERT INTO t VALUES (1)"));
      // And one in the middle of a message, one in the middle of a COPY.
      using half = await WireClient.open(port);
      await half.send(query("SELECT 1").subarray(0, 7));
      using copying = await WireClient.open(port);
      await copying.send(query("COPY t FROM STDIN"));
      await copying.until("G");
      await copying.send(message("d", (body) => body.text("2\n")));
    }
    while (server.connectionCount > 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await db.query("INSERT INTO t VALUES (1), (2)");
    const { rows } = await db.query("SELECT count(*)::int AS n FROM t");
    assertEquals(rows, [{ n: 2 }]);
  });
});

Deno.test("a client that does not read holds its own query, and nobody else", async () => {
  await withServed(async ({ port, db }) => {
    using slow = await WireClient.open(port);
    await slow.send(
      query("SELECT repeat('x', 1000) FROM generate_series(1, 1000000)"),
    );
    const before = Deno.memoryUsage().external;
    using other = await WireClient.open(port);
    for (let i = 0; i < 20; i++) {
      assertEquals((await other.ask(query("SELECT 1"))).length, 4);
    }
    const gathered = Deno.memoryUsage().external - before;
    assert(gathered < 64 * 1024 * 1024, `${gathered} bytes have gathered`);
    assertEquals((await db.query("SELECT 1 AS n")).rows, [{ n: 1 }]);
  });
});

Deno.test("[O-120] 200 connections are served at once, and one too many is told so", async () => {
  await withServed(async ({ port, server }) => {
    const clients = await Promise.all(
      Array.from({ length: 200 }, () => WireClient.open(port)),
    );
    const answers = await Promise.all(
      clients.map((client, i) => client.ask(query(`SELECT ${i}`))),
    );
    answers.forEach((answer, i) => assertEquals(answer[1], `D ${i}`));
    assertEquals(server.connectionCount, 200);
    using late = await WireClient.connect(port);
    await late.send(startup());
    assertEquals(
      shown(await late.until("E")).at(-1),
      "E 53300 sorry, too many clients already",
    );
    for (const client of clients) client[Symbol.dispose]();
  }, { connectionsMax: 200 });
});

Deno.test("closing tells clients to go, waits for what runs, and stops what does not end", async () => {
  await withServed(async ({ port, server, db }) => {
    await db.exec("CREATE TABLE t (n int)");
    using idle = await WireClient.open(port);
    using short = await WireClient.open(port);
    using long = await WireClient.open(port);
    using open = await WireClient.open(port);
    await open.ask(query("BEGIN; INSERT INTO t VALUES (1)"));
    const shortAnswer = short.ask(query("SELECT pg_sleep(0.1), 7"));
    const longAnswer = long.ask(query("SELECT pg_sleep(60)"));
    await new Promise((resolve) => setTimeout(resolve, 30));
    await server.close({ graceMs: 300 });
    const goodbye =
      "E 57P01 terminating connection due to administrator command";
    assertEquals(shown(await idle.until("never")), [goodbye]);
    assertEquals((await shortAnswer).slice(0, 3), ["T", "D |7", "C SELECT 1"]);
    assertEquals((await longAnswer).slice(-2), [
      "E 57014 canceling statement due to user request",
      "Z I",
    ]);
    assertEquals(shown(await long.until("never")), [goodbye]);
    assertEquals(shown(await open.until("never")), [goodbye]);
    assertEquals((await db.query("TABLE t")).rows, []);
  });
});

Deno.test("[K-130] a client that says nothing, or half of its first message, has to go in time", async () => {
  await withServed(async ({ port, server }) => {
    using _silent = await WireClient.connect(port);
    using half = await WireClient.connect(port);
    await half.send(startup({}).subarray(0, 9));
    using good = await WireClient.open(port);
    const isOne = (): boolean => server.connectionCount === 1;
    while (!isOne()) await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals((await good.ask(query("SELECT 1"))).at(-1), "Z I");
  }, { startupTimeoutMs: 300 });
});

Deno.test("the description of a named statement follows the catalog", async () => {
  await withServed(async ({ port, db }) => {
    await db.exec("CREATE TABLE t (a int)");
    using client = await WireClient.open(port);
    const describe = message("D", (body) => body.zeroEnded("Ss"));
    const columns = async (): Promise<number> => {
      await client.send(describe, SYNC);
      const messages = await client.until("Z");
      const { body } = messages.find(({ type }) => type === "T")!;
      return new DataView(body.buffer, body.byteOffset).getInt16(0);
    };
    const [parse] = parseBindExecute("SELECT * FROM t", { name: "s" });
    await client.ask(parse!, SYNC);
    assertEquals([await columns(), await columns()], [1, 1]);
    await db.exec("ALTER TABLE t ADD COLUMN b int");
    assertEquals([await columns(), await columns()], [2, 2]);
    await client.ask(query("BEGIN; ALTER TABLE t ADD COLUMN c int"));
    assertEquals(await columns(), 3);
    await client.ask(query("SELECT 1/0"));
    assertEquals((await client.ask(describe, SYNC)).at(-1), "Z E");
    await client.ask(query("ROLLBACK"));
    assertEquals(await columns(), 2);
  });
});

Deno.test("a session stops another's statement, and then the other", async () => {
  await withServed(async ({ port, db }) => {
    using client = await WireClient.open(port);
    const [, row] = await client.ask(query("SELECT pg_backend_pid()"));
    const pid = Number(row!.slice(2));
    const stop = (name: string): Promise<unknown> =>
      db.query(`SELECT ${name}($1)`, [pid]);
    // Nothing runs: it is forgotten.
    await stop("pg_cancel_backend");
    const sleeping = client.ask(query("SELECT pg_sleep(60)"));
    for (;;) {
      await stop("pg_cancel_backend");
      const done = await Promise.race([
        sleeping,
        new Promise<void>((resolve) => setTimeout(resolve, 20)),
      ]);
      if (!Array.isArray(done)) continue;
      assertEquals(done.slice(-2), [
        "E 57014 canceling statement due to user request",
        "Z I",
      ]);
      break;
    }
    await stop("pg_terminate_backend");
    assertEquals(shown(await client.until("never")), [
      "E 57P01 terminating connection due to administrator command",
    ]);
  });
});
