import { assert, assertEquals, assertRejects } from "@std/assert";
import { KriyaError, open, SqlError } from "../../mod.ts";
import {
  rejectsWith,
  rejectsWithCode,
  withFolder,
} from "../support/databases.ts";
import { type Child, startScript } from "../support/child.ts";

const HOLDER = new URL("../support/hold_database.ts", import.meta.url);

async function ids(
  db: Pick<Awaited<ReturnType<typeof open>>, "query">,
): Promise<unknown[]> {
  const { rows } = await db.query("SELECT id FROM t ORDER BY id");
  return rows.map(({ id }) => id);
}

/** A process that holds the database at `address`. */
async function hold(address: string, ...args: string[]): Promise<Child> {
  const child = startScript(HOLDER, [address, ...args]);
  assertEquals(await child.line(), "open");
  return child;
}

Deno.test("an address that is none is refused with what would be one", async () => {
  for (const address of ["", "./data", "postgres://localhost/x", "data"]) {
    const error = await assertRejects(() => open(address), KriyaError);
    assertEquals(error.code, "22023");
    assertEquals(
      error.message,
      `Cannot open "${address}": not an address of a database`,
    );
    assert(error.hint?.includes("memory:"));
  }
});

Deno.test("[K-151] settings are given to open, and wrong ones are refused", async () => {
  await using db = await open("memory:", {
    settings: { "lsm_s3.memtable_size_mb": "16", "work_mem": "1GB" },
  });
  assertEquals((await db.query("SHOW lsm_s3.memtable_size_mb")).rows, [
    { "lsm_s3.memtable_size_mb": "16" },
  ]);
  await db.query("SET work_mem = '2GB'");
  await db.query("RESET work_mem");
  assertEquals((await db.query("SHOW work_mem")).rows, [{ work_mem: "1GB" }]);
  const settings = { nosuch: "1" };
  const error = await assertRejects(
    () => open("memory:", { settings }),
    SqlError,
  );
  assertEquals(error.code, "42704");
});

Deno.test("memory:name is shared in the process, memory: is not", async () => {
  const name = `memory:shared-${crypto.randomUUID()}`;
  {
    await using db = await open(name);
    await db.exec(
      "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)",
    );
  }
  {
    await using db = await open(name);
    assertEquals(await ids(db), [1]);
    await using reader = await open(name, { readOnly: true });
    assertEquals(await ids(reader), [1]);
  }
  await using other = await open("memory:");
  await rejectsWith(other.query("SELECT * FROM t"), "42P01");
});

