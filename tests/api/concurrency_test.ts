import { nextTurn } from "../../base/environment.ts";
import { assert, assertEquals } from "@std/assert";
import { type Database, open, type TransactionClient } from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

async function puts(db: Database): Promise<number> {
  await Promise.resolve();
  return (db.status()["requests"] as Record<string, number>)["put"]!;
}

Deno.test("a hundred INSERTs at once share the objects of the log", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
  const before = await puts(db);
  const results = await Promise.all(
    Array.from(
      { length: 100 },
      (_, i) => db.query("INSERT INTO t VALUES ($1, $2)", [i, i * i]),
    ),
  );
  const used = (await puts(db)) - before;
  assert(used >= 1 && used <= 5, `${used} objects for 100 commits`);
  assertEquals(results.every(({ affectedRows }) => affectedRows === 1), true);
  const { rows } = await db.query("SELECT count(*) AS c, sum(n) AS s FROM t");
  assertEquals(rows, [{ c: 100, s: 328350 }]);
});

Deno.test("a hundred UPDATEs of one row at once all count", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, n int);
    INSERT INTO t VALUES (1, 0), (2, 0);
  `);
  const results = await Promise.all(
    Array.from(
      { length: 100 },
      () => db.query("UPDATE t SET n = n + 1 WHERE id = 1 RETURNING n"),
    ),
  );
  const given = results.map(({ rows }) => rows[0]!["n"] as number);
  assertEquals(
    given.toSorted((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i + 1),
    "each UPDATE saw the one before it",
  );
  assertEquals((await db.query("SELECT n FROM t ORDER BY id")).rows, [
    { n: 100 },
    { n: 0 },
  ]);
});

Deno.test("clients that go on and on beside each other all get through", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, n int);
    INSERT INTO t VALUES (1, 0);
  `);
  const client = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await db.query("UPDATE t SET n = n + 1 WHERE id = 1");
    }
  };
  await Promise.all(Array.from({ length: 12 }, () => client(25)));
  assertEquals((await db.query("SELECT n FROM t")).rows, [{ n: 300 }]);
});

Deno.test("of INSERTs of one key at once, one wins and the others get 23505", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
  const settled = await Promise.allSettled(
    Array.from(
      { length: 20 },
      (_, i) => db.query("INSERT INTO t VALUES (1, $1)", [i]),
    ),
  );
  assertEquals(
    settled.map((each) => each.status === "fulfilled" ? "ok" : each.reason.code)
      .toSorted(),
    [...Array(19).fill("23505"), "ok"],
  );
  assertEquals((await db.query("SELECT count(*) AS n FROM t")).rows, [
    { n: 1 },
  ]);
});

/** Runs two transactions that both began before either commits. */
async function race(
  db: Database,
  first: (tx: TransactionClient) => Promise<unknown>,
  second: (tx: TransactionClient) => Promise<unknown>,
): Promise<Promise<unknown>> {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => release = resolve);
  const late = db.transaction(async (tx) => {
    await second(tx);
    await gate;
  });
  late.catch(() => {});
  await db.transaction(first);
  release();
  return await late;
}

/** Runs two transactions, the second of which meets what the first has written. */
async function meet(
  db: Database,
  first: (tx: TransactionClient) => Promise<unknown>,
  second: (tx: TransactionClient) => Promise<unknown>,
): Promise<unknown> {
  let late: Promise<unknown> = Promise.resolve();
  await db.transaction(async (tx) => {
    await first(tx);
    let waits = true;
    late = db.transaction(second).finally(() => waits = false);
    late.catch(() => {});
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    assert(waits, "the second waits for the first");
  });
  return await late;
}

Deno.test("of two transactions that write a row, the second waits and gets 40001", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, n int, e vector(2));
    CREATE INDEX ON t USING lsm_hnsw (e);
    CREATE TABLE u (a int PRIMARY KEY);
    INSERT INTO t VALUES (1, 0, '[1,1]'), (2, 0, '[2,2]');
  `);
  const update = (tx: TransactionClient) =>
    tx.query("UPDATE t SET n = n + 1, e = '[9,9]' WHERE id = 1");
  const remove = (tx: TransactionClient) =>
    tx.query("DELETE FROM t WHERE id = 1");
  const insert = (id: number) => (tx: TransactionClient) =>
    tx.query("INSERT INTO t VALUES ($1, 0)", [id]);
  const rows = [
    [update, update, "update"],
    [update, remove, "update"],
    [remove, update, "delete"],
  ] as const;
  for (const [first, second, what] of rows) {
    const error = await rejectsWith(meet(db, first, second), "40001", {
      message: `could not serialize access due to concurrent ${what}`,
    });
    assertEquals(error.kind, "conflict");
  }
  await rejectsWith(meet(db, insert(3), insert(3)), "23505");
  const definitions = [
    [(tx: TransactionClient) => tx.query("TRUNCATE t"), insert(4)],
    [
      (tx: TransactionClient) => tx.query("CREATE TABLE c (x int)"),
      (tx: TransactionClient) => tx.query("CREATE TABLE c (y int)"),
    ],
    [
      (tx: TransactionClient) => tx.query("DROP TABLE u"),
      (tx: TransactionClient) => tx.query("INSERT INTO u VALUES (1)"),
    ],
  ] as const;
  for (const [first, second] of definitions) {
    const error = await rejectsWith(race(db, first, second), "40001", {
      message: "could not serialize access due to concurrent update",
    });
    assertEquals(error.kind, "conflict");
  }
  // Rows that do not touch do not conflict.
  await race(
    db,
    (tx) => tx.query("INSERT INTO t VALUES (4, 4)"),
    (tx) => tx.query("INSERT INTO t VALUES (5, 5)"),
  );
  const { rows: left } = await db.query("SELECT id FROM t ORDER BY id");
  assertEquals(left.map(({ id }) => id), [4, 5]);
});

Deno.test("CREATE INDEX gets through beside writers, and misses none", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, e vector(2))");
  const values = Array.from({ length: 3000 }, (_, i) => `(${i}, '[${i},1]')`);
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  let stop = false;
  let next = 10_000;
  const writer = async (): Promise<void> => {
    while (!stop) {
      const id = next++;
      await db.query("INSERT INTO t VALUES ($1, $2)", [id, [id, 1]]);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  };
  const writers = [writer(), writer()];
  await new Promise((resolve) => setTimeout(resolve, 10));
  await db.query("CREATE INDEX ON t USING lsm_hnsw (e)");
  await new Promise((resolve) => setTimeout(resolve, 10));
  stop = true;
  await Promise.all(writers);
  assert(next > 10_010, "the writers wrote");
  await db.exec("SET enable_seqscan = off");
  for (const id of [5, 2999, 10_000, 10_007, next - 1]) {
    const { rows } = await db.query(
      "SELECT id FROM t ORDER BY e <-> $1 LIMIT 1",
      [[id, 1]],
    );
    assertEquals(rows, [{ id }]);
  }
  const { rows } = await db.query("SELECT count(*) AS n FROM t");
  assertEquals(rows, [{ n: 3000 + next - 10_000 }]);
});
