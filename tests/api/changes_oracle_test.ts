/**
 * Random changes against PostgreSQL (PGlite): what they return, what is in the
 * tables afterwards, or the error.
 *
 *     deno test -A tests/api/changes_oracle_test.ts -- --seed=random --runs=2000
 */
import { PGlite } from "@electric-sql/pglite";
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { open } from "../../mod.ts";
import {
  CHANGED_ROWS,
  CHANGED_TABLES,
  randomChange,
} from "../support/random_changes.ts";
import { testArgument, testSeed } from "../support/test_seed.ts";

const RUNS = Number(testArgument("runs") ?? 250);

/** NOT NULL, UNIQUE, a row changed twice. */
const RULES: ReadonlySet<string> = new Set(["23502", "23505", "21000"]);

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

/** What both databases can do. */
interface Side {
  query(
    sql: string,
    parameters: unknown[],
    options: { rowMode: "array" },
  ): Promise<{
    readonly rows: unknown[];
    readonly fields: readonly { name: string; dataTypeID: number }[];
    readonly affectedRows?: number;
  }>;
  exec(sql: string): Promise<unknown>;
}

async function outcome(side: Side, sql: string): Promise<unknown> {
  const all = async (text: string): Promise<unknown[]> =>
    (await side.query(text, [], { rowMode: "array" })).rows;
  await side.exec("BEGIN");
  try {
    const { rows, fields } = await side.query(sql, [], { rowMode: "array" });
    return {
      rows: rows.map((row) => JSON.stringify(row)).sort(),
      fields: fields.map(({ name, dataTypeID }) => [name, dataTypeID]),
      t: await all("SELECT * FROM t ORDER BY id"),
      u: await all("SELECT * FROM u ORDER BY id"),
      byKey: await all("SELECT id FROM t WHERE k = 1 OR id = 2 ORDER BY id"),
    };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Which of several broken rules is told, the order of the rows decides.
    return RULES.has(code ?? "") ? { code: "a rule" } : { code, message };
  } finally {
    await side.exec("ROLLBACK");
  }
}

Deno.test({
  ...leaky,
  name: "random changes have PostgreSQL's outcomes",
  async fn(): Promise<void> {
    const postgres = await PGlite.create();
    await using db = await open("memory:");
    for (const side of [postgres, db]) {
      await side.exec(CHANGED_TABLES);
      await side.exec(CHANGED_ROWS);
    }
    let errors = 0;
    await fc.assert(
      fc.asyncProperty(randomChange, async (sql) => {
        const theirs = await outcome(postgres as unknown as Side, sql);
        const ours = await outcome(db as unknown as Side, sql);
        if ("code" in (theirs as object)) errors++;
        assertEquals(ours, theirs, sql);
      }),
      { seed: testSeed(), numRuns: RUNS },
    );
    assert(errors < RUNS / 2, `${errors} of ${RUNS} were errors`);
    await postgres.close();
  },
});
