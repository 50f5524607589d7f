import { assert, assertEquals } from "@std/assert";
import { delay, systemEnvironment } from "../../../base/environment.ts";
import type { Environment } from "../../../base/environment.ts";
import type { Database } from "../database.ts";
import { open } from "../open.ts";

/** No other timer waits for so long. */
const NAP_MS = 77_000;

/** A database whose rounds begin when the test says so. */
class World implements AsyncDisposable {
  #naps: (() => void)[] = [];
  readonly #environment: Environment = {
    ...systemEnvironment,
    setTimer: (callback, delayMs, options) => {
      if (delayMs !== NAP_MS) {
        return systemEnvironment.setTimer(callback, delayMs, options);
      }
      this.#naps.push(callback);
      return {
        cancel: (): void => {
          this.#naps = this.#naps.filter((each) => each !== callback);
        },
      };
    },
  };
  db!: Database;

  static async open(
    address: string,
    settings: Record<string, string> = {},
  ): Promise<World> {
    const world = new World();
    world.db = await open(address, {
      environment: world.#environment,
      settings: { autovacuum_naptime: "77s", ...settings },
    });
    return world;
  }

  /** Whether a round is due. */
  get isWaiting(): boolean {
    return this.#naps.length > 0;
  }

  /** Begins the round that is due; waits for `count` of the table. */
  async nap(table: string, count: number): Promise<void> {
    const due = this.#naps;
    this.#naps = [];
    for (const each of due) each();
    for (let i = 0; i < 50; i++) {
      if (await this.count(table) >= count) return;
      await delay(systemEnvironment, 2);
    }
  }

  /** How often a table was analyzed by itself. */
  async count(table: string): Promise<number> {
    return Number((await this.activity(table)).autoanalyze_count);
  }

  async activity(table: string): Promise<Record<string, unknown>> {
    const { rows } = await this.db.query(
      `SELECT n_tup_ins::int, n_tup_upd::int, n_tup_del::int, n_live_tup::int,
         n_mod_since_analyze::int, analyze_count::int, autoanalyze_count::int,
         last_analyze IS NOT NULL AS asked,
         last_autoanalyze IS NOT NULL AS by_itself
       FROM pg_stat_user_tables WHERE relname = $1`,
      [table],
    );
    return rows[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.close();
  }
}

Deno.test("a table that changed enough is analyzed by itself", async () => {
  await using world = await World.open("memory:");
  const { db } = world;
  await db.exec(`CREATE TABLE t (a int PRIMARY KEY, b text);
    CREATE TABLE small (a int);
    INSERT INTO small VALUES (1)`);
  await db.query(
    "INSERT INTO t SELECT g, 'x' || g % 4 FROM generate_series(1, 1000) AS g",
  );
  assert(world.isWaiting);
  await world.nap("t", 1);
  assertEquals(await world.activity("t"), {
    ...{ n_tup_ins: 1000, n_tup_upd: 0, n_tup_del: 0, n_live_tup: 1000 },
    ...{ n_mod_since_analyze: 0, analyze_count: 0, autoanalyze_count: 1 },
    ...{ asked: false, by_itself: true },
  });
  assertEquals(await world.count("small"), 0);
  const { rows } = await db.query(
    "SELECT n_distinct FROM pg_stats WHERE tablename = 't' AND attname = 'b'",
  );
  assertEquals(rows, [{ n_distinct: 4 }]);

  // 50 + 10 % of 1000 rows are not yet enough; one more is.
  await db.query("UPDATE t SET b = 'y' WHERE a <= 100");
  await db.query("DELETE FROM t WHERE a <= 50");
  await world.nap("t", 1);
  await delay(systemEnvironment, 20);
  assertEquals(await world.count("t"), 1);
  assertEquals((await world.activity("t")).n_mod_since_analyze, 150);
  await db.query("UPDATE t SET b = 'z' WHERE a = 1000");
  await world.nap("t", 2);
  assertEquals(await world.activity("t"), {
    ...{ n_tup_ins: 1000, n_tup_upd: 101, n_tup_del: 50, n_live_tup: 950 },
    ...{ n_mod_since_analyze: 0, analyze_count: 0, autoanalyze_count: 2 },
    ...{ asked: false, by_itself: true },
  });
});

Deno.test("ANALYZE, rollbacks and settings keep it from running", async () => {
  await using world = await World.open("memory:");
  const { db } = world;
  await db.exec(`CREATE TABLE t (a int);
    CREATE TABLE off (a int) WITH (autovacuum_enabled = false);
    CREATE TABLE eager (a int) WITH (autovacuum_analyze_threshold = 2);
    INSERT INTO off SELECT generate_series(1, 500);
    INSERT INTO eager VALUES (1), (2), (3);
    BEGIN;
    INSERT INTO t SELECT generate_series(1, 500);
    SAVEPOINT s;
    DELETE FROM t;
    ROLLBACK TO s;
    COMMIT;
    BEGIN; DELETE FROM t; ROLLBACK;
    ANALYZE t`);
  await world.nap("eager", 1);
  assertEquals(await world.count("eager"), 1);
  assertEquals(await world.activity("off"), {
    ...{ n_tup_ins: 500, n_tup_upd: 0, n_tup_del: 0, n_live_tup: 500 },
    ...{ n_mod_since_analyze: 500, analyze_count: 0, autoanalyze_count: 0 },
    ...{ asked: false, by_itself: false },
  });
  assertEquals(await world.activity("t"), {
    ...{ n_tup_ins: 500, n_tup_upd: 0, n_tup_del: 0, n_live_tup: 500 },
    ...{ n_mod_since_analyze: 0, analyze_count: 1, autoanalyze_count: 0 },
    ...{ asked: true, by_itself: false },
  });
  assertEquals(world.isWaiting, false);

  await using without = await World.open("memory:", { autovacuum: "off" });
  await without.db.exec(
    "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 500)",
  );
  await without.nap("t", 1);
  assertEquals(await without.count("t"), 0);
});

Deno.test("nothing is analyzed while a definition is open", async () => {
  await using world = await World.open("memory:");
  const { db } = world;
  await db.exec(
    "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 500)",
  );
  const session = db.session();
  await session.query("BEGIN");
  await session.query("DROP TABLE t");
  await world.nap("t", 1);
  assertEquals(await world.count("t"), 0);
  await session.query("ROLLBACK");
  await session.close();
  assert(world.isWaiting);
  await world.nap("t", 1);
  assertEquals(await world.count("t"), 1);
});

Deno.test("what is known stays, and what changed before is seen", async () => {
  await using before = await World.open("memory:auto_analyze");
  await before.db.exec(`CREATE TABLE t (a int); CREATE TABLE u (a int);
    INSERT INTO t SELECT generate_series(1, 500);
    INSERT INTO u SELECT generate_series(1, 500)`);
  await before.nap("u", 1);
  await before.db.exec("INSERT INTO u SELECT generate_series(1, 300)");
  await before.db.close();

  await using world = await World.open("memory:auto_analyze");
  const { t, u } = {
    t: await world.activity("t"),
    u: await world.activity("u"),
  };
  assertEquals([t.by_itself, t.n_mod_since_analyze], [true, 0]);
  assertEquals([u.by_itself, u.n_mod_since_analyze], [true, 300]);
  await world.db.query("INSERT INTO u VALUES (1)");
  await world.db.query("INSERT INTO t VALUES (1)");
  await world.nap("u", 1);
  assertEquals([await world.count("t"), await world.count("u")], [0, 1]);
});
