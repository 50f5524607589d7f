/**
 * The 22 queries of TPC-H against PostgreSQL (PGlite): the same rows. A small
 * scale, or another after `--`: `deno test -A tests/oracle/tpch_test.ts --
 * --scale=0.1`.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import { assert, assertEquals } from "@std/assert";
import { parseArgs } from "node:util";
import { tpchRows } from "../../bench/tpch/generator.ts";
import { TPCH_QUERIES } from "../../bench/tpch/queries.ts";
import { TPCH_TABLES } from "../../bench/tpch/tables.ts";
import { type Database, open } from "../../mod.ts";

const { scale } = parseArgs({
  args: Deno.args,
  options: { scale: { type: "string", default: "0.003" } },
  strict: false,
}).values;

// PGlite keeps its module and timers for the life of the process.
Deno.test({
  name: "[L-202] all 22 queries of TPC-H give PostgreSQL's rows",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    const db = await open("memory:");
    const pglite = await PGlite.create();
    try {
      await load(db, pglite);
      const { rows } = await pglite.query<{ oid: number }>(
        "SELECT oid::int4 AS oid FROM pg_type",
      );
      const parsers = Object.fromEntries(
        rows.map(({ oid }) => [oid, (text: string): string => text]),
      );
      let answers = 0;
      for (const [number, sql] of TPCH_QUERIES) {
        await t.step(`query ${number}`, async () => {
          const ours = await db.query(sql, [], {
            rowMode: "array",
            resultFormat: "text",
          });
          const theirs = await pglite.query(sql, [], {
            rowMode: "array",
            parsers,
          });
          if (theirs.rows.length > 0) answers++;
          assertEquals(ours.rows as unknown, theirs.rows);
        });
      }
      // Rows at so small a scale still answer nearly all of them.
      assert(answers >= 18, `${answers} queries have rows`);
    } finally {
      await db.close();
      await pglite.close();
    }
  },
});

async function load(db: Database, pglite: PGlite): Promise<void> {
  for (const statement of TPCH_TABLES) {
    await db.query(statement);
    await pglite.exec(statement);
  }
  for (const { table, text } of tpchRows(Number(scale))) {
    const data = new TextEncoder().encode(text);
    await db.copyFrom(`COPY ${table} FROM STDIN`, data);
    await pglite.query(`COPY ${table} FROM '/dev/blob'`, [], {
      blob: new Blob([data]),
    });
  }
  await db.query("ANALYZE");
  await pglite.exec("ANALYZE");
}
