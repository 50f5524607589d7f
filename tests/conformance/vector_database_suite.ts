/**
 * What every kind of vector index promises through SQL, as a random program run
 * against a map of the rows.
 *
 * One seed is one program: rows are inserted, updated and deleted, in
 * transactions that are rolled back too, whole or to a savepoint; the database is
 * flushed, merged, closed and opened again, or cut off where it stands and opened
 * from what its store has by then.
 *
 * Checked, after every step, in a transaction as outside:
 * 1. `ORDER BY d LIMIT k` gives k rows wherever k match the filter, each once.
 * 2. All of them are rows as they are now, with their distances, in order.
 * 3. Recall: of the rows that are nearest, so many are given as the caller asks
 *    for; what is as far as the last of them counts.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open, type Queryable } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import {
  type AnyVector,
  distanceOf,
  type Metric,
  type VectorElement,
} from "../../vector/distance/metric.ts";
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";
import { asElement, dimsAs } from "../support/vector_elements.ts";

/** A kind of index. */
export interface VectorIndexKind {
  readonly method: "lsm_hnsw" | "lsm_ivfflat";
  readonly element: VectorElement;
  readonly metric: Metric;
  /** What stands in `WITH (…)`. */
  readonly options?: string;
}

/** What a run is about. */
export interface VectorDatabaseRun extends VectorIndexKind {
  /** The seed that everything follows from. */
  readonly seed: number;
  /** Steps of the program. */
  readonly steps: number;
  /** Rows that it begins with. */
  readonly rows: number;
}

const DIMS = 12;
const K = 10;
const CATEGORIES = 8;

const TYPES: Readonly<Record<VectorElement, string>> = {
  float32: "vector",
  float16: "halfvec",
  sparse: "sparsevec",
  bit: "bit",
};

/** The operator classes' words for metrics, and the operators. */
const OPERATORS: ReadonlyMap<Metric, readonly [string, string]> = new Map([
  ["l2", ["l2", "<->"]],
  ["inner_product", ["ip", "<#>"]],
  ["cosine", ["cosine", "<=>"]],
  ["l1", ["l1", "<+>"]],
  ["hamming", ["hamming", "<~>"]],
  ["jaccard", ["jaccard", "<%>"]],
]);

interface Row {
  readonly category: number;
  readonly vector: AnyVector | undefined;
}

/**
 * Runs one program, and gives the recall over all its searches; throws where a
 * promise is broken.
 */
export async function runVectorDatabaseSuite(
  run: VectorDatabaseRun,
): Promise<number> {
  const program = new Program(run);
  await program.begin();
  for (let i = 0; i < run.steps; i++) await program.step();
  return await program.end();
}

class Program {
  readonly #run: VectorDatabaseRun;
  readonly #random: SeededRandom;
  readonly #centres: readonly Float32Array[];
  readonly #type: string;
  #bucket = new MemoryBucket();
  #db!: Database;
  #rows = new Map<number, Row>();
  #nextId = 1;
  #hits = 0;
  #wanted = 0;

  constructor(run: VectorDatabaseRun) {
    this.#run = run;
    this.#random = new SeededRandom(run.seed);
    this.#centres = Array.from({ length: 12 }, () => this.#noise(1));
    this.#type = `${TYPES[run.element]}(${dimsAs(run.element, DIMS)})`;
  }

