/**
 * Every kind of vector index with every quantization, over a store of which
 * objects of every kind are damaged at random: bytes changed, cut, gone, or put
 * where another should be. What is asked is then answered right, or fails with an
 * error that says so; no answer is ever wrong.
 *
 *     deno test -A tests/api/vector_damage_kinds_test.ts -- --seed=7 --rounds=500 --rows=5000
 *
 * Invariants, after each damage, of each search that gives an answer:
 * 1. Rows are as they were written, each once, with their distances, in order.
 * 2. There are k of them, and of the k nearest of the table as it is read then
 *    at least 0.8 (a mean over few searches).
 * 3. Where the table can be read whole and was not cut back, it is the table that
 *    was written.
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { distanceOf } from "../../vector/distance/metric.ts";
import { QUANTIZATIONS } from "../../vector/codes/quantization.ts";
import { SeededRandom } from "../../vector/hnsw/seeded_random.ts";
import { testArgument, testSeed } from "../support/test_seed.ts";
import { clusteredVectors } from "../support/vector_data.ts";

const ROUNDS = Number(testArgument("rounds") ?? 10);
const ROWS = Number(testArgument("rows") ?? 1500);
const DIMS = 10;
const K = 5;
const QUERIES = 4;

const KINDS: readonly string[] = [
  ...QUANTIZATIONS.map((each) => `lsm_hnsw quantization = ${each}`),
  "lsm_hnsw vectors = bucket, quantization = sq8",
  "lsm_hnsw vectors = bucket, quantization = rabitq",
  "lsm_ivfflat quantization = none",
  "lsm_ivfflat quantization = pq",
];

type Objects = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** A store that was closed in order, and what is in its table. */
interface Made {
  readonly objects: Objects;
  readonly vectors: readonly Float32Array[];
}

const VECTORS = clusteredVectors({
  seed: 12,
  count: ROWS + QUERIES,
  dims: DIMS,
  clusters: 15,
  spread: 0.5,
});

async function make(kind: string): Promise<Made> {
  const [method, ...options] = kind.split(" ");
  const bucket = new MemoryBucket();
  const db = await open("memory:", { store: new MemoryStore({ bucket }) });
  const vectors = VECTORS.slice(0, ROWS);
  await db.exec(`CREATE TABLE t (id int PRIMARY KEY, v vector(${DIMS}))`);
  await db.query(
    "INSERT INTO t SELECT i - 1, v FROM unnest($1::vector[]) WITH ORDINALITY AS u (v, i)",
    [vectors],
  );
  await db.exec(`CREATE INDEX t_v ON t USING ${method} (v vector_l2_ops)
    WITH (${options.join(" ")})`);
  await db.settle();
  await db.query("SELECT lsm_s3_flush()");
  await db.query("UPDATE t SET v = $1 WHERE id = 3", [VECTORS[ROWS]]);
  vectors[3] = VECTORS[ROWS]!;
  await db.exec("SET enable_seqscan = off");
  const plan = await db.query(
    "EXPLAIN SELECT id FROM t ORDER BY v <-> $1 LIMIT 5",
    [VECTORS[0]],
  );
  assert(JSON.stringify(plan.rows).includes("Index Scan using t_v"));
  await db.close();
  const hasSegments = bucket.paths().some((path) => path.startsWith("vec/"));
  assertEquals(hasSegments, method === "lsm_hnsw");
  const objects = new Map(
    bucket.paths().map((path) => [path, bucket.object(path)!.bytes.slice()]),
  );
  return { objects, vectors };
}

/** What an object is, by where it is. */
function kindOf(path: string): string {
  return path.split("/")[0]!;
}

const DAMAGES: Readonly<
  Record<
    string,
    (
      bytes: Uint8Array<ArrayBuffer>,
      random: SeededRandom,
      others: readonly Uint8Array<ArrayBuffer>[],
    ) => Uint8Array<ArrayBuffer> | undefined
  >
