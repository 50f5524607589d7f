/**
 * Partitioned tables and trees against one plain table with the same rows:
 * whatever is done to both, they say the same.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { SqlError } from "../../sql/errors/sql_error.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testArgument, testSeed } from "../support/test_seed.ts";

const RUNS = Number(testArgument("runs") ?? 3);
const STEPS = 40;

/** Ways to divide the rows of `p (id, a, b, c)`. */
const SCHEMES: readonly (readonly string[])[] = [
  [
    "CREATE TABLE p (id int, a int, b text, c int) PARTITION BY RANGE (a)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (MINVALUE) TO (5)",
    "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5) TO (9)",
    "CREATE TABLE p3 (c int, x int, a int, b text, id int)",
    "ALTER TABLE p3 DROP COLUMN x",
    "ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (9) TO (15)",
    "CREATE TABLE p4 PARTITION OF p DEFAULT",
  ],
  [
    "CREATE TABLE p (id int, a int, b text, c int) PARTITION BY LIST (b)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES IN ('x', 'y', NULL)",
    "CREATE TABLE p2 PARTITION OF p FOR VALUES IN ('z')",
    "CREATE TABLE p3 PARTITION OF p DEFAULT PARTITION BY RANGE (a)",
    "CREATE TABLE p4 PARTITION OF p3 FOR VALUES FROM (0) TO (8)",
    "CREATE TABLE p5 PARTITION OF p3 DEFAULT",
  ],
  [
    "CREATE TABLE p (id int, a int, b text, c int) PARTITION BY HASH (a, b)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES WITH (MODULUS 4, REMAINDER 0)",
    "CREATE TABLE p2 PARTITION OF p FOR VALUES WITH (MODULUS 4, REMAINDER 2)",
    "CREATE TABLE p3 PARTITION OF p FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
  ],
  [
    "CREATE TABLE p (id int, a int, b text, c int) PARTITION BY RANGE (a, c)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (MINVALUE, MINVALUE) TO (4, 3)",
    "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (4, 3) TO (4, 7)",
    "CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (4, 7) TO (11, MAXVALUE)",
    "CREATE TABLE p4 PARTITION OF p DEFAULT",
  ],
  [
    "CREATE TABLE p (id int, a int, b text, c int)",
    "CREATE TABLE p1 (extra text DEFAULT 'e') INHERITS (p)",
    "CREATE TABLE p2 (more int) INHERITS (p1)",
    "INSERT INTO p1 SELECT 1000 + i, i % 16, 'x', i FROM generate_series(1, 9) i",
    "INSERT INTO p2 SELECT 2000 + i, i % 16, 'y', i FROM generate_series(1, 9) i",
  ],
];

/** Chance, with what statements are made of. */
class Chance {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  int(end: number): number {
    return Math.floor(this.#random() * end);
  }

  pick<T>(all: readonly T[]): T {
    return all[this.int(all.length)]!;
  }

  a(): string {
    return this.int(10) === 0 ? "NULL" : String(this.int(16));
  }

  b(): string {
    return this.int(10) === 0 ? "NULL" : `'${this.pick(["x", "y", "z", "w"])}'`;
  }

  #comparison(): string {
    const operator = this.pick(["=", "<", "<=", ">", ">="]);
    switch (this.int(7)) {
      case 0:
        return `b = ${this.b()}`;
      case 1:
        return `a IN (${this.a()}, ${this.a()})`;
      case 2:
        return this.pick(["a IS NULL", "b IS NULL", "a IS NOT NULL"]);
      case 3:
        return `b = ANY ('{${this.pick(["x", "z"])},w}')`;
      case 4:
        return `c ${operator} ${this.int(10)}`;
      default:
        return `a ${operator} ${this.int(16)}`;
    }
  }

  condition(): string {
    const first = this.#comparison();
    return this.int(3) === 0
      ? first
      : `${first} ${this.pick(["AND", "AND", "OR"])} ${this.#comparison()}`;
  }

  /** A statement that changes `t`. */
  change(nextId: () => number): string {
    switch (this.int(6)) {
      case 0:
        return `UPDATE t SET a = ${this.a()} WHERE ${this.condition()}`;
      case 1:
        return `UPDATE t SET b = ${this.b()}, c = c + 1 WHERE ${this.condition()}`;
      case 2:
        return `UPDATE t SET c = t.c + s.k FROM (VALUES (1, 3), (5, 4)) s(v, k) WHERE t.a = s.v`;
      case 3:
        return `DELETE FROM t WHERE c = ${
          this.int(12)
        } AND ${this.condition()}`;
      default: {
        const rows = Array.from(
          { length: 1 + this.int(12) },
          () => `(${nextId()}, ${this.a()}, ${this.b()}, ${this.int(10)})`,
        );
        return `INSERT INTO t VALUES ${rows.join(", ")}`;
      }
    }
  }

  /** A question about `t`. */
  question(): string {
    return this.pick([
      `SELECT id, a, b, c FROM t WHERE ${this.condition()} ORDER BY id`,
      `SELECT count(*), sum(c), min(a), max(b) FROM t WHERE ${this.condition()}`,
      `SELECT id FROM t WHERE ${this.condition()} ORDER BY a, id LIMIT ${
        this.int(9)
      }`,
      `SELECT t.id, g FROM generate_series(0, 15, 3) g JOIN t ON t.a = g ORDER BY 1, 2`,
      `SELECT b, count(*) FROM t GROUP BY b ORDER BY b`,
      `SELECT id FROM t WHERE a = (SELECT max(a) FROM t WHERE ${this.condition()}) ORDER BY id`,
    ]);
  }
}

/** Runs a statement about `t` on a table: its rows, or its error. */
async function answer(
  db: Database,
  sql: string,
  table: string,
): Promise<unknown> {
  const text = sql.replace(/\bt\b(?=\.)/g, table)
    .replace(/(FROM|INTO|UPDATE|JOIN) t\b/g, `$1 ${table}`);
  try {
    const { rows, affectedRows } = await db.query(text);
    return { rows, affectedRows };
  } catch (error) {
    if (error instanceof SqlError) return error.code;
    throw error;
  }
}

async function compare(seed: number): Promise<void> {
  const chance = new Chance(seed);
  await using db = await open("memory:");
  for (const sql of chance.pick(SCHEMES)) await db.query(sql);
  await db.query("CREATE TABLE plain (id int, a int, b text, c int)");
  await db.query("INSERT INTO plain SELECT id, a, b, c FROM p");
  if (chance.int(2) === 0) await db.query("CREATE INDEX ON p (a, id)");
  if (chance.int(2) === 0) await db.query("CREATE INDEX ON p (b)");
  let id = 0;
  for (let step = 0; step < STEPS; step++) {
    const change = chance.change(() => ++id);
    const [here, there] = [
      await answer(db, change, "p"),
      await answer(db, change, "plain"),
    ];
    assertEquals(here, there, `seed ${seed}: ${change}`);
    for (let i = 0; i < 2; i++) {
      const question = chance.question();
      assertEquals(
        await answer(db, question, "p"),
        await answer(db, question, "plain"),
        `seed ${seed}: ${question}`,
      );
    }
  }
  const all = "SELECT id, a, b, c FROM t ORDER BY id";
  assertEquals(await answer(db, all, "p"), await answer(db, all, "plain"));
}

for (let run = 0; run < RUNS * SCHEMES.length; run++) {
  const seed = testSeed() + run;
  Deno.test(`a tree of tables answers as one table does: seed ${seed}`, () =>
    compare(seed));
}
