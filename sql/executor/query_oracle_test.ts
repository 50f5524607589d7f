/**
 * Random queries and changes against PostgreSQL (PGlite): the same rows, types
 * and names, or the same error. `SEED` repeats a run.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import {
  query,
  RANDOM_ROWS,
  RANDOM_TABLE,
} from "../../tests/support/random_queries.ts";
import { seededRandom } from "../../tests/support/seeded_random.ts";
import {
  outcomeOf,
  StatementOracle,
  type StatementOutcome,
} from "../../tests/support/statement_oracle.ts";
import { loadParser } from "../parser/parser.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 20251121);
const RUNS = Number(Deno.env.get("RUNS") ?? 400);

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

/** Division by zero, a number out of range: errors that rows make. */
const ROW_ERRORS: ReadonlySet<unknown> = new Set(["22012", "22003"]);

/**
 * Whether the two met errors of different rows or parts, or only one of them
 * did: PostgreSQL orders the parts of WHERE by cost and goes row by row, we go
 * column by column, and neither promises anything.
 */
function isOpen(ours: StatementOutcome, theirs: StatementOutcome): boolean {
  const codes = [ours, theirs].map((each) => "code" in each && each.code);
  return codes.every((code) => code === false || ROW_ERRORS.has(code)) &&
    codes[0] !== codes[1];
}

/** A numeric without scale: of 1.5 and 1.50 in a group, either stands for it. */
function bare(value: string | null): string | null {
  return value?.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") ?? null;
}

/**
 * Rows as they are where the query orders them, sorted where it changes the
 * table; of errors only the code, since which row fails first is open.
 */
function comparable(sql: string, outcome: StatementOutcome): unknown {
  if ("code" in outcome) return outcome.code;
  const { fields } = outcome;
  const rows = outcome.rows.map((row) =>
    row.map((value, i) => fields[i]!.endsWith(" numeric") ? bare(value) : value)
  );
  return sql.startsWith("SELECT")
    ? { fields, rows }
    : { fields, rows: rows.map((row) => JSON.stringify(row)).sort() };
}

Deno.test({
  ...leaky,
  name: "random queries have PostgreSQL's outcomes",
  async fn(): Promise<void> {
    const oracle = await StatementOracle.create();
    const random = seededRandom(SEED);
    const database = new ArrayDatabase({
      chunkRows: 3,
      delays: () => random() < 1 / 4,
    });
    for (const sql of [RANDOM_TABLE, RANDOM_ROWS]) {
      await database.run(sql);
      await oracle.run(sql);
    }
    let errors = 0;
    let rows = 0;
    let open = 0;
    await fc.assert(
      fc.asyncProperty(query, async (sql) => {
        const undo = database.tables.save();
        const ours = await outcomeOf(database, sql);
        undo();
        const isQuery = sql.startsWith("SELECT");
        if (!isQuery) await oracle.run("BEGIN");
        const theirs = await oracle.run(sql);
        if (!isQuery) await oracle.run("ROLLBACK");
        if ("code" in theirs) errors++;
        else rows += theirs.rows.length;
        if (isOpen(ours, theirs)) {
          open++;
          return;
        }
        assertEquals(comparable(sql, ours), comparable(sql, theirs), sql);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    assert(rows > RUNS, `only ${rows} rows were compared`);
    assert(errors < RUNS / 2, `${errors} of ${RUNS} were errors`);
    assert(open < RUNS / 20, `${open} of ${RUNS} were open`);
    await oracle.close();
  },
});
