/**
 * Random queries over several relations, planned with every pass switched off in
 * turn, with ways forbidden and with rows said to be seen that are not: they give the rows that all passes together
 * give, which `relations_oracle_test.ts` compares with PostgreSQL's. `SEED`
 * repeats a run, `RUNS` makes it longer.
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
import {
  outcomeOf,
  type StatementOutcome,
} from "../../tests/support/statement_oracle.ts";
import { loadParser } from "../parser/parser.ts";
import type { PlanSettings } from "./facts.ts";
import { PASS_NAMES } from "./optimizer.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 20261122);
const RUNS = Number(Deno.env.get("RUNS") ?? 60);

const ALL_WAYS: PlanSettings = {
  seqScans: true,
  indexScans: true,
  bitmapScans: true,
  hashJoins: true,
  mergeJoins: true,
  nestedLoops: true,
  partitionPruning: true,
};

/** What is left out, by what to call it. */
const VARIANTS: readonly (readonly [
  string,
  ArrayDatabase["planning"],
])[] = [
  ...PASS_NAMES.map((name) =>
    [`without ${name}`, { without: new Set([name]) }] as const
  ),
  ["without any pass", { without: new Set(PASS_NAMES) }],
  ...(["seqScans", "indexScans", "hashJoins", "nestedLoops"] as const).map(
    (way) =>
      [`without ${way}`, { ways: { ...ALL_WAYS, [way]: false } }] as const,
  ),
  ["merge joins first", {
    ways: { ...ALL_WAYS, hashJoins: false, nestedLoops: false },
  }],
  ["loops only", {
    ways: { ...ALL_WAYS, hashJoins: false, mergeJoins: false },
  }],
  ["lookups only", {
    ways: { ...ALL_WAYS, hashJoins: false, seqScans: false },
  }],
  ["no row of a condition was seen", { measured: { shareOf: () => 0 } }],
  ["all rows of a condition were seen", { measured: { shareOf: () => 1 } }],
  ["the opposite of what is expected was seen", {
    measured: { shareOf: (_of, _condition, share) => 1 - share },
  }],
];

/** Which error comes first is open, and whether one that values make does. */
function isOpen(one: StatementOutcome, other: StatementOutcome): boolean {
  return [one, other].some((each) => "code" in each);
}

Deno.test("[L-202] rows stay the same with any pass or way switched off", async () => {
  const database = new ArrayDatabase({ chunkRows: 3 });
  for (const sql of RELATION_TABLES) await database.run(sql);
  for (const table of ["r", "q"]) {
    await database.run(`CREATE INDEX ON ${table} (i)`);
  }
  let rows = 0;
  await fc.assert(
    fc.asyncProperty(relationQuery, async (sql) => {
      const outcome = async (
        planning: ArrayDatabase["planning"],
      ): Promise<StatementOutcome> => {
        database.planning = planning;
        const undo = database.tables.save();
        const result = await outcomeOf(database, sql);
        undo();
        return result;
      };
      const usual = await outcome({});
      if (!("code" in usual)) rows += usual.rows.length;
      for (const [name, planning] of VARIANTS) {
        const other = await outcome(planning);
        if (isOpen(usual, other)) continue;
        assertEquals(sorted(other), sorted(usual), `${name}: ${sql}`);
      }
    }),
    { seed: SEED, numRuns: RUNS },
  );
  assert(rows > RUNS, `only ${rows} rows were compared`);
});

function sorted(outcome: StatementOutcome): readonly string[] {
  return "code" in outcome
    ? [outcome.code]
    : outcome.rows.map((row) => JSON.stringify(row)).sort();
}
