import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { LsmStore, MemoryBucket, MemoryStore } from "../../storage/mod.ts";
import { decodeSegment, VectorIndex } from "../../vector/mod.ts";
import { withFolder } from "../support/databases.ts";

/** Every row's id by its tuple id. */
async function idsByTid(db: Database): Promise<Map<string, number>> {
  const { rows } = await db.query<{ ctid: string; id: number }>(
    "SELECT ctid, id FROM t",
  );
  return new Map(rows.map(({ ctid, id }) => [ctid, id]));
}

function tidOf(ctid: string): number {
  const [, block, offset] = /^\((\d+),(\d+)\)$/.exec(ctid)!;
  return Number(block) * 65536 + Number(offset);
}

Deno.test("[K-143, U-05] a row's ctid is (block,offset), whatever plan finds it", async () => {
  await using db = await open("memory:");
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, e vector(2));
    CREATE INDEX t_e ON t USING lsm_hnsw (e);
  `);
  const values = Array.from({ length: 70_000 }, (_, i) => `(${i}, NULL)`);
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  await db.query("UPDATE t SET e = '[1,2]' WHERE id = 69999");
  const plans = [
    ["SELECT ctid FROM t WHERE id = 69999", /^Index Scan using t_pkey/],
    [
      "SELECT ctid FROM t ORDER BY e <-> '[1,2]' LIMIT 1",
      /Index Scan using t_e/,
    ],
    ["SELECT ctid FROM t WHERE id + 0 = 69999", /^Seq Scan on t/],
  ] as const;
  await db.exec("SET enable_seqscan = off");
  for (const [text, plan] of plans) {
    const explained = await db.query(`EXPLAIN ${text}`, [], {
      rowMode: "array",
    });
    const lines = (explained.rows as unknown as string[][]).flat();
    assert(lines.some((line) => plan.test(line)), lines.join("\n"));
    // The 70,000th row: one whole block of 65,536 before it.
    assertEquals((await db.query(text)).rows, [{ ctid: "(1,4464)" }], text);
  }
  const first = await db.query("SELECT ctid, id FROM t WHERE ctid = '(0,1)'");
  assertEquals(first.rows, [{ ctid: "(0,1)", id: 0 }]);
});

Deno.test("[K-144] a tuple id that was seen is never given to another row", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    const owners = new Map<string, number>();
    let highest = 0;
    let nextId = 0;
    for (let round = 0; round < 6; round++) {
      await using db = await open(address);
      if (round === 0) await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
      for (let i = 0; i < 5; i++) {
        await db.query("INSERT INTO t VALUES ($1), ($2)", [nextId++, nextId++]);
      }
      for (const [ctid, id] of await idsByTid(db)) {
        assertEquals(owners.get(ctid) ?? id, id, `${ctid} in round ${round}`);
        const isNew = !owners.has(ctid);
        owners.set(ctid, id);
        if (!isNew) continue;
        assert(tidOf(ctid) > highest, `${ctid} is old`);
      }
      highest = Math.max(...[...owners.keys()].map(tidOf));
      // The newest go, all go, a transaction gives up, the tree is flushed.
      if (round % 3 === 0) {
        await db.query("DELETE FROM t WHERE id >= $1", [nextId - 4]);
      }
      if (round % 3 === 1) await db.query("DELETE FROM t");
      await db.exec("BEGIN");
      await db.query("INSERT INTO t VALUES (999)");
      await db.exec("ROLLBACK");
      if (round % 2 === 0) await db.query("SELECT lsm_s3_flush()");
    }
    assertEquals(owners.size, 60);
  }));

Deno.test("[K-145] a row is found by key and by tuple id, through updates, deletes and a reopen", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    const expected = new Map<string, number>();
    const check = async (db: Database): Promise<void> => {
      assertEquals(await idsByTid(db), expected);
      for (const [ctid, id] of expected) {
        const byKey = await db.query("SELECT ctid FROM t WHERE id = $1", [id]);
        assertEquals(byKey.rows, [{ ctid }]);
        const byTid = await db.query("SELECT id FROM t WHERE ctid = $1", [
          ctid,
        ]);
        assertEquals(byTid.rows, [{ id }]);
      }
    };
    {
      await using db = await open(address);
      await db.exec("CREATE TABLE t (id int PRIMARY KEY, n int)");
      const { rows } = await db.query<{ ctid: string; id: number }>(
        "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3), (4, 4) RETURNING ctid, id",
      );
      for (const { ctid, id } of rows) expected.set(ctid, id);
      await check(db);
      await db.query("UPDATE t SET n = n + 1");
      await check(db);
      const [third] = [...expected].find(([, id]) => id === 3)!;
      await db.query("UPDATE t SET id = 30 WHERE id = 3");
      expected.set(third, 30);
      await db.query("DELETE FROM t WHERE id = 2");
      for (const [ctid, id] of expected) if (id === 2) expected.delete(ctid);
      await check(db);
    }
    await using db = await open(address);
    await check(db);
  }));

Deno.test("[U-07] rows are entries of the store, which iterates them without SQL", async () => {
  const bucket = new MemoryBucket();
  {
    await using db = await open("memory:", {
      store: new MemoryStore({ bucket }),
    });
    await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
    await db.query("INSERT INTO t VALUES (1, 'find me'), (2, 'me too')");
    await db.query("DELETE FROM t WHERE id = 2");
  }
  const store = await LsmStore.open(new MemoryStore({ bucket }), {
    readOnly: true,
  });
  const found: string[] = [];
  const scan = store.scan({});
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      const value = run.values.subarray(run.valueStarts[i], run.valueEnds[i]);
      const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
      const text = new TextDecoder().decode(value);
      if (text.includes("find me")) found.push(key.toHex());
      assert(!text.includes("me too"), "a deleted row is there");
    }
  }
  await store.close();
  // storage id 16384, tuple id 1
  assertEquals(found, ["00004000" + "000000000001"]);
});

Deno.test("[U-08] the vector index finds the same rows directly and by SQL", async () => {
  const bucket = new MemoryBucket();
  const store = new MemoryStore({ bucket });
  await using db = await open("memory:", { store });
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, e vector(8))");
  const vectorOf = (seed: number): number[] =>
    Array.from({ length: 8 }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233));
  const values = Array.from(
    { length: 2000 },
    (_, i) => `(${i}, '[${vectorOf(i)}]')`,
  );
  await db.query(`INSERT INTO t VALUES ${values.join(", ")}`);
  await db.query("CREATE INDEX ON t USING lsm_hnsw (e)");
  await db.exec("SET enable_seqscan = off");
  const listed = await store.list("vec/");
  const index = new VectorIndex({ dims: 8 });
  for (const { path } of listed.objects) {
    const body = await store.get(path);
    index.addSealed(decodeSegment(body!.bytes, path));
  }
  assertEquals(index.count, 2000);
  for (const seed of [0.5, 77.3, 4242]) {
    const query = vectorOf(seed);
    const { locators, count } = index.search(query, { k: 10 }).next(10);
    assertEquals(count, 10);
    const { rows } = await db.query<{ ctid: string }>(
      "SELECT ctid FROM t ORDER BY e <-> $1 LIMIT 10",
      [query],
    );
    assertEquals(rows.map(({ ctid }) => tidOf(ctid)), [...locators]);
  }
});
