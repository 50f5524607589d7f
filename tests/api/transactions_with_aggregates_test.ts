/**
 * Single rows changed and whole tables aggregated in one transaction, while
 * others do the same.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { open } from "../../mod.ts";
import type { TransactionClient } from "../../mod.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

const ACCOUNTS = 300;
const BRANCHES = 7;

interface Totals {
  readonly branch: number;
  readonly accounts: number;
  readonly amount: number;
}

async function totals(tx: TransactionClient): Promise<Totals[]> {
  const { rows } = await tx.query<Totals>(
    `SELECT branch, count(*)::int AS accounts, sum(amount)::int AS amount
     FROM account GROUP BY branch ORDER BY branch`,
  );
  return rows;
}

function sum(all: readonly Totals[], of: "accounts" | "amount"): number {
  return all.reduce((total, each) => total + each[of], 0);
}

Deno.test("[O-001] one transaction changes rows by key and aggregates their table, beside others that do", async () => {
  const random = seededRandom(testSeed());
  const below = (count: number): number => Math.floor(random() * count);
  await using db = await open("memory:");
  await db.exec(
    `CREATE TABLE account (id int PRIMARY KEY, branch int, amount int);
     CREATE INDEX ON account (branch);
     INSERT INTO account SELECT i, i % ${BRANCHES}, 100
     FROM generate_series(1, ${ACCOUNTS}) i`,
  );
  let created = ACCOUNTS;
  const work = async (tx: TransactionClient): Promise<void> => {
    const before = await totals(tx);
    // All transfers together change nothing; an account more does.
    assertEquals(sum(before, "amount"), ACCOUNTS * 100);
    const [from, to] = [1 + below(ACCOUNTS), 1 + below(ACCOUNTS)];
    const amount = below(50);
    const change = "UPDATE account SET amount = amount + $2 WHERE id = $1";
    await tx.query(change, [from, -amount]);
    const between = await totals(tx);
    assertEquals(sum(between, "amount"), ACCOUNTS * 100 - amount);
    await tx.query(change, [to, amount]);
    await tx.query("INSERT INTO account VALUES ($1, $2, 0)", [
      ++created,
      from % BRANCHES,
    ]);
    await tx.query("DELETE FROM account WHERE id = $1", [created - 20]);
    const after = await totals(tx);
    assertEquals(sum(after, "amount"), ACCOUNTS * 100);
    const moved = new Map(before.map(({ branch, amount }) => [branch, amount]));
    const move = (id: number, by: number): void => {
      moved.set(id % BRANCHES, moved.get(id % BRANCHES)! + by);
    };
    move(from, -amount);
    move(to, amount);
    assertEquals(
      after.map(({ branch, amount }) => [branch, amount]),
      [...moved].sort(([a], [b]) => a - b),
    );
  };
  created += 20;
  const client = async (): Promise<number> => {
    let done = 0;
    for (let i = 0; i < 15; i++) {
      try {
        await db.transaction(work, { isolation: "repeatable read" });
        done++;
      } catch (error) {
        // Another was first: nothing of it is left.
        assertEquals((error as { code?: string }).code, "40001");
      }
    }
    return done;
  };
  const done = await Promise.all(Array.from({ length: 4 }, client));
  assertEquals(done.every((count) => count > 0), true);
  const { rows } = await db.query<{ amount: number }>(
    "SELECT sum(amount)::int AS amount FROM account",
  );
  assertEquals(rows, [{ amount: ACCOUNTS * 100 }]);
});
