/**
 * The 22 queries of TPC-H beside PGlite: `deno run -A bench/tpch_bench.ts
 * [--json] [--scale 0.01] [--turns 3] [QUERY …]`.
 *
 * Both databases are in memory and in this process, filled by COPY and analyzed.
 * Each query runs on both in turn; a value is the least CPU time of its turns, in
 * ms. The rows must be the same. The last line is the geometric mean of the
 * ratios; over 1 is better for us.
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import process from "node:process";
import { parseArgs } from "node:util";
import { open } from "../mod.ts";
import { tpchRows } from "./tpch/generator.ts";
import { TPCH_QUERIES } from "./tpch/queries.ts";
import { TPCH_TABLES } from "./tpch/tables.ts";

/** A database that answers in texts. */
interface TextDatabase {
  rows(sql: string): Promise<unknown[]>;
  copy(table: string, data: Uint8Array<ArrayBuffer>): Promise<unknown>;
}

async function ours(): Promise<TextDatabase> {
  const db = await open("memory:");
  return {
    rows: async (sql) =>
      (await db.query(sql, [], { rowMode: "array", resultFormat: "text" }))
        .rows,
    copy: (table, data) => db.copyFrom(`COPY ${table} FROM STDIN`, data),
  };
}

async function theirs(): Promise<TextDatabase> {
  const db = await PGlite.create();
  const { rows } = await db.query<{ oid: number }>(
    "SELECT oid::int4 AS oid FROM pg_type",
  );
  const parsers = Object.fromEntries(
    rows.map(({ oid }) => [oid, (text: string): string => text]),
  );
  return {
    rows: async (sql) =>
      (await db.query(sql, [], { rowMode: "array", parsers })).rows,
    copy: (table, data) =>
      db.query(`COPY ${table} FROM '/dev/blob'`, [], {
        blob: new Blob([data]),
      }),
  };
}

/** The CPU time of some work, and what came of it. */
async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return [(user + system) / 1000, result];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      scale: { type: "string", default: "0.01" },
      turns: { type: "string", default: "3" },
    },
    allowPositionals: true,
  });
  const sides = [await ours(), await theirs()];
  for (const side of sides) {
    for (const statement of TPCH_TABLES) await side.rows(statement);
  }
  for (const { table, text } of tpchRows(Number(values.scale))) {
    const data = new TextEncoder().encode(text);
    for (const side of sides) await side.copy(table, data);
  }
  for (const side of sides) await side.rows("ANALYZE");
  let logs = 0;
  let count = 0;
  for (const [number, sql] of TPCH_QUERIES) {
    if (positionals.length > 0 && !positionals.includes(String(number))) {
      continue;
    }
    const least = [Infinity, Infinity];
    const texts = ["", ""];
    for (let turn = 0; turn < Number(values.turns); turn++) {
      for (const [i, side] of sides.entries()) {
        const [ms, rows] = await timed(() => side.rows(sql));
        least[i] = Math.min(least[i]!, ms);
        texts[i] = JSON.stringify(rows);
      }
    }
    if (texts[0] !== texts[1]) throw new Error(`query ${number} differs`);
    const [mine, other] = least.map((ms) => Number(ms.toPrecision(3)));
    const ratio = Number((least[1]! / least[0]!).toPrecision(3));
    logs += Math.log(least[1]! / least[0]!);
    count++;
    const line = { query: number, ours: mine, pglite: other, ratio };
    console.log(
      values.json
        ? JSON.stringify(line)
        : `| ${number} | ${mine} | ${other} | ${ratio} |`,
    );
  }
  const mean = Math.exp(logs / count).toPrecision(3);
  console.log(
    values.json
      ? JSON.stringify({ scale: Number(values.scale), geometricMean: mean })
      : `geometric mean ${mean}`,
  );
  Deno.exit(0);
}

await main();
