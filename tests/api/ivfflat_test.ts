import { assert, assertEquals } from "@std/assert";
import {
  type Database,
  type DatabaseSession,
  open,
  type Queryable,
} from "../../mod.ts";
import { MemoryBucket, MemoryStore } from "../../storage/mod.ts";
import { distanceOf, type Metric } from "../../vector/distance/metric.ts";
import { BitVector } from "../../vector/types/bit_vector.ts";
import { toHalfvec } from "../../vector/types/halfvec.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";
import { clusteredVectors } from "../support/vector_data.ts";

const DIMS = 8;

/** A type, and how its values are made and compared. */
interface Kind {
  readonly type: string;
  readonly opclass: string;
  readonly operator: string;
  readonly vector: (random: () => number) => string;
  readonly distance: (a: string, b: string) => number;
}

function components(random: () => number): number[] {
  const center = Math.floor(random() * 4) * 10;
  return Array.from(
    { length: DIMS },
    (_, i) => Math.round((i % 4 === center / 10 ? 10 : 1) * random() * 64) / 8,
  );
}

function dense(type: string, metric: Metric, operator: string): Kind {
  const distance = distanceOf(
    metric,
    type === "halfvec" ? "float16" : "float32",
  );
  const parse = (text: string): Float32Array =>
    toHalfvec(JSON.parse(text) as number[]);
  const word = metric === "inner_product" ? "ip" : metric;
  return {
    type: `${type}(${DIMS})`,
    opclass: `${type}_${word}_ops`,
    operator,
    vector: (random) => JSON.stringify(components(random)),
    distance: (a, b) => distance(parse(a), parse(b)),
  };
}

const hamming = distanceOf("hamming", "bit");
const BITS: Kind = {
  type: "bit(24)",
  opclass: "bit_hamming_ops",
  operator: "<~>",
  vector: (random) =>
    Array.from({ length: 24 }, () => random() < 0.5 ? "1" : "0").join(""),
  distance: (a, b) => hamming(BitVector.parse(a), BitVector.parse(b)),
};

const KINDS: readonly Kind[] = [
  dense("vector", "l2", "<->"),
  dense("vector", "cosine", "<=>"),
  dense("vector", "inner_product", "<#>"),
  dense("vector", "l1", "<+>"),
  dense("halfvec", "l2", "<->"),
  BITS,
];

/** The rows that should be there. */
type Model = Map<number, string | null>;

/** Compares a search of every cluster with the model. */
async function check(
  session: Pick<Queryable, "query">,
  model: Model,
  kind: Kind,
  random: () => number,
): Promise<void> {
  const query = kind.vector(random);
  const limit = 1 + Math.floor(random() * 12);
  const { rows } = await session.query(
    `SELECT id, (v ${kind.operator} $1)::float8 AS d FROM t WHERE v IS NOT NULL
     ORDER BY v ${kind.operator} $1 LIMIT ${limit}`,
    [query],
  );
  const found = rows.map(({ id }) => id as number);
  const expected = [...model].flatMap(([id, v]) =>
    v === null ? [] : [{ id, d: kind.distance(v, query) }]
  ).sort((a, b) => a.d - b.d).slice(0, limit);
  assertEquals(found.length, expected.length);
  assertEquals(new Set(found).size, found.length, "a row was given twice");
  rows.forEach(({ id, d }, i) => {
    const vector = model.get(id as number);
    assert(vector, `row ${id} is not there`);
    assert(Math.abs(kind.distance(vector, query) - (d as number)) < 1e-3);
    assert(Math.abs(expected[i]!.d - (d as number)) < 1e-3, `place ${i}`);
  });
}

/** Random changes of `model` and the table, in a transaction or alone. */
async function change(
  session: Pick<Queryable, "query">,
  model: Model,
  kind: Kind,
  random: () => number,
): Promise<void> {
  const any = (): number => Math.floor(random() * 400);
  const value = (): string | null =>
    random() < 0.05 ? null : kind.vector(random);
  const kindOf = random();
  if (kindOf < 0.5) {
    const count = 1 + Math.floor(random() * 60);
    const first = any();
    const fresh = new Map<number, string | null>();
    for (let id = first; id < first + count; id++) {
      if (!model.has(id)) fresh.set(id, value());
    }
    if (fresh.size === 0) return;
    await session.query(
      `INSERT INTO t SELECT * FROM unnest($1::int[], $2::${kind.type}[])`,
      [[...fresh.keys()], [...fresh.values()]],
    );
    for (const [id, v] of fresh) model.set(id, v);
  } else if (kindOf < 0.8) {
    const id = any();
    const v = value();
    const from = id;
    const to = id + Math.floor(random() * 10);
    await session.query(
      `UPDATE t SET v = $1 WHERE id BETWEEN $2 AND $3`,
      [v, from, to],
    );
    for (let i = from; i <= to; i++) if (model.has(i)) model.set(i, v);
  } else {
    const from = any();
    const to = from + Math.floor(random() * 40);
    await session.query("DELETE FROM t WHERE id BETWEEN $1 AND $2", [from, to]);
    for (let i = from; i <= to; i++) model.delete(i);
  }
}