Deno.test("[K-002] a folder is found again as it was left", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/deep/er`;
    {
      await using db = await open(address);
      await db.exec(`
        CREATE TABLE t (id int PRIMARY KEY, e vector(3), s text DEFAULT 'd');
        CREATE INDEX t_e ON t USING lsm_hnsw (e lsm_vector_cosine_ops);
        INSERT INTO t VALUES (1, '[1,0,0]'), (2, '[0,1,0]');
        UPDATE t SET s = 'x' WHERE id = 2;
      `);
      await db.exec("BEGIN; INSERT INTO t VALUES (9, '[9,9,9]')");
    }
    for (let i = 0; i < 3; i++) {
      await using db = await open(address);
      const { rows } = await db.query(
        "SELECT id, s FROM t ORDER BY e <=> '[0.1,1,0]'",
      );
      assertEquals(rows, [{ id: 2, s: "x" }, { id: 1, s: "d" }]);
      await rejectsWith(
        db.query("INSERT INTO t VALUES (1, NULL)"),
        "23505",
        { constraint: "t_pkey" },
      );
      if (i === 1) await db.query("SELECT lsm_s3_flush()");
    }
  }));

Deno.test("a database that is opened read-only reads, and refuses to write", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    await assertRejects(() => open(address, { readOnly: true }), KriyaError);
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    await using db = await open(address);
    await db.exec(`
      CREATE TABLE t (id int PRIMARY KEY, e vector(2));
      CREATE INDEX ON t USING lsm_hnsw (e);
      INSERT INTO t VALUES (1, '[1,1]'), (2, '[2,2]');
    `);
    await using reader = await open(address, {
      readOnly: true,
      consistency: "snapshot",
    });
    assertEquals([db.readOnly, reader.readOnly], [false, true]);
    assertEquals(await ids(reader), [1, 2]);
    const nearest = "SELECT id FROM t ORDER BY e <-> '[2,2]' LIMIT 1";
    assertEquals((await reader.query(nearest)).rows, [{ id: 2 }]);
    for (
      const text of [
        "INSERT INTO t VALUES (3)",
        "UPDATE t SET e = NULL",
        "DELETE FROM t",
        "TRUNCATE t",
        "CREATE TABLE u (a int)",
        "CREATE INDEX ON t (e)",
        "DROP TABLE t",
        "SELECT lsm_s3_flush()",
      ]
    ) await rejectsWith(reader.query(text), "25006");
    // It stays with what it was opened on.
    await db.query("INSERT INTO t VALUES (3)");
    assertEquals(await ids(reader), [1, 2]);
    assertEquals(await ids(db), [1, 2, 3]);
  }));

Deno.test("a second opening in one process is refused with who has it", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    await using db = await open(address);
    await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    const error = await rejectsWithCode(open(address), "55006");
    assert(error.detail?.includes(`process ${Deno.pid}`), error.detail);
    await db.query("INSERT INTO t VALUES (1)");
    await db.close();
    await using again = await open(address);
    assertEquals(await ids(again), [1]);
  }));

Deno.test("[K-100] a second process that opens a folder to write gets 55006, a takeover fences", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    {
      await using db = await open(address);
      await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    }
    const holder = await hold(address);
    try {
      const error = await rejectsWithCode(open(address), "55006");
      assertEquals(
        error.message,
        `Cannot open "${folder}/db" for writing: it is in use`,
      );
      assert(error.detail?.includes(`process ${holder.pid}`), error.detail);
      assert(/since \d{4}-\d\d-\d\dT/.test(error.detail!), error.detail);
      await using reader = await open(address, { readOnly: true });
      assertEquals(await ids(reader), []);
      await using db = await open(address, { takeover: true });
      await db.query("INSERT INTO t VALUES (1)");
      assertEquals(await ids(db), [1]);
    } finally {
      holder.kill();
      await holder.gone;
    }
  }));

Deno.test("a process that was killed does not block the folder, nor loses a row", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    {
      await using db = await open(address);
      await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    }
    const holder = await hold(address, "write");
    holder.kill();
    await holder.gone;
    await using db = await open(address);
    assertEquals(await ids(db), [100]);
    await db.query("INSERT INTO t VALUES (101)");
    assertEquals(await ids(db), [100, 101]);
  }));

Deno.test("a database that was taken over stops to write and goes on to read", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    await using old = await open(address);
    await old.exec(
      "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)",
    );
    await using db = await open(address, { takeover: true });
    const error = await rejectsWithCode(
      old.query("INSERT INTO t VALUES (2)"),
      "57P01",
    );
    assertEquals(error.kind, "fenced");
    assertEquals(old.readOnly, true);
    assertEquals(await ids(old), [1]);
    await rejectsWithCode(old.query("INSERT INTO t VALUES (3)"), "57P01");
    await rejectsWithCode(
      old.transaction((tx) => tx.query("DELETE FROM t")),
      "57P01",
    );
    await db.query("INSERT INTO t VALUES (4)");
    assertEquals(await ids(db), [1, 4]);
  }));

Deno.test("[K-158] opening reads no table, and an idle database asks for nothing", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    {
      await using db = await open(address);
      await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
      const values = Array.from(
        { length: 3000 },
        (_, i) => `(${i}, 'row ${i}')`,
      );
      await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
      await db.query("SELECT lsm_s3_flush()");
    }
    await using db = await open(address);
    type Requests = Readonly<Record<string, number>>;
    const requests = (): Requests => db.status()["requests"] as Requests;
    const opened = requests();
    assert(opened["bytesRead"]! < 20_000, `${opened["bytesRead"]} bytes read`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(requests(), opened);
    await db.query("SELECT count(*) FROM t");
    assert(requests()["bytesRead"]! > opened["bytesRead"]!);
  }));
