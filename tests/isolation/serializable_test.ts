import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open, SqlError } from "../../mod.ts";
import { ReadSet } from "../../sql/transaction/read_set.ts";

const SERIALIZABLE = { isolation: "serializable" } as const;

async function code(done: Promise<unknown>): Promise<string> {
  try {
    await done;
    return "00000";
  } catch (error) {
    return (error as SqlError).code;
  }
}

async function withDoctors(
  run: (db: Database) => Promise<void>,
): Promise<void> {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE doctors (name text PRIMARY KEY, shift int, on_call boolean);
    CREATE INDEX ON doctors (shift);
    INSERT INTO doctors
    SELECT 'd' || n, n % 50, true FROM generate_series(1, 200) AS n;
  `);
  await run(db);
}

/** Two transactions that both read, then write, then commit. */
async function race(
  db: Database,
  read: string,
  writes: readonly [string, string],
  isolation: "serializable" | "repeatable read",
): Promise<string[]> {
  const bothRead = [0, 1].map(() => Promise.withResolvers<void>());
  const codes = writes.map((write, i) =>
    code(db.transaction(async (tx) => {
      await tx.query(read);
      bothRead[i]!.resolve();
      await Promise.all(bothRead.map(({ promise }) => promise));
      await tx.query(write);
    }, { isolation }))
  );
  return (await Promise.all(codes)).toSorted();
}

Deno.test("[L-092] serializable: write skew over rows, over an index's range, and over what is not there yet is 40001 for one", async () => {
  const races: readonly [string, string, string][] = [
    [
      "SELECT count(*) FROM doctors WHERE on_call",
      "UPDATE doctors SET on_call = false WHERE name = 'd1'",
      "UPDATE doctors SET on_call = false WHERE name = 'd2'",
    ],
    [
      "SELECT * FROM doctors WHERE name IN ('d1', 'd2')",
      "UPDATE doctors SET on_call = false WHERE name = 'd1'",
      "UPDATE doctors SET on_call = false WHERE name = 'd2'",
    ],
    [
      "SELECT count(*) FROM doctors WHERE shift = 77",
      "INSERT INTO doctors VALUES ('new1', 77, true)",
      "INSERT INTO doctors VALUES ('new2', 77, true)",
    ],
    [
      "SELECT * FROM doctors WHERE name IN ('nobody', 'somebody')",
      "INSERT INTO doctors VALUES ('nobody', 1, true)",
      "INSERT INTO doctors VALUES ('somebody', 2, true)",
    ],
  ];
  for (const [read, one, other] of races) {
    await withDoctors(async (db) => {
      const allowed = await race(db, read, [one, other], "repeatable read");
      assertEquals(allowed, ["00000", "00000"], read);
    });
    await withDoctors(async (db) => {
      const found = await race(db, read, [one, other], "serializable");
      assertEquals(found, ["00000", "40001"], read);
    });
  }
});

Deno.test("serializable: what touches other rows, or other ranges of an index, is not in the way", async () => {
  await withDoctors(async (db) => {
    await db.exec("SET enable_seqscan = off");
    const codes = await Promise.all(
      [3, 7].map((shift) =>
        code(db.transaction(async (tx) => {
          await tx.query("SELECT * FROM doctors WHERE shift = $1", [shift]);
          await tx.query("INSERT INTO doctors VALUES ($1, $2, true)", [
            `shift ${shift}`,
            shift,
          ]);
        }, SERIALIZABLE))
      ),
    );
    assertEquals(codes, ["00000", "00000"]);
  });
});

Deno.test("[L-097] who only reads never fails, and sees one moment", async () => {
  await withDoctors(async (db) => {
    await db.transaction(async (tx) => {
      const count = "SELECT count(*)::int AS n FROM doctors";
      const before = await tx.query(count);
      await db.query("DELETE FROM doctors WHERE shift < 25");
      assertEquals((await tx.query(count)).rows, before.rows);
    }, SERIALIZABLE);
  });
});

Deno.test("serializable: a nearest row that came meanwhile counts as read", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE items (id int PRIMARY KEY, e vector(2));
    CREATE TABLE picks (id int PRIMARY KEY);
    INSERT INTO items
    SELECT n, ('[' || n || ',0]')::vector FROM generate_series(1, 500) AS n;
    CREATE INDEX ON items USING lsm_hnsw (e);
    SET enable_seqscan = off;
  `);
  const pick = (meanwhile: () => Promise<unknown>): Promise<string> =>
    code(db.transaction(async (tx) => {
      const { rows: [nearest] } = await tx.query<{ id: number }>(
        "SELECT id FROM items ORDER BY e <-> '[0,0]' LIMIT 1",
      );
      await meanwhile();
      await tx.query("INSERT INTO picks VALUES ($1)", [nearest!.id]);
    }, SERIALIZABLE));
  const nearer = "INSERT INTO items VALUES (0, '[0.5,0]')";
  assertEquals(await pick(() => db.query(nearer)), "40001");
  assertEquals(await pick(() => Promise.resolve()), "00000");
  assertEquals((await db.query("SELECT id FROM picks")).rows, [{ id: 0 }]);
});

