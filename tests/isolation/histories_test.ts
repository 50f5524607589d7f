import { assert, assertEquals } from "@std/assert";
import { nextTurn } from "../../base/environment.ts";
import {
  type BeginOptions,
  type Database,
  open,
  type SqlError,
  type TransactionClient,
} from "../../mod.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { testArgument, testSeed } from "../support/test_seed.ts";
import { type DoneTransaction, findCycle, type History } from "./history.ts";

const KEYS = 6;
const GROUPS = 2;
const TRANSACTIONS = 8;

interface Row {
  readonly k: number;
  readonly list: string;
}

function listOf(text: string): number[] {
  return text === "" ? [] : text.split(",").map(Number);
}

/** One transaction by chance: reads, predicate reads, appends, savepoints. */
class Client {
  readonly id: number;
  readonly #random: SeededRandom;
  readonly #writerOf: Map<number, number>;
  readonly #own = new Set<number>();
  readonly #reads: { key: number; list: number[] }[] = [];
  #next: number;

  constructor(
    id: number,
    random: SeededRandom,
    writerOf: Map<number, number>,
  ) {
    this.id = id;
    this.#random = random;
    this.#writerOf = writerOf;
    this.#next = id * 100;
  }

  get done(): DoneTransaction {
    return { id: this.id, reads: this.#reads };
  }

  async run(tx: TransactionClient): Promise<void> {
    const random = this.#random;
    for (let step = 1 + random.below(4); step > 0; step--) {
      for (let turns = random.below(6); turns > 0; turns--) await nextTurn();
      const way = random.below(10);
      if (way < 3) await this.#readKey(tx);
      else if (way < 5) await this.#readGroup(tx);
      else if (way < 9) await this.#append(tx);
      else await this.#appendAndUndo(tx);
    }
  }

  /** What others wrote comes first in a list; what is its own, after it. */
  #note(key: number, list: readonly number[]): void {
    const others = list.filter((value) => !this.#own.has(value));
    assertEquals(list.slice(0, others.length), others);
    this.#reads.push({ key, list: others });
  }

  async #readKey(tx: TransactionClient): Promise<void> {
    const key = this.#random.below(KEYS);
    const { rows } = await tx.query<Row>(
      "SELECT k, list FROM lists WHERE k = $1",
      [key],
    );
    this.#note(key, listOf(rows[0]?.list ?? ""));
  }

  async #readGroup(tx: TransactionClient): Promise<void> {
    const group = this.#random.below(GROUPS);
    const { rows } = await tx.query<Row>(
      "SELECT k, list FROM lists WHERE grp = $1",
      [group],
    );
    const found = new Map(rows.map(({ k, list }) => [k, listOf(list)]));
    for (let key = group; key < KEYS; key += GROUPS) {
      this.#note(key, found.get(key) ?? []);
    }
  }

  async #append(tx: TransactionClient): Promise<void> {
    const key = this.#random.below(KEYS);
    const value = this.#next++;
    const { affectedRows } = await tx.query(
      "UPDATE lists SET list = list || ',' || $2::text WHERE k = $1",
      [key, String(value)],
    );
    if (affectedRows === 0) {
      await tx.query("INSERT INTO lists VALUES ($1, $2, $3)", [
        key,
        key % GROUPS,
        String(value),
      ]);
    }
    this.#own.add(value);
    this.#writerOf.set(value, this.id);
  }

  async #appendAndUndo(tx: TransactionClient): Promise<void> {
    await tx.transaction(async (inner) => {
      await inner.query("UPDATE lists SET list = 'undone'");
      await inner.query("INSERT INTO lists VALUES (99, 0, 'undone')");
      await inner.rollback();
    });
  }
}

async function runHistory(
  db: Database,
  seed: number,
  options: BeginOptions,
): Promise<{ history: History; refused: number }> {
  const random = new SeededRandom(`history ${seed}`);
  await db.query("DELETE FROM lists");
  const writerOf = new Map<number, number>();
  const transactions: DoneTransaction[] = [];
  let refused = 0;
  await Promise.all(
    Array.from({ length: TRANSACTIONS }, async (_, i) => {
      const client = new Client(i + 1, random.fork(), writerOf);
      try {
        await db.transaction((tx) => client.run(tx), options);
        transactions.push(client.done);
      } catch (error) {
        const code = (error as SqlError).code;
        if (!["40001", "40P01", "23505"].includes(code)) throw error;
        refused++;
      }
    }),
  );
  const { rows } = await db.query<Row>("SELECT k, list FROM lists");
  const lists = new Map(rows.map(({ k, list }) => [k, listOf(list)]));
  return { history: { transactions, writerOf, lists }, refused };
}

async function withDatabase(
  run: (db: Database) => Promise<void>,
): Promise<void> {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE lists (k int PRIMARY KEY, grp int, list text);
    CREATE INDEX ON lists (grp);
  `);
  await run(db);
}

Deno.test("serializable transactions have serializable histories", async () => {
  const runs = Number(testArgument("runs") ?? 1000);
  await withDatabase(async (db) => {
    let committed = 0;
    let refused = 0;
    for (let seed = testSeed(); seed < testSeed() + runs; seed++) {
      const ran = await runHistory(db, seed, { isolation: "serializable" });
      const cycle = findCycle(ran.history);
      assertEquals(cycle, undefined, `--seed=${seed}: cycle ${cycle}`);
      committed += ran.history.transactions.length;
      refused += ran.refused;
    }
    // Most get through, and some are in each other's way.
    assert(committed > 2 * runs && refused > runs, `${committed}, ${refused}`);
  });
});

Deno.test("snapshots alone do not make histories serializable, and the check sees it", async () => {
  await withDatabase(async (db) => {
    let cycles = 0;
    for (let seed = testSeed(); seed < testSeed() + 60; seed++) {
      const { history } = await runHistory(db, seed, {
        isolation: "repeatable read",
      });
      if (findCycle(history) !== undefined) cycles++;
    }
    assert(cycles > 0, "no write skew in 60 histories");
  });
});
