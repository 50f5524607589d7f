/**
 * Nearest rows inside transactions: their own inserts, updates, deletes and
 * rollbacks are seen, those of others are not, and what a transaction sees stays
 * as it is while segments are sealed and merged under it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, type DatabaseSession, open } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { SeededRandom } from "../../testing/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

const DIMS = 4;
/** Who writes: rows whose ids leave the same remainder are one writer's. */
const WRITERS = 4;
const K = 10;

type Vector = readonly number[];
/** Rows by id; one without a vector is in no index. */
type Rows = ReadonlyMap<number, Vector | null>;

/** An open transaction, and what it sees. */
interface Open {
  readonly session: DatabaseSession;
  rows: Map<number, Vector | null>;
  /** What it has written itself, since it began. */
  readonly own: Set<number>;
  savepoint: { rows: Map<number, Vector | null> } | undefined;
}

class Program {
  #db: Database;
  readonly #random: SeededRandom;
  readonly #sessions: DatabaseSession[];
  readonly #open = new Map<number, Open>();
  readonly #names = new Map<string, Rows>();
  #committed = new Map<number, Vector | null>();
  #next = 1;
  #found = 0;
  #wanted = 0;
  #segments = 0;

  constructor(db: Database, seed: number) {
    this.#db = db;
    this.#random = new SeededRandom(seed);
    this.#sessions = Array.from({ length: WRITERS - 1 }, () => db.session());
  }

  async run(steps: number): Promise<void> {
    await this.#db.exec(`
      CREATE TABLE t (id int PRIMARY KEY, e LsmVector(${DIMS}));
      CREATE INDEX t_e ON t USING lsm_hnsw (e);
    `);
    for (let step = 0; step < steps; step++) {
      // Segments are made while everything else goes on.
      const working = this.#random.below(4) === 0
        ? this.#db.settle()
        : undefined;
      await this.#step();
      await this.#checkAll();
      await working;
      if (working !== undefined) await this.#checkAll();
    }
    for (const writer of [...this.#open.keys()]) await this.#end(writer);
    await this.#checkAll();
    for (const session of this.#sessions) await session.close();
    const { rows } = await this.#db.query<{ "QUERY PLAN": string }>(
      `EXPLAIN SELECT id FROM t WHERE e IS NOT NULL
       ORDER BY e <-> '[0,0,0,0]' LIMIT ${K}`,
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    assert(plan.includes("t_e"), plan);
    assert(this.#segments > 1, "segments were made");
    assert(
      this.#found >= 0.95 * this.#wanted,
      `recall ${this.#found / this.#wanted}`,
    );
  }

  /** The same database, opened again: what is kept of it is as it was. */
  async checkAgain(db: Database): Promise<void> {
    this.#db = db;
    await this.#check(db, this.#committed, new Set());
    for (const [snapshot, rows] of this.#names) {
      await this.#check(db, rows, new Set(), { snapshot });
    }
  }

