import { assert, assertEquals } from "@std/assert";
import {
  type Database,
  KriyaError,
  open,
  type ScratchFiles,
} from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

const KIB = 1024;

/** The bytes that open transactions take, as the status says. */
function writeSets(db: Database): number {
  const { memory } = db.status().store as {
    readonly memory: { readonly parts: Record<string, number> };
  };
  return memory.parts["write sets"]!;
}

/** A place where no file may be made. */
const NOWHERE: ScratchFiles = {
  create(): never {
    throw new KriyaError("unavailable", "out of memory", { code: "53200" });
  },
};

Deno.test("[L-170] what open transactions hold in memory has a bound: the rest is in files", async () => {
  await using db = await open("memory:", {
    settings: { "lsm_s3.max_memory_mb": "16" },
  });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const text = "x".repeat(64 * KIB);
  await using session = db.session();
  await session.exec("BEGIN");
  for (let from = 1; from < 400; from += 50) {
    await session.exec(
      `INSERT INTO t SELECT g, '${text}' FROM generate_series(${from}, ${
        from + 49
      }) g`,
    );
    assert(writeSets(db) < 9 * 1024 * KIB, String(writeSets(db)));
  }
  await session.exec("COMMIT");
  assertEquals(writeSets(db), 0);
  const { rows } = await db.query("SELECT count(*)::int AS n FROM t");
  assertEquals(rows, [{ n: 400 }]);
});

Deno.test("[L-170] where no files may be made what open transactions have written has a bound: 53200, and the transaction fails, not the process", async () => {
  await using db = await open("memory:", {
    settings: { "lsm_s3.max_memory_mb": "16" },
    temporaryFiles: NOWHERE,
  });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  const text = "x".repeat(64 * KIB);
  const insert = (from: number, to: number): string =>
    `INSERT INTO t SELECT g, '${text}' FROM generate_series(${from}, ${to}) g`;
  await using one = db.session();
  await using other = db.session();
  await one.exec(`BEGIN; ${insert(1, 60)}`);
  assert(writeSets(db) > 60 * 64 * KIB);
  // Together they may take half of 16 MiB.
  await other.exec(`BEGIN; ${insert(101, 150)}; SAVEPOINT s`);
  await rejectsWith(other.exec(insert(151, 200)), "53200");
  await other.exec(`ROLLBACK TO s; SAVEPOINT s`);
  await other.exec("COMMIT");
  // It is not known for how long the other goes on: a new one is refused, too.
  await rejectsWith(db.exec(insert(201, 280)), "53200");
  await one.exec("COMMIT");
  assertEquals(writeSets(db), 0);
  await db.exec(insert(301, 380));
  // Alone it gets no more than the limit.
  await one.exec("BEGIN");
  await rejectsWith(one.exec(insert(401, 560)), "53200");
  await one.exec("ROLLBACK");
  assertEquals(writeSets(db), 0);
  const { rows } = await db.query(
    "SELECT count(*)::int AS n, min(length(s)) AS least FROM t",
  );
  assertEquals(rows, [{ n: 60 + 50 + 80, least: 64 * KIB }]);
  await db.exec("SET lsm_s3.max_memory_mb = 64");
  await db.exec(insert(401, 560));
});

Deno.test("[L-170] what a savepoint takes back is let go, and open cursors read on", async () => {
  await using db = await open("memory:", {
    settings: { "lsm_s3.max_memory_mb": "16" },
  });
  const text = "x".repeat(1024 * KIB);
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text); BEGIN");
  await db.exec(
    "INSERT INTO t SELECT g, 'kept' || g FROM generate_series(1, 600) g",
  );
  await db.exec(
    "DECLARE c SCROLL CURSOR FOR SELECT id FROM t ORDER BY id; FETCH 5 FROM c",
  );
  for (let i = 0; i < 50; i++) {
    await db.exec("SAVEPOINT s");
    await db.query("INSERT INTO t VALUES (0, $1)", [text]);
    await db.exec("UPDATE t SET s = 'changed' WHERE id < 10; ROLLBACK TO s");
    assert(writeSets(db) < 4 * 1024 * KIB);
  }
  const { rows: next } = await db.query("FETCH 2 FROM c");
  assertEquals(next, [{ id: 6 }, { id: 7 }]);
  await db.exec("UPDATE t SET s = 'new' WHERE id = 1; COMMIT");
  const { rows } = await db.query(
    "SELECT count(*)::int AS n, count(*) FILTER (WHERE s = 'kept' || id)::int AS kept FROM t",
  );
  assertEquals(rows, [{ n: 600, kept: 599 }]);
  assertEquals(writeSets(db), 0);
});
