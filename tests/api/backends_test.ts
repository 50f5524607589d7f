/**
 * One session stops another: `pg_cancel_backend`, `pg_terminate_backend`, and
 * what `current_query` says meanwhile.
 */
import { assertEquals, assertRejects } from "@std/assert";
import {
  type DatabaseSession,
  type Notice,
  open,
  SqlError,
} from "../../mod.ts";

async function processId(session: DatabaseSession): Promise<number> {
  const { rows } = await session.query<{ pid: number }>(
    "SELECT pg_backend_pid() AS pid",
  );
  return rows[0]!.pid;
}

async function refused(work: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => work, SqlError);
  return `${error.code} ${error.message}`;
}

const CANCELED = "57014 canceling statement due to user request";
const ENDED = "57P01 terminating connection due to administrator command";

Deno.test("a session cancels what another waits for and what it reads", async () => {
  await using db = await open("memory:");
  await using one = db.session();
  await using other = db.session();
  const pid = await processId(one);
  const cancel = () =>
    other.query("SELECT pg_cancel_backend($1) AS done", [pid]);
  const running = refused(one.query("SELECT pg_sleep(60)"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals((await cancel()).rows, [{ done: true }]);
  assertEquals(await running, CANCELED);
  const reading = async (): Promise<void> => {
    for await (
      const _ of one.stream("SELECT a FROM generate_series(1, 1000000) a")
    ) await cancel();
  };
  assertEquals(await refused(reading()), CANCELED);
  // Where nothing runs nothing is lost.
  await one.exec("BEGIN; CREATE TABLE t (a int)");
  await other.query("SELECT pg_cancel_backend($1)", [pid]);
  await one.exec("INSERT INTO t VALUES (1); COMMIT");
  assertEquals((await other.query("TABLE t")).rows, [{ a: 1 }]);
});

Deno.test("a wait for a lock is canceled, and the transaction has failed", async () => {
  await using db = await open("memory:");
  await using one = db.session();
  await using other = db.session();
  const pid = await processId(one);
  await other.exec("BEGIN; SELECT pg_advisory_xact_lock(7)");
  await one.exec("BEGIN");
  const waiting = refused(one.query("SELECT pg_advisory_xact_lock(7)"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await other.query("SELECT pg_cancel_backend($1)", [pid]);
  assertEquals(await waiting, CANCELED);
  assertEquals((await refused(one.query("SELECT 1"))).slice(0, 5), "25P02");
  await one.query("ROLLBACK");
  await one.query("SELECT 1");
});

Deno.test("a session ends another, whose transaction is rolled back", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (a int)");
  await using one = db.session();
  await using other = db.session();
  const pid = await processId(one);
  await one.exec("BEGIN; INSERT INTO t VALUES (1)");
  const running = refused(one.query("SELECT pg_sleep(60)"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { rows } = await other.query(
    "SELECT pg_terminate_backend($1) AS done",
    [
      pid,
    ],
  );
  assertEquals(rows, [{ done: true }]);
  assertEquals(await running, ENDED);
  assertEquals(await refused(one.query("COMMIT")), ENDED);
  await one.close();
  const notices: Notice[] = [];
  const again = await other.query("SELECT pg_terminate_backend($1) AS done", [
    pid,
  ], { onNotice: (notice) => notices.push(notice) });
  assertEquals(again.rows, [{ done: false }]);
  assertEquals(notices, [{
    severity: "WARNING",
    code: "01000",
    message: `PID ${pid} is not a PostgreSQL backend process`,
  }]);
  assertEquals((await other.query("TABLE t")).rows, []);
});

Deno.test("a session stops itself", async () => {
  await using db = await open("memory:");
  await using one = db.session();
  assertEquals(
    await refused(one.query("SELECT pg_cancel_backend(pg_backend_pid())")),
    CANCELED,
  );
  assertEquals(
    await refused(one.query("SELECT pg_terminate_backend(pg_backend_pid())")),
    ENDED,
  );
  assertEquals(await refused(one.query("SELECT 1")), ENDED);
});

Deno.test("a transaction that is ended does not commit", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (a int)");
  const ended = db.transaction(async (tx) => {
    const { rows } = await tx.query<{ pid: number }>(
      "INSERT INTO t VALUES (1) RETURNING pg_backend_pid() AS pid",
    );
    await db.query("SELECT pg_terminate_backend($1)", [rows[0]!.pid]);
  });
  await assertRejects(() => ended, SqlError);
  assertEquals((await db.query("TABLE t")).rows, []);
});
