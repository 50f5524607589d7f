/**
 * The newest rows of a vector index and those in segments: two tiers, one
 * answer, whenever rows move from the first to the second.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { nextTurn } from "../../base/environment.ts";
import { type Database, open } from "../../mod.ts";
import { SimulatedEnvironment } from "../../testing/mod.ts";

interface Tiers {
  readonly liveRows: number;
  readonly segments: number;
  readonly rows: number;
}

function tiersOf(db: Database): Tiers {
  const { vectorIndexes } = db.status() as {
    readonly vectorIndexes: readonly Tiers[];
  };
  const { liveRows, segments, rows } = vectorIndexes[0]!;
  return { liveRows, segments, rows };
}

const TABLE = "CREATE TABLE docs (id int8 PRIMARY KEY, e vector(2));";

/** Rows on a circle; row n is at n degrees, about. */
const rowsOf = (from: number, to: number): string =>
  `INSERT INTO docs SELECT n,
     ARRAY[cos(n / 57.3), sin(n / 57.3)]::vector
   FROM generate_series(${from}, ${to}) AS n`;

/** The rows nearest to one, by the index. */
async function near(db: Database, degrees: number, k = 5): Promise<number[]> {
  const at = degrees / 57.3;
  const { rows } = await db.query<{ id: number }>(
    `SELECT id FROM docs ORDER BY e <-> $1 LIMIT ${k}`,
    [[Math.cos(at), Math.sin(at)]],
  );
  return rows.map(({ id }) => id);
}

async function simulated(
  definition: string,
  work: (db: Database, environment: SimulatedEnvironment) => Promise<void>,
): Promise<void> {
  const environment = new SimulatedEnvironment();
  const db = await environment.run(() => open("memory:", { environment }));
  await environment.run(() => db.exec(TABLE + definition));
  await environment.run(() => db.exec("SET lsm_knn.strategy = 'index'"));
  await work(db, environment);
  await environment.run(() => db.close());
}

Deno.test("[Y-005, Y-007, Y-036, Y-128] the newest rows go into a segment when the oldest of them is ten minutes old", async () => {
  await simulated(
    "CREATE INDEX ON docs USING lsm_hnsw (e)",
    async (db, env) => {
      await env.run(() => db.exec(rowsOf(1, 10)));
      await env.advance(300_000);
      assertEquals(tiersOf(db), { liveRows: 10, segments: 0, rows: 10 });
      await env.run(() => db.exec(rowsOf(11, 15)));
      await env.advance(299_000);
      assertEquals(tiersOf(db).liveRows, 15);
      await env.advance(2000);
      assertEquals(tiersOf(db), { liveRows: 0, segments: 1, rows: 15 });
      // What comes later has ten minutes of its own.
      await env.run(() => db.exec(rowsOf(16, 16)));
      await env.advance(598_000);
      assertEquals(tiersOf(db).liveRows, 1);
      assertEquals(await env.run(() => near(db, 15.1, 3)), [15, 16, 14]);
      await env.advance(4000);
      assertEquals(tiersOf(db).liveRows, 0);
      assertEquals(await env.run(() => near(db, 15.1, 3)), [15, 16, 14]);
      // Nothing is left to do.
      const { requests } = db.status();
      await env.advance(10_000_000);
      assertEquals(db.status()["requests"], requests);
    },
  );
});

Deno.test("[Y-005] the age at which rows go into a segment is an option of the index; 0 is never", async () => {
  for (
    const [option, liveRows] of [["5", 0], ["0", 10], ["3600", 10]] as const
  ) {
    const index = `CREATE INDEX ON docs USING lsm_hnsw (e)
      WITH (flush_interval = ${option})`;
    await simulated(index, async (db, env) => {
      await env.run(() => db.exec(rowsOf(1, 10)));
      await env.advance(60_000);
      assertEquals(tiersOf(db).liveRows, liveRows, option);
    });
  }
});

