import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open, type TransactionClient } from "../../mod.ts";
import { rejectsWith } from "../support/databases.ts";

/** A database with the table t. */
async function withTable(
  work: (db: Database) => Promise<void>,
): Promise<void> {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
  await work(db);
}

async function ids(db: Pick<Database, "query">): Promise<unknown[]> {
  const { rows } = await db.query("SELECT id FROM t ORDER BY id");
  return rows.map(({ id }) => id);
}

Deno.test("transaction commits what it did, and gives the result", () =>
  withTable(async (db) => {
    const result = await db.transaction(async (tx) => {
      await tx.query("INSERT INTO t VALUES ($1, $2)", [1, 10]);
      await tx.exec(
        "INSERT INTO t VALUES (2, 20); INSERT INTO t VALUES (3, 30)",
      );
      assertEquals(await ids(tx), [1, 2, 3]);
      assertEquals(await ids(db), [], "others do not see it yet");
      const streamed = [];
      for await (const { n } of tx.stream("SELECT n FROM t ORDER BY id")) {
        streamed.push(n);
      }
      return streamed;
    });
    assertEquals(result, [10, 20, 30]);
    assertEquals(await ids(db), [1, 2, 3]);
  }));

Deno.test("[K-140] transaction rolls back when its function throws", () =>
  withTable(async (db) => {
    await db.query("INSERT INTO t VALUES (1, 1)");
    const error = new Error("changed my mind");
    const thrown = await assertRejects(() =>
      db.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES (2, 2)");
        await tx.query("UPDATE t SET n = 5");
        await tx.query("DELETE FROM t WHERE id = 1");
        await tx.exec("CREATE TABLE made (a int); TRUNCATE t");
        throw error;
      })
    );
    assertEquals(thrown, error);
    assertEquals((await db.query("SELECT * FROM t")).rows, [{ id: 1, n: 1 }]);
    await rejectsWith(db.query("SELECT * FROM made"), "42P01");
  }));

Deno.test("[K-142] a failed statement rolls the transaction back, though it is caught", () =>
  withTable(async (db) => {
    const error = await rejectsWith(
      db.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES (1, 1)");
        await rejectsWith(tx.query("SELECT 1 / 0"), "22012");
        await rejectsWith(tx.query("SELECT 1"), "25P02", {
          message:
            "current transaction is aborted, commands ignored until end of transaction block",
        });
        return "looks well";
      }),
      "25P02",
      { message: "transaction was rolled back: a statement in it failed" },
    );
    assertEquals((error.cause as { code?: string }).code, "22012");
    assertEquals(await ids(db), []);
    // A statement that is not waited for counts, too.
    await rejectsWith(
      db.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES (1, 1)");
        tx.query("INSERT INTO t VALUES (1, 1)").catch(() => {});
      }),
      "25P02",
    );
    assertEquals(await ids(db), []);
  }));

Deno.test("statements of a transaction that are not waited for run in order", () =>
  withTable(async (db) => {
    await db.transaction(async (tx) => {
      const all = [
        tx.query("INSERT INTO t VALUES (1, 0)"),
        tx.query("UPDATE t SET n = n + 1 WHERE id = 1"),
        tx.query("UPDATE t SET n = n * 10 WHERE id = 1"),
      ];
      void tx.query("UPDATE t SET n = n + 5 WHERE id = 1");
      await Promise.all(all);
    });
    assertEquals((await db.query("SELECT n FROM t")).rows, [{ n: 15 }]);
  }));

Deno.test("rollback() undoes the transaction, which then resolves", () =>
  withTable(async (db) => {
    const result = await db.transaction(async (tx) => {
      await tx.query("INSERT INTO t VALUES (1, 1)");
      await tx.rollback();
      await tx.rollback();
      await rejectsWith(tx.query("INSERT INTO t VALUES (2, 2)"), "25P01");
      return "given up";
    });
    assertEquals(result, "given up");
    assertEquals(await ids(db), []);
  }));