> = {
  "a bit changed": (bytes, random) => {
    if (bytes.length > 0) {
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    }
    return bytes;
  },
  "a range zeroed": (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return bytes.fill(0, at, at + 1 + random.below(500));
  },
  cut: (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  gone: () => undefined,
  "another's": (_, random, others) => others[random.below(others.length)],
};

/** Damages one object of a kind; gives the store, and what was done. */
async function damaged(
  { objects }: Made,
  random: SeededRandom,
  round: number,
): Promise<{ readonly bucket: MemoryBucket; readonly what: string }> {
  const kinds = [...new Set([...objects.keys()].map(kindOf))].sort();
  const kind = kinds[round % kinds.length]!;
  const paths = [...objects.keys()].filter((path) => kindOf(path) === kind);
  const target = paths[random.below(paths.length)]!;
  const names = Object.keys(DAMAGES);
  const name = names[random.below(names.length)]!;
  const others = paths.filter((path) => path !== target)
    .map((path) => objects.get(path)!);
  const bucket = new MemoryBucket();
  const store = new MemoryStore({ bucket });
  for (const [path, bytes] of objects) {
    const put = path === target
      ? DAMAGES[name]!(bytes.slice(), random, others)
      : bytes.slice();
    if (put !== undefined) await store.put(path, put, { kind: "absent" });
  }
  return { bucket, what: `${target}: ${name}` };
}

/** What `work` gives; `undefined` if it fails with an error that says so. */
async function answered<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KriyaError && error.kind !== "internal") return;
    throw error;
  }
}

/** Compares the answers of searches with the table; gives how many there were. */
async function check(
  db: Database,
  { vectors }: Made,
  isWhole: boolean,
): Promise<number> {
  await db.exec("SET enable_indexscan = off");
  const table = await answered(() =>
    db.query<{ id: number; v: Float32Array }>("SELECT id, v FROM t")
  );
  await db.exec("RESET enable_indexscan; SET enable_seqscan = off");
  for (const { id, v } of table?.rows ?? []) {
    // Before the last commit, row 3 was another.
    const known = [vectors[id], ...id === 3 ? [VECTORS[3]] : []];
    assert(known.some((each) => each !== undefined && isSame(each, v)));
  }
  if (isWhole && table !== undefined) assertEquals(table.rows.length, ROWS);
  const distance = distanceOf("l2", "float32");
  let answers = 0;
  let hits = 0;
  for (const query of VECTORS.slice(ROWS)) {
    const found = await answered(() =>
      db.query<{ id: number; v: Float32Array; d: number }>(
        `SELECT id, v, v <-> $1 AS d FROM t ORDER BY d LIMIT ${K}`,
        [query],
      )
    );
    if (found === undefined) continue;
    const { rows } = found;
    let last = 0;
    for (const { id, v, d } of rows) {
      assert(isSame(v, vectors[id]!) || id === 3 && isSame(v, VECTORS[3]!));
      assert(Math.abs(d - distance(v, query)) < 1e-4 && d >= last);
      last = d;
    }
    assertEquals(new Set(rows.map(({ id }) => id)).size, rows.length);
    if (table === undefined) continue;
    assertEquals(rows.length, Math.min(K, table.rows.length));
    const nearest = table.rows.map(({ v }) => distance(v, query))
      .sort((a, b) => a - b);
    hits += rows.filter(({ d }) => d <= nearest[K - 1]! + 1e-5).length;
    answers++;
  }
  assert(hits >= 0.8 * K * answers, `recall ${hits / K / answers}`);
  return answers;
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

for (const [i, kind] of KINDS.entries()) {
  Deno.test(`[Y-188] objects damaged at random under ${kind}: right answers or an error`, async () => {
    const made = await make(kind);
    const random = new SeededRandom(testSeed() + i);
    let answers = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { bucket, what } = await damaged(made, random, round);
      // Without its newest log or manifest a store is what it was before.
      const isWhole = !/^(wal|manifest)/.test(what);
      try {
        const db = await answered(() =>
          open("memory:", { store: new MemoryStore({ bucket }) })
        );
        if (db === undefined) continue;
        answers += await answered(() => check(db, made, isWhole)) ?? 0;
        await answered(() => db.close());
      } catch (cause) {
        throw new Error(`seed ${testSeed()}, round ${round}, ${what}`, {
          cause,
        });
      }
    }
    assert(answers > 0, "no search was answered");
  });
}
