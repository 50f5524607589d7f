/**
 * What becomes of a plan, and of its threads, when something ends early.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay, systemEnvironment } from "../../../base/environment.ts";
import { type Database, open } from "../../../mod.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { WorkerPool } from "./worker_pool.ts";

/** A table of so many rows of about 260 bytes, and threads that are used. */
async function openWith(rows: number): Promise<Database> {
  const db = await open("memory:");
  await db.exec(`CREATE TABLE t (id int, g int, s text);
    INSERT INTO t SELECT i, i % 5, repeat('x', 200) || i FROM generate_series(1, ${rows}) i;
    SET debug_parallel_query = on`);
  return db;
}

async function launched(db: Database, sql: string): Promise<number> {
  const { rows } = await db.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`);
  const text = JSON.stringify(rows[0]);
  return Number(/"Workers Launched": ?(\d)/.exec(text)?.[1]);
}

const COUNT = "SELECT count(*)::int AS n FROM t WHERE s LIKE 'x%'";

Deno.test("threads: what ends early, and what is too large for them", async (t) => {
  await using db = await openWith(3000);
  await t.step(
    "a statement that is stopped stops, and they go on with the next",
    async () => {
      assertEquals(await launched(db, COUNT), 1);
      const slow = "SELECT max(md5(repeat(s, 100))) FROM t";
      const stop = new AbortController();
      const canceled = assertRejects(
        () => db.query(slow, [], { signal: stop.signal }),
        SqlError,
        "canceling statement due to user request",
      );
      setTimeout(() => stop.abort(), 20);
      assertEquals((await canceled).code, "57014");
      await db.exec("SET statement_timeout = 30");
      const timedOut = await assertRejects(() => db.query(slow), SqlError);
      assertEquals(
        timedOut.message,
        "canceling statement due to statement timeout",
      );
      await db.exec("RESET statement_timeout");
      assertEquals((await db.query(COUNT)).rows, [{ n: 3000 }]);
    },
  );

  await t.step(
    "rows that nobody asks for any more are not waited for",
    async () => {
      const { rows } = await db.query("SELECT id FROM t WHERE g = 1 LIMIT 3");
      assertEquals(rows.length, 3);
      await db.exec("BEGIN; DECLARE c CURSOR FOR SELECT id FROM t WHERE g < 3");
      assertEquals((await db.query("FETCH 5 FROM c")).rows.length, 5);
      assertEquals((await db.query(COUNT)).rows, [{ n: 3000 }]);
      assertEquals((await db.query("FETCH ALL FROM c")).rows.length, 1795);
      await db.exec("COMMIT");
    },
  );

  await t.step(
    "this thread only reads where it is told not to lead",
    async () => {
      await db.exec("SET parallel_leader_participation = off");
      const sql = "SELECT g, count(*)::int AS n FROM t GROUP BY g ORDER BY g";
      // The thread that the cursor had says a little later that it is free.
      let helped = 0;
      for (let i = 0; i < 100 && helped === 0; i++) {
        await delay(systemEnvironment, 5);
        helped = await launched(db, sql);
      }
      assertEquals(helped, 1);
      assertEquals(
        (await db.query(sql)).rows,
        [0, 1, 2, 3, 4].map((g) => ({ g, n: 600 })),
      );
      await db.exec("RESET parallel_leader_participation");
    },
  );

  await t.step(
    "groups and sorts that are more than their memory go into this thread's files",
    async () => {
      await db.exec("SET work_mem = 64");
      const groups = await db.query(
        "SELECT count(*)::int AS n FROM (SELECT s, sum(g) FROM t GROUP BY s) x",
      );
      assertEquals(groups.rows, [{ n: 3000 }]);
      const { rows } = await db.query<{ id: number }>(
        "SELECT id FROM t ORDER BY s || g, id",
      );
      assertEquals(rows.length, 3000);
      await db.exec("SET debug_parallel_query = off");
      const alone = await db.query<{ id: number }>(
        "SELECT id FROM t ORDER BY s || g, id",
      );
      assertEquals(rows, alone.rows);
      await db.exec("RESET work_mem; SET debug_parallel_query = on");
    },
  );

  await t.step(
    "rows larger than what is shared are read by this thread",
    async () => {
      await db.exec(
        "INSERT INTO t VALUES (5001, 1, repeat('x', 300000)), (5002, 1, 'x')",
      );
      assertEquals(
        (await db.query(
          "SELECT sum(length(s))::int AS n, count(*)::int AS c FROM t",
        )).rows,
        [{ n: 300001 + 610_893, c: 3002 }],
      );
    },
  );
});

/** Runs with another Worker in place of the system's. */
async function withWorker(
  replacement: unknown,
  run: () => Promise<void>,
): Promise<void> {
  const { Worker: actual } = globalThis;
  Object.assign(globalThis, { Worker: replacement });
  try {
    await run();
  } finally {
    Object.assign(globalThis, { Worker: actual });
  }
}

Deno.test("threads: one that is lost leaves its part to this thread", async () => {
  const { Worker: Actual } = globalThis;
  const workers: Worker[] = [];
  /** Fails once it has been handed rows. */
  class FailingWorker extends Actual {
    constructor(url: URL, options: WorkerOptions) {
      super(url, options);
      workers.push(this);
    }
    override postMessage(message: unknown): void {
      super.postMessage(message);
      if ((message as { kind: string }).kind === "rows") {
        queueMicrotask(() => this.onerror?.(new ErrorEvent("error")));
      }
    }
  }
  await withWorker(FailingWorker, async () => {
    await using db = await openWith(500);
    assertEquals((await db.query(COUNT)).rows, [{ n: 500 }]);
    assertEquals(
      (await db.query("SELECT id FROM t ORDER BY id LIMIT 2")).rows,
      [{ id: 1 }, { id: 2 }],
    );
    const error = await assertRejects(
      () => db.query("SELECT id FROM t WHERE s LIKE 'x%'"),
      SqlError,
    );
    assertEquals(error.message, "lost connection to parallel worker");
  });
  assert(workers.length > 0);
});

Deno.test("threads: one that never begins is not waited for once it has failed", async () => {
  class BrokenWorker {
    onerror?: (event: Event) => void;
    constructor() {
      setTimeout(() => this.onerror?.(new Event("error")), 5);
    }
    postMessage(): void {}
    terminate(): void {}
  }
  await withWorker(BrokenWorker, async () => {
    await using db = await openWith(300);
    assertEquals((await db.query(COUNT)).rows, [{ n: 300 }]);
  });
  await withWorker(undefined, async () => {
    await using db = await openWith(300);
    assertEquals((await db.query(COUNT)).rows, [{ n: 300 }]);
  });
});

Deno.test("threads: small tables want none, and none is started for what is over soon", async () => {
  await using db = await openWith(300);
  await db.exec("SET debug_parallel_query = off");
  const shown = async (): Promise<string> => {
    const { rows } = await db.query(`EXPLAIN ${COUNT}`);
    return JSON.stringify(rows);
  };
  assert(!(await shown()).includes("Gather"));
  await db.exec(
    "SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0",
  );
  assert((await shown()).includes("Gather"));
  assertEquals(await launched(db, COUNT), 0);
  await db.exec("SET max_parallel_workers_per_gather = 0");
  assert(!(await shown()).includes("Gather"));
});

Deno.test("threads: a pool has no more than there are processors, and ends those that are idle", async () => {
  const pool = new WorkerPool({
    ...systemEnvironment,
    setTimer: (callback, _ms, options) =>
      systemEnvironment.setTimer(callback, 50, options),
  });
  const workers = pool.take(64);
  assert(workers.length >= 1);
  assert(workers.length <= Math.max(1, navigator.hardwareConcurrency - 1));
  assertEquals(pool.take(1), []);
  await Promise.all(workers.map(({ readiness }) => readiness));
  for (const worker of workers) worker.release();
  while (pool.size > 0) await delay(systemEnvironment, 20);
  pool.close();
  assertEquals(pool.take(1), []);
});