Deno.test("transactions in one another are savepoints", () =>
  withTable(async (db) => {
    await db.transaction(async (tx) => {
      await tx.query("INSERT INTO t VALUES (1, 1)");
      await assertRejects(
        () =>
          tx.transaction(async (inner) => {
            await inner.query("INSERT INTO t VALUES (2, 2)");
            throw new Error("no");
          }),
        Error,
        "no",
      );
      const given = await tx.transaction(async (inner) => {
        await inner.query("INSERT INTO t VALUES (3, 3)");
        await inner.transaction(async (innermost) => {
          await innermost.query("INSERT INTO t VALUES (4, 4)");
          await innermost.rollback();
          await rejectsWith(innermost.query("SELECT 1"), "25P01");
        });
        assertEquals(await ids(inner), [1, 3]);
        await inner.transaction((innermost) =>
          innermost.query("INSERT INTO t VALUES (5, 5)")
        );
        return 7;
      });
      assertEquals(given, 7);
      // An error of a statement in it leaves the outer one usable.
      await rejectsWith(
        tx.transaction(async (inner) => {
          await inner.query("INSERT INTO t VALUES (6, 6)");
          await inner.query("INSERT INTO t VALUES (1, 1)");
        }),
        "23505",
      );
      await rejectsWith(
        tx.transaction(async (inner) => {
          await inner.query("INSERT INTO t VALUES (7, 7)");
          await inner.query("SELECT nope").catch(() => {});
        }),
        "25P02",
      );
      await tx.query("INSERT INTO t VALUES (8, 8)");
    });
    assertEquals(await ids(db), [1, 3, 5, 8]);
  }));

Deno.test("while a transaction is in another, the outer one takes nothing", () =>
  withTable(async (db) => {
    await db.transaction(async (tx) => {
      const settled = await Promise.allSettled(
        [1, 2, 3].map((id) =>
          tx.transaction(async (inner) => {
            await inner.query("INSERT INTO t VALUES ($1, 0)", [id]);
            await rejectsWith(tx.query("SELECT 1"), "25001");
            await rejectsWith(tx.stream("SELECT 1").next(), "25001");
          })
        ),
      );
      assertEquals(settled.map(({ status }) => status), [
        "fulfilled",
        "rejected",
        "rejected",
      ]);
      assertEquals(await ids(tx), [1]);
    });
    assertEquals(await ids(db), [1]);
  }));

Deno.test("rollback() of the outer transaction ends those in it", () =>
  withTable(async (db) => {
    await db.transaction(async (tx) => {
      await tx.transaction(async (inner) => {
        await inner.query("INSERT INTO t VALUES (1, 1)");
        await tx.rollback();
        await rejectsWith(inner.query("SELECT 1"), "25P01");
      });
      await rejectsWith(tx.query("SELECT 1"), "25P01");
    });
    assertEquals(await ids(db), []);
  }));

Deno.test("no statement of a transaction's client runs after its end", () =>
  withTable(async (db) => {
    let kept: TransactionClient | undefined;
    let stream: AsyncIterableIterator<unknown> | undefined;
    await db.query("INSERT INTO t VALUES (0, 0)");
    await db.transaction(async (tx) => {
      kept = tx;
      stream = tx.stream("SELECT * FROM t");
      await tx.query("INSERT INTO t VALUES (1, 1)");
    });
    assert(kept !== undefined && stream !== undefined);
    const tx = kept;
    for (
      const call of [
        () => tx.query("INSERT INTO t VALUES (9, 9)"),
        () => tx.exec("INSERT INTO t VALUES (9, 9)"),
        () => tx.sql`INSERT INTO t VALUES (${9}, ${9})`,
        () => tx.stream("INSERT INTO t VALUES (9, 9)").next(),
        () => tx.transaction((inner) => inner.query("SELECT 1")),
        () => stream!.next(),
      ]
    ) await rejectsWith(call(), "25P01");
    await tx.rollback();
    assertEquals(await ids(db), [0, 1]);
  }));

Deno.test("COMMIT and ROLLBACK as text do not end a transaction's function", () =>
  withTable(async (db) => {
    for (const text of ["COMMIT", "ROLLBACK", "END", "COMMIT AND CHAIN"]) {
      await rejectsWith(
        db.transaction(async (tx) => {
          await tx.query("INSERT INTO t VALUES (1, 1)");
          await tx.query(text);
        }),
        "2D000",
        { message: "invalid transaction termination" },
      );
      await rejectsWith(
        db.transaction((tx) => tx.exec(`SELECT 1; ${text}`)),
        "2D000",
      );
    }
    assertEquals(await ids(db), []);
    // Savepoints as text are fine.
    await db.transaction(async (tx) => {
      await tx.exec("SAVEPOINT a; INSERT INTO t VALUES (1, 1)");
      await tx.exec("ROLLBACK TO a; INSERT INTO t VALUES (2, 2)");
    });
    assertEquals(await ids(db), [2]);
  }));

