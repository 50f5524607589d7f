/**
 * A commit without an answer gave its locks back and was not visible yet. A
 * READ COMMITTED transaction that wrote the same row then, and committed after
 * the answer had come, was checked against its last statement's snapshot, which
 * had the other's write already: that write was overwritten, though both were
 * acknowledged in the end. Found by the bank of `tests/simulation/bank.ts`.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { type DatabaseSession, open } from "../../mod.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";

/**
 * Account 1 gets 10 in a commit whose outcome becomes known while another
 * session is between `during` and `after`; the code of that session's COMMIT,
 * and what the account has in the end.
 */
async function race(
  during: (session: DatabaseSession) => Promise<unknown>,
  after: (session: DatabaseSession) => Promise<unknown>,
): Promise<{ readonly code: string; readonly balance: unknown }> {
  const environment = new SimulatedEnvironment();
  return await environment.run(async () => {
    const objects = new FaultyStore(new MemoryStore({ environment }), {
      environment,
    });
    const db = await open("memory:", {
      store: objects,
      environment,
      storage: { attemptsMax: 1, walBreakerFailures: 1 },
    });
    await db.exec(`
      CREATE TABLE account (id int PRIMARY KEY, balance int);
      CREATE TABLE note (id int PRIMARY KEY, account int REFERENCES account);
      INSERT INTO account VALUES (1, 100)`);
    objects.inject("fail", { times: 2 });
    const unknown = await assertRejects(
      () => db.query("UPDATE account SET balance = balance + 10 WHERE id = 1"),
      KriyaError,
    );
    assertEquals(unknown.code, "08007");
    const session = db.session();
    await session.exec("BEGIN ISOLATION LEVEL READ COMMITTED");
    await during(session);
    await environment.advance(1000);
    await after(session);
    const code = await session.exec("COMMIT").then(
      () => "committed",
      (error) => error.code,
    );
    await session.close();
    const { rows } = await db.query("SELECT balance FROM account");
    await db.close();
    return { code, balance: rows[0]?.balance };
  });
}

const look = (session: DatabaseSession): Promise<unknown> =>
  session.query("SELECT balance FROM account");

Deno.test("a row that was written while another's commit was in doubt is not overwritten", async () => {
  const update = (session: DatabaseSession): Promise<unknown> =>
    session.query("UPDATE account SET balance = balance - 1 WHERE id = 1");
  assertEquals(await race(update, look), { code: "40001", balance: 110 });
});

Deno.test("a row that was locked while another's commit was in doubt, and written from what it said, is not overwritten", async () => {
  const lock = (session: DatabaseSession): Promise<unknown> =>
    session.query("SELECT balance FROM account WHERE id = 1 FOR UPDATE");
  const write = (session: DatabaseSession): Promise<unknown> =>
    session.query("UPDATE account SET balance = 100 - 1 WHERE id = 1");
  assertEquals(await race(lock, write), { code: "40001", balance: 110 });
  // What was read under the lock counts for other writes as well.
  const other = (session: DatabaseSession): Promise<unknown> =>
    session.query("INSERT INTO note VALUES (1, NULL)");
  assertEquals(await race(lock, other), { code: "40001", balance: 110 });
});

Deno.test("what is written after a doubt is settled commits", async () => {
  const late = (session: DatabaseSession): Promise<unknown> =>
    session.query("UPDATE account SET balance = balance - 1 WHERE id = 1");
  assertEquals(await race(look, late), { code: "committed", balance: 109 });
});
