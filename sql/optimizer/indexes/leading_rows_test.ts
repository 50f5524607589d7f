/**
 * The first rows of groups and extremes by an index are those that all rows give:
 * random tables, indexes and queries, with the index and without. `--seed=N` and
 * `--runs=N` behind `--` for others.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { open } from "../../../mod.ts";
import { testArgument, testSeed } from "../../../tests/support/test_seed.ts";

const RUNS = Number(testArgument("runs") ?? 3);

const column = fc.constantFrom("a", "b", "c");
const order = fc.constantFrom(
  "",
  "DESC",
  "NULLS FIRST",
  "DESC NULLS LAST",
);

/** Three indexes, so that each column is the first of one. */
const indexes = fc.array(order, { minLength: 9, maxLength: 9 }).map((orders) =>
  ["abc", "bca", "cab"].map((columns, index) =>
    [...columns].map((name, i) => `${name} ${orders[3 * index + i]}`).join(", ")
  )
);

const where = fc.constantFrom(
  "",
  "",
  "",
  "",
  "WHERE a = 1",
  "WHERE a IN (1, 2)",
  "WHERE b IS NULL",
  "WHERE b > 1",
  "WHERE a = 1 AND c < 3",
  "WHERE c IS NOT NULL",
  "WHERE a = 2 AND b = 1",
);

const query = fc.oneof(
  fc.tuple(column, column, where, fc.constantFrom("min", "max")).map((
    [group, value, where, name],
  ) => `SELECT ${group}, ${name}(${value}) FROM t ${where} GROUP BY ${group}`),
  fc.tuple(fc.shuffledSubarray(["a", "b", "c"], { minLength: 1 }), where).map((
    [columns, where],
  ) => `SELECT DISTINCT ${columns.join(", ")} FROM t ${where}`),
  fc.tuple(column, column, where, order, order).map((
    [group, next, where, first, second],
  ) =>
    `SELECT DISTINCT ON (${group}) ${group}, ${next} FROM t ${where} ` +
    `ORDER BY ${group} ${first}, ${next} ${second}`
  ),
  fc.tuple(column, column, where).map(([one, other, where]) =>
    `SELECT min(${one}), max(${other}), max(${one}) FROM t ${where}`
  ),
  fc.tuple(column, where).map(([name, where]) =>
    `SELECT count(DISTINCT ${name}) FROM t ${where}`
  ),
);

Deno.test("[L-202] first rows of groups by an index are those of all rows", async () => {
  let led = 0;
  await fc.assert(
    fc.asyncProperty(
      indexes,
      fc.array(query, { minLength: 16, maxLength: 16 }),
      fc.integer({ min: 0, max: 1000 }),
      async (indexes, queries, seed) => {
        await using db = await open("memory:");
        await db.exec(`CREATE TABLE t (a int, b int, c int);
          INSERT INTO t SELECT nullif((n * ${seed + 3}) % 4, 3),
            nullif((n * 7 + ${seed}) % 5, 1), nullif((n / 90 + ${seed}) % 6, 0)
          FROM generate_series(1, 600) n;`);
        for (const keys of indexes) {
          await db.exec(`CREATE INDEX ON t (${keys})`);
        }
        // Some entries lie over others.
        await db.exec(
          "DELETE FROM t WHERE c = 2; UPDATE t SET b = 4 WHERE a = 0",
        );
        await db.exec("ANALYZE t");
        const rows = async (sql: string): Promise<string[]> => {
          const { rows } = await db.query(sql, [], { rowMode: "array" });
          return rows.map((row) => JSON.stringify(row)).sort();
        };
        for (const sql of queries) {
          await db.exec("SET enable_indexscan = off");
          const expected = await rows(sql);
          await db.exec("RESET enable_indexscan; SET enable_seqscan = off");
          const plan = await rows(`EXPLAIN ${sql}`);
          if (plan.some((line) => line.includes("Skip Key"))) led++;
          assertEquals(await rows(sql), expected, `${sql} by ${indexes}`);
          await db.exec("RESET enable_seqscan");
        }
      },
    ),
    { seed: testSeed(), numRuns: RUNS },
  );
  assert(led > 2 * RUNS, `only ${led} plans read first rows`);
});