  #vector(): Vector | null {
    if (this.#random.below(12) === 0) return null;
    return Array.from({ length: DIMS }, () => this.#random.below(1000));
  }

  #newIds(writer: number, count: number): number[] {
    return Array.from({ length: count }, () => this.#next++ * WRITERS + writer);
  }

  async #step(): Promise<void> {
    const random = this.#random;
    const writer = 1 + random.below(WRITERS - 1);
    const open = this.#open.get(writer);
    const kind = random.below(12);
    if (kind < 2) {
      // Many rows at once, so that there is something to seal.
      const ids = this.#newIds(0, 900);
      await this.#insert(this.#db, this.#committed, ids);
    } else if (kind < 4) {
      await this.#change(this.#db, this.#committed, 0);
    } else if (kind === 4) {
      const name = `s${this.#names.size}`;
      await this.#db.exec(`CREATE SNAPSHOT ${name}`);
      this.#names.set(name, new Map(this.#committed));
    } else if (open === undefined) {
      const session = this.#sessions[writer - 1]!;
      await session.exec("BEGIN ISOLATION LEVEL REPEATABLE READ");
      await session.query("SELECT 1 FROM t LIMIT 1");
      const rows = new Map(this.#committed);
      this.#open.set(writer, {
        session,
        rows,
        own: new Set(),
        savepoint: undefined,
      });
    } else if (kind < 7) {
      const ids = this.#newIds(writer, 1 + random.below(30));
      await this.#insert(open.session, open.rows, ids);
      for (const id of ids) open.own.add(id);
    } else if (kind < 9) {
      for (const id of await this.#change(open.session, open.rows, writer)) {
        open.own.add(id);
      }
    } else if (kind === 9 && open.savepoint === undefined) {
      await open.session.exec("SAVEPOINT s");
      open.savepoint = { rows: new Map(open.rows) };
    } else if (kind === 10 && open.savepoint !== undefined) {
      await open.session.exec("ROLLBACK TO s");
      open.rows = new Map(open.savepoint.rows);
    } else await this.#end(writer);
  }

  /** Commits or rolls back. */
  async #end(writer: number): Promise<void> {
    const { session, rows, own } = this.#open.get(writer)!;
    this.#open.delete(writer);
    const commits = this.#random.below(3) > 0;
    await session.exec(commits ? "COMMIT" : "ROLLBACK");
    if (!commits) return;
    for (const id of own) {
      const vector = rows.get(id);
      if (vector === undefined) this.#committed.delete(id);
      else this.#committed.set(id, vector);
    }
  }

  async #insert(
    on: Database | DatabaseSession,
    rows: Map<number, Vector | null>,
    ids: readonly number[],
  ): Promise<void> {
    const vectors = ids.map(() => this.#vector());
    await on.query(
      `INSERT INTO t SELECT i, e::vector
       FROM unnest($1::int[], $2::text[]) AS g(i, e)`,
      [ids, vectors.map(textOf)],
    );
    for (const [i, id] of ids.entries()) rows.set(id, vectors[i]!);
  }

  /** Updates or deletes some of a writer's rows; gives which. */
  async #change(
    on: Database | DatabaseSession,
    rows: Map<number, Vector | null>,
    writer: number,
  ): Promise<readonly number[]> {
    const mine = [...rows.keys()].filter((id) =>
      id % WRITERS === writer && this.#random.below(20) === 0
    ).slice(0, 100);
    if (this.#random.below(2) === 0) {
      await on.query("DELETE FROM t WHERE id = ANY($1)", [mine]);
      for (const id of mine) rows.delete(id);
    } else {
      const vector = this.#vector();
      await on.query(
        "UPDATE t SET e = $1::vector WHERE id = ANY($2)",
        [textOf(vector), mine],
      );
      for (const id of mine) rows.set(id, vector);
    }
    return mine;
  }

  async #checkAll(): Promise<void> {
    const { vectorIndexes } = this.#db.status() as {
      vectorIndexes: { segments: number }[];
    };
    for (const { segments } of vectorIndexes) {
      this.#segments = Math.max(this.#segments, segments);
    }
    await this.#check(this.#db, this.#committed, new Set());
    for (const { session, rows, own } of this.#open.values()) {
      await this.#check(session, rows, own);
    }
    for (const [name, rows] of this.#names) {
      if (this.#random.below(4) > 0) continue;
      await this.#check(this.#db, rows, new Set(), { snapshot: name });
    }
  }

  async #check(
    on: Database | DatabaseSession,
    rows: Rows,
    own: ReadonlySet<number>,
    asOf?: { readonly snapshot: string },
  ): Promise<void> {
    const query = Array.from(
      { length: DIMS },
      () => this.#random.below(1000),
    );
    const { rows: found } = await on.query<{ id: number; d: number }>(
      `SELECT id, e <-> $1::vector AS d FROM t WHERE e IS NOT NULL
       ORDER BY e <-> $1::vector LIMIT ${K}`,
      [textOf(query)],
      { asOf },
    );
    const distances = [...rows].flatMap(([id, vector]) =>
      vector === null ? [] : [{ id, d: distance(vector, query) }]
    ).sort((a, b) => a.d - b.d);
    const nearest = distances.slice(0, K);
    assertEquals(found.length, nearest.length);
    assertEquals(new Set(found.map(({ id }) => id)).size, found.length);
    for (const [i, { id, d }] of found.entries()) {
      const vector = rows.get(id);
      assert(vector, `row ${id} is not there, or has no vector`);
      assert(Math.abs(distance(vector, query) - d) <= 1e-3 * (1 + d), `${id}`);
      assert(i === 0 || found[i - 1]!.d <= d, "nearest first");
    }
    // Its own rows a transaction compares one by one: none may be missing.
    const last = found.at(-1)?.d ?? 0;
    const ids = new Set(found.map(({ id }) => id));
    for (const { id, d } of distances) {
      if (d >= last - 1e-3 * (1 + last)) break;
      assert(ids.has(id) || !own.has(id), `own row ${id} is missing`);
    }
    this.#wanted += nearest.length;
    const limit = nearest.at(-1)?.d ?? 0;
    this.#found += found.filter(({ d }) => d <= limit * (1 + 1e-5)).length;
  }
}

function textOf(vector: Vector | null): string | null {
  return vector && `[${vector.join(",")}]`;
}

function distance(a: Vector, b: Vector): number {
  return Math.hypot(...a.map((x, i) => x - b[i]!));
}

Deno.test("[K-140, K-142] nearest rows in transactions, while segments are sealed and merged", async (test) => {
  const seed = testSeed();
  for (let run = 0; run < 2; run++) {
    await test.step(`seed ${seed + run}`, async () => {
      const bucket = new MemoryBucket();
      const opened = (): Promise<Database> =>
        open("memory:", { store: new MemoryStore({ bucket }), takeover: true });
      const db = await opened();
      const program = new Program(db, seed + run);
      await program.run(90);
      await db.close();
      await using again = await opened();
      await program.checkAgain(again);
    });
  }
});
