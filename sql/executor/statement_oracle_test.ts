/**
 * Queries, changes and definitions against PostgreSQL (PGlite): rows, types,
 * names, and of an error its code, message, detail, hint and position.
 *
 * The statements are in `tests/support/statements/`, one a line; ` %% ` and a
 * JSON array behind one are its parameters. Tables are kept in arrays, in chunks
 * of 3 rows, and a seeded third of all answers come as promises.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import {
  outcomeOf,
  StatementOracle,
  type StatementOutcome,
} from "../../tests/support/statement_oracle.ts";
import { seededRandom } from "../../tests/support/seeded_random.ts";
import { loadParser } from "../parser/parser.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 1);

// PGlite keeps its module and timers for the life of the process.
const leaky = { sanitizeResources: false, sanitizeOps: false };

const oracle = await StatementOracle.create();

/** An outcome without what is not compared. */
function comparable(sql: string, outcome: StatementOutcome): unknown {
  if ("code" in outcome) return outcome;
  if (/^(CREATE|DROP|TRUNCATE)/i.test(sql)) return "done";
  const { fields, affectedRows } = outcome;
  const rows = /ORDER BY/i.test(sql)
    ? outcome.rows
    : outcome.rows.map((row) => JSON.stringify(row)).sort();
  return /^(SELECT|VALUES)/i.test(sql)
    ? { fields, rows }
    : { fields, rows, affectedRows };
}

for (const file of ["changes", "definitions", "expressions"]) {
  Deno.test({
    ...leaky,
    name: `the statements of ${file}.sql have PostgreSQL's outcomes`,
    async fn(): Promise<void> {
      const random = seededRandom(SEED);
      const database = new ArrayDatabase({
        chunkRows: 3,
        delays: () => random() < 1 / 3,
      });
      await oracle.fresh();
      const url = new URL(
        `../../tests/support/statements/${file}.sql`,
        import.meta.url,
      );
      const lines = Deno.readTextFileSync(url).trim().split("\n");
      for (const line of lines) {
        const [sql, json] = line.split(" %% ");
        const parameters = json === undefined ? [] : JSON.parse(json);
        const ours = await outcomeOf(database, sql!, parameters);
        const theirs = await oracle.run(sql!, parameters);
        assertEquals(
          comparable(sql!, ours),
          comparable(sql!, theirs),
          `${line} (SEED=${SEED})`,
        );
      }
    },
  });
}