Deno.test("[Y-129] the newest rows go into a segment when they hold more bytes than they may", async () => {
  const bytes = async (size: string): Promise<Tiers> => {
    await using db = await open("memory:");
    await db.exec(`CREATE TABLE docs (id int8 PRIMARY KEY, e vector(2000));
      CREATE INDEX ON docs USING lsm_hnsw (e) ${size}`);
    await db.exec(`INSERT INTO docs
      SELECT n, array_fill(n, ARRAY[2000])::vector
      FROM generate_series(1, 300) AS n`);
    await db.query(
      "SELECT id FROM docs ORDER BY e <-> array_fill(1, ARRAY[2000])::vector LIMIT 1",
    );
    await db.settle();
    return tiersOf(db);
  };
  // 300 rows of 8 kB.
  assertEquals(await bytes(""), { liveRows: 300, segments: 0, rows: 300 });
  const small = await bytes("WITH (flush_size = 1)");
  assertEquals(small, { liveRows: 0, segments: 1, rows: 300 });
});

Deno.test("[Y-006, Y-034] a row is found from its commit on, exactly, whichever tier it is in", async () => {
  await using db = await open("memory:");
  await db.exec(`${TABLE} CREATE INDEX ON docs USING lsm_hnsw (e);
    SET lsm_knn.strategy = 'index'`);
  await db.exec(rowsOf(1, 200));
  await db.flush();
  assertEquals(tiersOf(db).segments, 1);
  for (let id = 201; id <= 240; id++) {
    await db.exec(rowsOf(id, id));
    assertEquals((await near(db, id, 2)).join(), `${id},${id - 1}`);
  }
  assertEquals(tiersOf(db).liveRows, 40);
  // The nearest of both tiers, as if there were none.
  const exact = Array.from({ length: 21 }, (_, i) => 190 + i);
  assertEquals((await near(db, 200, 21)).toSorted((a, b) => a - b), exact);
});

Deno.test("[Y-008, Y-037, Y-038, Y-039] while rows move into a segment queries find each of them once, and afterwards no row is in the first tier", async () => {
  await using db = await open("memory:");
  await db.exec(`${TABLE} CREATE INDEX ON docs USING lsm_hnsw (e);
    SET lsm_knn.strategy = 'index'`);
  await db.exec(rowsOf(1, 355));
  for (let round = 0; round < 3; round++) {
    // Rows that are replaced while they move are found where they are now.
    await db.exec("UPDATE docs SET e = e + '[1e-6,0]' WHERE id % 5 = 0");
    await near(db, 1);
    assert(tiersOf(db).liveRows > 0);
    let isDone = false;
    const moving = db.flush().finally(() => isDone = true);
    let asked = 0;
    for (let at = 10; !isDone || asked < 20; at = 10 + (at + 7) % 330) {
      const found = await near(db, at, 9);
      const nearest = Array.from({ length: 9 }, (_, i) => at - 4 + i);
      assertEquals(found.toSorted((a, b) => a - b), nearest);
      await db.query("UPDATE docs SET e = e + '[1e-6,0]' WHERE id = $1", [at]);
      await nextTurn();
      asked++;
    }
    await moving;
    await db.flush();
    assertEquals(tiersOf(db).liveRows, 0);
    const all = await near(db, 100, 1000);
    assertEquals(all.length, 355);
    assertEquals(new Set(all).size, 355);
  }
});

Deno.test("what was flushed is in the bucket: who opens it next compares no row one by one", async () => {
  const address = "memory:vector_tiers";
  await using kept = await open(address);
  await kept.exec(`${TABLE} CREATE INDEX ON docs USING lsm_hnsw (e)`);
  await kept.exec(rowsOf(1, 50));
  await kept.flush();
  await kept.close();
  await using db = await open(address);
  await db.exec("SET lsm_knn.strategy = 'index'");
  assertEquals(await near(db, 20.1, 3), [20, 21, 19]);
  assertEquals(tiersOf(db), { liveRows: 0, segments: 1, rows: 50 });
});