Deno.test("the isolation of a transaction is set before its first query, by any of the ways", async () => {
  await withDoctors(async (db) => {
    const skew = async (begin: string): Promise<string> => {
      await db.exec(begin);
      await db.query("SELECT count(*) FROM doctors");
      await db.transaction((tx) =>
        tx.query("DELETE FROM doctors WHERE shift = 1")
      );
      await db.query("INSERT INTO doctors VALUES ('late', 99, true)");
      const found = await code(db.query("COMMIT"));
      await db.exec("DELETE FROM doctors WHERE name = 'late'");
      await db.exec(
        "INSERT INTO doctors VALUES ('again', 1, true) ON CONFLICT DO NOTHING",
      );
      return found;
    };
    assertEquals(await skew("BEGIN"), "00000");
    assertEquals(await skew("BEGIN ISOLATION LEVEL SERIALIZABLE"), "40001");
    const later = "BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE";
    assertEquals(await skew(later), "40001");
    await db.query("SET default_transaction_isolation = 'serializable'");
    assertEquals(await skew("BEGIN"), "40001");
    assertEquals(await skew("BEGIN ISOLATION LEVEL REPEATABLE READ"), "00000");
    await db.query("RESET default_transaction_isolation");
    await db.exec("BEGIN; SELECT 1");
    const error = await assertRejects(
      () => db.query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"),
      SqlError,
      "SET TRANSACTION ISOLATION LEVEL must be called before any query",
    );
    assertEquals(error.code, "25001");
    await db.query("ROLLBACK");
    await db.transaction(async (tx) => {
      const inner = tx.transaction(() => Promise.resolve(), SERIALIZABLE);
      assertEquals(await code(inner), "25001");
    });
  });
});

Deno.test("a read set stays small: beyond 4096 keys or ranges of a relation it is all of it", () => {
  const reads = new ReadSet();
  const key = new Uint8Array([0, 0, 0, 7, 0, 0]);
  for (let n = 0; n < 10_000; n++) {
    new DataView(key.buffer).setUint16(4, n);
    reads.addKey(key);
    const end = key.slice();
    end[5]!++;
    reads.addRange(key, end);
  }
  assert(reads.keys.length <= 4096 && reads.ranges.length <= 4097);
  const whole = reads.ranges.find(({ start, end }) =>
    start.join() === "0,0,0,7" && end.join() === "0,0,0,8"
  );
  assert(whole !== undefined);
  assertEquals([reads.keys.length, reads.ranges.length], [0, 1]);
  reads.addKey(new Uint8Array([0, 0, 0, 9, 1]));
  assertEquals(reads.keys.length, 1);
});
