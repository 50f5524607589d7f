import { assert, assertEquals, assertRejects } from "@std/assert";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { asElement } from "../../tests/support/vector_elements.ts";
import { open } from "../../mod.ts";
import { SqlError } from "../errors/sql_error.ts";

const DIMS = 12;

const KINDS = [
  ["float32", `vector(${DIMS})`, "vector_cosine_ops", 4 * DIMS],
  ["float16", `halfvec(${DIMS})`, "halfvec_l2_ops", 2 * DIMS],
  ["sparse", `sparsevec(${DIMS})`, "sparsevec_ip_ops", 8],
  ["bit", `bit(${4 * DIMS})`, "bit_jaccard_ops", DIMS / 2],
] as const;

for (const [element, type, operatorClass, bytes] of KINDS) {
  Deno.test(`[Y-125] lsm_recall and lsm_s3_status of an index of ${type}`, async () => {
    const rows = clusteredVectors({
      seed: 5,
      count: 3000,
      dims: DIMS,
      clusters: 20,
      spread: 0.5,
    }).map((vector, id) => {
      const value = asElement(element, vector);
      return `(${id}, '${
        value instanceof Float32Array ? `[${value.join(",")}]` : value
      }')`;
    });
    await using db = await open(`memory://recall-${element}`);
    await db.exec(`CREATE TABLE t (id int PRIMARY KEY, e ${type})`);
    await db.exec(`INSERT INTO t VALUES ${rows.join(", ")}`);
    await db.exec(`CREATE INDEX t_e ON t USING hnsw (e ${operatorClass})`);
    await db.query("SELECT lsm_recall('t_e', 1, 1)");
    await db.exec("DELETE FROM t WHERE id < 300");
    const { rows: [measured] } = await db.query<{ some: number; all: number }>(
      "SELECT lsm_recall('t_e', 10, 40) AS some, lsm_recall('public.t_e') AS all",
    );
    assert(measured!.some > 0.9 && measured!.some <= 1, `${measured!.some}`);
    assert(measured!.all > 0.9 && measured!.all <= 1, `${measured!.all}`);
    const indexes = db.status()["vectorIndexes"] as Record<string, number>[];
    const status = indexes.find(({ segments }) => segments! > 0)!;
    assertEquals(status["element"], element as unknown as number);
    assertEquals(status["deadShare"], 0.1);
    assert(status["bytesPerVector"]! > bytes + 8 * 16);
  });
}

for (const method of ["hnsw", "ivfflat"]) {
  Deno.test(`[Y-125] lsm_recall of ${method} over queries that are given`, async () => {
    const vectors = clusteredVectors({
      seed: 6,
      count: 3000,
      dims: DIMS,
      clusters: 20,
      spread: 0.5,
    });
    await using db = await open(`memory://recall-given-${method}`);
    await db.exec(`CREATE TABLE t (id int PRIMARY KEY, e vector(${DIMS}))`);
    await db.query(
      `INSERT INTO t SELECT i, v FROM
       unnest($1::vector[]) WITH ORDINALITY AS u (v, i)`,
      [vectors.slice(100)],
    );
    await db.exec(`CREATE INDEX t_e ON t USING ${method} (e vector_l2_ops)`);
    const recall = async (queries: unknown): Promise<unknown> =>
      (await db.query(
        "SELECT lsm_recall('t_e', 10, $1::vector[]) AS recall",
        [queries],
      )).rows[0]!["recall"];
    const some = await recall(vectors.slice(0, 100)) as number;
    assert(some >= 0.95 && some <= 1, `${some}`);
    // A row of the index is its own nearest.
    assertEquals(await recall([vectors[500], null]), 1);
    assertEquals(await recall([]), 1);
    assertEquals(await recall(null), null);
    const codeOf = async (queries: string): Promise<string> =>
      (await assertRejects(
        () => db.query(`SELECT lsm_recall('t_e', 10, ${queries})`),
        SqlError,
      )).code;
    assertEquals(await codeOf("'{[1]}'::vector[]"), "22000");
    assertEquals(await codeOf("ARRAY['{1:1}/12'::sparsevec]"), "42804");
    assertEquals(await codeOf("ARRAY['1', '0']"), "42804");
    assertEquals(await codeOf("ARRAY[1.5]"), "42804");
  });
}

