/**
 * Indexes of all kinds against a scan of the table: whatever was done to the
 * rows, and whatever became of it, the two find the same.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { MemoryBucket, MemoryStore } from "../../storage/mod.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

const RUNS = 3;
const STEPS = 50;
const ROWS = 400;

const INDEXES = [
  "CREATE INDEX t_a ON t (a)",
  "CREATE INDEX t_ab ON t (a DESC NULLS LAST, b)",
  "CREATE INDEX t_lower ON t (lower(s))",
  "CREATE INDEX t_sum ON t ((a + b)) WHERE b > 3",
  "CREATE UNIQUE INDEX t_part ON t (id) WHERE a = 1",
  "CREATE INDEX t_s ON t (s text_pattern_ops) INCLUDE (b)",
  "CREATE INDEX t_hash ON t USING hash (s)",
  "CREATE INDEX t_gin ON t USING gin (l, j)",
  "CREATE INDEX t_path ON t USING gin (j jsonb_path_ops)",
];

/** Chance, with what rows and conditions are made of. */
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

  /** A value, or now and then NULL. */
  #maybe(value: () => string): string {
    return this.int(8) === 0 ? "NULL" : value();
  }

  a(): string {
    return this.#maybe(() => String(this.int(12)));
  }

  s(): string {
    return this.#maybe(() =>
      `'${this.pick(["x", "X", "xy", "Ab", ""])}${this.int(15)}'`
    );
  }

  l(): string {
    return this.#maybe(() => {
      const items = Array.from(
        { length: this.int(4) },
        () => this.#maybe(() => String(this.int(9))),
      );
      return `'{${items.join(",")}}'::int[]`;
    });
  }

  j(): string {
    return this.#maybe(() => {
      const parts = ["k", "m", "n"].filter(() => this.int(2) === 0)
        .map((key) => `"${key}": ${this.#json(2)}`);
      return `'{${parts.join(", ")}}'::jsonb`;
    });
  }

  #json(depth: number): string {
    const kind = this.int(depth > 0 ? 6 : 4);
    if (kind === 0) return String(this.int(4));
    if (kind === 1) return `"k${this.int(3)}"`;
    if (kind === 2) return "true";
    if (kind === 3) return "null";
    return kind === 4
      ? `[${this.#json(depth - 1)}, ${this.#json(depth - 1)}]`
      : `{"m": ${this.#json(depth - 1)}}`;
  }

  row(id: number): string {
    return `(${id}, ${this.a()}, ${
      this.int(9)
    }, ${this.s()}, ${this.l()}, ${this.j()})`;
  }

  condition(depth = 2): string {
    if (depth > 0 && this.int(3) === 0) {
      const word = this.pick(["AND", "AND", "OR"]);
      return `(${this.condition(depth - 1)} ${word} ${
        this.condition(depth - 1)
      })`;
    }
    const compare = this.pick(["=", "<", "<=", ">", ">="]);
    return this.pick<() => string>([
      () => `a ${compare} ${this.int(12)}`,
      () => `a IN (${this.int(12)}, ${this.int(12)}, NULL)`,
      () => `a = ANY (ARRAY[${this.int(12)}, ${this.int(12)}])`,
      () => `a BETWEEN ${this.int(6)} AND ${this.int(12)}`,
      () => `a = ${this.int(12)} AND b ${compare} ${this.int(9)}`,
      () => this.pick(["a IS NULL", "a IS NOT NULL", "s IS NULL"]),
      () => `a + b ${compare} ${this.int(20)} AND b > ${3 + this.int(2)}`,
      () => `id ${compare} ${this.int(ROWS)} AND a = 1`,
      () => `id ${compare} ${this.int(ROWS)}`,
      () => `lower(s) ${compare} 'x${this.int(15)}'`,
      () => `s LIKE '${this.pick(["x", "xy", "Ab"])}${this.pick(["%", "_"])}'`,
      () => `s ${compare} 'x${this.int(15)}'`,
      () => `s IN ('x1', 'X2', 'Ab${this.int(15)}')`,
      () => `l ${this.pick(["@>", "<@", "&&", "="])} ${this.l()}`,
      () => `j @> ${this.j()}`,
      () => `j ? '${this.pick(["k", "m", "k1"])}'`,
      () => `j ?| ARRAY['n', 'k2']`,
      () => `j @? '$.m[*] ? (@ == ${this.int(4)})'`,
    ])();
  }

  query(): string {
    const where = this.condition();
    return this.pick([
      `SELECT * FROM t WHERE ${where}`,
      `SELECT id FROM t WHERE ${where} ORDER BY id LIMIT ${1 + this.int(9)}`,
      `SELECT a, id FROM t WHERE ${where} ORDER BY a, id DESC LIMIT 20`,
      `SELECT a, b FROM t WHERE ${where} ORDER BY a DESC NULLS LAST, b`,
      `SELECT b, a FROM t WHERE a = ${this.int(12)} ORDER BY b DESC LIMIT 7`,
      `SELECT s FROM t WHERE ${where} ORDER BY s DESC, s LIMIT 30`,
      `SELECT min(a) FROM t WHERE ${where}`,
      `SELECT max(s) FROM t`,
      `SELECT max(a + b) FROM t WHERE b > 3`,
      `SELECT count(*) FROM t AS x JOIN t AS y ON x.a = y.b AND x.id < 9`,
    ]);
  }
}

/** One run: a database that is changed, crashed and asked. */
class Run {
  readonly #chance: Chance;
  readonly #bucket = new MemoryBucket();
  #db: Database | undefined;
  #nextId = ROWS;
  /** What was done, for the message of a failure. */
  readonly log: string[] = [];

