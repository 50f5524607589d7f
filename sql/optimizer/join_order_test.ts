/**
 * The order of joins: what is between them stays small, and the rows are those
 * of the order as written.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ArrayDatabase } from "../../tests/support/array_database.ts";
import { loadParser } from "../parser/parser.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { inputsOf } from "../planner/plan_tree.ts";

await loadParser();

const database = new ArrayDatabase();
for (
  const table of ["a (x int, v int)", "b (y int, v int)", "c (x int, y int)"]
) {
  await database.run(`CREATE TABLE ${table}`);
  const name = table.slice(0, 1);
  await database.run(
    `INSERT INTO ${name} SELECT g, g FROM generate_series(1, 400) g`,
  );
}
await database.run("CREATE TABLE small (v int)");
await database.run("INSERT INTO small VALUES (7)");

/** The joins of a plan that have no condition. */
function crossJoins(plan: LogicalPlan): number {
  const own = plan.kind === "join" && plan.condition === undefined &&
      plan.captures.length === 0
    ? 1
    : 0;
  return inputsOf(plan).reduce((sum, input) => sum + crossJoins(input), own);
}

Deno.test("inputs that only a third connects are not paired with each other", async () => {
  const sql = "SELECT count(*), sum(a.v + b.v) FROM a, b, c " +
    "WHERE a.x = c.x AND b.y = c.y AND a.v <> b.v + 1";
  assertEquals(crossJoins(database.plan(sql).logical), 0);
  const { rows } = await database.run(sql);
  assertEquals(rows.map((row) => row.map(String)), [["400", "160400"]]);
});

Deno.test("explicit joins are ordered as well, outer ones stay where they are", async () => {
  const sql = "SELECT count(*), count(s.v), sum(a.v) FROM (a CROSS JOIN b " +
    "JOIN c ON a.x = c.x AND b.y = c.y) LEFT JOIN small s ON s.v = a.v";
  assertEquals(crossJoins(database.plan(sql).logical), 0);
  const { rows } = await database.run(sql);
  assertEquals(rows.map((row) => row.map(String)), [["400", "1", "80200"]]);
});

Deno.test("a cross join that was asked for is left", async () => {
  const sql = "SELECT count(*) FROM a, small, b WHERE a.x < 3 AND b.y < 4";
  assertEquals(crossJoins(database.plan(sql).logical), 2);
  const { rows } = await database.run(sql);
  assertEquals(rows.map((row) => row.map(String)), [["6"]]);
});

/** The shape of a plan's joins: the tables in brackets. */
function shape(plan: LogicalPlan): string {
  if (plan.kind === "join") {
    return `(${shape(plan.left)} ${shape(plan.right)})`;
  }
  if ("table" in plan && "alias" in plan.table) return plan.table.alias;
  return inputsOf(plan).map(shape).join(" ");
}

Deno.test("[L-202] two small joins are joined where that keeps rows few", async () => {
  await database.run("CREATE TABLE big (p int, q int)");
  await database.run(
    "INSERT INTO big SELECT g % 400 + 1, g % 399 + 1 FROM generate_series(1, 4000) g",
  );
  const sql = `SELECT count(*) FROM a, big, b, small, c
    WHERE a.x = big.p AND a.v = small.v AND big.q = b.y AND b.v = c.y`;
  assertEquals(
    shape(database.plan(sql).logical),
    "((big (b c)) (a small))",
  );
  const { rows } = await database.run(sql);
  assertEquals(rows.map((row) => row.map(String)), [["10"]]);
});

Deno.test("eleven relations are joined in an order that was looked for greedily", async () => {
  const others = Array.from({ length: 9 }, (_, i) => `a AS a${i}`);
  const equal = Array.from({ length: 9 }, (_, i) => `a${i}.x = c.y`);
  const sql = `SELECT count(*) FROM b, ${others.join(", ")}, c
    WHERE b.y = c.x AND ${equal.join(" AND ")} AND a8.v < 5`;
  assertEquals(crossJoins(database.plan(sql).logical), 0);
  const { rows } = await database.run(sql);
  assertEquals(rows.map((row) => row.map(String)), [["4"]]);
});
