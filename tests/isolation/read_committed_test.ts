/**
 * What READ COMMITTED promises to those who write side by side: nobody gets
 * `40001`, no update is lost, and money that is moved stays the same in sum.
 */
import { assert, assertEquals } from "@std/assert";
import { nextTurn } from "../../base/environment.ts";
import {
  type Database,
  open,
  type SqlError,
  type TransactionClient,
} from "../../mod.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

const ACCOUNTS = 6;
const CLIENTS = 8;

/** Moves money between two accounts, in one of the ways that people write. */
async function move(
  tx: TransactionClient,
  random: SeededRandom,
): Promise<void> {
  const from = random.below(ACCOUNTS);
  const to = (from + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS;
  const amount = 1 + random.below(5);
  const pause = async (): Promise<void> => {
    for (let turns = random.below(5); turns > 0; turns--) await nextTurn();
  };
  const add = async (id: number, n: number): Promise<void> => {
    const { affectedRows } = await tx.query(
      random.below(2) === 0
        ? "UPDATE account SET balance = balance + $2 WHERE id = $1"
        : "INSERT INTO account VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET balance = account.balance + excluded.balance",
      [id, n],
    );
    assertEquals(affectedRows, 1);
    await pause();
  };
  if (random.below(3) === 0) {
    // Read, then write what was read: right only with the rows locked.
    const { rows } = await tx.query<{ id: number; balance: number }>(
      "SELECT id, balance FROM account WHERE id IN ($1, $2) ORDER BY id FOR UPDATE",
      [from, to],
    );
    await pause();
    for (const { id, balance } of rows) {
      await tx.query("UPDATE account SET balance = $2 WHERE id = $1", [
        id,
        balance + (id === from ? -amount : amount),
      ]);
    }
  } else {
    await add(from, -amount);
    await add(to, amount);
  }
  await tx.query(
    "INSERT INTO entry (account, amount) VALUES ($1, $3), ($2, $4)",
    [from, to, -amount, amount],
  );
}

async function runClients(db: Database, seed: number): Promise<number> {
  const random = new SeededRandom(`bank ${seed}`);
  let committed = 0;
  const client = async (random: SeededRandom): Promise<void> => {
    for (let i = 0; i < 6; i++) {
      try {
        await db.transaction((tx) => move(tx, random), {
          isolation: "read committed",
        });
        committed++;
      } catch (error) {
        assertEquals((error as SqlError).code, "40P01", String(error));
      }
    }
  };
  await Promise.all(
    Array.from({ length: CLIENTS }, () => client(random.fork())),
  );
  return committed;
}

Deno.test("READ COMMITTED: transfers side by side lose nothing, and nobody gets 40001", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL);
    CREATE TABLE entry (
      id serial PRIMARY KEY, account int REFERENCES account, amount int
    );
    INSERT INTO account SELECT id, 100 FROM generate_series(0, 5) id;
  `);
  for (let seed = testSeed(); seed < testSeed() + 20; seed++) {
    const committed = await runClients(db, seed);
    assert(committed > CLIENTS, `--seed=${seed}: ${committed} committed`);
    const { rows } = await db.query(`
      SELECT account.id, balance - 100 AS moved, coalesce(sum(amount), 0)::int AS booked
      FROM account LEFT JOIN entry ON entry.account = account.id
      GROUP BY account.id, balance ORDER BY 1
    `);
    for (const { id, moved, booked } of rows) {
      assertEquals(moved, booked, `--seed=${seed}: account ${id}`);
    }
  }
  const { rows } = await db.query("SELECT count(*)::int AS n FROM pg_locks");
  assertEquals(rows, [{ n: 0 }], "nothing stays locked");
});

Deno.test("READ COMMITTED: of INSERTs that count up a key, none is lost", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE n (k int PRIMARY KEY, n int)");
  const upsert =
    "INSERT INTO n VALUES (1, 1) ON CONFLICT (k) DO UPDATE SET n = n.n + 1";
  await Promise.all(
    Array.from(
      { length: 20 },
      (_, i) =>
        i % 2 === 0 ? db.query(upsert) : db.transaction(async (tx) => {
          await tx.query(upsert);
          await nextTurn();
        }, { isolation: "read committed" }),
    ),
  );
  assertEquals((await db.query("SELECT n FROM n")).rows, [{ n: 20 }]);
});
