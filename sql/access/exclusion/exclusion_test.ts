/**
 * Constraints whose rows exclude each other, or whose check waits, against a
 * plain list of rows: whatever is inserted, changed and removed, in one session
 * and in several at once.
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open, type TransactionClient } from "../../../mod.ts";
import { SeededRandom } from "../../../testing/seeded_random.ts";
import { testSeed } from "../../../tests/support/test_seed.ts";

interface Row {
  readonly id: number;
  readonly room: number;
  readonly low: number;
  readonly high: number;
}

const STEPS = 400;

function conflicts(a: Row, b: Row): boolean {
  return a.room === b.room && a.low < b.high && b.low < a.high &&
    a.low < a.high && b.low < b.high;
}

function randomRow(random: SeededRandom, id: number): Row {
  const low = random.below(60);
  return { id, room: random.below(2), low, high: low + random.below(9) };
}

function valuesOf({ id, room, low, high }: Row): string {
  return `(${id}, ${room}, int4range(${low}, ${high}))`;
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

async function rowsOf(db: Database): Promise<Row[]> {
  const { rows } = await db.query<Row>(
    "SELECT id, room, coalesce(lower(r), 0) AS low, coalesce(upper(r), 0) AS high FROM t ORDER BY id",
  );
  return rows;
}

for (const form of ["", " DEFERRABLE"]) {
  Deno.test(`EXCLUDE${form} lets in what a plain comparison does`, async () => {
    const random = new SeededRandom(testSeed());
    const db = await open("memory:");
    await db.exec(
      `CREATE TABLE t (id int PRIMARY KEY, room int, r int4range,
        EXCLUDE USING gist (r WITH &&, room WITH =)${form})`,
    );
    let model: Row[] = [];
    for (let step = 0; step < STEPS; step++) {
      const way = random.below(10);
      const row = randomRow(random, step);
      if (way < 6) {
        const wanted = model.some((each) => conflicts(each, row));
        const code = await codeOf(
          db.query(`INSERT INTO t VALUES ${valuesOf(row)}`),
        );
        assertEquals(code, wanted ? "23P01" : undefined, `step ${step}`);
        if (!wanted) model.push(row);
      } else if (model.length > 0) {
        const old = model[random.below(model.length)]!;
        const rest = model.filter((each) => each !== old);
        const now = { ...row, id: old.id };
        if (way < 8) {
          await db.query(`DELETE FROM t WHERE id = ${old.id}`);
          model = rest;
        } else {
          const wanted = rest.some((each) => conflicts(each, now));
          const code = await codeOf(db.query(
            `UPDATE t SET room = ${now.room}, r = int4range(${now.low}, ${now.high}) WHERE id = ${now.id}`,
          ));
          assertEquals(code, wanted ? "23P01" : undefined, `step ${step}`);
          if (!wanted) model = [...rest, now];
        }
      }
    }
    const shown = model
      .map((row) => row.low < row.high ? row : { ...row, low: 0, high: 0 })
      .sort((a, b) => a.id - b.id);
    assertEquals(await rowsOf(db), shown);
    await db.close();
  });
}

/** Runs transactions of random inserts side by side; tells how many got in. */
async function race(
  db: Database,
  random: SeededRandom,
  insert: (tx: TransactionClient, id: number) => Promise<unknown>,
): Promise<number> {
  let committed = 0;
  for (let round = 0; round < 12; round++) {
    const isolation = random.below(2) === 0
      ? "read committed"
      : "repeatable read";
    await Promise.all([0, 1, 2, 3].map(async (client) => {
      const id = round * 100 + client * 10;
      const code = await codeOf(db.transaction(async (tx) => {
        await insert(tx, id);
        await insert(tx, id + 1);
      }, { isolation }));
      if (code === undefined) committed++;
      else assert(["23P01", "23505", "40001", "40P01"].includes(code), code);
    }));
  }
  return committed;
}

Deno.test("EXCLUDE keeps racing transactions apart", async () => {
  const random = new SeededRandom(testSeed());
  const db = await open("memory:");
  await db.exec(
    `CREATE TABLE t (id int PRIMARY KEY, room int, r int4range,
      EXCLUDE USING gist (room WITH =, r WITH &&))`,
  );
  const committed = await race(
    db,
    random,
    (tx, id) =>
      tx.query(`INSERT INTO t VALUES ${valuesOf(randomRow(random, id))}`),
  );
  assert(committed > 3, `${committed} committed`);
  const rows = await rowsOf(db);
  for (const a of rows) {
    for (const b of rows) assert(a.id === b.id || !conflicts(a, b));
  }
  await db.close();
});

Deno.test("a DEFERRABLE key keeps racing transactions apart", async () => {
  const random = new SeededRandom(testSeed());
  const db = await open("memory:");
  await db.exec(
    "CREATE TABLE t (id int, k int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
  );
  const committed = await race(
    db,
    random,
    (tx, id) =>
      random.below(3) === 0
        ? tx.query("UPDATE t SET k = k + 1 WHERE k < 10")
        : tx.query(`INSERT INTO t VALUES (${id}, ${random.below(40)})`),
  );
  assert(committed > 3, `${committed} committed`);
  const { rows } = await db.query(
    "SELECT k FROM t GROUP BY k HAVING count(*) > 1",
  );
  assertEquals(rows, []);
  // The index has just the rows.
  const { rows: [found] } = await db.query<{ all: bigint; by: bigint }>(
    "SELECT count(*) AS all, (SELECT count(*) FROM t a JOIN t b ON a.k = b.k WHERE b.k >= 0) AS by FROM t",
  );
  assertEquals(found!.all, found!.by);
  await db.close();
});
