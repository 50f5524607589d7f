/**
 * Nearest neighbours: 100000 GloVe vectors of 100 numbers, cosine, 10 nearest,
 * at a recall of at least 0.95.
 *
 * Ours and PGlite with pgvector (HNSW, m 16, ef_construction 64) answer SQL;
 * LanceDB answers its own API from its fastest index on this data (IVF_FLAT,
 * 316 partitions). Each peer gets the smallest setting that reaches the
 * recall; ours runs as it is, and must reach it by itself.
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder, exists, installPeer, requirePeer } from "../cache.ts";
import { openOurs, type SqlEngine } from "../engines.ts";
import { type Glove, loadGlove, prepareGlove } from "../glove.ts";
import type { Side, Workload } from "../harness.ts";
import type { Database } from "../../mod.ts";

const RECALL = 0.95;
const K = 10;

/** Queries of a round; all 1000 are asked in turn. */
const QUERIES = 100;

/** What the sides share: asking, and checking the answers. */
abstract class KnnSide implements Side {
  protected readonly glove: Glove = loadGlove();
  #next = 0;

  /** Loads the vectors and builds the index. */
  protected abstract build(): Promise<string>;
  /** The ids of the 10 nearest of query `i`. */
  protected abstract ask(i: number): Promise<readonly number[]>;
  /** Settings to try, the fastest first; the last is kept if none reaches. */
  protected abstract settings(): readonly (() => Promise<string>)[];
  /** Lets go of what it holds. */
  abstract close(): Promise<void>;

  async setup(): Promise<string> {
    const built = await this.build();
    let said = "";
    for (const set of this.settings()) {
      const setting = await set();
      const recall = await this.#measureRecall();
      said = `${built}, ${setting}: recall ${recall.toFixed(4)}`;
      if (recall >= RECALL) return said;
    }
    throw new Error(`${said}, below ${RECALL}`);
  }

  async #measureRecall(): Promise<number> {
    let sum = 0;
    for (let i = 0; i < this.glove.queryCount; i++) {
      sum += this.glove.recall(i, await this.ask(i));
    }
    return sum / this.glove.queryCount;
  }

  async round(): Promise<number> {
    for (let i = 0; i < QUERIES; i++) {
      await this.ask(this.#next);
      this.#next = (this.#next + 1) % this.glove.queryCount;
    }
    return QUERIES;
  }
}

/** Ours, in process. */
export class OurKnn extends KnnSide {
  #engine: SqlEngine | undefined;

  /** The database, which is built. */
  protected get database(): Database {
    return this.#engine as Database;
  }

  protected async build(): Promise<string> {
    const { glove } = this;
    const engine = this.#engine = await openOurs();
    await engine.query(
      `CREATE TABLE v (id int PRIMARY KEY, e LsmVector(${glove.dimensions})) USING lsm_s3`,
    );
    const rows = 500;
    const tuples = Array.from(
      { length: rows },
      (_, i) => `($${2 * i + 1}, $${2 * i + 2})`,
    );
    const insert = `INSERT INTO v VALUES ${tuples.join(", ")}`;
    const loaded = stopwatch();
    for (let i = 0; i < glove.count; i += rows) {
      const parameters = Array.from(
        { length: rows },
        (_, k) => [i + k, glove.vector(i + k)],
      ).flat();
      await engine.query(insert, parameters);
    }
    const loadSeconds = loaded();
    const built = stopwatch();
    await engine.query(
      "CREATE INDEX ON v USING lsm_hnsw (e lsm_vector_cosine_ops)",
    );
    return `loaded in ${loadSeconds}, index built in ${built()}`;
  }

  protected settings(): readonly (() => Promise<string>)[] {
    return [() => Promise.resolve("defaults")];
  }

  protected async ask(i: number): Promise<readonly number[]> {
    const { rows } = await this.#engine!.query(
      `SELECT id FROM v ORDER BY e <=> $1 LIMIT ${K}`,
      [this.glove.query(i)],
    );
    return (rows as { id: number }[]).map((row) => row.id);
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

/** PGlite, in process. */
export class PgliteKnn extends KnnSide {
  #engine: SqlEngine & { exec(sql: string): Promise<unknown> } | undefined;
  #questions: string[] = [];