  constructor(seed: number) {
    this.#chance = new Chance(seed);
  }

  async start(): Promise<void> {
    await this.#open();
    await this.#do(
      "CREATE TABLE t (id int PRIMARY KEY, a int, b int, s text, l int[], j jsonb)",
    );
    for (const index of INDEXES.slice(0, 5)) await this.#do(index);
    const rows = Array.from({ length: ROWS }, (_, id) => this.#chance.row(id));
    await this.#do(`INSERT INTO t VALUES ${rows.join(", ")}`);
    for (const index of INDEXES.slice(5)) await this.#do(index);
  }

  async #open(): Promise<void> {
    this.#db = await open("memory:", {
      store: new MemoryStore({ bucket: this.#bucket }),
      takeover: true,
      storage: { memtableBytesMax: 64 * 1024 },
    });
  }

  async #do(text: string): Promise<void> {
    this.log.push(text.slice(0, 300));
    await this.#db!.exec(text);
  }

  async step(): Promise<void> {
    const chance = this.#chance;
    const kind = chance.int(10);
    if (kind === 0) {
      this.log.push("-- reopen");
      await this.#db!.close();
      await this.#open();
    } else if (kind === 1) {
      // Whoever comes next takes over from one that is gone.
      this.log.push("-- crash");
      await this.#open();
    } else if (kind < 5) {
      await this.#transaction();
    } else await this.#change();
    await this.#compare();
  }

  async #change(): Promise<void> {
    const chance = this.#chance;
    const id = chance.int(this.#nextId);
    await this.#do(
      chance.pick<() => string>([
        () =>
          `INSERT INTO t VALUES ${chance.row(this.#nextId++)}, ${
            chance.row(this.#nextId++)
          }`,
        () =>
          `UPDATE t SET a = ${chance.a()} WHERE id BETWEEN ${id} AND ${id + 9}`,
        () =>
          `UPDATE t SET b = ${
            chance.int(9)
          }, s = ${chance.s()} WHERE id = ${id}`,
        () =>
          `UPDATE t SET l = ${chance.l()}, j = ${chance.j()} WHERE a = ${
            chance.int(12)
          } AND b = 2`,
        () => `UPDATE t SET a = a + 1 WHERE ${chance.condition()}`,
        () =>
          `DELETE FROM t WHERE id = ${id} OR s = 'x${
            chance.int(15)
          }' AND b = 1`,
        () =>
          `INSERT INTO t VALUES ${
            chance.row(id)
          } ON CONFLICT (id) DO UPDATE SET a = excluded.a, s = excluded.s`,
      ])(),
    );
  }

  async #transaction(): Promise<void> {
    const chance = this.#chance;
    await this.#do("BEGIN");
    await this.#change();
    await this.#do("SAVEPOINT s");
    await this.#change();
    await this.#compare();
    if (chance.int(2) === 0) await this.#do("ROLLBACK TO s");
    await this.#change();
    await this.#compare();
    await this.#do(chance.pick(["COMMIT", "COMMIT", "ROLLBACK"]));
  }

  /** Asks with indexes and without. */
  async #compare(): Promise<void> {
    for (let n = 0; n < 3; n++) {
      const query = this.#chance.query();
      this.log.push(query);
      await this.#ways("enable_seqscan = off");
      const found = await this.#rows(query);
      await this.#ways("enable_seqscan = on");
      const planned = await this.#rows(query);
      await this.#ways("enable_indexscan = off", "enable_bitmapscan = off");
      const scanned = await this.#rows(query);
      await this.#ways("enable_indexscan = on", "enable_bitmapscan = on");
      assertEquals(found, scanned, query);
      assertEquals(planned, scanned, query);
    }
  }

  async #ways(...all: string[]): Promise<void> {
    for (const each of all) await this.#db!.exec(`SET ${each}`);
  }

  /** The rows; sorted, where the query says nothing of their order. */
  async #rows(query: string): Promise<string[]> {
    const { rows } = await this.#db!.query(query);
    const texts = rows.map((row) => JSON.stringify(row));
    return query.includes("ORDER BY") ? texts : texts.sort();
  }

  /** Whether the indexes are used at all. */
  async check(): Promise<void> {
    await this.#ways("enable_seqscan = off");
    for (
      const [name, where] of [
        ["t_ab", "a = 3 AND b < 4"],
        ["t_lower", "lower(s) = 'x1'"],
        ["t_sum", "a + b = 9 AND b > 5"],
        ["t_hash", "s = 'x1'"],
        ["t_gin", "l @> '{1}'"],
        ["t_path", `j @> '{"k": 1}'`],
      ]
    ) {
      const { rows } = await this.#db!.query(
        `EXPLAIN SELECT * FROM t WHERE ${where}`,
      );
      const plan = JSON.stringify(rows);
      assert(
        plan.includes(name!) || (name === "t_path" && plan.includes("t_gin")) ||
          (name === "t_hash" && plan.includes("t_s")),
        `${name} is not used: ${plan}`,
      );
    }
    await this.#db!.close();
  }
}

Deno.test("indexes of all kinds find what a scan finds, through commits, rollbacks and crashes", async () => {
  for (let seed = testSeed(); seed < testSeed() + RUNS; seed++) {
    const run = new Run(seed);
    try {
      await run.start();
      for (let step = 0; step < STEPS; step++) await run.step();
      await run.check();
    } catch (error) {
      throw new Error(
        `--seed=${seed}\n${run.log.slice(-25).join("\n")}`,
        { cause: error },
      );
    }
  }
});
