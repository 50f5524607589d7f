/**
 * Operators where the oracle cannot look: limits of memory, aborts, chunks that
 * come late, what is read and what is not, changes that see their own results.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fc } from "fast-check";
import { ArrayDatabase, rowsOf } from "../../tests/support/array_database.ts";
import { seededRandom } from "../../tests/support/seeded_random.ts";
import { SqlError } from "../errors/sql_error.ts";
import { loadParser } from "../parser/parser.ts";
import { openPlan } from "./physical_planner.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 3);

/** A table `t (id, a)` with `count` rows. */
async function numbers(
  count: number,
  options: { readonly chunkRows?: number; readonly delays?: boolean } = {},
): Promise<ArrayDatabase> {
  const random = seededRandom(SEED);
  const database = new ArrayDatabase({
    chunkRows: options.chunkRows ?? 7,
    delays: () => options.delays === true && random() < 1 / 3,
  });
  await database.run("CREATE TABLE t (id int PRIMARY KEY, a int)");
  const rows = Array.from({ length: count }, (_, id) => `(${id}, ${id % 10})`);
  await database.run(`INSERT INTO t VALUES ${rows.join(", ")}`);
  return database;
}

Deno.test("a sort is stable and ordered, bounded or not, in chunks of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 50 }),
      fc.option(fc.nat({ max: 50 }), { nil: undefined }),
      fc.nat({ max: 20 }),
      async (count, chunkRows, limit, offset) => {
        const database = await numbers(count, { chunkRows, delays: true });
        const wanted = Array.from({ length: count }, (_, id) => id)
          .sort((x, y) => y % 10 - x % 10)
          .slice(offset, limit === undefined ? undefined : offset + limit);
        const { rows } = await database.run(
          "SELECT id FROM t ORDER BY a DESC LIMIT $1 OFFSET $2",
          [limit, offset],
        );
        assertEquals(rows.map(([id]) => Number(id)), wanted);
      },
    ),
    { seed: SEED, numRuns: 60 },
  );
});

Deno.test("a bounded sort holds little more than it gives", async () => {
  const database = await numbers(2000, { chunkRows: 100 });
  const context = database.context();
  const settings = { memoryBytesMax: 25_000 };
  const read = async (sql: string): Promise<number> => {
    const run = openPlan(database.plan(sql), { ...context, settings });
    let count = 0;
    for (let chunk = await run.next(); chunk; chunk = await run.next()) {
      count += chunk.rowCount;
    }
    run.close();
    return count;
  };
  assertEquals(await read("SELECT id FROM t ORDER BY id DESC LIMIT 50"), 50);
  const texts = [
    "SELECT id FROM t ORDER BY id DESC",
    "SELECT DISTINCT id FROM t",
    "SELECT id FROM t GROUP BY id",
    "SELECT count(DISTINCT id) FROM t",
    "UPDATE t SET a = 1 RETURNING id, a",
  ];
  for (const sql of texts) {
    const error = await assertRejects(() => read(sql), SqlError);
    assertEquals((error as SqlError).code, "53200", sql);
  }
});

Deno.test("a run that was aborted stops between chunks", async () => {
  const database = await numbers(100);
  for (
    const sql of [
      "SELECT id FROM t",
      "SELECT id FROM t ORDER BY a",
      "SELECT sum(a) FROM t",
      "DELETE FROM t",
      "SELECT id FROM t WHERE id IN (1, 2)",
      "VALUES (1), (2)",
    ]
  ) {
    const controller = new AbortController();
    const context = { ...database.context(), signal: controller.signal };
    const run = openPlan(database.plan(sql), context);
    const reason = new SqlError("57014", "canceling statement");
    controller.abort(reason);
    const error = await assertRejects(async () => await run.next(), SqlError);
    assertEquals(error, reason, sql);
    run.close();
  }
});

Deno.test("[L-200] LIMIT stops reading as soon as it has its rows", async () => {
  const database = await numbers(1000, { chunkRows: 10 });
  let chunks = 0;
  const { scan } = database.tables;
  database.tables.scan = (...args) => {
    const opened = scan.apply(database.tables, args);
    return {
      next: () => {
        chunks++;
        return opened.next();
      },
      close: () => opened.close(),
    };
  };
  const { rows } = await database.run("SELECT id FROM t OFFSET 5 LIMIT 10");
  assertEquals(rows.length, 10);
  assertEquals(chunks, 2);
});

