/**
 * The nearest rows for each row of another table, many searches at once: what
 * each gets alone.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "../../../mod.ts";

const SETUP = `
  CREATE TABLE item (id int PRIMARY KEY, part int, e vector(4));
  CREATE TABLE asked (n int PRIMARY KEY, part int, v vector);
  INSERT INTO item SELECT i, i % 40,
    CASE WHEN i % 50 = 7 THEN NULL
      ELSE ARRAY[sin(i), cos(i * 3), sin(i * 7), cos(i * 11)]::vector END
  FROM generate_series(1, 3000) i;
  INSERT INTO asked SELECT n, n % 40,
    CASE WHEN n % 9 = 4 THEN NULL
      ELSE ARRAY[sin(n * 5), cos(n), sin(n * 2), cos(n * 13)]::vector END
  FROM generate_series(1, 90) n;
  CREATE INDEX item_part ON item (part)`;

async function filled(method: string): Promise<Database> {
  const db = await open("memory:");
  await db.exec(SETUP);
  await db.exec(`CREATE INDEX item_e ON item USING ${method} (e vector_l2_ops);
    ANALYZE`);
  return db;
}

type Row = Record<string, unknown>;

/** What each row of `asked` gets by a statement of its own. */
async function oneByOne(
  db: Pick<Database, "query">,
  inner: string,
): Promise<Row[]> {
  const { rows } = await db.query("SELECT n, part, v FROM asked ORDER BY n");
  const all: Row[] = [];
  for (const { n, part, v } of rows) {
    const statement = inner.replaceAll("a.v", "$1::vector")
      .replaceAll("a.part", "$2::int").replaceAll("a.n", "$3::int") +
      " -- $1 $2 $3";
    const used = `SELECT * FROM (${statement}\n) s
      WHERE $1::vector IS NULL OR $2::int = $2 OR $3::int = $3`;
    const nearest = await db.query(used, [v, part, n]);
    all.push(...nearest.rows.map((row) => ({ n, ...row })));
  }
  return all;
}

const LATERAL = (inner: string): string =>
  `SELECT a.n, s.* FROM asked a, LATERAL (${inner}) s`;

async function explained(
  db: Pick<Database, "query">,
  statement: string,
): Promise<string> {
  const { rows } = await db.query(`EXPLAIN (ANALYZE) ${statement}`);
  return rows.map((row) => Object.values(row)[0]).join("\n");
}

const INNER: Readonly<Record<string, string>> = {
  "all rows": "SELECT id, e <-> a.v AS d FROM item ORDER BY e <-> a.v LIMIT 6",
  "a filter that is the same for all":
    "SELECT id FROM item WHERE part IN (3, 4) ORDER BY e <-> a.v LIMIT 6",
  "a filter that few match":
    "SELECT id FROM item WHERE part = 3 AND id < 900 ORDER BY e <-> a.v LIMIT 5",
  "a filter of each row's own":
    "SELECT id FROM item WHERE part = a.part ORDER BY e <-> a.v LIMIT 4",
  "a limit of each row's own":
    "SELECT id FROM item ORDER BY e <-> a.v LIMIT a.n % 4 OFFSET 1",
  "rows within a distance":
    "SELECT id FROM item WHERE e <-> a.v < 0.4 ORDER BY e <-> a.v",
};

for (const method of ["lsm_hnsw", "lsm_ivfflat"]) {
  Deno.test(`[Y-223] ${method}: nearest rows for each row of another table are those it gets alone`, async () => {
    await using db = await filled(method);
    for (const [what, inner] of Object.entries(INNER)) {
      const { rows } = await db.query(LATERAL(inner));
      assertEquals(rows, await oneByOne(db, inner), what);
    }
    const plan = await explained(db, LATERAL(INNER["all rows"]!));
    assert(plan.includes("Index Scan using item_e on item"), plan);
    assert(plan.includes("searched for up to 64 rows at once"), plan);
  });
}

Deno.test("a batch sees what its transaction has written, and a left join keeps every row", async () => {
  await using db = await filled("lsm_hnsw");
  const inner = INNER["all rows"]!;
  await db.transaction(async (tx) => {
    await tx.exec(`DELETE FROM item WHERE id % 3 = 0;
      UPDATE item SET e = '[2,2,2,2]' WHERE id % 5 = 0;
      INSERT INTO item SELECT -n, 0, v FROM asked WHERE v IS NOT NULL`);
    const { rows } = await tx.query(LATERAL(inner));
    assertEquals(rows, await oneByOne(tx, inner));
    assert(rows.some(({ id }) => Number(id) < 0));
  });
  const { rows } = await db.query(`SELECT a.n, count(s.id)::int AS found
    FROM asked a LEFT JOIN LATERAL
      (SELECT id FROM item WHERE a.n > 20 ORDER BY e <-> a.v LIMIT 2) s ON true
    GROUP BY a.n ORDER BY a.n`);
  assertEquals(
    rows,
    Array.from(
      { length: 90 },
      (_, i) => ({ n: i + 1, found: i + 1 > 20 ? 2 : 0 }),
    ),
  );
});

Deno.test("few rows wanted are few searches: what nobody comes to raises nothing", async () => {
  await using db = await filled("lsm_hnsw");
  await db.exec("UPDATE asked SET v = '[1,2]' WHERE n = 6");
  const statement = LATERAL(INNER["all rows"]!);
  const { rows } = await db.query(`${statement} LIMIT 20`);
  assertEquals(new Set(rows.map(({ n }) => n)), new Set([1, 2, 3, 4]));
  const plan = await explained(db, `${statement} LIMIT 20`);
  assert(/Index Scan using item_e.*loops=5\)/.test(plan), plan);
  const error = await assertRejects(() => db.query(statement)) as Error & {
    code: string;
  };
  assertEquals(
    [error.code, error.message],
    ["22000", "different vector dimensions 4 and 2"],
  );
  const some = await db.query(`SELECT n FROM asked a WHERE n < 30 AND n <> 6
    AND EXISTS (SELECT FROM (SELECT id FROM item ORDER BY e <-> a.v LIMIT 1) s
      WHERE s.id % 2 = a.n % 2)`);
  assert(some.rows.length < 28);
});

Deno.test("many queries come as an array, and answers in its order", async () => {
  await using db = await filled("lsm_hnsw");
  const vectors = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1]];
  const { rows } = await db.query(
    `SELECT q.n::int, s.id FROM unnest($1::vector[]) WITH ORDINALITY q (v, n),
      LATERAL (SELECT id FROM item ORDER BY e <-> q.v LIMIT 2) s`,
    [vectors],
  );
  const expected: Row[] = [];
  for (const [i, vector] of vectors.entries()) {
    const nearest = await db.query(
      "SELECT id FROM item ORDER BY e <-> $1 LIMIT 2",
      [vector],
    );
    expected.push(...nearest.rows.map(({ id }) => ({ n: i + 1, id })));
  }
  assertEquals(rows, expected);
});
