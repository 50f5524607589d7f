import { assertEquals, assertMatch } from "@std/assert";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import { loadParser } from "../parser/parser.ts";
import type { ExplainOptions } from "../parser/syntax.ts";
import { explainPlan } from "./explain.ts";
import { measurePlan } from "./explain_measure.ts";

await loadParser();

const database = new ArrayDatabase({ chunkRows: 2 });
await database.run("CREATE TABLE items (id int PRIMARY KEY, kind text)");
await database.run(
  "INSERT INTO items VALUES (1, 'a'), (2, 'b'), (3, 'a'), (4, 'b'), (5, 'a')",
);

const PLAIN: ExplainOptions = {
  analyze: false,
  verbose: false,
  costs: true,
  timing: false,
  requests: false,
  buffers: false,
  summary: false,
  settings: false,
  genericPlan: false,
  serialize: "none",
  format: "text",
};

/** A clock that goes on by a millisecond a look. */
function clock(): () => number {
  let now = 0;
  return () => now++;
}

async function analyzed(
  sql: string,
  options: Partial<ExplainOptions> = {},
): Promise<string[]> {
  const plan = database.plan(sql);
  const context = database.context();
  const measured = await measurePlan(plan, context, { nowMs: clock() });
  const all = { ...PLAIN, analyze: true, costs: false, ...options };
  return explainPlan(plan, all, context, { measured, planningMs: 1.5 });
}

Deno.test("EXPLAIN shows costs, rows and width in PostgreSQL's form", () => {
  const plan = database.plan("SELECT id FROM items WHERE kind = 'a' LIMIT 1");
  const [first, second, third] = explainPlan(plan, PLAIN, database.context());
  assertMatch(
    first!,
    /^Limit {2}\(cost=0\.00\.\.\d+\.\d\d rows=1 width=\d+\)$/,
  );
  assertMatch(
    second!,
    /^ {2}-> {2}Seq Scan on items {2}\(cost=0\.00\.\.\d+\.\d\d rows=1 width=\d+\)$/,
  );
  assertEquals(third, "        Filter: (kind = 'a'::text)");
});

Deno.test("EXPLAIN ANALYZE counts the rows of each node", async () => {
  assertEquals(
    await analyzed("SELECT kind, count(*) FROM items GROUP BY kind LIMIT 1"),
    [
      "Limit (actual rows=1.00 loops=1)",
      "  ->  HashAggregate (actual rows=2.00 loops=1)",
      "        Group Key: kind",
      "        Batches: 1  Memory Usage: 1kB",
      "        ->  Seq Scan on items (actual rows=5.00 loops=1)",
    ].map((line) => line.replace(" (actual", "  (actual")),
  );
});

Deno.test("EXPLAIN ANALYZE says how long it took", async () => {
  const lines = await analyzed("SELECT 1", { timing: true, summary: true });
  assertMatch(
    lines[0]!,
    /^Result {2}\(actual time=\d+\.\d{3}\.\.\d+\.\d{3} rows=1\.00 loops=1\)$/,
  );
  assertEquals(lines[1], "Planning Time: 1.500 ms");
  assertMatch(lines[2]!, /^Execution Time: \d+\.\d{3} ms$/);
});

Deno.test("EXPLAIN (FORMAT JSON) is one text", () => {
  const plan = database.plan("SELECT id FROM items WHERE id = 1");
  const options = { ...PLAIN, costs: false, format: "json" } as const;
  const [text, more] = explainPlan(plan, options, database.context());
  assertEquals(more, undefined);
  assertEquals(JSON.parse(text!), [{
    "Plan": {
      "Node Type": "Index Scan",
      "Parallel Aware": false,
      "Async Capable": false,
      "Scan Direction": "Forward",
      "Index Name": "items_pkey",
      "Relation Name": "items",
      "Alias": "items",
      "Disabled": false,
      "Index Cond": "(id = 1)",
    },
  }]);
});

Deno.test("EXPLAIN names tables by their aliases, quoted where need be", () => {
  const plan = database.plan('SELECT "X".id FROM items "X" WHERE "X".id > 1');
  const options = { ...PLAIN, costs: false };
  assertEquals(explainPlan(plan, options, database.context()), [
    'Seq Scan on items "X"',
    "  Filter: (id > 1)",
  ]);
});

Deno.test("EXPLAIN ANALYZE of a change changes", async () => {
  const lines = await analyzed("DELETE FROM items WHERE id > 3");
  assertEquals(lines[0], "Delete on items  (actual rows=0.00 loops=1)");
  assertEquals((await database.run("SELECT id FROM items")).rows.length, 3);
});

Deno.test("EXPLAIN's JSON says what a node is to the one above", () => {
  const plan = database.plan(
    "SELECT (SELECT count(*) FROM items), a.id FROM items a JOIN items b " +
      "ON a.id = b.id UNION ALL SELECT 1, 2",
  );
  const options = {
    ...PLAIN,
    costs: false,
    verbose: true,
    format: "json",
  } as const;
  const [text] = explainPlan(plan, options, database.context());
  const said: string[] = [];
  const say = (node: Record<string, unknown>): void => {
    const { "Parent Relationship": relationship, Schema: schema } = node;
    const facts = [node["Node Type"], relationship, schema];
    said.push(facts.filter((fact) => fact !== undefined).join(" "));
    assertEquals(node["Disabled"], false);
    for (const below of (node["Plans"] ?? []) as typeof node[]) say(below);
  };
  say(JSON.parse(text!)[0]["Plan"]);
  assertEquals(said, [
    "Append",
    "Hash Join Member",
    "Aggregate InitPlan",
    "Seq Scan Outer public",
    "Seq Scan Outer public",
    "Hash Inner",
    "Seq Scan Outer public",
    "Result Member",
  ]);
});
