/**
 * Live queries: what they tell, when they are run, and when they end. Time is
 * simulated: nothing here sleeps.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { nextTurn } from "../../base/environment.ts";
import {
  type Database,
  type LiveQuery,
  type LiveUpdate,
  open,
  type OpenOptions,
} from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { rejectsWith } from "../support/databases.ts";
import { testSeed } from "../support/test_seed.ts";

/** A live query that notes what it is told. */
class Watch {
  readonly updates: LiveUpdate[] = [];
  live!: LiveQuery;
  #waiting: (() => void)[] = [];

  static async of(
    db: Database,
    text: string,
    parameters: unknown[] = [],
  ): Promise<Watch> {
    const watch = new Watch();
    watch.live = await db.live(text, parameters, (update) => {
      watch.updates.push(update);
      for (const resolve of watch.#waiting.splice(0)) resolve();
    });
    return watch;
  }

  /** Resolves once so many updates have come. */
  async count(count: number): Promise<LiveUpdate> {
    while (this.updates.length < count) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.updates[count - 1]!;
  }
}

/** Lets everything go on as far as it can. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

Deno.test("a live query tells what came and what went", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, n int);
    CREATE TABLE other (id int);
    INSERT INTO t VALUES (1, 10), (2, 20);
  `);
  const watch = await Watch.of(db, "SELECT id, n FROM t WHERE n > $1", [15]);
  assertEquals(watch.updates, [
    { rows: [{ id: 2, n: 20 }], added: [{ id: 2, n: 20 }], removed: [] },
  ]);
  assertEquals(watch.live.fields.map(({ name }) => name), ["id", "n"]);
  await db.exec("INSERT INTO t VALUES (3, 30), (4, 1)");
  assertEquals((await watch.count(2)).added, [{ id: 3, n: 30 }]);
  await db.exec("UPDATE t SET n = n + 10");
  const third = await watch.count(3);
  assertEquals(third.removed, [{ id: 2, n: 20 }, { id: 3, n: 30 }]);
  assertEquals(third.added, [
    { id: 1, n: 20 },
    { id: 2, n: 30 },
    { id: 3, n: 40 },
  ]);
  // What touches nothing of it is not told.
  await db.exec("INSERT INTO other VALUES (1)");
  await db.exec("UPDATE t SET n = n WHERE id = 4");
  await db.exec("BEGIN; DELETE FROM t; ROLLBACK");
  await settle();
  assertEquals(watch.updates.length, 3);
  await db.exec("DELETE FROM t WHERE id = 2");
  assertEquals((await watch.count(4)).removed, [{ id: 2, n: 30 }]);
  await db.exec("TRUNCATE t");
  assertEquals((await watch.count(5)).rows, []);
  await watch.live.close();
  await db.exec("INSERT INTO t VALUES (9, 99)");
  await settle();
  assertEquals(watch.updates.length, 5);
});

Deno.test("a live query of one table looks at the rows that changed alone", async () => {
  await using db = await open("memory:");
  let looks = 0;
  db.function("looked", {
    arguments: ["int4"],
    returns: "int4",
    volatility: "immutable",
  }, (n) => {
    looks++;
    return n;
  });
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, n int);
    INSERT INTO t SELECT i, i FROM generate_series(1, 5000) AS g(i);
  `);
  const watch = await Watch.of(db, "SELECT id FROM t WHERE looked(n) % 2 = 0");
  assertEquals(looks, 5000);
  await db.exec("UPDATE t SET n = n + 1 WHERE id IN (3, 4)");
  const { added, removed } = await watch.count(2);
  assertEquals([added, removed], [[{ id: 3 }], [{ id: 4 }]]);
  assertEquals(looks, 5004);
  await db.exec("UPDATE t SET n = n + 1");
  await watch.count(3);
  assertEquals(looks, 10_004);
});

Deno.test("a live query of nearest rows, of joins and of groups is run again when it is touched", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, e LsmVector(2), kind int);
    CREATE INDEX t_e ON t USING lsm_hnsw (e);
    CREATE TABLE kinds (kind int, name text);
    INSERT INTO kinds VALUES (1, 'one'), (2, 'two');
    INSERT INTO t SELECT i, ('[' || i || ',0]')::vector, i % 2 + 1
      FROM generate_series(1, 100) AS g(i);
  `);
  const nearest = await Watch.of(
    db,
    "SELECT id FROM t ORDER BY e <-> '[1,0]' LIMIT 2",
  );
  const groups = await Watch.of(
    db,
    "SELECT name, count(*)::int AS n FROM t JOIN kinds USING (kind) GROUP BY name ORDER BY name",
  );
  assertEquals(nearest.live.rows, [{ id: 1 }, { id: 2 }]);
  await db.exec("INSERT INTO t VALUES (101, '[1,0.1]', 1)");
  const near = await nearest.count(2);
  assertEquals([near.added, near.removed], [[{ id: 101 }], [{ id: 2 }]]);
  assertEquals((await groups.count(2)).added, [{ name: "one", n: 51 }]);
  // The order alone is a change, too.
  await db.exec("UPDATE t SET e = '[1,0.2]' WHERE id = 1");
  const order = await nearest.count(3);
  assertEquals(order.rows, [{ id: 101 }, { id: 1 }]);
  assertEquals([order.added, order.removed], [[], []]);
  await db.exec("UPDATE kinds SET name = 'zwei' WHERE kind = 2");
  assertEquals((await groups.count(3)).rows.at(-1), { name: "zwei", n: 50 });
  await settle();
  assertEquals(nearest.updates.length, 3);
});

Deno.test("commits gather while the callback is busy, and one evaluation follows", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  const gate = Promise.withResolvers<void>();
  const updates: LiveUpdate[] = [];
  let running = 0;
  const live = await db.live("SELECT id FROM t", [], async (update) => {
    assertEquals(++running, 1);
    updates.push(update);
    if (updates.length === 2) await gate.promise;
    running--;
  });
  for (let id = 1; id <= 50; id++) {
    await db.query("INSERT INTO t VALUES ($1)", [id]);
    if (id === 1) await settle();
  }
  await settle();
  assertEquals(updates.length, 2);
  gate.resolve();
  await settle();
  assertEquals(updates.length, 3);
  assertEquals(updates[2]!.added.length, 49);
  await live.close();
});

Deno.test("a live query outlives what fails, if somebody wants to know; else it ends", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (n int); INSERT INTO t VALUES (1)");
  const errors: string[] = [];
  const rows: unknown[] = [];
  await using _live = await db.live(
    "SELECT 10 / n AS q FROM t",
    [],
    (update) => void rows.push(update.rows),
    { onError: (error) => void errors.push((error as Error).message) },
  );
  const ended = await db.live("SELECT 10 / n AS q FROM t", [], () => {});
  await db.exec("UPDATE t SET n = 0");
  await settle();
  assertEquals(errors, ["division by zero"]);
  await rejectsWith(ended.finished, "22012");
  await db.exec("UPDATE t SET n = 5");
  await settle();
  await db.exec("ALTER TABLE t RENAME TO u");
  await settle();
  assertEquals(errors.at(-1), 'relation "t" does not exist');
  await db.exec("ALTER TABLE u RENAME TO t; UPDATE t SET n = 2");
  await settle();
  assertEquals(rows, [[{ q: 10 }], [{ q: 2 }], [{ q: 5 }]]);
  await rejectsWith(db.live("SELECT 1/0", [], () => {}), "22012");
  await rejectsWith(db.live("DELETE FROM t", [], () => {}), "0A000");
  await rejectsWith(
    db.live("SELECT 1 AS OF SYSTEM TIME now()", [], () => {}),
    "0A000",
  );
});

Deno.test("a live query ends by its signal, and with the database", async () => {
  const db = await open("memory:");
  await db.exec("CREATE TABLE t (id int)");
  const abort = new AbortController();
  let told = 0;
  const { signal } = abort;
  const live = await db.live("TABLE t", [], () => void told++, { signal });
  const other = await db.live("TABLE t", [], () => {});
  abort.abort();
  await live.finished;
  await db.exec("INSERT INTO t VALUES (1)");
  await settle();
  assertEquals(told, 1);
  await db.close();
  await other.finished;
});

Deno.test("a live query of a reader follows the writer", async () => {
  const bucket = new MemoryBucket();
  const handle = (options: OpenOptions): Promise<Database> =>
    open("memory:", { store: new MemoryStore({ bucket }), ...options });
  await using db = await handle({ takeover: true });
  await db.exec("CREATE TABLE t (id int)");
  await using reader = await handle({
    readOnly: true,
    pin: "never",
    consistency: { boundedMs: 5 },
  });
  const watch = await Watch.of(reader, "SELECT id FROM t");
  await db.exec("INSERT INTO t VALUES (1)");
  assertEquals((await watch.count(2)).added, [{ id: 1 }]);
  await db.exec("CREATE INDEX ON t (id); SELECT lsm_s3_flush()");
  await db.exec("INSERT INTO t VALUES (2)");
  assertEquals((await watch.count(3)).added, [{ id: 2 }]);
});

Deno.test("live queries agree with queries, whatever is committed", async (test) => {
  const queries = [
    "SELECT id, n FROM t WHERE n % 3 = 0",
    "SELECT id, n * 2 AS m, s FROM t WHERE n > 5 AND s IS NOT NULL",
    "SELECT n FROM t WHERE n < 4",
    "SELECT s, count(*), sum(n) FROM t GROUP BY s ORDER BY s",
    "SELECT id FROM t ORDER BY n DESC, id LIMIT 3",
    "SELECT a.id, b.id FROM t a JOIN t b ON a.n = b.id WHERE a.id < 20",
    "SELECT id FROM t WHERE id = 7",
  ];
  const seed = testSeed();
  for (let run = 0; run < 3; run++) {
    await test.step(`seed ${seed + run}`, async () => {
      const random = new SeededRandom(seed + run);
      await using db = await open("memory:", {
        storage: { memtableBytesMax: 16 * 1024 },
      });
      await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int, s text)");
      const options = { rowMode: "array" as const };
      const told = queries.map(() => [] as unknown[][]);
      const lives = await Promise.all(
        queries.map((text, i) =>
          db.live<unknown[]>(text, [], ({ rows, added, removed }) => {
            const before = told[i]!.splice(0);
            // What came and went makes the new result of the old one.
            for (const row of removed) {
              const at = before.findIndex((each) =>
                JSON.stringify(each, text_) === JSON.stringify(row, text_)
              );
              assert(at >= 0, `${text}: ${row} was not there`);
              before.splice(at, 1);
            }
            assertEquals(sorted([...before, ...added]), sorted(rows));
            told[i]!.push(...rows);
          }, options)
        ),
      );
      for (let step = 0; step < 80; step++) {
        await change(db, random);
        if (random.below(3) > 0) continue;
        await settle();
        for (const [i, text] of queries.entries()) {
          const { rows } = await db.query<unknown[]>(text, [], options);
          assertEquals(sorted(lives[i]!.rows), sorted(rows), text);
          assertEquals(sorted(told[i]!), sorted(rows), text);
        }
      }
      for (const live of lives) await live.close();
    });
  }
});

function text_(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function sorted(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row, text_)).sort();
}

async function change(db: Database, random: SeededRandom): Promise<void> {
  const id = random.below(40);
  const n = random.below(12);
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      await db.query(
        "INSERT INTO t VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET n = $2",
        [id, n, n % 4 === 0 ? null : "s" + n % 3],
      );
      break;
    case 3:
      await db.query("UPDATE t SET n = n + 1 WHERE id % 5 = $1", [n % 5]);
      break;
    case 4:
      await db.query("DELETE FROM t WHERE id % 9 = $1", [n % 9]);
      break;
    case 5:
      await db.exec(`BEGIN; UPDATE t SET s = 'x' WHERE n = ${n};
        DELETE FROM t WHERE id = ${id}; COMMIT`);
      break;
    case 6:
      await db.query("SELECT lsm_s3_flush()");
      break;
    case 7:
      if (n === 0) await db.query("TRUNCATE t");
      else await db.query("UPDATE t SET id = id + 100 WHERE id = $1", [id]);
  }
}
