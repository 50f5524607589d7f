/**
 * CREATE INDEX on vectors: in threads, watched, stopped, and queried meanwhile.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { clusteredVectors } from "../support/vector_data.ts";

const ROWS = clusteredVectors({
  seed: 11,
  count: 6000,
  dims: 32,
  clusters: 60,
  spread: 0.4,
});

const CREATE = "CREATE INDEX made ON t USING lsm_hnsw (e vector_cosine_ops)";

async function openFilled(): Promise<Database> {
  const db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, e vector(32))");
  const insert = "INSERT INTO t SELECT * FROM unnest($1::int[], $2::vector[])";
  await db.query(insert, [
    ROWS.map((_, i) => i),
    ROWS.map((row) => `[${row.join(",")}]`),
  ]);
  return db;
}

interface Watched {
  readonly command: string;
  readonly phase: string;
  readonly table: string;
  readonly total: bigint | number;
  readonly done: bigint | number;
}

Deno.test("queries are answered while threads build an index, and its progress shows", async () => {
  await using db = await openFilled();
  const watcher = db.session();
  const told: number[] = [];
  let isBuilt = false;
  const building = db.query(CREATE, [], {
    onProgress: ({ phase, rowsDone }) => {
      if (phase === "building graph") told.push(rowsDone);
    },
  }).finally(() => isBuilt = true);
  const seen: Watched[] = [];
  let answered = 0;
  while (!isBuilt) {
    const { rows } = await watcher.query<Watched>(
      `SELECT command, phase, relid::regclass::text AS table,
         tuples_total AS total, tuples_done AS done FROM pg_stat_progress_create_index`,
    );
    seen.push(...rows);
    const [counted] = (await watcher.query("SELECT count(*) FROM t")).rows;
    assertEquals(Number(counted!.count), 6000);
    answered++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await building;
  assert(answered > 2, `${answered} queries`);
  assert(told.length > 2 && told.at(-1) === 6000);
  assertEquals(told, told.toSorted((a, b) => a - b));
  const graph = seen.filter(({ phase }) => phase.endsWith("building graph"));
  assert(graph.length > 0);
  for (const { command, table, total, done } of graph) {
    assertEquals([command, table, Number(total)], [
      "CREATE INDEX",
      "t",
      6000,
    ]);
    assert(Number(done) <= 6000);
  }
  const after = "SELECT * FROM pg_stat_progress_create_index";
  assertEquals((await watcher.query(after)).rows, []);
  const { rows: [recall] } = await db.query<{ recall: number }>(
    "SELECT lsm_recall('made', 10, 100) AS recall",
  );
  assert(Number(recall!.recall) >= 0.95, `recall ${recall!.recall}`);
});

Deno.test("a build in threads is stopped at once, and leaves nothing behind", async () => {
  await using db = await openFilled();
  const before = (await db.query("SELECT count(*) FROM pg_index")).rows;
  const stop = new AbortController();
  let stoppedAt = 0;
  const building = db.query(CREATE, [], {
    signal: stop.signal,
    onProgress: ({ phase, rowsDone }) => {
      if (phase !== "building graph" || rowsDone < 100 || stoppedAt > 0) return;
      stoppedAt = performance.now();
      stop.abort();
    },
  });
  await assertRejects(() => building);
  assert(stoppedAt > 0);
  assertEquals(
    (await db.query("SELECT count(*) FROM pg_index")).rows,
    before,
  );
  await db.query(CREATE);
});

Deno.test("max_parallel_maintenance_workers = 0 builds in the session's own thread", async () => {
  await using db = await openFilled();
  await db.exec("SET max_parallel_maintenance_workers = 0");
  const { Worker: actual } = globalThis;
  Object.assign(globalThis, {
    Worker: class {
      constructor() {
        throw new Error("a Worker");
      }
    },
  });
  try {
    await db.query(CREATE);
  } finally {
    Object.assign(globalThis, { Worker: actual });
  }
  const nearest = "SELECT id FROM t ORDER BY e <=> $1::vector LIMIT 1";
  const asked = [`[${ROWS[77]!.join(",")}]`];
  assertEquals((await db.query(nearest, asked)).rows, [{ id: 77 }]);
});
