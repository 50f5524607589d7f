/**
 * Hooks around planning and running.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Database,
  open,
  type StatementExecution,
  type StatementPlan,
} from "../../mod.ts";

async function withTable(work: (db: Database) => Promise<void>): Promise<void> {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, n int);
    INSERT INTO t SELECT i, i % 10 FROM generate_series(1, 5000) i`);
  await work(db);
}

Deno.test("[O-110, O-170] a planner hook sees statements before their plans, and has them planned another way", () =>
  withTable(async (db) => {
    const plan = async (): Promise<string> => {
      const { rows } = await db.query("EXPLAIN SELECT * FROM t WHERE id = 7");
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    };
    assert((await plan()).includes("Index Scan"));
    const seen: string[] = [];
    {
      using _hooks = db.addHooks({
        planner({ text, kind, ways }, next): StatementPlan {
          assert(ways.indexScans);
          const usual = next();
          const other = next({ indexScans: false, bitmapScans: false });
          assert(other.cost > usual.cost);
          seen.push(`${kind} ${text}`);
          return other;
        },
      });
      assert(!(await plan()).includes("Index Scan"));
      await db.query("SET plan_cache_mode = force_generic_plan");
      await db.query("SELECT n FROM t WHERE id = $1", [3]);
      await db.query("SELECT n FROM t WHERE id = $1", [4]);
    }
    assertEquals(seen, [
      "select EXPLAIN SELECT * FROM t WHERE id = 7",
      // Once: the plan is kept.
      "select SELECT n FROM t WHERE id = $1",
    ]);
    assert((await plan()).includes("Index Scan"));
  }));

Deno.test("[O-110] planner hooks are asked last to first, and what one throws fails the statement", () =>
  withTable(async (db) => {
    const order: string[] = [];
    using _first = db.addHooks({
      planner: (_statement, next) => {
        order.push("first");
        return next();
      },
    });
    using _second = db.addHooks({
      planner: ({ text }, next) => {
        order.push("second");
        if (text.startsWith("DELETE")) throw new Error("no deletes today");
        return next();
      },
    });
    await db.query("SELECT 1");
    assertEquals(order, ["second", "first"]);
    await assertRejects(() => db.query("DELETE FROM t"), Error, "no deletes");
    const { rows: [row] } = await db.query("SELECT count(*)::int AS n FROM t");
    assertEquals(row, { n: 5000 });
    using _third = db.addHooks({ planner: () => ({ cost: 1, rows: 1 }) });
    await assertRejects(() => db.query("SELECT 2"), Error, "next()");
  }));

Deno.test("[O-171] executor hooks are called in order: start, run, finish, end", () =>
  withTable(async (db) => {
    const calls: string[] = [];
    let last: StatementExecution | undefined;
    using _hooks = db.addHooks({
      executorStart: ({ text }) => calls.push(`start ${text}`),
      executorRun: ({ rows }) => calls.push(`run ${rows}`),
      executorFinish: ({ rows, affectedRows }) =>
        calls.push(`finish ${rows} ${affectedRows}`),
      executorEnd: (execution) => {
        last = execution;
        calls.push(`end ${execution.error === undefined ? "well" : "badly"}`);
      },
    });
    const calledBy = async (sql: string): Promise<string[]> => {
      calls.length = 0;
      await db.query(sql).catch(() => {});
      return [...calls];
    };
    assertEquals(await calledBy("SELECT n FROM t WHERE id = 5"), [
      "start SELECT n FROM t WHERE id = 5",
      "run 0",
      "run 1",
      "finish 1 0",
      "end well",
    ]);
    assert(last!.explain()[0]!.includes("t"));
    assert(last!.elapsedMs >= 0);
    const updated = await calledBy("UPDATE t SET n = 0 WHERE id < 4");
    assertEquals(updated.slice(-2), ["finish 0 3", "end well"]);
    const failed = await calledBy("SELECT 1 / (id - 3) FROM t");
    assertEquals(failed, [
      "start SELECT 1 / (id - 3) FROM t",
      "run 0",
      "end badly",
    ]);
    const limited = await calledBy("SELECT id FROM t LIMIT 1");
    assertEquals(limited.slice(-2), ["finish 1 0", "end well"]);
  }));

Deno.test("[O-171] queries within functions have hooks, cursors and streams too", () =>
  withTable(async (db) => {
    await db.exec(
      "CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT sum(n) FROM t'",
    );
    const texts: string[] = [];
    let open = 0;
    using _hooks = db.addHooks({
      executorStart: ({ text }) => {
        open++;
        texts.push(text);
      },
      executorEnd: () => open--,
    });
    await db.query("SELECT total()");
    assert(texts.length >= 2, texts.join());
    for await (const _row of db.stream("SELECT id FROM t")) break;
    await using session = db.session();
    await session.exec("BEGIN; DECLARE c CURSOR FOR SELECT id FROM t");
    await session.exec("FETCH 2 FROM c; COMMIT");
    assertEquals(open, 0);
  }));

Deno.test("[O-171] what an executor hook throws fails the statement, and nothing is changed", () =>
  withTable(async (db) => {
    for (const name of ["executorStart", "executorRun", "executorFinish"]) {
      using _hooks = db.addHooks({
        [name]: () => {
          throw new Error(`stopped by ${name}`);
        },
      });
      await assertRejects(
        () => db.query("UPDATE t SET n = -1"),
        Error,
        `stopped by ${name}`,
      );
    }
    const { rows: [row] } = await db.query("SELECT min(n)::int AS n FROM t");
    assertEquals(row, { n: 0 });
  }));
