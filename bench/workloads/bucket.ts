/**
 * The database in a bucket: on S3's latency, simulated (`testing/
 * s3_latency.ts`) over memory, and on MinIO on this machine.
 *
 * What waits for the network is measured by the clock.
 *
 * @module
 */
import { installPeer, requirePeer } from "../cache.ts";
import type { LimitWorkload, Side, Workload } from "../harness.ts";
import { type MinioPlace, minioPlace } from "../minio_place.ts";
import { randomNumbers } from "../random.ts";

const COMMITS = 300;
const SESSIONS = 100;
const ROWS = 200_000;
const VECTOR_ROWS = 1000;
const DIMS = 100;
const STATEMENTS = 10;

/** A store with the latency of S3, and the bucket below it. */
async function simulatedS3(seed: number): Promise<{
  readonly slow: () => import("../../storage/mod.ts").ObjectStore;
  readonly fast: () => import("../../storage/mod.ts").ObjectStore;
}> {
  const { MemoryBucket, MemoryStore } = await import("../../storage/mod.ts");
  const { FaultyStore } = await import("../../testing/mod.ts");
  const bucket = new MemoryBucket();
  const fast = () => new MemoryStore({ bucket });
  return {
    fast,
    slow: () => new FaultyStore(fast(), { seed, latencyMs: "s3" }),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[
    Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  ]!;
}

/** How long single durable commits take, one after the other, in ms. */
async function commitTimes(): Promise<number[]> {
  const { open } = await import("../../mod.ts");
  const { slow } = await simulatedS3(1);
  await using db = await open("memory:", { store: slow() });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const times: number[] = [];
  for (let id = 0; id < COMMITS; id++) {
    const start = performance.now();
    await db.query("INSERT INTO t VALUES ($1, 'x')", [id]);
    times.push(performance.now() - start);
  }
  return times;
}

/** Durable commits at low load: the middle one. */
const commitP50: LimitWorkload = {
  name: "bucket-commit-p50",
  unit: "ms",
  limit: 35,
  turns: 3,
  measure: async () => percentile(await commitTimes(), 0.5),
};

/** Durable commits at low load: the 99th of 100. */
const commitP99: LimitWorkload = {
  name: "bucket-commit-p99",
  unit: "ms",
  limit: 80,
  turns: 3,
  measure: async () => percentile(await commitTimes(), 0.99),
};

/** Ms for 1000 durable commits of 100 sessions, each waiting for its own. */
async function sessionsMs(
  options: import("../../mod.ts").OpenOptions,
  address = "memory:",
): Promise<number> {
  const { open } = await import("../../mod.ts");
  await using db = await open(address, options);
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  let id = 0;
  const run = async (commits: number): Promise<number> => {
    const end = id + commits;
    const start = performance.now();
    const session = async (): Promise<void> => {
      while (id < end) await db.query("INSERT INTO t VALUES ($1, 'x')", [id++]);
    };
    await Promise.all(Array.from({ length: SESSIONS }, session));
    return (performance.now() - start) / commits * 1000;
  };
  await run(500);
  return await run(4000);
}

/** 100 sessions on S3's latency. */
const sessionsSimulated: LimitWorkload = {
  name: "bucket-sessions-s3",
  unit: "ms/1000 commits",
  limit: 640,
  turns: 3,
  measure: async () => {
    const { slow } = await simulatedS3(2);
    return await sessionsMs({ store: slow() });
  },
};

/** 100 sessions on MinIO. */
const sessionsMinio: LimitWorkload = {
  name: "bucket-sessions-minio",
  unit: "ms/1000 commits",
  limit: 160,
  turns: 3,
  measure: async () => {
    const place = await minioPlace();
    try {
      return await sessionsMs({ s3: place.s3 }, "s3://bench/commits");
    } finally {
      await place.stop();
    }
  },
};

/** A cold opening for reading, to the first row by its key. */
const coldLookup: LimitWorkload = {
  name: "bucket-cold-lookup",
  unit: "ms",
  limit: 250,
  turns: 3,
  measure: async () => {
    const { open } = await import("../../mod.ts");
    const { fast, slow } = await simulatedS3(Math.floor(Math.random() * 1e6));
    {
      await using db = await open("memory:", { store: fast() });
      await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
      for (let from = 0; from < ROWS; from += 20_000) {
        await db.query(
          "INSERT INTO t SELECT i, repeat('x', 80) || i FROM generate_series($1::int, $2::int) AS g(i)",
          [from, from + 19_999],
        );
      }
      await db.query("SELECT lsm_s3_flush()");
      await db.settle();
    }
    // The code is loaded and compiled by now: the bucket is what is cold.
    const start = performance.now();
    await using db = await open("memory:", { store: slow(), readOnly: true });
    const { rows } = await db.query("SELECT s FROM t WHERE id = 123456");
    const elapsedMs = performance.now() - start;
    if (rows.length !== 1) throw new Error("the row is not there");
    return elapsedMs;
  },
};

/**
 * How far a reader with `bounded(100)` is behind: from an acknowledgement to the
 * beginning of the first read that shows it; the 99th of 100.
 */
const replicaLag: LimitWorkload = {
  name: "bucket-replica-lag",
  unit: "ms",
  limit: 124,
  turns: 3,
  measure: async () => {
    const { open } = await import("../../mod.ts");
    const { slow } = await simulatedS3(3);
    await using db = await open("memory:", { store: slow() });
    await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    await using replica = await open("memory:", {
      store: slow(),
      readOnly: true,
      consistency: { boundedMs: 100 },
    });
    const acknowledged: number[] = [];
    const lags: number[] = [];
    let shown = 0;
    let writing = true;
    const reading = (async () => {
      while (writing) {
        const begun = performance.now();
        const { rows } = await replica.query(
          "SELECT count(*)::int AS n FROM t",
        );
        const n = rows[0]!["n"] as number;
        while (shown < n) {
          const told = acknowledged[shown++];
          lags.push(told === undefined ? 0 : Math.max(0, begun - told));
        }
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    })();
    for (let id = 0; id < 150; id++) {
      await db.query("INSERT INTO t VALUES ($1)", [id]);
      acknowledged.push(performance.now());
    }
    writing = false;
    await reading;
    return percentile(lags, 0.99);
  },
};

function vectorsOf(seed: number): Float32Array[] {
  const random = randomNumbers(seed);
  return Array.from(
    { length: VECTOR_ROWS },
    () => Float32Array.from({ length: DIMS }, () => random()),
  );
}

class OurVectors implements Side {
  #place: MinioPlace | undefined;
  #db: import("../../mod.ts").Database | undefined;
  #next = 0;
  readonly #vectors = vectorsOf(1);

  async setup(): Promise<string> {
    const { open } = await import("../../mod.ts");
    this.#place = await minioPlace();
    this.#db = await open("s3://bench/vectors", { s3: this.#place.s3 });
    await this.#db.exec(
      `CREATE TABLE t (id int, v vector(${DIMS}))`,
    );
    return `${VECTOR_ROWS} rows a statement as parameters, durable, on MinIO`;
  }

  async round(): Promise<number> {
    const places = this.#vectors.map((_, i) =>
      `($${2 * i + 1}, $${2 * i + 2})`
    );
    const text = `INSERT INTO t VALUES ${places.join(", ")}`;
    for (let i = 0; i < STATEMENTS; i++) {
      const parameters = this.#vectors.flatMap((vector) => [
        this.#next++,
        vector,
      ]);
      await this.#db!.query(text, parameters);
    }
    return STATEMENTS * VECTOR_ROWS;
  }

  async close(): Promise<void> {
    await this.#db?.close();
    await this.#place?.stop();
  }
}