  async begin(): Promise<void> {
    await this.#open();
    const { method, element, metric, options, rows } = this.#run;
    await this.#db.exec(
      `CREATE TABLE t (id int PRIMARY KEY, category int, e ${this.#type})`,
    );
    await this.#insert(this.#db, rows);
    const operatorClass = `${TYPES[element]}_${OPERATORS.get(metric)![0]}_ops`;
    const more = options === undefined ? "" : `WITH (${options})`;
    await this.#db.exec(`
      CREATE INDEX t_category ON t (category);
      CREATE INDEX t_e ON t USING ${method} (e ${operatorClass}) ${more};
      ANALYZE t`);
  }

  /** Every way of opening again once more; gives the recall. */
  async end(): Promise<number> {
    await this.#crash();
    await this.#check(this.#db);
    await this.#reopen();
    await this.#check(this.#db);
    await this.#db.close();
    return this.#hits / this.#wanted;
  }

  /** One random step, and the checks after it. */
  async step(): Promise<void> {
    const kind = this.#random.below(100);
    if (kind < 50) await this.#change(this.#db);
    else if (kind < 70) await this.#transaction();
    else if (kind < 78) await this.#db.query("SELECT lsm_s3_flush()");
    else if (kind < 86) await this.#db.settle();
    else if (kind < 93) await this.#reopen();
    else await this.#crash();
    await this.#check(this.#db);
  }

  async #open(): Promise<void> {
    const store = new MemoryStore({ bucket: this.#bucket });
    this.#db = await open("memory:", { store, takeover: true });
    await this.#db.exec("SET enable_seqscan = off");
  }

  async #reopen(): Promise<void> {
    await this.#db.close();
    await this.#open();
  }

  /** Opens what the store has at this moment, as if all else were lost. */
  async #crash(): Promise<void> {
    const bucket = new MemoryBucket();
    const store = new MemoryStore({ bucket });
    for (const path of this.#bucket.paths()) {
      const { bytes } = this.#bucket.object(path)!;
      await store.put(path, bytes.slice(), { kind: "absent" });
    }
    await this.#db.close();
    this.#bucket = bucket;
    await this.#open();
  }

  /** Changes that are kept, or not, or in part. */
  async #transaction(): Promise<void> {
    const before = new Map(this.#rows);
    const end = this.#random.below(3);
    const rollback = new Error("rolled back");
    try {
      await this.#db.transaction(async (tx) => {
        await this.#change(tx);
        await this.#check(tx);
        if (end === 0) throw rollback;
        const kept = new Map(this.#rows);
        await tx.exec("SAVEPOINT s");
        await this.#change(tx);
        await this.#change(tx);
        await this.#check(tx);
        if (end === 1) return;
        await tx.exec("ROLLBACK TO s");
        this.#rows = kept;
        await this.#check(tx);
      });
    } catch (error) {
      if (error !== rollback) throw error;
      this.#rows = before;
    }
  }

  async #change(on: Queryable): Promise<void> {
    const kind = this.#random.below(10);
    if (kind < 4) return await this.#insert(on, 1 + this.#random.below(60));
    const first = this.#random.below(this.#nextId);
    const ids = [...this.#rows.keys()].filter((id) =>
      id >= first && id < first + 40
    );
    if (kind < 7) {
      await on.query("DELETE FROM t WHERE id >= $1 AND id < $1 + 40", [first]);
      for (const id of ids) this.#rows.delete(id);
      return;
    }
    if (kind < 8) {
      await on.query(
        `UPDATE t SET category = (category + 1) % ${CATEGORIES}
         WHERE id >= $1 AND id < $1 + 40`,
        [first],
      );
      for (const id of ids) {
        const { category, vector } = this.#rows.get(id)!;
        const next = (category + 1) % CATEGORIES;
        this.#rows.set(id, { category: next, vector });
      }
      return;
    }
    const vectors = ids.map(() => this.#vector());
    await on.query(
      `UPDATE t SET e = u.e::${this.#type}
       FROM unnest($1::int[], $2::text[]) AS u (id, e) WHERE t.id = u.id`,
      [ids, vectors.map(textOf)],
    );
    ids.forEach((id, i) => {
      const { category } = this.#rows.get(id)!;
      this.#rows.set(id, { category, vector: vectors[i] });
    });
  }

  async #insert(on: Queryable, count: number): Promise<void> {
    const ids: number[] = [];
    const categories: number[] = [];
    const vectors: (string | null)[] = [];
    for (let i = 0; i < count; i++) {
      const id = this.#nextId++;
      const category = this.#random.below(CATEGORIES);
      const vector = this.#random.below(50) === 0 ? undefined : this.#vector();
      this.#rows.set(id, { category, vector });
      ids.push(id);
      categories.push(category);
      vectors.push(vector === undefined ? null : textOf(vector));
    }
    await on.query(
      `INSERT INTO t SELECT id, category, e::${this.#type}
       FROM unnest($1::int[], $2::int[], $3::text[]) AS u (id, category, e)`,
      [ids, categories, vectors],
    );
  }

  async #check(on: Queryable): Promise<void> {
    await this.#search(on, undefined);
    await this.#search(on, this.#random.below(CATEGORIES));
  }

  async #search(on: Queryable, category: number | undefined): Promise<void> {
    const { element, metric } = this.#run;
    const query = this.#vector();
    const distance = distanceOf(metric, element);
    const exact = new Map<number, number>();
    for (const [id, row] of this.#rows) {
      if (category !== undefined && row.category !== category) continue;
      if (row.vector !== undefined) exact.set(id, distance(row.vector, query));
    }
    const operator = OPERATORS.get(metric)![1];
    const where = category === undefined ? "" : `AND category = ${category}`;
    const { rows } = await on.query<{ id: number; d: number }>(
      `SELECT id, e ${operator} $1::${this.#type} AS d FROM t
       WHERE e IS NOT NULL ${where} ORDER BY d LIMIT ${K}`,
      [textOf(query)],
    );
    assertEquals(rows.length, Math.min(K, exact.size));
    assertEquals(new Set(rows.map(({ id }) => id)).size, rows.length);
    let last = -Infinity;
    for (const { id, d } of rows) {
      const wanted = exact.get(id);
      assert(wanted !== undefined, `row ${id} is not there, or does not match`);
      assert(isAbout(d, wanted), `row ${id} is at ${wanted}, not ${d}`);
      assert(!(d < last), `${d} after ${last}`);
      last = d;
    }
    const nearest = [...exact.values()].sort((a, b) => a - b);
    const worst = nearest[Math.min(K, nearest.length) - 1];
    if (worst === undefined) return;
    this.#wanted += rows.length;
    this.#hits +=
      rows.filter(({ d }) => d <= worst || isAbout(d, worst)).length;
  }

  #vector(): AnyVector {
    const centre = this.#centres[this.#random.below(this.#centres.length)]!;
    const noise = this.#noise(0.4);
    const dense = centre.map((value, i) => value + noise[i]!);
    return asElement(this.#run.element, dense);
  }

  #noise(scale: number): Float32Array {
    return Float32Array.from(
      { length: DIMS },
      () => scale * (this.#random.next() / 2 ** 31 - 1),
    );
  }
}

/** A vector as SQL writes it. */
function textOf(vector: AnyVector): string {
  return vector instanceof Float32Array ? `[${vector.join(",")}]` : `${vector}`;
}

/** Whether two distances are the same but for rounding. */
function isAbout(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-5 * (1 + Math.abs(b));
}
