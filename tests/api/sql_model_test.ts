import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { MemoryBucket, MemoryStore } from "../../storage/mod.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { rejectsWith } from "../support/databases.ts";
import { type ModelRow, TableModel } from "../support/table_model.ts";
import { testSeed } from "../support/test_seed.ts";

const RUNS = 16;
const STEPS = 140;

/** Ids of rows that the other client inserts begin here. */
const OTHERS = 1_000_000;

/** A vector for each x; no two are equally far from (x + 0.2, 1). */
function vectorText(x: number | null): string {
  return x === null ? "NULL" : `'[${x},1]'`;
}

/** One run: a database, its model, and chance. */
class Run {
  readonly model = new TableModel();
  readonly #random: () => number;
  readonly #bucket = new MemoryBucket();
  #db: Database | undefined;
  #nextOther = OTHERS;
  #nextIndex = 0;
  #index = "t_v_0";
  /** What was done, for the message of a failure. */
  readonly log: string[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  get db(): Database {
    return this.#db!;
  }

  int(end: number): number {
    return Math.floor(this.#random() * end);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  async start(rowCount: number): Promise<void> {
    await this.open();
    await this.db.exec(`
      CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, u int UNIQUE, v vector(2));
    `);
    const rows = Array.from(
      { length: rowCount },
      (_, i) => ({ id: i, n: 0, u: null, x: i * 3 }),
    );
    for (let i = 0; i < rowCount; i += 1000) {
      await this.db.query(insertText(rows.slice(i, i + 1000)));
    }
    this.model.write(rows);
    await this.db.query("CREATE INDEX t_v_0 ON t USING lsm_hnsw (v)");
  }

  async open(): Promise<void> {
    const store = new MemoryStore({ bucket: this.#bucket });
    this.#db = await open("memory:", { store, takeover: true });
    await this.db.exec("SET enable_seqscan = off");
  }

  /** Closes the database, or lets it lie where it is, and opens it again. */
  async reopen(): Promise<void> {
    const old = this.db;
    const crash = this.chance(0.5);
    this.log.push(crash ? "crash" : "close");
    this.model.rollback();
    if (!crash) await old.close();
    await this.open();
    if (crash) await old.close();
  }

  /** Runs a statement that the model says goes well, or gives 23505. */
  async write(text: string, rows: Iterable<ModelRow>): Promise<void> {
    this.log.push(text);
    const { failed } = this.model.block ?? {};
    if (failed) {
      await rejectsWith(this.db.query(text), "25P02");
    } else if (this.model.write(rows) === "ok") {
      await this.db.query(text);
    } else {
      await rejectsWith(this.db.query(text), "23505");
    }
  }

  someRow(): ModelRow | undefined {
    const rows = [...this.model.rows.values()];
    return rows[this.int(rows.length)];
  }

  newRow(): ModelRow {
    return {
      id: this.int(3000),
      n: this.int(10),
      u: this.chance(0.5) ? null : this.int(400),
      x: this.chance(0.1) ? null : this.int(9000),
    };
  }

  async insert(): Promise<void> {
    const count = this.chance(0.1) ? 30 : 1 + this.int(3);
    const rows = Array.from({ length: count }, () => this.newRow());
    await this.write(insertText(rows), [...this.model.rows.values(), ...rows]);
  }

  async update(): Promise<void> {
    const rows = [...this.model.rows.values()];
    const row = this.someRow();
    if (row === undefined) return;
    const { id } = row;
    const each = (
      text: string,
      isHit: (row: ModelRow) => boolean,
      change: (row: ModelRow) => ModelRow,
    ): Promise<void> =>
      this.write(text, rows.map((row) => isHit(row) ? change(row) : row));
    switch (this.int(5)) {
      case 0: {
        const x = this.int(9000);
        const text = `UPDATE t SET v = ${vectorText(x)} WHERE id = ${id}`;
        return await each(
          text,
          (row) => row.id === id,
          (row) => ({ ...row, x }),
        );
      }
      case 1: {
        const text = `UPDATE t SET v = NULL, u = NULL WHERE id = ${id}`;
        return await each(
          text,
          (row) => row.id === id,
          (row) => ({ ...row, x: null, u: null }),
        );
      }
      case 2: {
        const to = this.int(3000);
        const text = `UPDATE t SET id = ${to}, n = n + 1 WHERE id = ${id}`;
        return await each(
          text,
          (row) => row.id === id,
          (row) => ({ ...row, id: to, n: row.n + 1 }),
        );
      }
      case 3: {
        // Keys move through each other: only the end must be unique.
        const text = `UPDATE t SET u = u + 1 WHERE id < ${id}`;
        return await each(
          text,
          (row) => row.id < id && row.u !== null,
          (row) => ({ ...row, u: row.u! + 1 }),
        );
      }
      default: {
        const text = `UPDATE t SET n = n + 1 WHERE n < 5 AND id >= ${id}`;
        return await each(
          text,
          (row) => row.n < 5 && row.id >= id,
          (row) => ({ ...row, n: row.n + 1 }),
        );
      }
    }
  }

  async remove(): Promise<void> {
    const row = this.someRow();
    const id = row?.id ?? 0;
    const many = this.chance(0.2);
    const text = many
      ? `DELETE FROM t WHERE id BETWEEN ${id} AND ${id + 40}`
      : `DELETE FROM t WHERE id = ${id}`;
    const isHit = (row: ModelRow): boolean =>
      many ? row.id >= id && row.id <= id + 40 : row.id === id;
    const rest = [...this.model.rows.values()].filter((row) => !isHit(row));
    await this.write(text, rest);
  }

  async transactionStatement(): Promise<void> {
    const { model } = this;
    const { block } = model;
    const run = async (text: string): Promise<string> => {
      this.log.push(text);
      return (await this.db.query(text)).command;
    };
    if (block === undefined) {
      model.begin();
      assertEquals(await run("BEGIN"), "BEGIN");
      return;
    }
    const roll = this.#random();
    const { savepoints, failed } = block;
    if (roll < 0.3 && !failed) {
      const name = `s${this.int(3)}`;
      model.savepoint(name);
      assertEquals(await run(`SAVEPOINT ${name}`), "SAVEPOINT");
    } else if (roll < 0.65 && savepoints.length > 0) {
      const { name } = savepoints[this.int(savepoints.length)]!;
      model.rollbackTo(name);
      assertEquals(await run(`ROLLBACK TO ${name}`), "ROLLBACK");
    } else if (roll < 0.7 && savepoints.length > 0 && !failed) {
      const { name } = savepoints[this.int(savepoints.length)]!;
      model.release(name);
      assertEquals(await run(`RELEASE ${name}`), "RELEASE");
    } else if (roll < 0.8) {
      model.rollback();
      assertEquals(await run("ROLLBACK"), "ROLLBACK");
    } else {
      const expected = model.commit();
      if (expected === "conflict") await rejectsWith(run("COMMIT"), "40001");
      else assertEquals(await run("COMMIT"), expected);
    }
  }

  /** The index is dropped and made again, from the rows that are there. */
  async redefine(): Promise<void> {
    if (this.model.block !== undefined) return;
    const name = `t_v_${++this.#nextIndex}`;
    this.log.push(`index ${name}`);
    await this.db.query(`DROP INDEX ${this.#index}`);
    await this.db.query(`CREATE INDEX ${name} ON t USING lsm_hnsw (v)`);
    this.#index = name;
  }

  /** An index is made in the block, and may go with it. */
  async defineInBlock(): Promise<void> {
    const { block } = this.model;
    if (block === undefined || block.failed) return;
    const name = `t_n_${++this.#nextIndex}`;
    this.log.push(`index ${name}`);
    this.model.define();
    await this.db.query(`CREATE INDEX ${name} ON t (n)`);
  }

  async truncate(): Promise<void> {
    this.log.push("TRUNCATE t");
    if (this.model.block?.failed) {
      await rejectsWith(this.db.query("TRUNCATE t"), "25P02");
      return;
    }
    this.model.truncate();
    await this.db.query("TRUNCATE t");
  }

  async failStatement(): Promise<void> {
    this.log.push("an error");
    const code = this.model.block?.failed ? "25P02" : "22012";
    this.model.fail();
    // Some rows are changed before the error, if there are any.
    const text = this.model.rows.size > 0
      ? "UPDATE t SET n = 1 / (n - n), v = '[0,0]'"
      : "SELECT 1 / 0";
    await rejectsWith(this.db.query(text), code);
  }

  async other(): Promise<void> {
    const row = { id: this.#nextOther++, n: 1, u: null, x: this.int(9000) };
    this.log.push(`other ${row.id}`);
    this.model.insertByOther(row);
    await this.db.transaction((tx) => tx.query(insertText([row])));
  }

  async flush(): Promise<void> {
    this.log.push("flush");
    if (this.model.block !== undefined) return;
    await this.db.query("SELECT lsm_s3_flush()");
    if (this.chance(0.3)) await this.db.settle();
  }

  async step(): Promise<void> {
    const roll = this.#random();
    if (roll < 0.25) await this.insert();
    else if (roll < 0.43) await this.update();
    else if (roll < 0.53) await this.remove();
    else if (roll < 0.84) await this.transactionStatement();
    else if (roll < 0.89) await this.other();
    else if (roll < 0.92) await this.flush();
    else if (roll < 0.94) await this.failStatement();
    else if (roll < 0.955) await this.defineInBlock();
    else if (roll < 0.965) await this.redefine();
    else if (roll < 0.975) await this.truncate();
    else await this.reopen();
    if (this.model.block?.failed) {
      await rejectsWith(this.db.query("SELECT 1"), "25P02");
    } else {
      await this.check();
    }
  }

  /** The database agrees with the model, asked in every way. */
  async check(): Promise<void> {
    const { db, model } = this;
    const rows = [...model.rows.values()].toSorted((a, b) => a.id - b.id);
    const all = await db.query("SELECT id, n, u, v FROM t ORDER BY id");
    assertEquals(
      all.rows,
      rows.map(({ x, ...row }) => ({
        ...row,
        v: x === null ? null : Float32Array.of(x, 1),
      })),
    );
    await this.#checkNearest(rows);
    const row = this.someRow();
    if (row === undefined) return;
    const byId = await db.query("SELECT n, u FROM t WHERE id = $1", [row.id]);
    assertEquals(byId.rows, [{ n: row.n, u: row.u }]);
    if (row.u !== null) {
      const byUnique = await db.query("SELECT id FROM t WHERE u = $1", [row.u]);
      assertEquals(byUnique.rows, [{ id: row.id }]);
    }
    const summed = await db.query(
      "SELECT count(*)::int AS c, sum(n)::int AS s FROM t WHERE n = $1",
      [row.n],
    );
    const same = rows.filter(({ n }) => n === row.n).length;
    assertEquals(summed.rows, [{ c: same, s: same * row.n }]);
  }

  async #checkNearest(rows: readonly ModelRow[]): Promise<void> {
    const { db } = this;
    const at = this.int(9000) + 0.2;
    const by = ({ x }: ModelRow): number => Math.abs(x! - at);
    const near = rows.filter(({ x }) => x !== null).toSorted((a, b) =>
      by(a) - by(b)
    );
    const distances = (some: readonly ModelRow[]): number[] =>
      some.map((row) => Math.fround(by(row)));
    const ask = async (text: string, limit: number): Promise<number[]> => {
      const { rows } = await db.query<{ d: number }>(text, [[at, 1], limit]);
      return rows.map(({ d }) => Math.fround(d));
    };
    const close = (actual: number[], expected: number[]): void => {
      assertEquals(actual.length, expected.length);
      actual.forEach((d, i) => {
        assert(Math.abs(d - expected[i]!) < 0.01, `${actual} for ${expected}`);
      });
    };
    const nearest = "SELECT id, v <-> $1 AS d FROM t WHERE v IS NOT NULL";
    close(
      await ask(`${nearest} ORDER BY d LIMIT $2`, 5),
      distances(near.slice(0, 5)),
    );
    const few = near.filter(({ n }) => n === 3);
    close(
      await ask(`${nearest} AND n = 3 ORDER BY d LIMIT $2`, 20),
      distances(few.slice(0, 20)),
    );
    // Every row with a vector is in the index, and no other.
    const every = await db.query<{ id: number }>(
      "SELECT id FROM t ORDER BY v <-> $1 LIMIT $2",
      [[at, 1], rows.length + 5],
    );
    assertEquals(
      every.rows.map(({ id }) => id).toSorted((a, b) => a - b),
      rows.map(({ id }) => id),
    );
  }
}

function insertText(rows: readonly ModelRow[]): string {
  const values = rows.map(({ id, n, u, x }) =>
    `(${id}, ${n}, ${u ?? "NULL"}, ${vectorText(x)})`
  );
  return `INSERT INTO t VALUES ${values.join(", ")}`;
}

Deno.test("[K-121, K-122, K-123, K-140, K-141] SQL agrees with a map, through transactions, savepoints, errors, crashes and reopens", async () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = testSeed() + run;
    const one = new Run(seed);
    try {
      await one.start(run % 4 === 0 ? 1200 : 40);
      const steps = run % 4 === 0 ? STEPS / 2 : STEPS;
      for (let step = 0; step < steps; step++) await one.step();
    } catch (error) {
      const last = one.log.slice(-25).join("\n  ");
      throw new Error(`--seed=${seed} (run ${run}):\n  ${last}`, {
        cause: error,
      });
    } finally {
      await one.db.close();
    }
  }
});