Deno.test("BEGIN as text makes a block of the database's own session", () =>
  withTable(async (db) => {
    await db.query("BEGIN");
    const inserted = db.query("INSERT INTO t VALUES (1, 1)");
    const seen = db.query("SELECT count(*) AS n FROM t");
    // A transaction of its own does not see the block, nor wait for it.
    await db.transaction(async (tx) => {
      assertEquals(await ids(tx), []);
      await tx.query("INSERT INTO t VALUES (2, 2)");
    });
    assertEquals((await inserted).command, "INSERT 0 1");
    assertEquals((await seen).rows, [{ n: 1 }]);
    assertEquals((await db.query("ROLLBACK")).command, "ROLLBACK");
    assertEquals(await ids(db), [2]);
  }));

Deno.test("a transaction begins with the session's settings, and keeps its own", () =>
  withTable(async (db) => {
    await db.exec("SET work_mem = '3MB'; SET lsm_hnsw.ef_search = 33");
    await db.transaction(async (tx) => {
      assertEquals((await tx.query("SHOW work_mem")).rows, [
        { work_mem: "3MB" },
      ]);
      await tx.query("SET work_mem = '9MB'");
      await tx.transaction(async (inner) => {
        await inner.query("SET lsm_hnsw.ef_search = 44");
        await inner.rollback();
      });
      assertEquals((await tx.query("SHOW lsm_hnsw.ef_search")).rows, [
        { "lsm_hnsw.ef_search": "33" },
      ]);
      await tx.query("RESET work_mem");
      assertEquals((await tx.query("SHOW work_mem")).rows, [
        { work_mem: "256MB" },
      ]);
    });
    assertEquals((await db.query("SHOW work_mem")).rows, [{ work_mem: "3MB" }]);
  }));

Deno.test("a read-only transaction refuses writes with 25006", () =>
  withTable(async (db) => {
    await db.query("INSERT INTO t VALUES (1, 1)");
    for (
      const begin of [
        "BEGIN READ ONLY",
        "BEGIN; SET TRANSACTION READ ONLY",
        "BEGIN; SET transaction_read_only = on",
      ]
    ) {
      await db.exec(begin);
      assertEquals((await db.query("SHOW transaction_read_only")).rows, [
        { transaction_read_only: "on" },
      ]);
      assertEquals(await ids(db), [1]);
      await rejectsWith(db.query("INSERT INTO t VALUES (2, 2)"), "25006", {
        message: "cannot execute INSERT in a read-only transaction",
      });
      await db.exec("ROLLBACK");
    }
    await db.exec("SET default_transaction_read_only = on");
    await db.exec("BEGIN");
    await rejectsWith(db.query("TRUNCATE t"), "25006");
    await db.exec("ROLLBACK");
    await rejectsWith(db.query("DELETE FROM t"), "25006", {
      message: "cannot execute DELETE in a read-only transaction",
    });
    await rejectsWith(db.stream("DELETE FROM t").next(), "25006");
    await db.exec("BEGIN READ WRITE; INSERT INTO t VALUES (2, 2); COMMIT");
    await db.exec("RESET default_transaction_read_only");
    await db.exec("DELETE FROM t");
    assertEquals(await ids(db), []);
  }));

Deno.test("a snapshot holds from the first query of a transaction to its end", () =>
  withTable(async (db) => {
    await db.query("INSERT INTO t VALUES (1, 1), (2, 2)");
    await db.transaction(async (tx) => {
      assertEquals(await ids(tx), [1, 2]);
      await db.query("DELETE FROM t WHERE id = 1");
      await db.query("INSERT INTO t VALUES (3, 3)");
      await db.query("UPDATE t SET n = 99 WHERE id = 2");
      assertEquals(await ids(tx), [1, 2]);
      const { rows } = await tx.query("SELECT n FROM t WHERE id = 2");
      assertEquals(rows, [{ n: 2 }]);
    });
    assertEquals(await ids(db), [2, 3]);
  }));

Deno.test("a transaction sees what was committed when its first query ran, not when it began", async () => {
  await withTable(async (db) => {
    await using session = db.session();
    await session.query("BEGIN");
    await db.query("INSERT INTO t VALUES (71, 1)");
    await db.query("CREATE TABLE made_meanwhile (id int)");
    await session.query("SHOW timezone");
    const seen = "SELECT count(*)::int AS n FROM t WHERE id IN (71, 72)";
    assertEquals((await session.query(seen)).rows, [{ n: 1 }]);
    await session.query("SELECT * FROM made_meanwhile");
    await db.query("INSERT INTO t VALUES (72, 2)");
    assertEquals((await session.query(seen)).rows, [{ n: 1 }]);
    await session.query("COMMIT");
    assertEquals((await session.query(seen)).rows, [{ n: 2 }]);
  });
});
