import { assert, assertEquals, assertThrows } from "@std/assert";
import { toPostgres } from "./postgres_database.ts";
import type { SltDatabase, SltResult } from "./slt_database.ts";
import { formatRow, parseSlt, splitRow } from "./slt_format.ts";
import { runSlt } from "./slt_runner.ts";

/** A database that knows a few statements by heart. */
class FakeDatabase implements SltDatabase {
  readonly name: "kriya" | "postgres";
  readonly log: string[] = [];
  readonly #answers: Record<string, Partial<SltResult> | string>;

  constructor(
    answers: Record<string, Partial<SltResult> | string>,
    name: "kriya" | "postgres" = "kriya",
  ) {
    this.#answers = answers;
    this.name = name;
  }

  async run(sql: string): Promise<SltResult> {
    await Promise.resolve();
    this.log.push(sql);
    const answer = this.#answers[sql] ?? {};
    if (typeof answer === "string") {
      const error = new Error(answer.slice(6)) as Error & { code: string };
      error.code = answer.slice(0, 5);
      throw error;
    }
    return { columns: [], rows: [], affectedCount: 0, ...answer };
  }

  async reopen(): Promise<void> {
    await Promise.resolve();
    this.log.push("reopen");
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }
}

const INT = 23;
const FLOAT = 701;
const TEXT = 25;

function columns(...oids: number[]): SltResult["columns"] {
  return oids.map((oid, i) => ({ name: `c${i}`, oid }));
}

const ROWS: Partial<SltResult> = {
  columns: columns(INT, TEXT),
  rows: [["2", "b"], ["1", null]],
};

/** The failures of a file of one record, without the path. */
async function failuresOf(
  text: string,
  answers: Record<string, Partial<SltResult> | string>,
): Promise<readonly string[]> {
  const report = await runSlt("x.slt", text, new FakeDatabase(answers));
  return report.failures;
}

Deno.test("runSlt passes what is as expected", async () => {
  const text = [
    "# a comment",
    "statement ok\nGOOD\n",
    "statement count 3\nCHANGE\n",
    'statement error 42601 near "X"\nBAD\n',
    "statement error 42601 /^syntax .* X/\nBAD2\n",
    "query IT\nSELECT\nrows\n----\n2 | b\n1 | NULL\n",
    "query IT rowsort header\nSELECT\nrows\n----\nc0 | c1\n1 | NULL\n2 | b\n",
    "query I\nNONE\n----\n",
    "reopen",
  ].join("\n");
  const database = new FakeDatabase({
    CHANGE: { affectedCount: 3 },
    BAD: '42601 syntax error at or near "X"',
    BAD2: "42601 syntax error X",
    "SELECT\nrows": ROWS,
    NONE: { columns: columns(INT) },
  });
  const report = await runSlt("x.slt", text + "\n", database);
  assertEquals(report.failures, []);
  assertEquals(report.ran, 8);
  assertEquals(database.log.at(-1), "reopen");
});

Deno.test("runSlt reports every difference with its line", async () => {
  const cases: [string, Partial<SltResult> | string][] = [
    ["statement ok\nX\n", "42601 syntax error"],
    ["statement error 42601\nX\n", {}],
    ["statement error 42601\nX\n", "42P01 syntax error"],
    ["statement error 42601 other\nX\n", "42601 syntax error"],
    ["statement error 42601 /^x/\nX\n", "42601 syntax error"],
    ["statement count 1\nX\n", { affectedCount: 2 }],
    ["query IT\nX\n----\n2 | b\n", ROWS],
    ["query IT\nX\n----\n1 | NULL\n2 | b\n", ROWS],
    ["query IT\nX\n----\n2 | b\n1 | NULL\n3 | c\n", ROWS],
    ["query TT\nX\n----\n2 | b\n1 | NULL\n", ROWS],
    ["query IT header\nX\n----\na | b\n2 | b\n1 | NULL\n", ROWS],
    ["query IT\nX\n----\n", "42601 syntax error"],
    ["fill 1 3\nX VALUES ($n)\n", { affectedCount: 0 }],
    ["explain contains Index\nX\n", { rows: [["Seq Scan"]] }],
    ["explain lacks Seq\nX\n", { rows: [["Seq Scan"]] }],
  ];
  for (const [text, answer] of cases) {
    const failures = await failuresOf(`# one\n\n${text}`, {
      X: answer,
      "EXPLAIN X": answer,
    });
    assertEquals(failures.length, 1, text);
    assert(failures[0]!.startsWith("x.slt:3: "), failures[0]);
  }
});