  protected async build(): Promise<string> {
    const { glove } = this;
    const { PGlite } = await import("@electric-sql/pglite");
    const { vector } = await import("@electric-sql/pglite-pgvector");
    // The index takes a minute and a half: kept for the next time.
    const dataDir = join(dataFolder(), "pglite-0.5.14-glove-m16-efc64");
    const done = dataDir + ".done";
    if (!exists(done) && exists(dataDir)) {
      Deno.removeSync(dataDir, { recursive: true });
    }
    const engine = await PGlite.create({ dataDir, extensions: { vector } });
    this.#engine = engine;
    if (!exists(done)) {
      await engine.exec(`CREATE EXTENSION vector;
        CREATE TABLE v (id int PRIMARY KEY, e vector(${glove.dimensions}))`);
      for (let i = 0; i < glove.count; i += 500) {
        const rows = Array.from(
          { length: 500 },
          (_, k) => `(${i + k},'${textOf(glove.vector(i + k))}')`,
        );
        await engine.exec(`INSERT INTO v VALUES ${rows.join(",")}`);
      }
      await engine.exec(`SET maintenance_work_mem = '512MB';
        SET max_parallel_maintenance_workers = 0;
        CREATE INDEX ON v USING hnsw (e vector_cosine_ops)
          WITH (m = 16, ef_construction = 64);
        ANALYZE v; CHECKPOINT`);
      Deno.writeTextFileSync(done, "");
    }
    for (let i = 0; i < glove.queryCount; i++) {
      this.#questions.push(textOf(glove.query(i)));
    }
    return "m 16, ef_construction 64";
  }

  protected settings(): readonly (() => Promise<string>)[] {
    return [80, 100, 110, 120, 140, 160, 200, 400].map((ef) => async () => {
      await this.use(`hnsw.ef_search = ${ef}`);
      return `ef_search ${ef}`;
    });
  }

  /** Sets a setting. */
  protected async use(setting: string): Promise<void> {
    await this.#engine!.exec(`SET ${setting}`);
  }

  protected async ask(i: number): Promise<readonly number[]> {
    const { rows } = await this.#engine!.query(
      `SELECT id FROM v ORDER BY e <=> $1::vector LIMIT ${K}`,
      [this.#questions[i]],
    );
    return (rows as { id: number }[]).map((row) => row.id);
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

/** As much of LanceDB's API as is used here. */
interface LanceTable {
  createIndex(column: string, options: unknown): Promise<void>;
  search(vector: Float32Array): LanceQuery;
}
interface LanceQuery {
  distanceType(type: string): LanceQuery;
  nprobes(count: number): LanceQuery;
  select(columns: string[]): LanceQuery;
  limit(count: number): LanceQuery;
  toArrow(): Promise<{
    getChild(name: string): { toArray(): Int32Array };
  }>;
}

class LanceKnn extends KnnSide {
  readonly #folder = Deno.makeTempDirSync();
  #table: LanceTable | undefined;
  #probes = 0;

  protected async build(): Promise<string> {
    const lance = requirePeer("@lancedb/lancedb") as {
      connect(folder: string): Promise<{
        createTable(name: string, rows: unknown): Promise<LanceTable>;
      }>;
      Index: { ivfFlat(options: unknown): unknown };
    };
    const { glove } = this;
    const rows = Array.from({ length: glove.count }, (_, id) => ({
      id,
      vector: Array.from(glove.vector(id)),
    }));
    const connection = await lance.connect(this.#folder);
    this.#table = await connection.createTable("v", rows);
    const numPartitions = Math.round(Math.sqrt(glove.count));
    await this.#table.createIndex("vector", {
      config: lance.Index.ivfFlat({ distanceType: "cosine", numPartitions }),
    });
    return `IVF_FLAT, ${numPartitions} partitions`;
  }

  protected settings(): readonly (() => Promise<string>)[] {
    return [32, 36, 40, 44, 48, 56, 64, 128].map((probes) => () => {
      this.#probes = probes;
      return Promise.resolve(`nprobes ${probes}`);
    });
  }

  protected async ask(i: number): Promise<readonly number[]> {
    const result = await this.#table!.search(this.glove.query(i))
      .distanceType("cosine")
      .nprobes(this.#probes)
      .select(["id", "_distance"])
      .limit(K)
      .toArrow();
    return Array.from(result.getChild("id").toArray(), Number);
  }

  async close(): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The text form of a vector. */
function textOf(vector: Float32Array): string {
  return `[${vector.join(",")}]`;
}

/** Seconds since now, as text. */
function stopwatch(): () => string {
  const start = performance.now();
  return () => `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/** Nearest neighbours. */
export const knn: Workload = {
  name: "knn-glove-100k",
  unit: "queries/s",
  peers: {
    pglite: { name: "pglite+pgvector", target: 5 },
    lancedb: { name: "lancedb", target: 3 },
  },
  sides: {
    ours: () => new OurKnn(),
    pglite: () => new PgliteKnn(),
    lancedb: () => new LanceKnn(),
  },
  async prepare(): Promise<void> {
    await prepareGlove();
    await installPeer("@lancedb/lancedb", "0.39.0");
  },
};
