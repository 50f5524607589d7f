import { assertEquals, assertRejects } from "@std/assert";
import { KriyaError, open, SqlError } from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

async function count(queries: {
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
}): Promise<unknown> {
  return (await queries.query("SELECT count(*)::int AS n FROM t")).rows[0]!.n;
}

Deno.test("sessions have transactions and settings of their own", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  await using one = db.session();
  await using other = db.session();
  await one.exec("BEGIN; INSERT INTO t VALUES (1)");
  await other.exec("BEGIN; INSERT INTO t VALUES (2)");
  assertEquals([one.inTransaction, other.inTransaction], [true, true]);
  assertEquals([await count(one), await count(other)], [1, 1]);
  assertEquals(await count(db), 0);
  await one.query("COMMIT");
  assertEquals([await count(db), await count(other)], [1, 1]);
  await other.query("ROLLBACK");
  assertEquals(await count(other), 1);

  await one.query("SET default_transaction_read_only = on");
  const refused = await assertRejects(
    () => one.query("INSERT INTO t VALUES (3)"),
    SqlError,
  );
  assertEquals(refused.code, "25006");
  await other.query("INSERT INTO t VALUES (3)");
});

Deno.test("a session has one transaction at a time, and what is given to it meanwhile is part of it", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  await using session = db.session();
  for (const id of [1, 2]) {
    await session.transaction(async (tx) => {
      await tx.query("INSERT INTO t VALUES ($1)", [id]);
      assertEquals([await count(session), await count(db)], [id, id - 1]);
      const second = await assertRejects(
        () => session.transaction(() => Promise.resolve()),
        SqlError,
      );
      assertEquals(second.code, "25001");
    });
  }
  await assertRejects(
    () =>
      session.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES (9)");
        throw new Error("changed my mind");
      }),
    Error,
    "changed my mind",
  );
  assertEquals([session.inTransaction, await count(session)], [false, 2]);
  await session.query("BEGIN");
  const nested = await assertRejects(
    () => session.transaction(() => Promise.resolve()),
    SqlError,
  );
  assertEquals(nested.code, "25001");
  assertEquals(session.inTransaction, true);
});

Deno.test("the end of a session's transaction leaves what began behind it alone", async () => {
  await using db = await open("memory:");
  await using session = db.session();
  await assertRejects(
    () =>
      session.transaction(async (tx) => {
        await tx.rollback();
        await session.query("BEGIN");
        throw new Error("enough");
      }),
    Error,
    "enough",
  );
  assertEquals(session.inTransaction, true);
});

Deno.test("a closed session rolls back and refuses; closing the database closes its sessions", async () => {
  const db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const one = db.session();
  await one.exec("BEGIN; INSERT INTO t VALUES (1)");
  await one.close();
  assertEquals(await count(db), 0);
  await assertRejects(() => one.query("SELECT 1"), KriyaError, "it is closed");
  const other = db.session();
  await other.exec("BEGIN; INSERT INTO t VALUES (2)");
  await db.close();
  await assertRejects(() => other.query("COMMIT"), KriyaError, "it is closed");
});

Deno.test("a thousand sessions at once, each with a transaction", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const sessions = Array.from({ length: 1000 }, () => db.session());
  await Promise.all(sessions.map(async (session, id) => {
    await session.query("BEGIN");
    await session.query("INSERT INTO t VALUES ($1)", [id]);
  }));
  assertEquals(await count(db), 0);
  await Promise.all(sessions.map((session) => session.query("COMMIT")));
  assertEquals(await count(db), 1000);
  await Promise.all(sessions.map((session) => session.close()));
});

Deno.test("[L-239] so many transactions are open at once, a further one is refused", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const sessions = Array.from({ length: 1000 }, () => db.session());
  await Promise.all(sessions.map((session) => session.query("BEGIN")));
  const late = db.session();
  await rejectsWith(late.query("BEGIN"), "53400", {
    message: "too many active transactions",
  });
  await rejectsWith(db.transaction(() => Promise.resolve()), "53400");
  // A statement of its own is none of them.
  await late.query("INSERT INTO t VALUES (1)");
  await sessions[0]!.query("ROLLBACK");
  await late.query("BEGIN");
  await late.query("INSERT INTO t VALUES (2)");
  await late.query("COMMIT");
  await late.query("SET lsm_s3.max_active_transactions = 10");
  await rejectsWith(late.query("BEGIN"), "53400");
  assertEquals(await count(db), 2);
  await Promise.all(sessions.map((session) => session.close()));
  await late.query("BEGIN");
});

Deno.test("[L-239] a transaction more than are allowed waits for its place if asked to, in turn", async () => {
  await using db = await open("memory:", {
    settings: {
      "lsm_s3.max_active_transactions": "2",
      "lsm_s3.wait_for_transaction": "on",
    },
  });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const open2 = [db.session(), db.session()];
  for (const session of open2) await session.query("BEGIN");
  const begun: number[] = [];
  const waiting = [0, 1, 2].map((i) => {
    const session = db.session();
    const begins = session.query("BEGIN").then(() => begun.push(i));
    // What is given behind a BEGIN that waits is in its transaction.
    const inserts = session.query("INSERT INTO t VALUES ($1)", [i]);
    return { session, begins, inserts };
  });
  const last = db.transaction(async (tx) => {
    begun.push(3);
    await tx.query("INSERT INTO t VALUES (3)");
  });
  await open2[0]!.query("INSERT INTO t VALUES (10)");
  assertEquals(begun, []);
  await open2[1]!.query("ROLLBACK");
  await waiting[0]!.inserts;
  assertEquals(begun, [0]);
  await waiting[0]!.session.query("COMMIT");
  await waiting[1]!.inserts;
  // Nobody overtakes who waits.
  const hasty = db.session();
  await hasty.query("SET lock_timeout = '20ms'");
  await rejectsWith(hasty.query("BEGIN"), "55P03");
  await rejectsWith(
    hasty.exec("INSERT INTO t VALUES (8); INSERT INTO t VALUES (9)"),
    "55P03",
  );
  await waiting[1]!.session.query("COMMIT");
  await waiting[2]!.inserts;
  await waiting[2]!.session.query("COMMIT");
  await last;
  await open2[0]!.query("COMMIT");
  assertEquals(begun, [0, 1, 2, 3]);
  assertEquals(await count(db), 5);
  await hasty.query("BEGIN");
  await open2[1]!.query("BEGIN");
  // Who gives up leaves the queue.
  const abort = new AbortController();
  const given = waiting[0]!.session.query("BEGIN", [], {
    signal: abort.signal,
  });
  abort.abort();
  await rejectsWith(given, "57014");
  await waiting[1]!.session.query("SET statement_timeout = '20ms'");
  await rejectsWith(waiting[1]!.session.query("BEGIN"), "57014");
  await waiting[2]!.session.query("SET lsm_s3.wait_for_transaction = off");
  await rejectsWith(waiting[2]!.session.query("BEGIN"), "53400");
  await hasty.query("COMMIT AND CHAIN");
  await hasty.query("ROLLBACK");
  await waiting[2]!.session.query("BEGIN");
});
