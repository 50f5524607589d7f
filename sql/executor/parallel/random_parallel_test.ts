/**
 * Random queries give the same rows in several threads and in one. `SEED` repeats
 * a run, `RUNS` makes it longer.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { type Database, open } from "../../../mod.ts";
import {
  query,
  RANDOM_ROWS,
  RANDOM_TABLE,
} from "../../../tests/support/random_queries.ts";
import {
  RELATION_TABLES,
  relationQuery,
} from "../../../tests/support/random_relations.ts";

const SEED = Number(Deno.env.get("SEED") ?? 20261122);
const RUNS = Number(Deno.env.get("RUNS") ?? 16);

/** Rows as sorted texts, or the code of an error. */
async function outcome(
  db: Database,
  sql: string,
): Promise<readonly string[] | { readonly code: unknown }> {
  try {
    const { rows } = await db.query(sql, [], { rowMode: "array" });
    return rows.map((row) => JSON.stringify(row)).sort();
  } catch (error) {
    return { code: (error as { code?: unknown }).code };
  }
}

Deno.test("[O-113] random queries give the same rows in several threads and in one", async () => {
  await using db = await open("memory:");
  for (
    const [schema, tables] of [
      ["one", [RANDOM_TABLE, RANDOM_ROWS]],
      ["many", RELATION_TABLES],
    ] as const
  ) {
    await db.exec(`CREATE SCHEMA ${schema}; SET search_path = ${schema}`);
    for (const sql of tables) await db.exec(sql);
  }
  let gathers = 0;
  const queries = fc.oneof(
    query.map((sql) => ["one", sql] as const),
    relationQuery.map((sql) => ["many", sql] as const),
  ).filter(([, sql]) => sql.startsWith("SELECT"));
  await fc.assert(
    fc.asyncProperty(queries, async ([schema, sql]) => {
      await db.exec(`SET search_path = ${schema}`);
      await db.exec("SET debug_parallel_query = off");
      const alone = await outcome(db, sql);
      await db.exec("SET debug_parallel_query = on");
      const shared = await outcome(db, sql);
      const plan = await outcome(db, `EXPLAIN ${sql}`);
      if (JSON.stringify(plan).includes("Gather")) gathers++;
      // Which error comes first is open, and whether one that values make does.
      if ("code" in alone || "code" in shared) return;
      assertEquals(shared, alone, sql);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  assert(gathers > RUNS / 4, `only ${gathers} of ${RUNS} gather`);
});