async function program(kind: Kind, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const bucket = new MemoryBucket();
  const openIt = (): Promise<Database> =>
    open("memory:", {
      store: new MemoryStore({ bucket }),
      takeover: true,
      storage: { memtableBytesMax: 64 * 1024 },
      settings: { "enable_seqscan": "off", "lsm_ivfflat.probes": "32768" },
    });
  let db = await openIt();
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, v ${kind.type});
    CREATE INDEX ON t USING ivfflat (v ${kind.opclass}) WITH (lists = 12)`);
  let model: Model = new Map();
  // A reader whose snapshot stays while clusters are divided under it.
  let old:
    | { readonly session: DatabaseSession; readonly model: Model }
    | undefined;
  for (let step = 0; step < 60; step++) {
    const roll = random();
    if (roll < 0.55) await change(db, model, kind, random);
    else if (roll < 0.75) {
      const session = db.session();
      const inside = new Map(model);
      await session.query("BEGIN");
      await change(session, inside, kind, random);
      await check(session, inside, kind, random);
      await session.query("SAVEPOINT s");
      const undone = new Map(inside);
      await change(session, undone, kind, random);
      await check(session, undone, kind, random);
      if (random() < 0.5) {
        await session.query("ROLLBACK TO s");
        await check(session, inside, kind, random);
      } else replace(inside, undone);
      if (random() < 0.7) {
        await session.query("COMMIT");
        model = inside;
      } else await session.query("ROLLBACK");
      await session.close();
    } else if (roll < 0.85) {
      const settled = db.settle();
      // Rows change while their vectors are moved.
      while (random() < 0.6) await change(db, model, kind, random);
      await settled;
    } else if (roll < 0.93 && old === undefined) {
      const session = db.session();
      await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      await session.query("SELECT count(*) FROM t");
      old = { session: session, model: new Map(model) };
    } else if (old !== undefined) {
      await check(old.session, old.model, kind, random);
      await old.session.query("COMMIT");
      await old.session.close();
      old = undefined;
    } else {
      // Whoever comes next takes over from one that is gone.
      if (random() < 0.5) await db.close();
      db = await openIt();
    }
    await check(db, model, kind, random);
    if (old !== undefined) await check(old.session, old.model, kind, random);
  }
  await db.settle();
  assert(await clusterCount(db) > 1, "no cluster was divided");
  await db.close();
}

/** How many clusters the one index has that take vectors. */
async function clusterCount(db: Database): Promise<number> {
  const { rows: [row] } = await db.query("SELECT lsm_s3_status() AS status");
  const { vectorIndexes } = JSON.parse(row!["status"] as string);
  const [{ clusters, closedClusters }] = vectorIndexes;
  return clusters - closedClusters;
}

function replace<K, V>(map: Map<K, V>, by: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of by) map.set(key, value);
}

for (const kind of KINDS) {
  Deno.test(`[O-083] random changes of an ivfflat index: ${kind.opclass}`, async () => {
    for (let run = 0; run < 2; run++) await program(kind, testSeed() + run);
  });
}

/** The share of the nearest 10 that searches of `t` find, without settings. */
async function recallOf(
  db: Pick<Queryable, "query">,
  rows: ReadonlyMap<number, Float32Array>,
  queries: readonly Float32Array[],
): Promise<number> {
  const l2 = distanceOf("l2");
  let found = 0;
  for (const query of queries) {
    const exact = [...rows].map(([id, v]) => ({ id, d: l2(v, query) }))
      .sort((a, b) => a.d - b.d).slice(0, 10).map(({ id }) => id);
    const got = await db.query(
      "SELECT id FROM t ORDER BY v <-> $1 LIMIT 10",
      [query],
    );
    assertEquals(got.rows.length, 10);
    found += got.rows.filter(({ id }) => exact.includes(id as number)).length;
  }
  return found / (10 * queries.length);
}

Deno.test("[O-083] ivfflat reaches its recall with nothing set: built, grown, changed, reopened, read", async () => {
  const vectors = clusteredVectors({
    seed: testSeed(),
    count: 9100,
    dims: 16,
    clusters: 40,
    spread: 0.5,
  });
  const queries = vectors.slice(9000);
  const bucket = new MemoryBucket();
  const options = {
    takeover: true,
    settings: { "enable_seqscan": "off" },
  };
  let db = await open("memory:", {
    ...options,
    store: new MemoryStore({ bucket }),
  });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, v vector(16))");
  const rows = new Map<number, Float32Array>();
  const add = async (from: number, to: number): Promise<void> => {
    const ids = Array.from({ length: to - from }, (_, i) => from + i);
    await db.query(
      "INSERT INTO t SELECT * FROM unnest($1::int[], $2::vector[])",
      [ids, vectors.slice(from, to)],
    );
    for (const id of ids) rows.set(id, vectors[id]!);
  };
  await add(0, 3000);
  await db.exec("CREATE INDEX t_v ON t USING ivfflat (v vector_l2_ops)");
  await db.settle();
  assert(await recallOf(db, rows, queries) >= 0.95, "built");
  for (let from = 3000; from < 9000; from += 1000) await add(from, from + 1000);
  assert(await recallOf(db, rows, queries) >= 0.95, "grown");
  await db.settle();
  assert(await recallOf(db, rows, queries) >= 0.95, "grown and divided");
  const grown = await clusterCount(db);
  assert(grown >= 20 && grown <= 120, `${grown} clusters of 9000 rows`);
  // Rows that move far, and rows that go.
  await db.query("UPDATE t SET v = v + $1 WHERE id % 7 = 0", [
    new Float32Array(16).fill(3),
  ]);
  await db.query("DELETE FROM t WHERE id % 3 = 0");
  for (const [id, v] of rows) {
    if (id % 7 === 0) rows.set(id, v.map((x) => x + 3));
    if (id % 3 === 0) rows.delete(id);
  }
  await db.settle();
  assert(await recallOf(db, rows, queries) >= 0.95, "changed");
  const { rows: [own] } = await db.query(
    "SELECT lsm_recall('t_v', 10, 50) AS r",
  );
  assert((own!["r"] as number) >= 0.9, `lsm_recall gives ${own!["r"]}`);
  await using reader = await open("memory:", {
    ...options,
    takeover: false,
    readOnly: true,
    consistency: "strong",
    store: new MemoryStore({ bucket }),
  });
  assert(await recallOf(reader, rows, queries) >= 0.95, "read");
  await db.query("UPDATE t SET v = $1 WHERE id = 1", [
    new Float32Array(16).fill(50),
  ]);
  const far = await reader.query(
    "SELECT id FROM t ORDER BY v <-> $1 LIMIT 1",
    [new Float32Array(16).fill(50)],
  );
  assertEquals(far.rows, [{ id: 1 }]);
  rows.delete(1);
  await db.query("DELETE FROM t WHERE id = 1");
  await db.close();
  db = await open("memory:", {
    ...options,
    store: new MemoryStore({ bucket }),
  });
  assert(await recallOf(db, rows, queries) >= 0.95, "reopened");
  await db.close();
});

Deno.test("[O-083] clusters of rows that go are given up", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, v vector(2));
    CREATE INDEX ON t USING ivfflat (v vector_l2_ops) WITH (lists = 10);
    INSERT INTO t SELECT i, ARRAY[i % 10 * 100, i % 7]::vector
      FROM generate_series(1, 1000) AS g(i)`);
  await db.settle();
  const before = await clusterCount(db);
  assert(before >= 8, `${before} clusters`);
  await db.exec("DELETE FROM t WHERE id % 10 > 1");
  await db.settle();
  const after = await clusterCount(db);
  assert(after <= 5, `${after} clusters of 200 rows, ${before} before`);
  await db.exec(`SET enable_seqscan = off; SET lsm_ivfflat.probes = 3`);
  const { rows } = await db.query(
    "SELECT count(*)::int AS n FROM (SELECT id FROM t ORDER BY v <-> '[0,0]' LIMIT 200) AS s",
  );
  assertEquals(rows, [{ n: 200 }]);
});

