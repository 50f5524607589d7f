import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { rejectsWith } from "../support/databases.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

/** A database in a bucket, and the writes to its log so far. */
async function opened(
  bucket: MemoryBucket,
): Promise<{ db: Database; puts: () => number }> {
  let puts = 0;
  const store = new FaultyStore(new MemoryStore({ bucket }), {
    onRequest: ({ operation, path }) => {
      if (operation === "put" && path.startsWith("wal/")) puts++;
    },
  });
  const db = await open("memory:", { store, takeover: true });
  return { db, puts: () => puts };
}

async function draw(db: Pick<Database, "query">): Promise<number> {
  const { rows } = await db.query("SELECT nextval('s') AS n");
  return Number(rows[0]!["n"]);
}

/** One way of drawing numbers; gives those it was told of. */
type Drawer = (db: Database) => Promise<number[]>;

const DRAWERS: readonly Drawer[] = [
  async (db) => [await draw(db)],
  (db) => Promise.all([draw(db), draw(db), draw(db)]),
  // A transaction that is rolled back.
  async (db) => {
    const told: number[] = [];
    await db.transaction(async (tx) => {
      told.push(await draw(tx), await draw(tx));
      tx.rollback();
    });
    return told;
  },
  async (db) => {
    const { rows } = await db.query(
      "INSERT INTO t DEFAULT VALUES RETURNING id",
    );
    return [Number(rows[0]!["id"])];
  },
  // More than is logged ahead, in one statement.
  async (db) => {
    const { rows } = await db.query(
      "SELECT nextval('s') AS n FROM a, a AS b, a AS c",
    );
    return rows.map(({ n }) => Number(n));
  },
  async (db) => {
    const told: number[] = [];
    const rows = db.stream("SELECT nextval('s') AS n FROM a, a AS b");
    for await (const { n } of rows) told.push(Number(n));
    return told;
  },
];

Deno.test("a number that was told is never drawn again, whoever takes over", async () => {
  const random = seededRandom(testSeed());
  const bucket = new MemoryBucket();
  const told = new Set<number>();
  let { db } = await opened(bucket);
  await db.exec(
    `CREATE SEQUENCE s;
     CREATE TABLE t (id int DEFAULT nextval('s'), n int);
     CREATE TABLE a (x int);
     INSERT INTO a VALUES (1), (2), (3), (4), (5), (6)`,
  );
  for (let round = 0; round < 25; round++) {
    if (random() < 0.3) await db.exec("SET synchronous_commit = off");
    for (let n = 0; n < 6; n++) {
      const drawer = DRAWERS[Math.floor(random() * DRAWERS.length)]!;
      for (const number of await drawer(db)) {
        assert(!told.has(number), `${number} was drawn twice`);
        told.add(number);
      }
    }
    // The writer is left as it is: killed, or taken over while it is alive.
    const next = random() < 0.2
      ? db.close().then(() => opened(bucket))
      : opened(bucket);
    db = (await next).db;
  }
  await db.close();
});

Deno.test("who was taken over tells no number that the next one may draw", async () => {
  const bucket = new MemoryBucket();
  const { db: first } = await opened(bucket);
  await first.exec("CREATE SEQUENCE s");
  const told = new Set([await draw(first)]);
  const { db: second } = await opened(bucket);
  for (let n = 0; n < 100; n++) {
    const one = await draw(first).catch(() => undefined);
    const other = await draw(second);
    for (const number of one === undefined ? [other] : [one, other]) {
      assert(!told.has(number), `${number} was drawn twice`);
      told.add(number);
    }
  }
  await first.close().catch(() => {});
  await second.close();
});

Deno.test("numbers cost few writes, and none that wait once it is under way", async () => {
  const { db, puts } = await opened(new MemoryBucket());
  await db.exec("CREATE SEQUENCE s");
  const before = puts();
  for (let n = 1; n <= 2000; n++) assertEquals(await draw(db), n);
  assert(puts() - before < 30, `${puts() - before} writes`);
  await db.close();
});

Deno.test("a clean close leaves no gap; a crash may", async () => {
  const bucket = new MemoryBucket();
  let { db } = await opened(bucket);
  await db.exec("CREATE SEQUENCE s; CREATE SEQUENCE d INCREMENT -3 CYCLE");
  assertEquals(await draw(db), 1);
  await db.query("SELECT nextval('d'), nextval('d')");
  await db.close();
  ({ db } = await opened(bucket));
  assertEquals(await draw(db), 2);
  const { rows } = await db.query(
    "SELECT nextval('d') AS d, last_value FROM s",
  );
  assertEquals(rows, [{ d: -7, last_value: 2 }]);
  ({ db } = await opened(bucket));
  const next = await draw(db);
  assert(next > 2 && next <= 100, `${next}`);
  await db.close();
});

Deno.test("setval and RESTART hold after a crash", async () => {
  const bucket = new MemoryBucket();
  let { db } = await opened(bucket);
  await db.exec("CREATE SEQUENCE s");
  for (let n = 0; n < 40; n++) await draw(db);
  await db.query("SELECT setval('s', 10)");
  ({ db } = await opened(bucket));
  const afterSet = await draw(db);
  assert(afterSet > 10 && afterSet <= 75, `${afterSet}`);
  await db.exec("ALTER SEQUENCE s RESTART WITH 5000 INCREMENT 100");
  ({ db } = await opened(bucket));
  assertEquals(await draw(db), 5000);
  await db.close();
});

Deno.test("an owned sequence goes with its table, and its name is free again", async () => {
  const bucket = new MemoryBucket();
  let { db } = await opened(bucket);
  await db.exec("CREATE TABLE t (id serial); DROP TABLE t");
  await db.exec("CREATE TABLE t (id serial); INSERT INTO t DEFAULT VALUES");
  await db.close();
  ({ db } = await opened(bucket));
  const { rows } = await db.query("INSERT INTO t DEFAULT VALUES RETURNING id");
  assertEquals(rows, [{ id: 2 }]);
  const error = await rejectsWith(db.exec("DROP SEQUENCE t_id_seq"), "2BP01");
  assertEquals(
    error.detail,
    "default value for column id of table t depends on sequence t_id_seq",
  );
  await db.close();
});

Deno.test("a read-only database draws no number, and says where a sequence stands", async () => {
  const bucket = new MemoryBucket();
  const { db } = await opened(bucket);
  await db.exec("CREATE SEQUENCE s START 3");
  await db.exec("BEGIN READ ONLY");
  await rejectsWith(db.query("SELECT nextval('s')"), "25006", {
    message: "cannot execute nextval() in a read-only transaction",
  });
  await db.exec("ROLLBACK");
  const { rows } = await db.query("SELECT * FROM s");
  assertEquals(rows, [{ last_value: 3, log_cnt: 0, is_called: false }]);
  await db.close();
});
