import { assert, assertEquals } from "@std/assert";
import { type Database, open, type SqlError } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { rejectsWith } from "../support/databases.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

/** A database with `p (id)` and `c (id, p)`, which refers to it. */
async function withTables(
  index: boolean,
  action: string,
  work: (db: Database) => Promise<void>,
): Promise<void> {
  await using db = await open("memory:");
  await db.exec(
    `CREATE TABLE p (id int PRIMARY KEY, n int);
     CREATE TABLE c (id int, p int CONSTRAINT c_p REFERENCES p ${action});
     ${index ? "CREATE INDEX ON c (p);" : ""}
     INSERT INTO p VALUES (1, 0), (2, 0)`,
  );
  await work(db);
}

/** How many rows refer to nothing. */
async function orphans(db: Database): Promise<number> {
  const { rows } = await db.query(
    "SELECT count(*) AS n FROM c LEFT JOIN p ON p.id = c.p WHERE c.p IS NOT NULL AND p.id IS NULL",
  );
  return Number(rows[0]!["n"]);
}

/** What two changes that race give: `ok`, or the SQLSTATE. */
async function race(
  db: Database,
  first: string,
  second: string,
): Promise<string[]> {
  const outcome = async (
    text: string,
    begun: () => void,
    wait: Promise<void>,
  ): Promise<string> => {
    try {
      await db.transaction(async (tx) => {
        // Both see the state before the other.
        await tx.query("SELECT 1 FROM p");
        begun();
        await wait;
        await tx.query(text);
      });
      return "ok";
    } catch (error) {
      return (error as SqlError).code;
    }
  };
  const a = Promise.withResolvers<void>();
  const b = Promise.withResolvers<void>();
  const done = [
    outcome(first, a.resolve, b.promise),
    outcome(second, b.resolve, a.promise),
  ];
  return await Promise.all(done);
}

const REMOVALS = [
  "DELETE FROM p WHERE id = 1",
  "UPDATE p SET id = 7 WHERE id = 1",
];

const REFERRALS = [
  "INSERT INTO c VALUES (1, 1)",
  "UPDATE c SET p = 1 WHERE id = 100",
  "INSERT INTO c SELECT i, 1 FROM generate_series(1, 2000) AS g(i)",
];

for (const index of [true, false]) {
  const what = index ? "with an index" : "without an index";
  Deno.test(`of one who refers to a key and one who takes it away, one fails, ${what}`, async () => {
    for (const removal of REMOVALS) {
      for (const referral of REFERRALS) {
        for (const order of [[removal, referral], [referral, removal]]) {
          await withTables(index, "", async (db) => {
            await db.query("INSERT INTO c VALUES (100, 2)");
            const outcomes = await race(db, order[0]!, order[1]!);
            assertEquals(
              outcomes.toSorted(),
              ["40001", "ok"],
              `${order}`,
            );
            assertEquals(await orphans(db), 0);
          });
        }
      }
    }
  });
}

Deno.test("who writes other rows, or other columns, does not fail", async () => {
  await withTables(true, "", async (db) => {
    await db.query("INSERT INTO c VALUES (100, 2)");
    for (
      const [a, b] of [
        ["INSERT INTO c VALUES (1, 2)", "DELETE FROM p WHERE id = 1"],
        ["INSERT INTO c VALUES (2, 2)", "INSERT INTO c VALUES (3, 2)"],
        ["INSERT INTO c VALUES (2, 2)", "UPDATE p SET n = 1 WHERE id = 2"],
        ["UPDATE c SET id = 5 WHERE id = 100", "INSERT INTO p VALUES (9, 9)"],
      ]
    ) assertEquals(await race(db, a!, b!), ["ok", "ok"], `${a}; ${b}`);
  });
});

Deno.test("cascades race with new rows that refer, and none is left behind", async () => {
  for (const action of ["ON DELETE CASCADE", "ON DELETE SET NULL"]) {
    for (const index of [true, false]) {
      await withTables(index, action, async (db) => {
        await db.query("INSERT INTO c VALUES (100, 1)");
        const outcomes = await race(
          db,
          "DELETE FROM p WHERE id = 1",
          "INSERT INTO c VALUES (1, 1)",
        );
        assertEquals(outcomes.toSorted(), ["40001", "ok"]);
        assertEquals(await orphans(db), 0);
      });
    }
  }
});

