/**
 * Random queries over several relations against PostgreSQL (PGlite): the same
 * rows, types and names. `SEED` repeats a run, `RUNS` makes it longer.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import {
  RELATION_TABLES,
  relationQuery,
} from "../../tests/support/random_relations.ts";
import { seededRandom } from "../../tests/support/seeded_random.ts";
import {
  outcomeOf,
  StatementOracle,
  type StatementOutcome,
} from "../../tests/support/statement_oracle.ts";
import { loadParser } from "../parser/parser.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 20251121);
const RUNS = Number(Deno.env.get("RUNS") ?? 300);

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

/** Rows as they are where the query orders them, else sorted. */
function comparable(sql: string, outcome: StatementOutcome): unknown {
  if ("code" in outcome) return outcome;
  const { fields, rows } = outcome;
  return sql.includes("RETURNING")
    ? { fields, rows: rows.map((row) => JSON.stringify(row)).sort() }
    : { fields, rows };
}

Deno.test({
  ...leaky,
  name: "random queries over several relations have PostgreSQL's outcomes",
  async fn(): Promise<void> {
    const oracle = await StatementOracle.create();
    const random = seededRandom(SEED);
    const database = new ArrayDatabase({
      chunkRows: 3,
      delays: () => random() < 1 / 4,
    });
    for (const sql of RELATION_TABLES) {
      await database.run(sql);
      await oracle.run(sql);
    }
    let errors = 0;
    let rows = 0;
    await fc.assert(
      fc.asyncProperty(relationQuery, async (sql) => {
        const undo = database.tables.save();
        const ours = await outcomeOf(database, sql);
        undo();
        const isQuery = !sql.includes("RETURNING");
        if (!isQuery) await oracle.run("BEGIN");
        const theirs = await oracle.run(sql);
        if (!isQuery) await oracle.run("ROLLBACK");
        if ("code" in theirs) errors++;
        else rows += theirs.rows.length;
        assertEquals(comparable(sql, ours), comparable(sql, theirs), sql);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    assert(rows > RUNS, `only ${rows} rows were compared`);
    assert(errors < RUNS / 20, `${errors} of ${RUNS} were errors`);
    await oracle.close();
  },
});
