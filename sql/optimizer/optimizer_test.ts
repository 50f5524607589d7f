import { assertEquals } from "@std/assert";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import { explainPlan } from "../executor/explain.ts";
import { loadParser } from "../parser/parser.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";

await loadParser();

const database = new ArrayDatabase();
await database.run(
  "CREATE TABLE t (id int PRIMARY KEY, a int, b text, c int, UNIQUE (a, b))",
);
await database.run("CREATE INDEX t_c_idx ON t (c)");
await database.run("INSERT INTO t VALUES (1, 1, 'x', 1), (2, 2, 'y', 1)");

/** What EXPLAIN says, without costs. */
function explained(sql: string): string {
  const lines = explainPlan(database.plan(sql), {
    analyze: false,
    verbose: false,
    costs: false,
    timing: false,
    requests: false,
    buffers: false,
    settings: false,
    genericPlan: false,
    serialize: "none",
    summary: false,
    format: "text",
  }, database.context());
  return `\n${lines.join("\n")}\n`;
}

/** The first node of a kind in a plan. */
function nodeOf<K extends LogicalPlan["kind"]>(
  sql: string,
  kind: K,
): Extract<LogicalPlan, { kind: K }> {
  let node: LogicalPlan | undefined = database.plan(sql).logical;
  while (node !== undefined && node.kind !== kind) {
    node = "input" in node ? node.input : undefined;
  }
  if (node === undefined) throw new TypeError(`no ${kind}`);
  return node as Extract<LogicalPlan, { kind: K }>;
}

Deno.test("constants are folded, and conditions that are known go", () => {
  assertEquals(
    explained(
      "SELECT 1 FROM t WHERE a > 10 * 2 + 1 AND true AND b = 'a' || 'b'",
    ),
    `
Seq Scan on t
  Filter: ((a > 21) AND (b = 'ab'::text))
`,
  );
  assertEquals(
    explained(
      "SELECT 1 FROM t WHERE CASE WHEN 1 = 1 THEN a > 2 ELSE 1/0 > 0 END",
    ),
    `
Seq Scan on t
  Filter: (a > 2)
`,
  );
  assertEquals(
    explained("SELECT 1 FROM t WHERE a > coalesce(NULL, 3, c) OR NULL > 5"),
    `
Seq Scan on t
  Filter: ((a > 3) OR NULL::boolean)
`,
  );
});

Deno.test("a computation that fails is left for the rows that need it", async () => {
  const sql = "SELECT CASE WHEN a > 5 THEN 1 / 0 ELSE a END FROM t ORDER BY id";
  assertEquals((await database.run(sql)).rows, [["1"], ["2"]]);
});

Deno.test("what depends on the time is not folded", () => {
  const { expressions } = nodeOf("SELECT now(), '5'::text::int", "project");
  assertEquals(expressions.map(({ kind }) => kind), ["call", "constant"]);
});

Deno.test("[L-202] filters go to the scan, HAVING on groups too", () => {
  assertEquals(
    explained(
      "SELECT c, count(*) FROM t GROUP BY c HAVING c + 1 > 2 AND count(*) > 1",
    ),
    `
HashAggregate
  Group Key: c
  Filter: (count(*) > '1'::bigint)
  ->  Seq Scan on t
        Filter: ((c + 1) > 2)
`,
  );
  assertEquals(
    explained("SELECT count(*) FROM t HAVING 1 > 2"),
    `
Aggregate
  Filter: false
  ->  Seq Scan on t
`,
  );
});

Deno.test("equality of all key columns is a lookup", () => {
  assertEquals(
    explained("SELECT b FROM t WHERE id = $1 AND a > 0"),
    `
Index Scan using t_pkey on t
  Index Cond: (id = $1)
  Filter: (a > 0)
`,
  );
  assertEquals(
    explained("SELECT b FROM t WHERE 'x' = b AND a = 1 + 1"),
    `
Index Scan using t_a_b_key on t
  Index Cond: ((a = 2) AND ('x'::text = b))
`,
  );
  assertEquals(
    explained("SELECT b FROM t WHERE c IN (1, $1)"),
    `
Index Scan using t_c_idx on t
  Index Cond: (c = ANY (ARRAY[1, $1]))
`,
  );
  const scans = ["a = 1", "id > 1", "id = c", "id = 1 OR id = 2", "id <> 1"];
  scans.push("id + 0 = 1", "id = random()", "id NOT IN (1, 2)", "id = 1.5");
  for (const condition of scans) {
    const text = explained(`SELECT b FROM t WHERE ${condition}`);
    assertEquals(text.includes("Seq Scan"), true, condition);
  }
});

Deno.test("a unique index is preferred to one that is not", () => {
  assertEquals(
    explained("DELETE FROM t WHERE c = 1 AND id = 2"),
    `
Delete on t
  ->  Index Scan using t_pkey on t
        Index Cond: (id = 2)
        Filter: (c = 1)
`,
  );
});

Deno.test("a sort below a limit is bounded", () => {
  assertEquals(
    nodeOf("SELECT a FROM t ORDER BY b LIMIT 2", "top_n").kind,
    "top_n",
  );
  assertEquals(
    explained("SELECT a FROM t ORDER BY b DESC, a + 1 NULLS FIRST LIMIT 2"),
    `
Limit
  ->  Sort
        Sort Key: b DESC, ((a + 1)) NULLS FIRST
        ->  Seq Scan on t
`,
  );
});