Deno.test("TRUNCATE and DROP race with rows that refer, and leave none behind", async () => {
  for (const definition of ["TRUNCATE p CASCADE", "DROP TABLE p CASCADE"]) {
    const change = "INSERT INTO c VALUES (1, 1)";
    for (const order of [[definition, change], [change, definition]]) {
      await withTables(true, "", async (db) => {
        const outcomes = await race(db, order[0]!, order[1]!);
        assert(outcomes.includes("ok"), `${order}: ${outcomes}`);
        if (definition.startsWith("TRUNCATE")) {
          assertEquals(await orphans(db), 0);
          await rejectsWith(db.query(change), "23503");
        } else {
          await db.query("INSERT INTO c VALUES (5, 5)");
        }
      });
    }
  }
});

Deno.test("statements at random, all at once: no row refers to nothing", async () => {
  const random = seededRandom(testSeed());
  const pick = (n: number): number => 1 + Math.floor(random() * n);
  for (const index of [true, false]) {
    for (
      const action of [
        "",
        "ON DELETE CASCADE ON UPDATE CASCADE",
        "DEFERRABLE INITIALLY DEFERRED",
      ]
    ) {
      await withTables(index, action, async (db) => {
        for (let round = 0; round < 15; round++) {
          const running = Array.from({ length: 8 }, () => {
            const texts = [
              `INSERT INTO p VALUES (${pick(5)}, 0) ON CONFLICT DO NOTHING`,
              `DELETE FROM p WHERE id = ${pick(5)}`,
              `UPDATE p SET id = ${pick(5)} WHERE id = ${pick(5)}`,
              `INSERT INTO c VALUES (${pick(9)}, ${pick(5)})`,
              `UPDATE c SET p = ${pick(5)} WHERE id = ${pick(9)}`,
              `DELETE FROM c WHERE id = ${pick(9)}`,
            ];
            return db.query(texts[pick(texts.length) - 1]!).catch((error) => {
              assert(
                ["23503", "23505", "40001"].includes(error.code),
                `${error}`,
              );
            });
          });
          await Promise.all(running);
          assertEquals(await orphans(db), 0, `round ${round}`);
        }
      });
    }
  }
});

Deno.test("what a stream that is not read to its end has changed is checked at COMMIT", async () => {
  await withTables(true, "", async (db) => {
    const failed = db.transaction(async (tx) => {
      for await (
        const _ of tx.stream("INSERT INTO c VALUES (1, 50) RETURNING id")
      ) break;
    });
    await rejectsWith(failed, "23503");
    assertEquals(await orphans(db), 0);
  });
});

Deno.test("errors say the constraint, the table and the key", async () => {
  await withTables(true, "", async (db) => {
    const missing = await rejectsWith(
      db.query("INSERT INTO c VALUES (1, 50)"),
      "23503",
      {
        detail: 'Key (p)=(50) is not present in table "p".',
        constraint: "c_p",
      },
    );
    assertEquals([missing.schema, missing.table], ["public", "c"]);
    await db.query("INSERT INTO c VALUES (1, 1)");
    const used = await rejectsWith(db.query("DELETE FROM p"), "23503", {
      detail: 'Key (id)=(1) is still referenced from table "c".',
      constraint: "c_p",
    });
    assertEquals([used.schema, used.table], ["public", "c"]);
    const dropped = await rejectsWith(db.query("DROP TABLE p"), "2BP01");
    assertEquals(
      dropped.detail,
      "constraint c_p on table c depends on table p",
    );
  });
});

Deno.test("a foreign key holds after a crash, with what is in memory and in tables", async () => {
  const bucket = new MemoryBucket();
  const reopen = (): Promise<Database> =>
    open("memory:", { store: new MemoryStore({ bucket }), takeover: true });
  let db = await reopen();
  await db.exec(
    `CREATE TABLE p (id int PRIMARY KEY);
     CREATE TABLE c (p int REFERENCES p ON DELETE CASCADE);
     INSERT INTO p SELECT i FROM generate_series(1, 3000) AS g(i);
     INSERT INTO c SELECT i FROM generate_series(1, 3000) AS g(i)`,
  );
  await db.query("SELECT lsm_s3_flush()");
  db = await reopen();
  await rejectsWith(db.query("INSERT INTO c VALUES (3001)"), "23503");
  await db.query("INSERT INTO c SELECT p FROM c");
  await db.query("DELETE FROM p WHERE id > 1000");
  const { rows } = await db.query("SELECT count(*), max(p) FROM c");
  assertEquals(rows, [{ count: 2000, max: 1000 }]);
  await db.close();
});