Deno.test("[O-083] an ivfflat index answers as of a snapshot, its clusters as they were", async () => {
  const bucket = new MemoryBucket();
  const settings = { "enable_seqscan": "off", "lsm_ivfflat.probes": "2" };
  const openIt = (): Promise<Database> =>
    open("memory:", { store: new MemoryStore({ bucket }), settings });
  let db = await openIt();
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, v vector(1));
    CREATE INDEX ON t USING ivfflat (v vector_l2_ops) WITH (lists = 10);
    INSERT INTO t SELECT i, ARRAY[i]::vector FROM generate_series(1, 500) AS g(i)`);
  await db.settle();
  await db.query("CREATE SNAPSHOT before");
  await db.exec(`
    DELETE FROM t WHERE id BETWEEN 100 AND 300;
    INSERT INTO t SELECT i, ARRAY[150]::vector FROM generate_series(1000, 1800) AS g(i)`);
  await db.settle();
  const near = async (): Promise<unknown[]> => {
    const { rows } = await db.query(
      "SELECT id FROM t AS OF SNAPSHOT before ORDER BY v <-> '[150]' LIMIT 5",
    );
    return rows.map(({ id }) => id).toSorted();
  };
  assertEquals(await near(), [148, 149, 150, 151, 152]);
  await db.close();
  db = await openIt();
  assertEquals(await near(), [148, 149, 150, 151, 152]);
  await db.close();
});