interface LanceModule {
  connect(address: string, options: unknown): Promise<{
    createTable(name: string, rows: unknown): Promise<LanceTable>;
  }>;
}

interface LanceTable {
  add(rows: readonly unknown[]): Promise<unknown>;
}

class LanceVectors implements Side {
  #place: MinioPlace | undefined;
  #table: LanceTable | undefined;
  #next = 0;
  readonly #vectors = vectorsOf(1).map((vector) => [...vector]);

  #rows(): { id: number; v: number[] }[] {
    return this.#vectors.map((v) => ({ id: this.#next++, v }));
  }

  async setup(): Promise<string> {
    this.#place = await minioPlace();
    const { endpoint, credentials } = this.#place.s3;
    const lance = requirePeer("@lancedb/lancedb") as LanceModule;
    const db = await lance.connect("s3://bench/lance", {
      storageOptions: {
        awsAccessKeyId: credentials.accessKeyId,
        awsSecretAccessKey: credentials.secretAccessKey,
        endpoint,
        region: "us-east-1",
        allowHttp: "true",
      },
    });
    this.#table = await db.createTable("t", this.#rows());
    return `add() of ${VECTOR_ROWS} rows, on MinIO`;
  }

  async round(): Promise<number> {
    for (let i = 0; i < STATEMENTS; i++) await this.#table!.add(this.#rows());
    return STATEMENTS * VECTOR_ROWS;
  }

  async close(): Promise<void> {
    await this.#place?.stop();
  }
}

/** Durable rows with vectors, beside LanceDB. */
export const bucketVectors: Workload = {
  name: "bucket-vectors",
  unit: "rows/s",
  clock: "wall",
  peers: { lancedb: { name: "lancedb", target: 1, ownModules: true } },
  sides: { ours: () => new OurVectors(), lancedb: () => new LanceVectors() },
  async prepare(): Promise<void> {
    await installPeer("@lancedb/lancedb", "0.39.0");
  },
};

/** What is measured against a limit. */
export const bucketLimits: readonly LimitWorkload[] = [
  commitP50,
  commitP99,
  sessionsSimulated,
  sessionsMinio,
  coldLookup,
  replicaLag,
];
