/** @module Statements whose transactions are larger than memory. */
import { assert, assertEquals } from "@std/assert";
import { MemoryScratch, open, type OpenOptions } from "../../mod.ts";
import { MemoryStore } from "../../storage/object_store/memory_store.ts";

const rowsFrom = (first: number, last: number, text: string): string =>
  `SELECT i, i % 7, '${text}' || i, ARRAY[i, i % 3, i % 5, 1]::float4[]::vector
   FROM generate_series(${first}, ${last}) i`;
const NEAREST = "SELECT id FROM t ORDER BY v <-> '[700,1,1,1]' LIMIT 5";
const SUMS = "SELECT count(*), sum(a), min(b), max(b) FROM t";

const BEFORE = [
  "CREATE TABLE t (id int PRIMARY KEY, a int, b text, v vector(4))",
  "CREATE INDEX ON t (a)",
  "CREATE INDEX ON t USING lsm_hnsw (v lsm_vector_l2_ops)",
  `INSERT INTO t ${rowsFrom(1, 300, "x")}`,
];

const IN_TRANSACTION = [
  "BEGIN",
  `INSERT INTO t ${rowsFrom(301, 1500, "y")}`,
  "SAVEPOINT a",
  "UPDATE t SET a = a + 1, b = b || 'z'",
  SUMS,
  NEAREST,
  "SAVEPOINT b",
  "DELETE FROM t WHERE id % 3 = 0",
  SUMS,
  "SELECT id FROM t WHERE a = 3 ORDER BY id LIMIT 5",
  NEAREST,
  "ROLLBACK TO b",
  SUMS,
  "UPDATE t SET v = v + '[0,0,0,1]' WHERE id % 2 = 0",
  NEAREST,
  "CREATE INDEX ON t (b)",
  "SELECT id FROM t WHERE b = 'y777z'",
  "CREATE INDEX clusters ON t USING lsm_ivfflat (v lsm_vector_l2_ops)",
  NEAREST,
  "ROLLBACK TO a",
  SUMS,
  "INSERT INTO t VALUES (301, 1, 'again', NULL)",
  "ROLLBACK TO a",
  "CREATE INDEX clusters ON t USING lsm_ivfflat (v lsm_vector_l2_ops)",
  `INSERT INTO t ${rowsFrom(1501, 2000, "w")}`,
  `INSERT INTO t ${rowsFrom(1, 2000, "v")}
   ON CONFLICT (id) DO UPDATE SET b = excluded.b, a = t.a + excluded.a`,
  "CREATE TABLE u AS SELECT * FROM t WHERE id > 100",
  "TRUNCATE u",
  "INSERT INTO u SELECT * FROM t WHERE id > 200",
  SUMS,
];

const AFTER = [
  SUMS,
  "SELECT count(*), sum(a) FROM u",
  "SELECT id FROM t WHERE a = 3 ORDER BY id DESC LIMIT 5",
  NEAREST,
  "SELECT count(*) FROM t WHERE id BETWEEN 290 AND 310",
];

/** What statements answer, errors too; and how many files they took. */
async function answers(options: OpenOptions, end: string): Promise<unknown[]> {
  const scratch = new MemoryScratch();
  const name = `spilled-statements-${++databases}`;
  const found: unknown[] = [];
  const isSpilled = options.settings !== undefined;
  for (
    const statements of [[...BEFORE, ...IN_TRANSACTION, end, ...AFTER], AFTER]
  ) {
    await using db = await open("memory:", {
      ...options,
      takeover: true,
      store: new MemoryStore({ name }),
      temporaryFiles: scratch,
    });
    const session = db.session();
    for (const text of statements) {
      if (text === end && isSpilled) assert(scratch.openCount > 5);
      const answer = await session.query(text).then(
        ({ rows }) => rows,
        ({ code, message }) => `${code} ${message}`,
      );
      found.push([text, answer]);
    }
    assertEquals([scratch.openCount, scratch.bytes], [0, 0]);
    assertEquals(scratch.createdCount > 20, isSpilled);
  }
  return found;
}
let databases = 0;

for (const end of ["COMMIT", "ROLLBACK"]) {
  Deno.test(`[K-140] a transaction larger than its memory answers as one in memory does, and ${end} leaves the same`, async () => {
    const spilled = { settings: { "kriya.write_set_mem": "64kB" } };
    assertEquals(await answers(spilled, end), await answers({}, end));
  });
}

Deno.test("COPY, a temp_file_limit and a full disk: the statement fails, and the transaction goes on from its savepoint", async () => {
  const scratch = new MemoryScratch({ bytesMax: 300_000 });
  await using db = await open("memory:", {
    settings: { "kriya.write_set_mem": "64kB" },
    temporaryFiles: scratch,
  });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, b text)");
  const session = db.session();
  const failure = (text: string): Promise<string> =>
    session.query(text).then(() => "", ({ code, message }) => {
      return `${code} ${message}`;
    });
  const lines = async function* (): AsyncGenerator<string> {
    for (let i = 1; i <= 1000; i++) {
      yield await Promise.resolve(`${i}\t${"c".repeat(100)}\n`);
    }
  };
  const insert = (count: number): string =>
    `INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(2001, ${
      2000 + count
    }) i`;
  await session.query("BEGIN");
  await session.copyFrom("COPY t FROM STDIN", lines());
  const { bytes } = scratch;
  assert(bytes > 50_000, `${bytes}`);
  await session.query("SAVEPOINT a");
  assertEquals(
    await failure(insert(3000)),
    "53100 could not write to temporary file: No space left on device",
  );
  await session.query("ROLLBACK TO a");
  await session.query("SET LOCAL temp_file_limit = '200kB'");
  assertEquals(
    await failure(insert(3000)),
    '53400 temporary file size exceeds "temp_file_limit" (200kB)',
  );
  await session.query("ROLLBACK TO a");
  await session.query(insert(100));
  await session.query("COMMIT");
  assertEquals([scratch.openCount, scratch.bytes], [0, 0]);
  const { rows } = await db.query(
    "SELECT count(*), sum(id), max(length(b)) FROM t",
  );
  assertEquals(rows, [{ count: 1100, sum: 705_550, max: 200 }]);
});