Deno.test("[Y-125] lsm_recall_segments of each segment, by kind and quantization", async () => {
  const vectors = clusteredVectors({
    seed: 8,
    count: 2700,
    dims: DIMS,
    clusters: 20,
    spread: 0.5,
  });
  await using db = await open("memory://recall-segments");
  const insert = async (from: number, to: number): Promise<void> => {
    await db.query(
      `INSERT INTO t SELECT i + $2, v FROM
       unnest($1::vector[]) WITH ORDINALITY AS u (v, i)`,
      [vectors.slice(from, to), from],
    );
  };
  await db.exec(`CREATE TABLE t (id int PRIMARY KEY, e vector(${DIMS}))`);
  await insert(0, 2000);
  await db.exec(`
    CREATE INDEX t_e ON t USING hnsw (e vector_l2_ops)
      WITH (quantization = rabitq);
    CREATE INDEX t_pq ON t USING ivfflat (e vector_l2_ops)
      WITH (quantization = pq)`);
  await db.settle();
  await db.exec("DELETE FROM t WHERE id <= 200");
  await insert(2000, 2050);
  const segmentsOf = async (
    call: string,
  ): Promise<Record<string, unknown>[]> =>
    JSON.parse(
      (await db.query<{ s: string }>(`SELECT ${call} AS s`)).rows[0]!.s,
    );
  const [sealed, live, ...rest] = await segmentsOf(
    "lsm_recall_segments('t_e', 10, 30)",
  );
  assertEquals(rest, []);
  const { recall, dead, ...facts } = sealed!;
  assertEquals(facts, {
    kind: "sealed",
    rows: 2000,
    quantization: "rabitq",
    leftInBucket: false,
    samples: 30,
  });
  assertEquals(dead, 200);
  assert(recall as number > 0.9 && recall as number <= 1, `${recall}`);
  assertEquals([live!["kind"], live!["rows"], live!["recall"]], [
    "live",
    50,
    1,
  ]);
  const [clusters] = await segmentsOf("lsm_recall_segments('public.t_pq', 5)");
  assertEquals(clusters!["kind"], "clusters");
  assertEquals(clusters!["quantization"], "pq");
  assertEquals(clusters!["samples"], 100);
  assert(clusters!["recall"] as number > 0.9, `${clusters!["recall"]}`);
  const codeOf = async (call: string): Promise<string> =>
    (await assertRejects(() => segmentsOf(call), SqlError)).code;
  assertEquals(await codeOf("lsm_recall_segments('t_e', 0)"), "22023");
  assertEquals(await codeOf("lsm_recall_segments('t_e', 1, 10001)"), "22023");
  assertEquals(await codeOf("lsm_recall_segments('nothing')"), "42704");
  assertEquals(await codeOf("lsm_recall_segments('t')"), "42809");
  await db.exec(`
    CREATE TABLE none (e vector);
    CREATE INDEX none_e ON none USING hnsw (e)`);
  assertEquals(await segmentsOf("lsm_recall_segments('none_e')"), []);
});

Deno.test("lsm_recall says what it cannot measure", async () => {
  await using db = await open("memory://recall-errors");
  await db.exec(`CREATE TABLE t (id int PRIMARY KEY, e vector);
    CREATE INDEX t_e ON t USING hnsw (e vector_l2_ops)`);
  const { rows } = await db.query("SELECT lsm_recall('t_e') AS recall");
  assertEquals(rows, [{ recall: 1 }]);
  const codeOf = async (call: string): Promise<string> =>
    (await assertRejects(() => db.query(`SELECT ${call}`), SqlError)).code;
  assertEquals(await codeOf("lsm_recall('nothing')"), "42704");
  assertEquals(await codeOf("lsm_recall('t_pkey')"), "42809");
  assertEquals(await codeOf("lsm_recall('t_e', 0)"), "22023");
  assertEquals(await codeOf("lsm_recall('t_e', 10, 100000)"), "22023");
  assertEquals(await codeOf("lsm_recall('t_e', 10, 1, 1)"), "42883");
});
