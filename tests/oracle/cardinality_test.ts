/**
 * Estimated rows against actual ones over a fixed workload: the 22 queries of
 * TPC-H, analyzed. The error of a node is how many times more, or fewer, rows
 * there were (q-error, Moerkotte, Neumann and Steidl 2009; 1 is none).
 *
 * `deno test -A tests/oracle/cardinality_test.ts -- --scale=0.1 --report` prints
 * the nodes that are farthest off.
 *
 * @module
 */
import { assert } from "@std/assert";
import { parseArgs } from "node:util";
import { tpchRows } from "../../bench/tpch/generator.ts";
import { TPCH_QUERIES } from "../../bench/tpch/queries.ts";
import { TPCH_TABLES } from "../../bench/tpch/tables.ts";
import { type Database, open } from "../../mod.ts";

const { scale, report } = parseArgs({
  args: Deno.args,
  options: {
    scale: { type: "string", default: "0.003" },
    report: { type: "boolean", default: false },
  },
  strict: false,
}).values;

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Plan Rows": number;
  readonly "Actual Rows": number;
  readonly "Actual Total Time": number;
  readonly Plans?: readonly PlanNode[];
}

interface NodeError {
  readonly query: string;
  readonly node: string;
  readonly estimated: number;
  readonly actual: number;
  readonly error: number;
}

function errorsOf(query: string, node: PlanNode): NodeError[] {
  const below = (node.Plans ?? []).flatMap((each) => errorsOf(query, each));
  // Nobody asked it for rows: the other side of a join had none.
  if (node["Actual Total Time"] === 0) return below;
  const estimated = Math.max(1, node["Plan Rows"]);
  const actual = Math.max(1, node["Actual Rows"]);
  const table = node["Relation Name"];
  return [
    {
      query,
      node: `${node["Node Type"]}${table === undefined ? "" : ` on ${table}`}`,
      estimated,
      actual,
      error: Math.max(estimated / actual, actual / estimated),
    },
    ...below,
  ];
}

async function load(db: Database): Promise<void> {
  for (const statement of TPCH_TABLES) await db.query(statement);
  for (const { table, text } of tpchRows(Number(scale))) {
    await db.copyFrom(
      `COPY ${table} FROM STDIN`,
      new TextEncoder().encode(text),
    );
  }
  await db.query("ANALYZE");
}

function printReport(
  errors: readonly NodeError[],
  at: (share: number) => number,
): void {
  const shown = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
  const lines = [
    `${errors.length} nodes; median ${shown(at(0.5))}, ` +
    `75 % ${shown(at(0.75))}, 90 % ${shown(at(0.9))}, most ${shown(at(1))}`,
    ...errors.slice(-20).toReversed().map((each) =>
      `query ${each.query}: ${each.node}: ` +
      `${each.estimated} for ${shown(each.actual)} (${shown(each.error)})`
    ),
  ];
  Deno.stdout.writeSync(new TextEncoder().encode(`${lines.join("\n")}\n`));
}

Deno.test("estimates are near the rows that there are, over TPC-H's queries", async () => {
  await using db = await open("memory:");
  await load(db);
  const errors: NodeError[] = [];
  for (const [number, sql] of TPCH_QUERIES) {
    const { rows } = await db.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`);
    const [{ Plan: plan }] = Object.values(rows[0]!)[0] as [
      { Plan: PlanNode },
    ];
    errors.push(...errorsOf(String(number), plan));
  }
  errors.sort((a, b) => a.error - b.error);
  const at = (share: number): number =>
    errors[Math.floor((errors.length - 1) * share)]!.error;
  if (report) printReport(errors, at);
  const scans = errors.filter(({ node }) => node.startsWith("Seq Scan"))
    .map(({ error }) => error);
  assert(scans[Math.floor(scans.length / 2)]! <= 1.5, "scans");
  assert(at(0.5) <= 3, `the median error is ${at(0.5)}`);
  assert(at(0.9) <= 30, `a tenth is off by more than ${at(0.9)}`);
});
