/**
 * LISTEN and NOTIFY through the API: who is told what, when, in which order.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "../../mod.ts";

/** Lets everything that was planned run. */
const settle = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 0));

async function withDatabase(
  work: (db: Database) => Promise<void>,
): Promise<void> {
  await using db = await open("memory:");
  await work(db);
}

Deno.test("a notification is delivered once it has committed", () =>
  withDatabase(async (db) => {
    const heard: string[] = [];
    await db.listen("news", (payload) => heard.push(payload));
    await using sender = db.session();
    await sender.exec("BEGIN; NOTIFY news, 'one'; NOTIFY news, 'two'");
    await settle();
    assertEquals(heard, []);
    await sender.query("COMMIT");
    await settle();
    assertEquals(heard, ["one", "two"]);
  }));

Deno.test("what is rolled back is never said, nor what a savepoint undoes", () =>
  withDatabase(async (db) => {
    const heard: string[] = [];
    await db.listen("news", (payload) => heard.push(payload));
    await using sender = db.session();
    await sender.exec("BEGIN; NOTIFY news, 'gone'; ROLLBACK");
    await sender.exec(`
      BEGIN;
      NOTIFY news, 'kept';
      SAVEPOINT s;
      NOTIFY news, 'undone';
      ROLLBACK TO s;
      NOTIFY news, 'undone too' ;
      ROLLBACK TO s;
      NOTIFY news, 'last';
      COMMIT`);
    await settle();
    assertEquals(heard, ["kept", "last"]);
  }));

Deno.test("the same notification twice in a transaction is one", () =>
  withDatabase(async (db) => {
    const heard: string[] = [];
    db.onNotification(({ channel, payload }) =>
      heard.push(`${channel}:${payload}`)
    );
    await db.exec("LISTEN a; LISTEN b");
    await db.query(
      "SELECT pg_notify(c, p) FROM (VALUES ('a', 'x'), ('b', 'x'), ('a', 'x'), ('a', 'y')) v(c, p)",
    );
    await db.query("NOTIFY a, 'x'");
    await settle();
    assertEquals(heard, ["a:x", "b:x", "a:y", "a:x"]);
  }));

Deno.test("a session in a transaction is told when it has ended", () =>
  withDatabase(async (db) => {
    const heard: string[] = [];
    await using listener = db.session();
    await listener.listen("news", (payload) => heard.push(payload));
    await listener.query("BEGIN");
    await db.query("NOTIFY news, 'x'");
    await settle();
    assertEquals(heard, []);
    await listener.query("ROLLBACK");
    await settle();
    assertEquals(heard, ["x"]);
  }));

Deno.test("LISTEN in a transaction hears what it sends itself", () =>
  withDatabase(async (db) => {
    const heard: number[] = [];
    await using session = db.session();
    session.onNotification(({ processId }) => heard.push(processId));
    await session.exec("BEGIN; NOTIFY news; LISTEN news; COMMIT");
    await settle();
    const { rows } = await session.query<{ pid: number }>(
      "SELECT pg_backend_pid() AS pid",
    );
    assertEquals(heard, [rows[0]!.pid]);
  }));

Deno.test("what a transaction writes is there when its notification comes", () =>
  withDatabase(async (db) => {
    await db.exec("CREATE TABLE t (n int)");
    const counts: unknown[] = [];
    const done = Promise.withResolvers<void>();
    await db.listen("t", async () => {
      const { rows } = await db.query("SELECT count(*)::int AS n FROM t");
      counts.push(rows[0]);
      if (counts.length === 2) done.resolve();
    });
    for (const n of [1, 2]) {
      await db.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES ($1)", [n]);
        await tx.query("NOTIFY t");
      });
      await settle();
    }
    await done.promise;
    assertEquals(counts, [{ n: 1 }, { n: 2 }]);
  }));

Deno.test("unlisten ends one callback, and the channel with the last", () =>
  withDatabase(async (db) => {
    const heard: string[] = [];
    const first = await db.listen("News", () => heard.push("first"));
    const second = await db.listen("news", () => heard.push("second"));
    await db.query("NOTIFY news");
    await settle();
    await first();
    await db.query("NOTIFY news");
    await settle();
    await second();
    await db.query("NOTIFY news");
    await settle();
    assertEquals(heard, ["first", "second", "second"]);
    const { rows } = await db.query("SELECT pg_listening_channels()");
    assertEquals(rows, []);
  }));

Deno.test("a closed session hears nothing", () =>
  withDatabase(async (db) => {
    const heard: string[] = [];
    const listener = db.session();
    await listener.listen("news", (payload) => heard.push(payload));
    await listener.close();
    await db.query("NOTIFY news, 'x'");
    await settle();
    assertEquals(heard, []);
  }));

Deno.test("notifications that nobody takes have an end", () =>
  withDatabase(async (db) => {
    await using listener = db.session();
    await listener.listen("news", () => {});
    await listener.query("BEGIN");
    const many = (first: number): Promise<unknown> =>
      db.query(
        "SELECT count(pg_notify('news', i::text)) FROM generate_series($1::int, $1::int + 59999) i",
        [first],
      );
    await many(0);
    const error = await assertRejects(() => many(100_000), Error);
    assertEquals((error as Error & { code: string }).code, "54000");
    await listener.query("COMMIT");
    await settle();
    await many(200_000);
  }));
