/**
 * Cursors through the API: how much they hold, and what stops them.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Database,
  MemoryScratch,
  open,
  type SqlError,
} from "../../mod.ts";

async function withRows(
  work: (db: Database) => Promise<void>,
  temporaryFiles = new MemoryScratch(),
): Promise<void> {
  await using db = await open("memory:", { temporaryFiles });
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, filler text);
    INSERT INTO t SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i;
    SET work_mem = '256kB'`);
  await work(db);
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return (await assertRejects(() => work, Error) as SqlError).code;
}

Deno.test("a cursor that only goes forward holds little of a large result", () =>
  withRows(async (db) => {
    await using session = db.session();
    await session.exec("SET work_mem = '256kB'; BEGIN");
    for (const kind of ["NO SCROLL", ""]) {
      await session.query(`DECLARE c ${kind} CURSOR FOR SELECT * FROM t`);
      let sum = 0;
      for (;;) {
        const { rows } = await session.query<{ id: number }>(
          "FETCH 1000 FROM c",
        );
        if (rows.length === 0) break;
        for (const { id } of rows) sum += id;
      }
      assertEquals(sum, 20_000 * 20_001 / 2);
      await session.query("CLOSE c");
    }
  }));

Deno.test("a cursor with SCROLL goes back to rows that memory has no room for", async () => {
  const scratch = new MemoryScratch();
  await withRows(async (db) => {
    await using session = db.session();
    await session.exec("SET work_mem = '256kB'; BEGIN");
    await session.query("DECLARE c SCROLL CURSOR FOR SELECT * FROM t");
    assertEquals((await session.query("FETCH ALL FROM c")).rows.length, 20_000);
    assert(scratch.bytes > 1_000_000);
    for (const at of [1, 9_999, 20_000]) {
      const { rows } = await session.query(`FETCH ABSOLUTE ${at} FROM c`);
      assertEquals(rows, [{ id: at, filler: "x".repeat(100) }]);
    }
    await session.query("CLOSE c");
    assertEquals(scratch.openCount, 0);
    await session.query("ROLLBACK");
  }, scratch);
});

Deno.test("a cursor with SCROLL fails where there is no room for its rows", () =>
  withRows(async (db) => {
    await using session = db.session();
    await session.exec(
      "SET work_mem = '256kB'; SET temp_file_limit = '512kB'; BEGIN",
    );
    await session.query("DECLARE c SCROLL CURSOR FOR SELECT * FROM t");
    assertEquals(await codeOf(session.query("FETCH ALL FROM c")), "53400");
    await session.query("ROLLBACK");
  }));

Deno.test("FETCH has a timeout and a signal of its own", () =>
  withRows(async (db) => {
    await using session = db.session();
    await session.exec("BEGIN; SET LOCAL statement_timeout = '5s'");
    await session.query("DECLARE c CURSOR FOR SELECT id FROM t ORDER BY id");
    const signal = AbortSignal.abort();
    await session.query("SAVEPOINT s");
    assertEquals(
      await codeOf(session.query("FETCH 1 FROM c", [], { signal })),
      "57014",
    );
    await session.query("ROLLBACK TO s");
    const { rows } = await session.query("FETCH 2 FROM c");
    assertEquals(rows, [{ id: 1 }, { id: 2 }]);
  }));

Deno.test("FETCH gives rows in the form that was asked for, and its tag", () =>
  withRows(async (db) => {
    await using session = db.session();
    await session.query("BEGIN");
    await session.query("DECLARE c CURSOR FOR SELECT id, id::text AS t FROM t");
    const array = await session.query("FETCH 2 FROM c", [], {
      rowMode: "array",
    });
    assertEquals(array.rows as unknown, [[1, "1"], [2, "2"]]);
    assertEquals(array.command, "FETCH 2");
    const moved = await session.query("MOVE 5 IN c");
    assertEquals(moved.command, "MOVE 5");
    const text = await session.query("FETCH c", [], { resultFormat: "text" });
    assertEquals(text.rows, [{ id: "8", t: "8" }]);
    assertEquals(text.fields.map(({ name }) => name), ["id", "t"]);
  }));

Deno.test("the parameters of DECLARE are those of its query", () =>
  withRows(async (db) => {
    await db.transaction(async (tx) => {
      await tx.query(
        "DECLARE c CURSOR FOR SELECT id FROM t WHERE id > $1 ORDER BY id",
        [19_998],
      );
      const { rows } = await tx.query("FETCH ALL FROM c");
      assertEquals(rows, [{ id: 19_999 }, { id: 20_000 }]);
    });
  }));

Deno.test("a cursor WITH HOLD stays of the session that declared it", () =>
  withRows(async (db) => {
    await using session = db.session();
    await session.query(
      "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM t WHERE id < 4 ORDER BY id",
    );
    await db.query("DELETE FROM t WHERE id = 2");
    const { rows } = await session.query("FETCH ALL FROM c");
    assertEquals(rows, [{ id: 1 }, { id: 2 }, { id: 3 }]);
    assertEquals(await codeOf(db.query("FETCH c")), "34000");
  }));

Deno.test("a cursor FOR UPDATE locks what is fetched, and gives no row that others have changed or removed", () =>
  withRows(async (db) => {
    await using session = db.session();
    await using other = db.session();
    const declare =
      "DECLARE c CURSOR FOR SELECT id FROM t ORDER BY id FOR UPDATE";
    await session.exec(`BEGIN; ${declare}`);
    assertEquals((await session.query("FETCH 2 FROM c")).rows, [
      { id: 1 },
      { id: 2 },
    ]);
    const take = "SELECT id FROM t WHERE id = $1 FOR UPDATE NOWAIT";
    assertEquals(await codeOf(other.query(take, [2])), "55P03");
    assertEquals((await other.query(take, [3])).rows, [{ id: 3 }]);
    await other.exec("DELETE FROM t WHERE id = 3");
    await session.exec("UPDATE t SET filler = 'mine' WHERE id = 4");
    assertEquals((await session.query("FETCH 1 FROM c")).rows, [{ id: 5 }]);
    await other.exec("UPDATE t SET filler = 'theirs' WHERE id = 6");
    assertEquals(await codeOf(session.query("FETCH 1 FROM c")), "40001");
    await session.exec("ROLLBACK");
    const { rows } = await db.query("SELECT id, filler FROM t WHERE id < 7");
    const filler = "x".repeat(100);
    assertEquals(
      rows,
      [1, 2, 4, 5, 6].map((id) => ({
        id,
        filler: id === 6 ? "theirs" : filler,
      })),
    );
  }));
