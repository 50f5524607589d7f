import { assert, assertEquals, assertRejects } from "@std/assert";
import { type DatabaseSession, open, SqlError } from "../../mod.ts";

/** Whether a promise is settled after what can go on has gone on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => settled = true, () => settled = true);
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return settled;
}

async function withSessions(
  run: (...sessions: DatabaseSession[]) => Promise<void>,
): Promise<void> {
  await using db = await open("memory:");
  await run(db.session(), db.session(), db.session());
}

Deno.test("an advisory lock keeps other sessions waiting until it is given back, or its session ends", async () => {
  await withSessions(async (one, two, three) => {
    await one.query("SELECT pg_advisory_lock(7)");
    const waits = two.query("SELECT pg_advisory_lock(7)");
    const behind = three.query("SELECT pg_advisory_lock(7)");
    assertEquals(await isSettled(waits), false);
    const { rows: [tried] } = await three.query(
      "SELECT pg_try_advisory_lock(8) AS free",
    );
    assertEquals(tried, { free: true });
    await one.query("SELECT pg_advisory_unlock(7)");
    await waits;
    assertEquals(await isSettled(behind), false);
    await two.close();
    await behind;
  });
});

Deno.test("a transaction's advisory lock ends with it, committed or rolled back", async () => {
  await withSessions(async (one, two) => {
    for (const end of ["COMMIT", "ROLLBACK"]) {
      await one.exec("BEGIN; SELECT pg_advisory_xact_lock(1, 2)");
      const waits = two.query("SELECT pg_advisory_xact_lock(1, 2)");
      assertEquals(await isSettled(waits), false);
      const { rows: [unlocked] } = await one.query(
        "SELECT pg_advisory_unlock(1, 2) AS held",
      );
      assertEquals(unlocked, { held: false });
      await one.query(end);
      await waits;
    }
  });
});

Deno.test("[L-094] of two sessions that wait for each other one is told so (40P01), and the other goes on", async () => {
  await withSessions(async (one, two) => {
    await one.exec("BEGIN; SELECT pg_advisory_xact_lock(1)");
    await two.exec("BEGIN; SELECT pg_advisory_xact_lock(2)");
    const waits = one.query("SELECT pg_advisory_xact_lock(2)");
    const error = await assertRejects(
      () => two.query("SELECT pg_advisory_xact_lock(1)"),
      SqlError,
      "deadlock detected",
    );
    assertEquals(error.code, "40P01");
    assert(error.detail!.includes("advisory lock [0,1,1]; blocked by session"));
    await two.query("ROLLBACK");
    await waits;
    await one.query("COMMIT");
  });
});

Deno.test("waiting ends by lock_timeout, statement_timeout, a signal; wait-die is a setting", async () => {
  await withSessions(async (one, two) => {
    const lock = "SELECT pg_advisory_lock(1)";
    const code = async (stop?: AbortSignal): Promise<string> => {
      const error = await assertRejects(
        () => two.query(lock, [], { signal: stop }),
        SqlError,
      );
      return error.code;
    };
    await one.query(lock);
    await two.query("SET lock_timeout = 10");
    assertEquals(await code(), "55P03");
    await two.exec("SET lock_timeout = 0; SET statement_timeout = 10");
    assertEquals(await code(), "57014");
    await two.query("SET statement_timeout = 0");
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 10);
    assertEquals(await code(stop.signal), "57014");
    await two.query("SET kriya.deadlock_prevention = wait_die");
    assertEquals(await code(), "40P01");
    await one.query("SELECT pg_advisory_unlock_all()");
    await two.query(lock);
  });
});

Deno.test("unlocking what is not held is false, with a warning; a migrator's lock lets one migrate", async () => {
  const db = await open("memory:");
  const said: string[] = [];
  const { rows } = await db.query("SELECT pg_advisory_unlock(5) AS held", [], {
    onNotice: ({ severity, message }) => said.push(`${severity}: ${message}`),
  });
  assertEquals(rows, [{ held: false }]);
  assertEquals(said, ["WARNING: you don't own a lock of type ExclusiveLock"]);
  await db.exec("CREATE TABLE migrations (id int)");
  const migrate = async (): Promise<void> => {
    await using session = db.session();
    await session.query("SELECT pg_advisory_lock(72707369)");
    const done = await session.query("SELECT id FROM migrations WHERE id = 1");
    if (done.rows.length > 0) return;
    await session.query("INSERT INTO migrations VALUES (1)");
  };
  await Promise.all(Array.from({ length: 20 }, migrate));
  const { rows: [count] } = await db.query(
    "SELECT count(*)::int AS n FROM migrations",
  );
  assertEquals(count, { n: 1 });
  // What waits when the database closes is not left waiting.
  const [one, two] = [db.session(), db.session()];
  await one.query("SELECT pg_advisory_lock(1)");
  const waits = two.query("SELECT pg_advisory_lock(1)");
  waits.catch(() => {});
  await db.close();
  await waits;
});
