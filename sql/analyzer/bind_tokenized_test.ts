/**
 * Rows that were tokenized against rows that went through the grammar: the same
 * values in the table, or the same error at the same place.
 *
 * A comment in the head of the statement keeps the fast path from being taken;
 * spaces in its place take it, and move nothing.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import { outcomeOf } from "../../tests/support/statement_oracle.ts";
import { loadParser } from "../parser/parser.ts";
import { cutValuesRows } from "../parser/values_rows.ts";

await loadParser();

const SEED = Number(Deno.env.get("SEED") ?? 8);

const TYPES = [
  ...["int", "smallint", "bigint", "numeric", "numeric(4,1)", "float8", "real"],
  ...["text", "varchar(3)", "char(4)", "bool", "vector(2)", "vector", "uuid"],
  ...["timestamptz", "date", "jsonb", "bytea", "oid"],
] as const;

const cell = fc.constantFrom(
  ...["NULL", "true", "FALSE", "DEFAULT", "0", "-0", "1", "-1", "7", "2.5"],
  ...["-2.5", "123456", "-40000", "2147483647", "2147483648", "-2147483648"],
  ...["9223372036854775807", "9223372036854775808", "-9223372036854775808"],
  ...["1e3", "1e-3", "1e400", "-1e-400", ".5", "5.", "0.0", "-0.0", "12345.67"],
  ...["12345678901234567", "0.1234567890123456789", "99999.96", "007"],
  ...["''", "'a'", "'abcd'", "'abc '", "'it''s'", "E'x\\ty'", "'é'", "'1'"],
  ...["'-5'", "'2.5'", "' 7 '", "'true'", "'[1,2]'", "'[1,2,3]'", "'[1,'"],
  ...["'2020-02-30'", "'2020-01-31'", "'{\"a\": 1}'", "'NaN'", "'Infinity'"],
  ...["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'\\x00ff'", "$1", "$2"],
);

const cast = fc.constantFrom(
  ...["", "", "", "::text", "::int", "::vector", "::vector(2)", "::varchar(2)"],
);

const scenario = fc.record({
  types: fc.array(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 3 }),
  casts: fc.array(cast, { minLength: 3, maxLength: 3 }),
  cells: fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), {
    minLength: 2,
    maxLength: 4,
  }),
});

Deno.test("tokenized rows mean what the grammar makes of them", async () => {
  let cuts = 0;
  let stored = 0;
  await fc.assert(
    fc.asyncProperty(scenario, async ({ types, casts, cells }) => {
      const rows = cells.map((row) => {
        const written = row.slice(0, types.length).map((each, i) =>
          /^E?'/.test(each) ? each + casts[i] : each
        );
        return `(${written.join(", ")})`;
      });
      const results: unknown[] = [];
      for (const gap of ["    ", "/**/"]) {
        const database = new ArrayDatabase();
        const columns = types.map((type, i) =>
          `c${i} ${type} DEFAULT ${i === 0 ? "NULL" : "'1'"}`
        );
        const created = await outcomeOf(
          database,
          `CREATE TABLE t (${columns.join(", ")})`,
        );
        if ("code" in created) return;
        const sql = `INSERT INTO t${gap}VALUES ${rows.join(", ")}`;
        if (cutValuesRows(sql) !== undefined) cuts++;
        const outcome = await outcomeOf(database, sql, ["1", "2"]);
        if (!("code" in outcome)) stored += outcome.affectedRows;
        const { rows: all } = await database.run("SELECT * FROM t");
        results.push({ sql: rows, outcome, all });
      }
      assertEquals(results[0], results[1]);
    }),
    { seed: SEED, numRuns: 1200 },
  );
  assert(cuts > 300, `only ${cuts} texts were cut`);
  assert(stored > 200, `only ${stored} rows were stored`);
});