Deno.test("runSlt compares R to 6 digits and F as text", async () => {
  const answer = (value: string): Record<string, Partial<SltResult>> => ({
    X: { columns: columns(FLOAT, TEXT), rows: [[value, "a"]] },
  });
  const text = (type: string): string =>
    `query ${type}T\nX\n----\n0.123456789 | a\n`;
  assertEquals(await failuresOf(text("R"), answer("0.123456701")), []);
  assertEquals((await failuresOf(text("R"), answer("0.1235"))).length, 1);
  assertEquals((await failuresOf(text("R"), answer("NaN"))).length, 1);
  assertEquals((await failuresOf(text("F"), answer("0.1234567891"))).length, 1);
  assertEquals(await failuresOf(text("F"), answer("0.123456789")), []);
});

Deno.test("runSlt writes a fill as statements of a thousand rows", async () => {
  const database = new FakeDatabase({});
  await runSlt(
    "x.slt",
    "fill 1 2\nINSERT INTO t VALUES ($n, '$n')\n",
    database,
  );
  assertEquals(database.log, ["INSERT INTO t VALUES (1, '1'), (2, '2')"]);
});

Deno.test("runSlt runs a record only where it is meant to", async () => {
  const text = "onlyif kriya\nstatement ok\nA\n\nskipif kriya\n" +
    "statement ok\nB\n\nstatement ok\nC\n\nexplain contains x\nD\n\nhalt\n\n" +
    "statement ok\nE\n";
  const kriya = new FakeDatabase({ "EXPLAIN D": { rows: [["x"]] } });
  const postgres = new FakeDatabase({}, "postgres");
  const ours = await runSlt("x.slt", text, kriya);
  const theirs = await runSlt("x.slt", text, postgres);
  assertEquals(kriya.log, ["A", "C", "EXPLAIN D"]);
  assertEquals(postgres.log, ["B", "C"]);
  assertEquals([ours.ran, theirs.ran], [3, 2]);
  // What does not run, and what runs as expected, is written back as it was.
  assertEquals([ours.updated, theirs.updated], [text, text]);

  const whole = new FakeDatabase({}, "postgres");
  await runSlt("x.slt", "# only: kriya\n\nstatement ok\nA\n", whole);
  assertEquals(whole.log, []);
});

Deno.test("runSlt writes the answers into the file, and no more", async () => {
  const text = "# kept\nstatement error\nBAD\n\nquery rowsort\nROWS\n\n" +
    "statement count\nCHANGE\n\nstatement ok\nFAILS\n";
  const report = await runSlt(
    "x.slt",
    text,
    new FakeDatabase({
      BAD: "42601 syntax error",
      ROWS,
      CHANGE: { affectedCount: 2 },
      FAILS: "42601 syntax error",
    }),
  );
  assertEquals(
    report.updated,
    "# kept\nstatement error 42601 syntax error\nBAD\n\n" +
      "query IT rowsort\nROWS\n----\n1 | NULL\n2 | b\n\n" +
      "statement count 2\nCHANGE\n\nstatement ok\nFAILS\n",
  );
});

Deno.test("parseSlt refuses what it cannot read", () => {
  for (
    const text of [
      "statement maybe\nX",
      "statement ok",
      "statement error 426\nX",
      "statement count x\nX",
      "query it\nX\n----",
      "onlyif sqlite\nstatement ok\nX",
      "SELECT 1",
      "fill 1\nX",
    ]
  ) {
    assertThrows(() => parseSlt("x.slt", `\n${text}\n`), Error, "x.slt:2: ");
  }
});

Deno.test("formatRow escapes, splitRow finds the values again", () => {
  const row = formatRow([null, "", "a|b", "x | y", "a\\b", "a\nb", "NULL"]);
  assertEquals(
    row,
    "NULL | (empty) | a\\|b | x \\| y | a\\\\b | a\\nb | \\NULL",
  );
  assertEquals(splitRow(row).length, 7);
});

Deno.test("toPostgres says it in PostgreSQL's words", () => {
  const cases = {
    "CREATE TABLE t (e LsmVector(3)) USING lsm_s3":
      "CREATE TABLE t (e vector(3))",
    "CREATE INDEX ON t USING lsm_hnsw (e)": "CREATE INDEX ON t USING btree (e)",
    "CREATE INDEX i ON t\n  USING lsm_hnsw (e lsm_vector_cosine_ops) WITH (m = 8)":
      "CREATE INDEX i ON t\n  USING btree (e)",
    "SELECT '[1]'::lsmvector": "SELECT '[1]'::vector",
    "CREATE EXTENSION lsm_pg_extension":
      "CREATE EXTENSION IF NOT EXISTS vector",
  };
  for (const [ours, theirs] of Object.entries(cases)) {
    assertEquals(toPostgres(ours), theirs);
  }
});
