/**
 * A bank whose process dies again and again: sessions of all isolation levels
 * move money between accounts, on a bad bucket, in simulated time; the seed
 * decides all of it.
 *
 * What must be true, after every death and at every look:
 *
 * 1. No money comes or goes: the sum of all balances is what it was.
 * 2. A transfer that was acknowledged is in the ledger, one that was refused is
 *    not, and one whose outcome nobody was told is there as a whole or not.
 * 3. Every balance is what the ledger makes it.
 * 4. A pair of accounts is never below nothing, although either of them may be:
 *    the rule that serializable transactions keep by reading both.
 *
 * @module
 */
import { delay } from "../../base/environment.ts";
import { KriyaError } from "../../base/errors.ts";
import { type Database, type DatabaseSession, open } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { SimulatedEnvironment } from "../../testing/simulated_environment.ts";

const ACCOUNTS = 8;
const PAIRS = 12;
const OPENING = 60;
const CLIENTS = 4;
const TOTAL = OPENING * (ACCOUNTS + 2 * PAIRS);

const LEVELS = ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"] as const;

/** Tables so small that they are flushed and merged all the time. */
const TINY = {
  memtableBytesMax: 3000,
  walObjectsMax: 12,
  l0CompactionTrigger: 2,
  levelBaseBytes: 8000,
  tableBytesMax: 4000,
  levelSizeRatio: 2,
  attemptsMax: 3,
  walBreakerFailures: 4,
  walProbeMs: 50,
};

/** What became of a transfer. */
type Outcome = "acknowledged" | "refused" | "unknown";

/** A transfer: from an account, or from a pair's (a negative number). */
interface Transfer {
  readonly id: number;
  readonly source: number;
  readonly target: number;
  readonly amount: number;
}

/** How a run went. */
export interface BankReport {
  acknowledged: number;
  refused: number;
  unknown: number;
  deaths: number;
  sums: number;
  /** Refusals by SQLSTATE. */
  readonly codes: Map<string, number>;
}

/** Runs a seed for so many lives of the process. @throws what was broken. */
export async function runBank(
  seed: number,
  lives: number,
): Promise<BankReport> {
  const bank = new Bank(seed);
  return await bank.run(lives);
}

