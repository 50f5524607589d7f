/**
 * Locks on tables beyond schedules: time-outs, statements under way, and that
 * nobody pays who has not asked.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { type DatabaseSession, open, SqlError } from "../../mod.ts";

async function locksOf(session: DatabaseSession): Promise<unknown[]> {
  const { rows } = await session.query(
    "SELECT relation::regclass::text AS t, mode FROM pg_locks WHERE locktype = 'relation' AND relation <> 'pg_locks'::regclass ORDER BY 1, 2",
  );
  return rows.map(({ t, mode }) => [t, mode]);
}

Deno.test("lock_timeout ends the wait for a table, by LOCK and by a statement", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (a int)");
  const [holder, other] = [db.session(), db.session()];
  await holder.exec("BEGIN; LOCK TABLE t");
  await other.exec("SET lock_timeout = 5");
  for (
    const sql of ["SELECT * FROM t", "INSERT INTO t VALUES (1)", "DROP TABLE t"]
  ) {
    const error = await assertRejects(() => other.query(sql), SqlError);
    assertEquals(error.code, "55P03");
    assertEquals(error.message, "canceling statement due to lock timeout");
  }
  await other.exec("BEGIN");
  await assertRejects(() => other.exec("LOCK TABLE t"), SqlError, "timeout");
  await other.exec("ROLLBACK");
  await holder.exec("ROLLBACK");
  assertEquals(await locksOf(other), []);
  await other.query("INSERT INTO t VALUES (1)");
  for (const session of [holder, other]) await session.close();
});

Deno.test("tables are locked only while a transaction asks for it", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (a int); CREATE TABLE u (a int PRIMARY KEY)");
  const [user, asker, third] = [db.session(), db.session(), db.session()];
  await user.exec("BEGIN");
  for (let i = 0; i < 100; i++) await user.query(`SELECT ${i} FROM t`);
  await user.query("INSERT INTO u VALUES (1)");
  assertEquals(await locksOf(asker), []);
  await asker.exec("BEGIN; LOCK TABLE t IN SHARE MODE");
  assertEquals(await locksOf(third), [
    ["t", "AccessShareLock"],
    ["t", "ShareLock"],
    ["u", "RowExclusiveLock"],
  ]);
  await asker.exec("COMMIT");
  await user.exec("COMMIT");
  assertEquals(await locksOf(asker), []);
  for (const session of [user, asker, third]) await session.close();
});

Deno.test("LOCK waits for a statement whose commit is under way", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (a int)");
  const locker = db.session();
  const writes = Array.from(
    { length: 20 },
    (_, i) => db.query("INSERT INTO t VALUES ($1)", [i]),
  );
  await locker.exec("BEGIN; LOCK TABLE t IN SHARE MODE");
  const later = db.query("INSERT INTO t VALUES (20)");
  const count = async (): Promise<unknown> =>
    (await locker.query("SELECT count(*)::int AS n FROM t")).rows[0]!["n"];
  assertEquals([await count(), await count()], [20, 20]);
  await locker.exec("COMMIT");
  await Promise.all([...writes, later]);
  assertEquals(await count(), 21);
  await locker.close();
});