Deno.test("a change does not meet its own results", async () => {
  for (const delays of [false, true]) {
    const database = await numbers(50, { delays });
    const update = await database.run("UPDATE t SET id = id + 1000, a = a + 1");
    assertEquals(update.affectedRows, 50);
    const insert = await database.run(
      "INSERT INTO t SELECT id + 5000, a FROM t RETURNING id",
    );
    assertEquals(insert.affectedRows, 50);
    assertEquals(insert.rows.length, 50);
    const gone = await database.run(
      "DELETE FROM t WHERE a = 5 RETURNING id, a",
    );
    assertEquals(gone.affectedRows, 10);
    const left = await database.run("SELECT count(*), min(id) FROM t");
    assertEquals(left.rows, [["90", "1000"]]);
  }
});

Deno.test("a change is done whether or not its rows are read", async () => {
  const database = await numbers(30);
  const plan = database.plan("DELETE FROM t WHERE id < 20 RETURNING id");
  const run = openPlan(plan, database.context());
  await run.next();
  run.close();
  assertEquals(run.affectedRows, 20);
  assertEquals((await database.run("SELECT count(*) FROM t")).rows, [["10"]]);
});

Deno.test("NOT NULL says which row failed, cut short", async () => {
  const database = new ArrayDatabase();
  await database.run("CREATE TABLE n (a int, b text NOT NULL, c text)");
  const long = "ä".repeat(40);
  const error = await assertRejects(
    () =>
      database.run(
        `INSERT INTO n VALUES (1, 'x', 'y'), (2, NULL, '${long}')`,
      ),
    SqlError,
  ) as SqlError;
  assertEquals(error.code, "23502");
  assertEquals(
    error.detail,
    `Failing row contains (2, null, ${"ä".repeat(32)}...).`,
  );
  assertEquals([error.table, error.column], ["n", "b"]);
});

Deno.test("[K-143] ctid is the block and the offset of the row", async () => {
  const database = await numbers(2);
  const { rows } = await database.run(
    "SELECT ctid, tableoid > 0, id FROM t WHERE ctid = '(1,2)'",
  );
  assertEquals(rows, [["(1,2)", "t", "1"]]);
  const changed = await database.run("UPDATE t SET a = 5 RETURNING ctid");
  assertEquals(changed.rows, [["(1,1)"], ["(1,2)"]]);
});

Deno.test("functions that wait are called row by row, in order", async () => {
  const database = await numbers(3);
  const { rows } = await database.run(
    "SELECT lsm_s3_flush(), id FROM t ORDER BY id DESC LIMIT 2",
  );
  assertEquals(rows, [["lsm_s3_flush()", "2"], ["lsm_s3_flush()", "1"]]);
  await assertRejects(
    () => database.run("SELECT 1 FROM t WHERE lsm_s3_flush() = 'x'"),
    SqlError,
    "function lsm_s3_flush is not supported in WHERE",
  );
});

Deno.test("what memory holds is answered at once", async () => {
  const database = await numbers(100);
  for (
    const sql of [
      "SELECT a, count(*) FROM t WHERE id > 5 GROUP BY a ORDER BY 2 LIMIT 3",
      "UPDATE t SET a = 0 WHERE id = 7 RETURNING *",
    ]
  ) {
    const run = openPlan(database.plan(sql), database.context());
    const chunk = run.next();
    assert(!(chunk instanceof Promise), sql);
    run.close();
  }
});

Deno.test("a plan is shared by its runs", async () => {
  const database = await numbers(20, { delays: true });
  const plan = database.plan(
    "SELECT id, CASE a WHEN $1 THEN 'hit' ELSE 'miss' END FROM t " +
      "WHERE id IN ($1, $2) ORDER BY id",
  );
  const runs = Array.from(
    { length: 9 },
    (_, i) => database.runPlan(plan, [i, i + 1]),
  );
  const results = await Promise.all(runs);
  results.forEach(({ rows }, i) =>
    assertEquals(rows, [[`${i}`, "hit"], [`${i + 1}`, "miss"]])
  );
});

Deno.test("a long scan pauses when it is asked to, and goes on", async () => {
  const database = await numbers(100, { chunkRows: 10 });
  for (
    const [sql, wanted] of [
      ["SELECT count(*) FROM t WHERE a < 0", "0"],
      ["SELECT id FROM t ORDER BY id DESC LIMIT 1", "99"],
      ["DELETE FROM t WHERE id = a RETURNING id - a", "0"],
    ] as const
  ) {
    let asked = 0;
    const context = {
      ...database.context(),
      signal: {
        throwIfAborted: () => {},
        pause: (): Promise<void> | undefined =>
          asked++ % 3 === 2 ? Promise.resolve() : undefined,
      },
    };
    const run = openPlan(database.plan(sql), context);
    const first = run.next();
    assert(first instanceof Promise, sql);
    const chunk = await first;
    assertEquals(rowsOf(chunk!)[0], [wanted], sql);
    assert(asked >= 10, sql);
    run.close();
  }
});
