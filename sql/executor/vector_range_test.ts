/**
 * Range searches through an index of several segments against looking at every
 * row: nothing that is not within, nearly all that is, whatever the radius.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { clusteredVectors } from "../../tests/support/vector_data.ts";
import { asElement } from "../../tests/support/vector_elements.ts";
import { open } from "../../mod.ts";
import type { VectorElement } from "../../vector/distance/metric.ts";

interface Kind {
  readonly type: string;
  readonly element: VectorElement;
  readonly operator: string;
  readonly operatorClass: string;
}

const DIMS = 16;
const ROWS = 6000;

const KINDS: readonly Kind[] = [
  {
    type: `vector(${DIMS})`,
    element: "float32",
    operator: "<->",
    operatorClass: "vector_l2_ops",
  },
  {
    type: `halfvec(${DIMS})`,
    element: "float16",
    operator: "<=>",
    operatorClass: "halfvec_cosine_ops",
  },
  {
    type: `sparsevec(${DIMS})`,
    element: "sparse",
    operator: "<+>",
    operatorClass: "sparsevec_l1_ops",
  },
  {
    type: `bit(${4 * DIMS})`,
    element: "bit",
    operator: "<~>",
    operatorClass: "bit_hamming_ops",
  },
];

function textOf(element: VectorElement, vector: Float32Array): string {
  const value = asElement(element, vector);
  return value instanceof Float32Array ? `[${value.join(",")}]` : String(value);
}

for (const kind of KINDS) {
  Deno.test(`a range search of ${kind.type} by ${kind.operator} finds nearly all within, and nothing else`, async () => {
    const { type, element, operator, operatorClass } = kind;
    const vectors = clusteredVectors({
      seed: 11,
      count: ROWS,
      dims: DIMS,
      clusters: 30,
      spread: 0.4,
    }).map((vector) => textOf(element, vector));
    await using db = await open(`memory://range-${element}`);
    await db.exec(`CREATE TABLE t (id int PRIMARY KEY, e ${type})`);
    const insert = async (from: number, to: number): Promise<void> => {
      const rows = vectors.slice(from, to)
        .map((vector, i) => `(${from + i}, '${vector}')`);
      await db.exec(`INSERT INTO t VALUES ${rows.join(", ")}`);
    };
    // A graph, a tail that is compared one by one, and rows that ended.
    await insert(0, 5000);
    await db.exec(`CREATE INDEX t_e ON t USING hnsw (e ${operatorClass})`);
    await insert(5000, ROWS);
    await db.exec("DELETE FROM t WHERE id % 10 = 3");
    let wanted = 0;
    let found = 0;
    let indexed = 0;
    for (let i = 0; i < 12; i++) {
      const query = vectors[i * 401]!;
      const { rows } = await db.query<{ id: number; d: number }>(
        `SELECT id, e ${operator} $1 AS d FROM t WHERE id >= 0`,
        [query],
      );
      const distances = rows.map(({ d }) => d).sort((a, b) => a - b);
      const radius = distances[[0, 3, 40, 300, 700, 2500][i % 6]!]!;
      const sql = `SELECT id FROM t WHERE e ${operator} $1 <= $2`;
      const plan = await db.query<{ "QUERY PLAN": string }>(
        `EXPLAIN ${sql}`,
        [query, radius],
      );
      if (JSON.stringify(plan.rows).includes("using t_e")) indexed++;
      const near = await db.query<{ id: number }>(sql, [query, radius]);
      const within = new Set(
        rows.filter(({ d }) => d <= radius).map(({ id }) => id),
      );
      for (const { id } of near.rows) assert(within.has(id), `row ${id}`);
      assertEquals(
        new Set(near.rows.map(({ id }) => id)).size,
        near.rows.length,
      );
      wanted += within.size;
      found += near.rows.length;
    }
    assertEquals(indexed, 12);
    assert(found >= 0.97 * wanted, `${found} of ${wanted}`);
  });
}