Deno.test("scans read the columns that are used", () => {
  const columns = (sql: string): readonly number[] =>
    nodeOf(sql, "scan").columns;
  assertEquals(columns("SELECT a FROM t"), [1]);
  assertEquals(columns("SELECT count(*) FROM t"), []);
  assertEquals(columns("SELECT a FROM t WHERE c > 1 ORDER BY b"), [1, 2, 3]);
  assertEquals(columns("SELECT ctid FROM t WHERE a > 1"), [1, -1]);
  assertEquals(columns("SELECT max(a) FROM t GROUP BY c + 1"), [1, 3]);
  assertEquals(columns("UPDATE t SET a = 1").length, 5);
});

Deno.test("what ORDER BY computes is computed once", () => {
  const sql = "SELECT a + 1 AS x, (a + 1) * 2 FROM t ORDER BY x";
  const { expressions } = nodeOf(sql, "project");
  assertEquals(expressions[0]!.kind, "column");
  assertEquals(nodeOf(sql, "compute").expressions.length, 1);
  const volatile = "SELECT random() AS r, random() FROM t ORDER BY r";
  const kinds = nodeOf(volatile, "project").expressions.map(({ kind }) => kind);
  assertEquals(kinds, ["column", "call"]);
});

Deno.test("the plan follows what there is in the table", async () => {
  const own = new ArrayDatabase({ nearestCost: () => 100 });
  await own.run("CREATE TABLE v (id int, e vector(1))");
  await own.run("CREATE INDEX ON v USING lsm_hnsw (e)");
  const sql = "SELECT id FROM v ORDER BY e <-> '[1]' LIMIT 2";
  const uses = (): boolean =>
    explainPlan(own.plan(sql), {
      analyze: false,
      verbose: false,
      costs: true,
      timing: false,
      requests: false,
      buffers: false,
      settings: false,
      genericPlan: false,
      serialize: "none",
      summary: false,
      format: "text",
    }, own.context()).join().includes("Index Scan using v_e_idx");
  await own.run("INSERT INTO v VALUES (1, '[1]')");
  assertEquals(uses(), false);
  const rows = Array.from({ length: 500 }, (_, i) => `(${i}, '[${i}]')`);
  await own.run(`INSERT INTO v VALUES ${rows.join(",")}`);
  assertEquals(uses(), true);
});

Deno.test("[L-202] what all branches of an OR say stands beside it", () => {
  assertEquals(
    explained(
      "SELECT 1 FROM t WHERE (a = 1 AND c > 2) OR (c > 2 AND a = 3 AND b = 'x')",
    ),
    `
Seq Scan on t
  Filter: ((c > 2) AND ((a = 1) OR ((a = 3) AND (b = 'x'::text))))
`,
  );
  assertEquals(
    explained("SELECT 1 FROM t WHERE (b = 'x' AND a + c = 2) OR b = 'x'"),
    `
Seq Scan on t
  Filter: (b = 'x'::text)
`,
  );
});

Deno.test("[L-202] an OR over a join gives each side what it says of it", () => {
  assertEquals(
    explained(
      `SELECT 1 FROM t JOIN t AS u ON t.a = u.c
       WHERE (t.b = 'x' AND u.b = 'y') OR (t.b = 'z' AND u.a > 7)`,
    ),
    `
Hash Join
  Hash Cond: (t.a = u.c)
  Join Filter: (((t.b = 'x'::text) AND (u.b = 'y'::text)) OR ((t.b = 'z'::text) AND (u.a > 7)))
  ->  Seq Scan on t
        Filter: ((t.b = 'x'::text) OR (t.b = 'z'::text))
  ->  Hash
        ->  Seq Scan on t u
              Filter: ((u.b = 'y'::text) OR (u.a > 7))
`,
  );
});

Deno.test("[L-202] a semi-join asks the index of a query that shows more", () => {
  assertEquals(
    explained(
      "SELECT 1 FROM t WHERE id IN (SELECT c + 0 AS d FROM t u ORDER BY u.a)",
    ),
    `
Hash Semi Join
  Hash Cond: (t.id = (u.c + 0))
  ->  Seq Scan on t
  ->  Hash
        ->  Seq Scan on t u
`,
  );
});

Deno.test("[L-202] an aggregate for each row is one for all groups", async () => {
  await database.run("CREATE TABLE many (k int, x int)");
  await database.run(
    "INSERT INTO many SELECT i % 20, i FROM generate_series(1, 400) i",
  );
  const sql = `SELECT m.x FROM many m
    WHERE m.x > (SELECT avg(n.x) FROM many n WHERE n.k = m.k)`;
  assertEquals(
    explained(sql),
    `
Hash Left Join
  Hash Cond: (n.k = m.k)
  Filter: (m.x > (avg(n.x)))
  ->  Seq Scan on many m
  ->  Hash
        ->  HashAggregate
              Group Key: n.k
              ->  Seq Scan on many n
`,
  );
  // What may fail for a group is computed for those that are asked for.
  assertEquals(
    explained(sql.replace("avg(n.x)", "sum(1 / n.x)")).includes("SubPlan"),
    true,
  );
});