class Bank {
  readonly #random: SeededRandom;
  readonly #environment: SimulatedEnvironment;
  readonly #bucket = new MemoryBucket();
  readonly #outcomes = new Map<number, Outcome>();
  readonly #report: BankReport = {
    acknowledged: 0,
    refused: 0,
    unknown: 0,
    deaths: 0,
    sums: 0,
    codes: new Map(),
  };
  #nextId = 1;
  #objects!: FaultyStore;
  #db!: Database;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#environment = new SimulatedEnvironment({ seed });
  }

  run(lives: number): Promise<BankReport> {
    return this.#environment.run(async () => {
      await this.#open();
      await this.#found();
      for (let life = 0; life < lives; life++) {
        await this.#live();
        await this.#open();
        await this.#audit();
      }
      await this.#db.close();
      return this.#report;
    });
  }

  /** A process takes the bank over, on a store that behaves for now. */
  async #open(): Promise<void> {
    const environment = this.#environment;
    const memory = new MemoryStore({ bucket: this.#bucket, environment });
    this.#objects = new FaultyStore(memory, {
      environment,
      seed: this.#random.uint32(),
      latencyMs: { min: 1, max: 12 },
      lateMs: { min: 0, max: 200 },
    });
    this.#db = await open("memory:", {
      store: this.#objects,
      environment,
      takeover: true,
      storage: TINY,
    });
  }

  /** Opens the accounts. */
  async #found(): Promise<void> {
    await this.#db.exec(`
      CREATE TABLE account (id int PRIMARY KEY,
        balance int NOT NULL CHECK (balance >= 0));
      CREATE TABLE paired (id int PRIMARY KEY, pair int NOT NULL,
        balance int NOT NULL);
      CREATE INDEX ON paired (pair);
      CREATE TABLE transfer (id int PRIMARY KEY, source int NOT NULL,
        target int NOT NULL REFERENCES account, amount int NOT NULL);
      INSERT INTO account SELECT n, ${OPENING} FROM generate_series(1, ${ACCOUNTS}) n;
      INSERT INTO paired SELECT n, (n + 1) / 2, ${OPENING}
        FROM generate_series(1, ${2 * PAIRS}) n;
    `);
  }

  /** Clients work until the process dies, or for a while and then it dies. */
  async #live(): Promise<void> {
    const random = this.#random;
    const bad = random.pick([0, 0.02, 0.1]);
    this.#objects.setChances({
      fail: bad,
      lostReply: bad,
      late: bad / 2,
      conflict: bad / 2,
    });
    if (random.chance(0.7)) {
      this.#objects.inject(random.pick(["crashBefore", "crashAfter"]), {
        nth: 1 + random.below(150),
        ...random.chance(0.5) ? { operation: "put" } : {},
      });
    }
    await Promise.all(
      Array.from({ length: CLIENTS }, () => this.#client(10)),
    );
    this.#objects.crash();
    this.#report.deaths++;
    // Nothing is left of the process; what it holds fails.
    await this.#db.close().catch((error) => {
      if (!(error instanceof KriyaError)) throw error;
    });
  }

  /** A session that makes so many transfers, or fewer. */
  async #client(count: number): Promise<void> {
    const random = this.#random;
    const session = this.#db.session();
    for (let i = 0; i < count && !this.#objects.crashed; i++) {
      await delay(this.#environment, random.below(40));
      if (random.chance(0.2)) await this.#look(session);
      else await this.#transfer(session);
    }
    await session.close().catch((error) => {
      if (!(error instanceof KriyaError)) throw error;
    });
  }

  /** The sum, as a session sees it while others work. */
  async #look(session: DatabaseSession): Promise<void> {
    const random = this.#random;
    const level = random.pick(LEVELS);
    try {
      await session.exec(`BEGIN ISOLATION LEVEL ${level}`);
      for (let i = 0; i < 2; i++) {
        const { rows } = await session.query<{ total: number }>(`
          SELECT ((SELECT sum(balance) FROM account) +
            (SELECT sum(balance) FROM paired))::int AS total`);
        if (rows[0]!.total !== TOTAL) {
          throw new Error(`${level} sees a sum of ${rows[0]!.total}`);
        }
        await delay(this.#environment, random.below(20));
      }
      await session.exec("COMMIT");
      this.#report.sums++;
    } catch (error) {
      await this.#giveUp(session, error);
    }
  }

  /** A transfer, and what became of it. */
  async #transfer(session: DatabaseSession): Promise<void> {
    const random = this.#random;
    const fromPair = random.chance(0.3);
    // Of the pairs one after the other is in everybody's way.
    const pair = Math.floor(this.#nextId / 8) % PAIRS;
    const source = fromPair
      ? -1 - 2 * pair - random.below(2)
      : 1 + random.below(ACCOUNTS);
    const target = 1 + (Math.abs(source) + random.below(ACCOUNTS - 1)) %
        ACCOUNTS;
    const amount = 1 + random.below(fromPair ? 2 * OPENING : 20);
    const transfer = { id: this.#nextId++, source, target, amount };
    let asked = false;
    const commit = async (text: string): Promise<void> => {
      asked = true;
      await session.exec(text);
    };
    try {
      const done = source < 0
        ? await this.#withdraw(session, transfer, commit)
        : random.chance(0.25)
        ? await this.#statement(transfer, commit)
        : await this.#block(session, transfer, commit);
      this.#settle(transfer.id, done ? "acknowledged" : "refused");
    } catch (error) {
      const code = error instanceof KriyaError ? error.code : String(error);
      const open = error instanceof KriyaError &&
        (error.code === "08007" || error.kind === "closed");
      this.#settle(transfer.id, asked && open ? "unknown" : "refused");
      this.#report.codes.set(code, (this.#report.codes.get(code) ?? 0) + 1);
      await this.#giveUp(session, error);
    }
  }

  #settle(id: number, outcome: Outcome): void {
    this.#outcomes.set(id, outcome);
    this.#report[outcome]++;
  }

  /** One statement that is its own transaction. */
  async #statement(
    { id, source, target, amount }: Transfer,
    commit: (text: string) => Promise<void>,
  ): Promise<boolean> {
    await commit(`
      WITH moved AS (
        UPDATE account SET balance = balance +
          CASE id WHEN ${source} THEN ${-amount} ELSE ${amount} END
        WHERE id IN (${source}, ${target}) RETURNING id)
      INSERT INTO transfer
      SELECT ${id}, ${source}, ${target}, ${amount} FROM moved
      WHERE id = ${source}`);
    return true;
  }

  /** A block of any level; false when it was rolled back. */
  async #block(
    session: DatabaseSession,
    { id, source, target, amount }: Transfer,
    commit: (text: string) => Promise<void>,
  ): Promise<boolean> {
    const random = this.#random;
    const level = random.pick(LEVELS);
    const pause = (): Promise<void> =>
      delay(this.#environment, random.below(15));
    await session.exec(`BEGIN ISOLATION LEVEL ${level}`);
    if (random.chance(0.5)) {
      // What was read is written back, so nobody may have changed it.
      const lock = level === "READ COMMITTED" ? "FOR UPDATE" : "";
      const { rows } = await session.query<{ balance: number }>(
        `SELECT balance FROM account WHERE id = $1 ${lock}`,
        [source],
      );
      await pause();
      await session.query("UPDATE account SET balance = $2 WHERE id = $1", [
        source,
        rows[0]!.balance - amount,
      ]);
    } else {
      await session.query(
        "UPDATE account SET balance = balance - $2 WHERE id = $1",
        [source, amount],
      );
    }
    if (random.chance(0.3)) {
      await session.exec(`
        SAVEPOINT s;
        UPDATE account SET balance = balance + 1000 WHERE id <> ${target};
        INSERT INTO transfer VALUES (${-id}, 0, ${target}, 0);
        ROLLBACK TO s`);
    }
    await pause();
    await session.query(
      "UPDATE account SET balance = balance + $2 WHERE id = $1",
      [target, amount],
    );
    await session.query("INSERT INTO transfer VALUES ($1, $2, $3, $4)", [
      id,
      source,
      target,
      amount,
    ]);
    if (random.chance(0.1)) {
      await session.exec("ROLLBACK");
      return false;
    }
    await commit("COMMIT");
    return true;
  }

  /** From one of a pair, if both together have enough. */
  async #withdraw(
    session: DatabaseSession,
    { id, source, target, amount }: Transfer,
    commit: (text: string) => Promise<void>,
  ): Promise<boolean> {
    await session.exec("BEGIN ISOLATION LEVEL SERIALIZABLE");
    const pair = Math.ceil(-source / 2);
    const { rows } = await session.query<{ total: number }>(
      "SELECT sum(balance)::int AS total FROM paired WHERE pair = $1",
      [pair],
    );
    if (rows[0]!.total < amount) {
      await session.exec("ROLLBACK");
      return false;
    }
    await delay(this.#environment, this.#random.below(15));
    await session.exec(`
      UPDATE paired SET balance = balance - ${amount} WHERE id = ${-source};
      UPDATE account SET balance = balance + ${amount} WHERE id = ${target};
      INSERT INTO transfer VALUES (${id}, ${source}, ${target}, ${amount})`);
    await commit("COMMIT");
    return true;
  }

  /** Ends the block after an error that may come, and fails on any other. */
  async #giveUp(session: DatabaseSession, error: unknown): Promise<void> {
    if (!isExpected(error)) throw error;
    if (this.#objects.crashed) return;
    await session.exec("ROLLBACK").catch((error) => {
      if (!isExpected(error)) throw error;
    });
  }

  /** Checks what the module promises, on a store without faults. */
  async #audit(): Promise<void> {
    const db = this.#db;
    const { rows: transfers } = await db.query<Transfer>("TABLE transfer");
    const there = new Map(transfers.map((each) => [each.id, each]));
    for (const [id, outcome] of this.#outcomes) {
      if (outcome === "unknown") continue;
      if (there.has(id) !== (outcome === "acknowledged")) {
        throw new Error(`transfer ${id} was ${outcome}`);
      }
    }
    const wanted = new Map<number, number>();
    for (let id = 1; id <= ACCOUNTS; id++) wanted.set(id, OPENING);
    for (let id = 1; id <= 2 * PAIRS; id++) wanted.set(-id, OPENING);
    for (const { source, target, amount } of transfers) {
      wanted.set(source, wanted.get(source)! - amount);
      wanted.set(target, wanted.get(target)! + amount);
    }
    const { rows } = await db.query<{ id: number; balance: number }>(
      "TABLE account UNION ALL SELECT -id, balance FROM paired",
    );
    let total = 0;
    for (const { id, balance } of rows) {
      total += balance;
      if (balance !== wanted.get(id)) {
        throw new Error(`${id} has ${balance}, not ${wanted.get(id)}`);
      }
    }
    if (rows.length !== wanted.size || total !== TOTAL) {
      throw new Error(`${rows.length} accounts have ${total}`);
    }
    const { rows: broken } = await db.query(
      "SELECT pair FROM paired GROUP BY pair HAVING sum(balance) < 0",
    );
    if (broken.length > 0) throw new Error("a pair is below nothing");
  }
}

/**
 * Conflicts, deadlocks, a balance below nothing, a store that does not answer,
 * and a process that died.
 */
function isExpected(error: unknown): boolean {
  if (!(error instanceof KriyaError)) return false;
  const { code, kind } = error;
  return ["40001", "40P01", "23514"].includes(code) ||
    kind === "unavailable" || kind === "closed";
}
